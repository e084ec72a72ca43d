internal import Foundation
internal import SARSAFiles

/// A file to which lines or records are appended, with a buffer in memory.
///
/// The header is written immediately, so that the file has one even if the run ends early.
struct LogFile: ~Copyable {
  private let file: AppendedFile
  private var written: Int
  /// The bytes that are known to be on the disk; `nil` before the first flush.
  private var synchronized: Int?
  private var waiting: [UInt8] = []

  /// Creates the file and writes its header; or goes on with an existing file, of which it keeps the first bytes.
  init(_ path: String, keeping byteCount: Int?, header: [UInt8]) throws(SystemError) {
    let file = try AppendedFile(path, keeping: byteCount ?? 0)
    if byteCount == nil { try file.write(header) }
    self.file = file
    written = byteCount ?? header.count
  }

  /// Creates a text file, whose header is a line.
  init(_ path: String, keeping byteCount: Int?, header: String) throws(SystemError) {
    try self.init(path, keeping: byteCount, header: Array(header.utf8) + [UInt8(ascii: "\n")])
  }

  deinit { try? file.write(waiting) }

  /// The number of bytes, of which some may be in the buffer.
  var byteCount: Int { written + waiting.count }

  /// Appends a line, as bytes.
  mutating func append(_ line: String) throws(SystemError) {
    try append(Array(line.utf8) + [UInt8(ascii: "\n")])
  }

  /// Appends bytes to the buffer, and writes the buffer if it holds 64 KiB.
  mutating func append(_ bytes: [UInt8]) throws(SystemError) {
    waiting += bytes
    if waiting.count >= 1 << 16 { try flush() }
  }

  /// Writes the buffer.
  mutating func flush() throws(SystemError) {
    if waiting.isEmpty { return }
    // Emptied first: after a failed write, lines that were partly written must not be written again.
    let bytes = waiting
    waiting = []
    try file.write(bytes)
    written += bytes.count
  }

  /// Writes the buffer, and flushes the file to the disk if anything is new.
  ///
  /// - Throws: `SystemError`, also if another program removed or shortened the file.
  mutating func synchronize() throws(SystemError) {
    try flush()
    if synchronized == written { return try file.require(written) }
    try file.synchronize(written)
    synchronized = written
  }
}
