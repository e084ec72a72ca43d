import DeepSARSA
import Foundation
import SARSAExperiments

/// Progress on standard error: one live line on a terminal, else a line at each evaluation.
struct ProgressReport {
  private let isQuiet: Bool
  private let isLive: Bool
  private var calls = 0
  private var nextUpdate = 0.0
  private var hasLine = false
  private var hasHinted = false
  private var hasWarned = false

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = StandardStream.error.isTerminal
  }

  mutating func update<World>(_ run: borrowing TrainingRun<World>, wasJudged: Bool) {
    warn(run.repetition)
    if isQuiet { return }
    hint(run)
    calls += 1
    if isLive {
      // The clock is read now and then: reading it takes longer than it should a step.
      guard calls % 64 == 0 || wasJudged, run.wallSeconds >= nextUpdate else { return }
      nextUpdate = run.wallSeconds + 0.1
      try? StandardStream.error.write("\r" + line(run) + "\u{1B}[K")
      hasLine = true
    } else if wasJudged {
      try? StandardStream.error.write(line(run) + "\n")
    }
  }

  /// Says, once, that nothing has been reached after many steps, and what may help.
  ///
  /// An environment whose only end is a time limit's cut gives values nothing to start from: each state
  /// is worth a little less than the next, for ever.
  private mutating func hint<World>(_ run: borrowing TrainingRun<World>) {
    guard !hasHinted, run.trainer.steps >= Self.hintStep else { return }
    hasHinted = true
    let target = run.settings.hyperparameters.target
    guard run.trainer.terminations == 0, target.timeLimit == .bootstrap else { return }
    end()
    try? StandardStream.error.write(
      """
      deep-sarsa: no episode has reached its end in \(run.trainer.steps) steps, \
      \(run.trainer.episodes) were cut by a time limit; if that goes on, try --time-limit terminal

      """)
  }

  /// Says, once, and to whoever asked for no progress too, that evaluations cannot be compared, and why.
  mutating func warn(_ repetition: Repetition?) {
    guard !hasWarned, let warning = repetition?.warning else { return }
    hasWarned = true
    end()
    try? StandardStream.error.write("deep-sarsa: \(warning)\n")
  }

  /// The environment steps after which an end should have been reached.
  private static let hintStep = 20_000

  /// Ends the live line, so that whatever follows has its own.
  mutating func end() {
    if hasLine { try? StandardStream.error.write("\n") }
    hasLine = false
  }

  private func line<World>(_ run: borrowing TrainingRun<World>) -> String {
    var parts = [
      "episode \(run.trainer.episodes)", "step \(run.trainer.steps)",
    ]
    if let speed = run.stepsPerSecond { parts.append("\(speed.rounded(0)) steps/s") }
    parts.append("return \(run.recentReturn?.rounded(1) ?? "–")")
    if let last = run.lastEvaluation, let best = run.bestMean {
      parts.append("greedy \(last.mean.rounded(1))  best \(best.rounded(1))")
    }
    switch run.trainer.policy {
    case .epsilonGreedy(let epsilon): parts.append("ε \(epsilon.rounded(3))")
    case .boltzmann(let temperature): parts.append("temperature \(temperature.rounded(3))")
    }
    if run.progress > 0 {
      let left = run.wallSeconds / run.progress * (1 - run.progress)
      parts.append("\(duration(left)) left")
    }
    return parts.joined(separator: "  ")
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    let tail = String(whole % 60).padded(to: 2, with: "0")
    return hours > 0
      ? "\(hours):\(String(minutes).padded(to: 2, with: "0")):\(tail)" : "\(minutes):\(tail)"
  }
}

extension Repetition {
  /// What is wrong with evaluations, and what to do about it; none if nothing is.
  var warning: String? {
    let what =
      "the environment does not repeat itself: reset with the same seed, the same actions bring other "
      + "rewards or observations, so evaluations cannot be compared and the best network may not be the best"
    return switch self {
    case .exact: nil
    case .remembers:
      what + "; it remembers earlier episodes, as wrappers with running statistics do "
        + "(NormalizeObservation, NormalizeReward): leave the wrapper out, or freeze its statistics"
    case .random:
      what + "; a new copy of it differs too, so some of its randomness does not come from the seed"
    }
  }
}
