import SARSAExperiments
import Synchronization

/// What an experiment prints while it trains: a line for each run that ends.
final class ExperimentProgress: Sendable {
  /// The number of runs.
  private let all: Int
  private let isQuiet: Bool
  /// The number of runs that have ended.
  private let ended: Mutex<Int>

  /// Begins with the runs that are left.
  init(all: Int, left: Int, isQuiet: Bool) {
    self.all = all
    self.isQuiet = isQuiet
    ended = Mutex(all - left)
    if left < all { write("\(all - left) of \(all) runs are over") }
  }

  /// Says where a run goes on, what is wrong with its newer checkpoints, and whether its bytes may differ.
  func begin(_ run: ConcurrentRuns.Run, resumedAt step: Int?, _ faults: [RunError]) {
    for fault in faults {
      write("warning: \(fault); going on from the checkpoint before it", always: true)
    }
    guard let step else { return }
    write("\(name(of: run)) goes on at step \(step)")
    if let difference = try? run.folder.machine()?.firstDifference(from: .current) {
      write(
        "warning: '\(run.folder.path)': \(difference); the result may have other bytes",
        always: true)
    }
  }

  /// Says how a run ended.
  func end(_ run: ConcurrentRuns.Run, _ outcome: ConcurrentRuns.Outcome) {
    let result: String
    switch outcome {
    case .notBegun: return
    case .interrupted(let summary): result = "interrupted after \(summary.steps) steps"
    case .failed(let error): result = "\(error)"
    case .finished(let summary):
      result =
        "last \(mean(summary.evaluation)), best \(mean(summary.bestEvaluation)), "
        + "\(summary.wallSeconds.rounded(1)) s"
    }
    let number = ended.withLock { ended in
      if case .finished = outcome { ended += 1 }
      return ended
    }
    write("\(number) of \(all): \(name(of: run)): \(result)")
  }

  private func name(of run: ConcurrentRuns.Run) -> String {
    "'\(run.settings.experimentName)' in \(run.settings.environment), seed \(run.settings.seed)"
  }

  private func mean(_ evaluation: EvaluationSummary?) -> String {
    evaluation?.mean.rounded(2) ?? "–"
  }

  private func write(_ text: String, always: Bool = false) {
    if always || !isQuiet { try? StandardStream.error.write("deep-sarsa: \(text)\n") }
  }
}
