internal import DeepSARSA
internal import SARSAFiles

/// `learning.csv`: a row of measures after every so many updates.
///
/// A field is empty if the agent does not have the measure, or if it is not finite. There is no clock in the
/// file: equal runs write equal bytes.
struct LearningLog: ~Copyable {
  /// A row's content.
  struct Row {
    /// The number of environment steps.
    var step: Int
    /// The number of updates.
    var updates: Int
    /// The last update.
    var update: Update
    /// The policy at the step.
    var policy: Policy
    /// The learning rate of the update.
    var learningRate: Double
    /// γ.
    var discount: Double
    /// The agent's measures, if it has any.
    var measurements: LearningMeasurements?
  }

  /// The columns, with the text of each field.
  private static let columns: [(name: String, text: @Sendable (Row) -> String)] = [
    ("step", { "\($0.step)" }),
    ("update", { "\($0.updates)" }),
    ("loss", { text($0.update.loss) }),
    ("mean_q", { text($0.update.meanValue) }),
    ("largest_q", { text($0.measurements?.largestValue) }),
    ("q_bound", { row in text(row.measurements?.largestReward.map { $0 / (1 - row.discount) }) }),
    ("action_gap", { text($0.measurements?.actionGap) }),
    ("target_drift", { text($0.measurements?.targetDrift) }),
    ("terminal_share", { text($0.measurements?.terminalShare) }),
    ("gradient_norm", { text($0.measurements?.gradientNorm) }),
    ("effective_rank", { $0.measurements?.effectiveRank.map(String.init) ?? "" }),
    ("dead_units", { text($0.measurements?.deadUnits) }),
    ("epsilon", { if case .epsilonGreedy(let value) = $0.policy { text(value) } else { "" } }),
    ("temperature", { if case .boltzmann(let value) = $0.policy { text(value) } else { "" } }),
    ("learning_rate", { text($0.learningRate) }),
  ]

  private static func text<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ value: Value?
  ) -> String {
    value.map { $0.isFinite ? $0.description : "" } ?? ""
  }

  private let interval: Int
  /// The number of updates from which the next row is due.
  private var next: Int
  private var file: LogFile

  /// Creates the file, with a row for every `interval` updates, or goes on with it after a number of updates.
  init(
    _ path: String, keeping byteCount: Int?, interval: Int, after updates: Int
  ) throws(SystemError) {
    self.interval = interval
    next = (updates / interval + 1) * interval
    file = try LogFile(
      path, keeping: byteCount, header: Self.columns.map { $0.name }.joined(separator: ","))
  }

  /// The number of bytes, of which some may be in the buffer.
  var byteCount: Int { file.byteCount }

  /// Whether a row is due after a number of updates.
  ///
  /// - Complexity: O(1), no allocation.
  func isDue(after updates: Int) -> Bool { updates >= next }

  /// Appends a row; several that are due after one step count as one.
  mutating func append(_ row: Row) throws(SystemError) {
    next = (row.updates / interval + 1) * interval
    try file.append(Self.columns.map { $0.text(row) }.joined(separator: ","))
  }

  /// Writes the rows that are still in memory.
  mutating func flush() throws(SystemError) { try file.flush() }

  /// Writes the rows that are still in memory, and flushes the file to the disk.
  mutating func synchronize() throws(SystemError) { try file.synchronize() }
}
