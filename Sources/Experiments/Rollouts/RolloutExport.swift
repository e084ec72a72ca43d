public import DeepSARSA

/// A file of a rollout's records, one row per record, in some format.
///
/// A new format is a type in a file of its own, and a line in `RolloutExports.all`.
public protocol RolloutExport: Sendable {
  /// The ending of a file's name that selects the format, such as `npz`.
  static var fileExtension: String { get }
  /// What the file is, in a few words for the help.
  static var summary: String { get }

  /// The largest number of bytes of all rows together.
  static var byteLimit: Int { get }

  /// The bytes of memory that a row takes, at most.
  var bytesPerRow: Int { get }

  /// No rows, for a file that is written at the end.
  init(for specification: EnvironmentSpecification, path: String)

  /// Appends the rollout's current record.
  ///
  /// - Throws: `SystemError` with the code `EFBIG` if the format cannot hold another row.
  mutating func append<World>(_ rollout: Rollout<World>) throws(SystemError)

  /// Writes the file, whole or not at all (atomically).
  ///
  /// - Throws: `SystemError`.
  func write() throws(SystemError)
}

extension RolloutExport {
  /// No limit but the memory.
  public static var byteLimit: Int { .max }
}

/// The formats in which a rollout can be written.
public enum RolloutExports {
  // swift-format-ignore
  /// All formats.
  public static let all: [any RolloutExport.Type] = [
    RolloutArrays.self,
  ]

  /// The format that a file's name ends in; `nil` if there is none.
  public static func format(of path: String) -> (any RolloutExport.Type)? {
    all.first { path.hasFileEnding($0.fileExtension) }
  }
}
