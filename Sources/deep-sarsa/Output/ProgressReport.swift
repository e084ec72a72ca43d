import DeepSARSA
import SARSAExperiments

/// Progress on standard error: one line that is rewritten on a terminal, otherwise a line per evaluation.
struct ProgressReport {
  private let isQuiet: Bool
  private let isLive = StandardStream.error.isLive
  private let settings: RunSettings
  private var lines = LiveLines()
  /// The means of the evaluations, for their curve.
  private var means: [Double]
  private var hasHinted = false
  private var hasWarned = false

  /// The progress of a run with settings, some of whose evaluations were made before it was resumed.
  init(_ settings: RunSettings, means: [Double], isQuiet: Bool) {
    self.settings = settings
    self.means = means
    self.isQuiet = isQuiet
  }

  mutating func update(_ progress: RunProgress) {
    warn(progress.repetition)
    if isQuiet { return }
    hint(progress)
    if progress.wasEvaluated, let mean = progress.lastMean { means.append(mean) }
    if isLive {
      lines.draw([ProgressLine(progress, means: means).fitted(to: LiveLines.columns)])
    } else if progress.wasEvaluated {
      lines.print(ProgressLine(progress).text + "\n")
    }
  }

  /// Warns once if no episode has terminated after many steps, and suggests a remedy.
  ///
  /// If all episodes are truncated by a time limit, every target bootstraps: the values have no known
  /// end point, and with a reward of −1 per step they fall further and further.
  private mutating func hint(_ progress: RunProgress) {
    guard !hasHinted, progress.steps >= Self.hintStep else { return }
    hasHinted = true
    guard progress.terminations == 0, settings.hyperparameters.target.timeLimit == .bootstrap
    else { return }
    lines.end()
    lines.print(
      """
      deep-sarsa: no episode has terminated in \(Self.hintStep) steps, \
      \(progress.episodes) were truncated by a time limit; if that continues, try --time-limit terminal

      """)
  }

  /// Warns once, also with --quiet, that evaluations cannot be compared, and why.
  mutating func warn(_ repetition: Repetition?) {
    guard !hasWarned, let warning = repetition?.warning else { return }
    hasWarned = true
    lines.end()
    lines.print("deep-sarsa: \(warning)\n")
  }

  /// The environment steps after which an episode should have terminated.
  private static let hintStep = 20_000

  /// Ends the rewritten line, so that the next output starts on a new line.
  mutating func end() { lines.end() }
}
