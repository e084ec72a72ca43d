import Foundation

/// The program as its user runs it, from beside the test bundle.
struct Command {
  /// What it said, and how it ended.
  struct Result {
    var output: String
    var error: String
    var code: Int32

    /// The lines of standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  static let executable = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  ).deletingLastPathComponent().appending(path: "deep-sarsa")

  /// Starts the program, or another.
  static func start(
    _ arguments: [String], executable: URL = executable, environment: [String: String] = [:],
    output: Pipe, error: Pipe
  ) throws -> Process {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs the program, or another, to its end.
  static func run(
    _ arguments: [String], executable: URL = executable, environment: [String: String] = [:]
  ) throws -> Result {
    let (output, error) = (Pipe(), Pipe())
    let process = try start(
      arguments, executable: executable, environment: environment, output: output, error: error)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let messages = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      output: String(decoding: text, as: UTF8.self),
      error: String(decoding: messages, as: UTF8.self), code: code(of: process))
  }

  /// Runs a line of shell, in which `"$0"` is the program and `"$1"` the argument.
  static func shell(_ script: String, _ argument: String = "") throws -> Result {
    try run(["-c", script, executable.path(), argument], executable: URL(filePath: "/bin/sh"))
  }

  /// The exit code; a signal that ended the program is −1 − its number, never a code.
  static func code(of process: Process) -> Int32 {
    process.terminationReason == .exit
      ? process.terminationStatus : -1 - process.terminationStatus
  }
}
