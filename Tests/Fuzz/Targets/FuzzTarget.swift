/// A reader of bytes that come from outside, which libFuzzer calls with bytes of its own.
///
/// A target fails by a trap, by a time or memory limit of libFuzzer, or by `fail` where it checks more.
protocol FuzzTarget: Sendable {
  /// The name of the target, and of the folder with its kept inputs.
  static var name: String { get }

  /// Prepares what reading needs, once for a process.
  init() throws

  /// Valid inputs from which fuzzing starts, by the names of their files.
  func seeds() throws -> [String: [UInt8]]

  /// Reads an input, and goes on with what was read.
  func read(_ bytes: [UInt8])

  /// An input with the lengths and checksums that belong to it, so that a changed input is not refused for
  /// them alone.
  func repaired(_ bytes: [UInt8]) -> [UInt8]
}

extension FuzzTarget {
  /// The input as it is: the format has neither lengths nor checksums.
  func repaired(_ bytes: [UInt8]) -> [UInt8] { bytes }
}

/// Ends the process: an input has shown an error.
func fail(_ message: String) -> Never {
  fatalError("a property does not hold: \(message)")
}

/// Every target; a new one is one type and one line here.
let targets: [any FuzzTarget.Type] = [
  SafetensorsTarget.self,
  SettingsTarget.self,
  CheckpointTarget.self,
  JournalTarget.self,
  BridgeTarget.self,
  JSONTarget.self,
  LogTarget.self,
]
