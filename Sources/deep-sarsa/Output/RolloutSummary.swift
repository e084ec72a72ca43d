import DeepSARSA
import SARSAExperiments

/// The summary of a rollout: a table of its first episodes, and statistics of all.
struct RolloutSummary {
  private let id: String
  private let seed: UInt64
  private let start = ContinuousClock.now
  private var steps = 0
  private var total = 0.0
  /// The returns of the episodes that ended.
  private var returns: [Double] = []
  private var rows: [[String]] = []
  private var last: (episode: Int, length: Int, isLast: Bool) = (0, 0, false)

  /// The largest number of episodes in the table.
  private static let shown = 10

  init(_ id: String, seed: UInt64) {
    self.id = id
    self.seed = seed
  }

  mutating func append<World>(_ record: Rollout<World>.Record) {
    if record.action == nil { total = 0 } else { steps += 1 }
    total += record.reward
    last = (record.episode, record.step, record.isLast)
    guard record.isLast else { return }
    returns.append(total)
    if rows.count < Self.shown {
      rows.append(row(record.isTerminated ? "terminated" : "truncated"))
    }
  }

  private func row(_ end: String) -> [String] {
    ["\(last.episode)", "\(last.length)", total.shortened(2), end]
  }

  var text: String {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var rows = rows
    let isOpen = !last.isLast && last.length > 0
    if isOpen { rows.append(row("unfinished")) }
    let table = Table(["episode", "steps", "return", "end"], rows: rows)
    var text = """
      \(id): \(steps) steps, seed \(seed), \((Double(steps) / max(seconds, 1e-9)).rounded(0)) steps/s
      \(table.text)

      """
    let more = returns.count + (isOpen ? 1 : 0) - rows.count
    if more > 0 { text += "and \(more) more\n" }
    if !returns.isEmpty {
      let summary = EvaluationSummary(Returns(returns), seed: seed)
      text += "return, mean ± std of \(returns.count) finished episodes   \(summary.text)\n"
    }
    return text
  }
}
