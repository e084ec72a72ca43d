internal import Foundation
internal import SARSAFiles

/// A text file that lines are appended to, where they wait in memory until they are flushed.
///
/// Its first line is in the file at once, so that a run that ends at any time leaves a file with a header.
struct LogFile: ~Copyable {
  private let path: String
  private let file: Int32
  private var waiting: [UInt8] = []

  /// Creates the file, which must be new, with its first line.
  init(creating path: String, header: String) throws(SystemError) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw SystemError(.create, path) }
    do {
      try Files.write(Array(header.utf8) + [UInt8(ascii: "\n")], to: file, path: path)
    } catch {
      close(file)
      throw error
    }
    self.path = path
    self.file = file
  }

  deinit {
    try? Files.write(waiting, to: file, path: path)
    close(file)
  }

  /// Appends a line; it is written at the next flush, or when 64 KiB wait.
  mutating func append(_ line: String) throws(SystemError) {
    waiting += Array(line.utf8)
    waiting.append(UInt8(ascii: "\n"))
    if waiting.count >= 1 << 16 { try flush() }
  }

  /// Writes what waits.
  mutating func flush() throws(SystemError) {
    if waiting.isEmpty { return }
    // Emptied first: lines that were half written must not be written again.
    let bytes = waiting
    waiting = []
    try Files.write(bytes, to: file, path: path)
  }
}
