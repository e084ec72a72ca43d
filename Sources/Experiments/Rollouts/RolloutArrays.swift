public import DeepSARSA
internal import SARSAFormats

/// The records of a rollout as arrays for numpy, one row per record.
///
/// | array | type | content |
/// | --- | --- | --- |
/// | `episode` | int64 | the episode, from 0 |
/// | `step` | int64 | the steps of the episode so far; 0 at a reset |
/// | `action` | int64 | the action that led here, as Gymnasium numbers it; −1 at a reset, where `step` is 0 |
/// | `observation` | float32 [rows, size] | the numbers of a box |
/// | | int64 [rows] | the integer of a space of one category, in Gymnasium's numbering |
/// | | int64 [rows, k] | the integers of a space of k categories |
/// | `reward` | float64 | 0 at a reset |
/// | `terminated` | bool | whether the state is terminal |
/// | `truncated` | bool | whether the episode was truncated |
public struct RolloutArrays: RolloutExport {
  /// The ending of a file's name that selects the format.
  public static let fileExtension = "npz"
  /// What the file is, for the help.
  public static let summary = "arrays for numpy.load"

  private let path: String
  private let space: ObservationSpace
  private var rows = 0
  private var episode = NPZ.Array(name: "episode", element: .int64)
  private var step = NPZ.Array(name: "step", element: .int64)
  private var action = NPZ.Array(name: "action", element: .int64)
  private var observation: NPZ.Array
  private var reward = NPZ.Array(name: "reward", element: .float64)
  private var terminated = NPZ.Array(name: "terminated", element: .boolean)
  private var truncated = NPZ.Array(name: "truncated", element: .boolean)

  /// No rows, for a file that is written at the end.
  public init(for specification: EnvironmentSpecification, path: String) {
    self.path = path
    space = specification.observationSpace
    switch space {
    case .box, .binary:
      observation = NPZ.Array(name: "observation", element: .float32, rowShape: [space.size])
    case .categories(let counts, _):
      observation = NPZ.Array(
        name: "observation", element: .int64, rowShape: counts.count == 1 ? [] : [counts.count])
    }
  }

  private var arrays: [NPZ.Array] {
    [episode, step, action, observation, reward, terminated, truncated]
  }

  /// The largest number of bytes of all rows together: the limit of a zip archive.
  public static var byteLimit: Int { NPZ.limit }

  /// The bytes of a row.
  public var bytesPerRow: Int { arrays.reduce(0) { $0 + $1.bytesPerRow } }

  /// Appends the rollout's current record.
  ///
  /// - Throws: `SystemError` with the code `EFBIG` if the file would exceed the limit of a zip archive.
  public mutating func append<World>(_ rollout: Rollout<World>) throws(SystemError) {
    try NPZ.requireSize(
      rows + 1, rowsOf: observation.bytesPerRow + Self.otherBytes, path: path)
    rows += 1
    let record = rollout.record
    episode.append(Int64(record.episode))
    step.append(Int64(record.step))
    action.append(Int64(record.action.map { rollout.specification.firstAction + $0 } ?? -1))
    if case .categories = space {
      for value in rollout.categories { observation.append(Int64(value)) }
    } else {
      for value in rollout.observation { observation.append(value) }
    }
    reward.append(record.reward)
    terminated.append(record.isTerminated)
    truncated.append(record.isTruncated)
  }

  /// The bytes of a row without its observation.
  private static let otherBytes = 4 * 8 + 2

  /// Writes the file, whole or not at all (atomically).
  ///
  /// - Throws: `SystemError`.
  public func write() throws(SystemError) {
    try NPZ.write(arrays, rows: rows, to: path)
  }
}
