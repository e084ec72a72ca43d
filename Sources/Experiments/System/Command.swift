internal import Foundation
internal import SARSAFiles

/// Another program, which is called with arguments and input, and whose output is read.
///
/// ```swift
/// let converter = try Command("rsvg-convert")
/// let png = try converter.run(["--width", "600"], input: Array(svg.utf8))
/// ```
public struct Command: Hashable, Sendable {
  /// The name or path by which it was found.
  public let name: String
  private let path: String

  /// Looks for a program.
  ///
  /// - Parameter name: a path, or a name that is looked up in PATH.
  /// - Throws: `RunError.program` if there is no such program; `make pictures` installs all that draw.
  public init(_ name: String) throws(RunError) {
    guard let path = Files.program(name) else {
      // A path may name a program of the user's, which nothing installs there.
      throw .program(
        name.contains("/")
          ? "'\(name)' is not an executable program; 'make pictures' installs one"
          : "'\(name)' is not installed; 'make pictures' installs it")
    }
    self.name = name
    self.path = path
  }

  /// The largest number of bytes of a program's output, unless another is given.
  public static let outputLimit = 1 << 28

  /// Runs the program to its end.
  ///
  /// Input and output are files without a name, so neither side waits for the other. A signal that asks this
  /// process to end, Ctrl-C too, ends the program and the processes that it has started; for that, the caller has called
  /// `TerminationSignals.installForCleanEnd()`.
  ///
  /// - Parameters:
  ///   - arguments: its arguments, without its name.
  ///   - input: the bytes of its standard input.
  ///   - outputLimit: the largest number of bytes of its standard output.
  /// - Returns: the bytes of its standard output.
  /// - Throws: `RunError.program` if it cannot be started, writes more than the limit, is ended by a signal, or
  ///   ends with another exit code than 0; then with the last line that it wrote to standard error.
  ///   `RunError.system` if there is no place for a temporary file.
  /// - Complexity: a process, and three temporary files of the sizes of input, output and messages.
  @discardableResult
  public func run(
    _ arguments: [String], input: [UInt8] = [], outputLimit: Int = Command.outputLimit
  ) throws(RunError) -> [UInt8] {
    let source = try UnnamedFile()
    let output = try UnnamedFile()
    let messages = try UnnamedFile()
    try source.write(input)
    let process: pid_t
    do {
      process = try Files.start(
        path, arguments: arguments,
        descriptors: [source.descriptor, output.descriptor, messages.descriptor])
    } catch {
      throw failure("cannot be started: \(error.description)")
    }
    var pause: UInt32 = 50
    var status: Int32 = 0
    while true {
      let ended = unsafe waitpid(process, &status, WNOHANG)
      if ended == process { break }
      guard ended == 0 || errno == EINTR else {
        throw failure("ended, and its exit code is not known")
      }
      let isTooLong =
        output.byteCount > outputLimit || messages.byteCount > Command.outputLimit
      if isTooLong || TerminationSignals.isEnding {
        kill(-process, SIGKILL)
        _ = unsafe waitpid(process, &status, 0)
        throw failure(
          isTooLong ? "wrote more than \(outputLimit) bytes" : "was ended by a signal")
      }
      usleep(pause)
      pause = min(2 * pause, 5_000)
    }
    guard status & 0x7F == 0 else { throw failure("was ended by signal \(status & 0x7F)") }
    guard status == 0 else {
      let text = String(decoding: try messages.bytes(ofLast: 4096), as: UTF8.self)
      let line = text.split(whereSeparator: \.isNewline).last {
        !$0.allSatisfy(\.isWhitespace)
      }
      throw failure(
        "ended with exit code \(status >> 8 & 0xFF)"
          + (line.map { ": \($0.trimmingCharacters(in: .whitespaces))" } ?? ""))
    }
    guard output.byteCount <= outputLimit else {
      throw failure("wrote more than \(outputLimit) bytes")
    }
    return try output.bytes(ofLast: outputLimit)
  }

  private func failure(_ what: String) -> RunError { .program("'\(name)' \(what)") }
}

/// A temporary file that has no name, and ends with its owner.
private struct UnnamedFile: ~Copyable {
  let descriptor: Int32

  init() throws(RunError) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var path = (folder + "/deep-sarsa-XXXXXX").utf8CString.map { $0 }
    let file = unsafe mkstemp(&path)
    guard file >= 0 else { throw .system(SystemError(.create, folder)) }
    unsafe unlink(path)
    // Beyond 2, so that none of a child's three descriptors overwrites another.
    let moved = fcntl(file, F_DUPFD_CLOEXEC, 10)
    close(file)
    guard moved >= 0 else { throw .system(SystemError(.create, folder)) }
    descriptor = moved
  }

  deinit { close(descriptor) }

  var byteCount: Int {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Writes bytes, and goes back to the first.
  func write(_ bytes: [UInt8]) throws(RunError) {
    try converting(RunError.system) { () throws(SystemError) in
      try Files.write(bytes, to: descriptor, path: "a temporary file")
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  /// The last bytes, at most a number of them.
  func bytes(ofLast count: Int) throws(RunError) -> [UInt8] {
    let all = byteCount
    var bytes = [UInt8](repeating: 0, count: min(count, all))
    var position = 0
    while position < bytes.count {
      let start = all - bytes.count
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: position), buffer.count - position,
          off_t(start + position))
      }
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { throw .system(SystemError(.read, "a temporary file")) }
      position += got
    }
    return bytes
  }
}
