import DeepSARSA
import Foundation
import SARSAExperiments

/// Progress on standard error: one line that is rewritten on a terminal, otherwise a line per evaluation.
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

  mutating func update<World, Learner: ~Copyable>(
    _ run: borrowing TrainingRun<World, Learner>, wasJudged: Bool
  ) {
    warn(run.repetition)
    if isQuiet { return }
    hint(run)
    calls += 1
    if isLive {
      // The clock is not read at every step, because reading it takes long compared with a step.
      guard calls % 64 == 0 || wasJudged, run.wallSeconds >= nextUpdate else { return }
      nextUpdate = run.wallSeconds + 0.1
      try? StandardStream.error.write("\r" + line(run) + "\u{1B}[K")
      hasLine = true
    } else if wasJudged {
      try? StandardStream.error.write(line(run) + "\n")
    }
  }

  /// Warns once if no episode has terminated after many steps, and suggests a remedy.
  ///
  /// If all episodes are truncated by a time limit, every target bootstraps: the values have no known
  /// end point, and with a reward of −1 per step they fall further and further.
  private mutating func hint<World, Learner: ~Copyable>(
    _ run: borrowing TrainingRun<World, Learner>
  ) {
    guard !hasHinted, run.trainer.steps >= Self.hintStep else { return }
    hasHinted = true
    let target = run.settings.hyperparameters.target
    guard run.trainer.terminations == 0, target.timeLimit == .bootstrap else { return }
    end()
    try? StandardStream.error.write(
      """
      deep-sarsa: no episode has terminated in \(run.trainer.steps) steps, \
      \(run.trainer.episodes) were truncated by a time limit; if that continues, try --time-limit terminal

      """)
  }

  /// Warns once, also with --quiet, that evaluations cannot be compared, and why.
  mutating func warn(_ repetition: Repetition?) {
    guard !hasWarned, let warning = repetition?.warning else { return }
    hasWarned = true
    end()
    try? StandardStream.error.write("deep-sarsa: \(warning)\n")
  }

  /// The environment steps after which an episode should have terminated.
  private static let hintStep = 20_000

  /// Ends the rewritten line, so that the next output starts on a new line.
  mutating func end() {
    if hasLine { try? StandardStream.error.write("\n") }
    hasLine = false
  }

  private func line<World, Learner: ~Copyable>(_ run: borrowing TrainingRun<World, Learner>)
    -> String
  {
    var parts = [
      "episode \(run.trainer.episodes)", "step \(run.trainer.steps)",
    ]
    if let speed = run.stepsPerSecond { parts.append("\(speed.rounded(0)) steps/s") }
    parts.append("return \(run.recentReturn?.brief ?? "–")")
    if let last = run.lastEvaluation, let best = run.bestMean {
      parts.append("greedy \(last.mean.brief)  best \(best.brief)")
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
  /// The warning about evaluations, with a remedy; `nil` if they can be compared.
  var warning: String? {
    let what =
      "the environment is not reproducible: after a reset with the same seed, the same actions give other "
      + "rewards or observations, so evaluations cannot be compared and the best network may not be the best"
    return switch self {
    case .exact: nil
    case .stateful:
      what + "; it keeps state from earlier episodes, as wrappers with running statistics do "
        + "(NormalizeObservation, NormalizeReward): remove the wrapper, or freeze its statistics"
    case .unseeded:
      what + "; a new copy of it differs too, so some of its randomness does not come from the seed"
    }
  }
}

extension Double {
  /// The number with one decimal place, or two if it is below 10: returns may lie between 0 and 1.
  fileprivate var brief: String { rounded(abs(self) < 10 ? 2 : 1) }
}
