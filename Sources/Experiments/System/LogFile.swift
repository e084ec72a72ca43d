internal import Foundation
internal import SARSAFiles

/// A text file to which lines are appended, with a buffer in memory.
///
/// The header is written immediately, so that the file has one even if the run ends early.
struct LogFile: ~Copyable {
  private let path: String
  private let file: Int32
  private var waiting: [UInt8] = []

  /// Creates the file, which must not exist, and writes its header.
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

  /// Appends a line to the buffer, and writes the buffer if it holds 64 KiB.
  mutating func append(_ line: String) throws(SystemError) {
    waiting += Array(line.utf8)
    waiting.append(UInt8(ascii: "\n"))
    if waiting.count >= 1 << 16 { try flush() }
  }

  /// Writes the buffer.
  mutating func flush() throws(SystemError) {
    if waiting.isEmpty { return }
    // Emptied first: after a failed write, lines that were partly written must not be written again.
    let bytes = waiting
    waiting = []
    try Files.write(bytes, to: file, path: path)
  }
}
