import SARSAExperiments
import Synchronization

/// What is printed on standard error while several runs are trained: a line for each run that ends, and on a
/// terminal below them a line for each that is trained, and one with all.
final class RunsProgress: Sendable {
  /// The name of a run in its line on a terminal.
  typealias Label = @Sendable (ConcurrentRuns.Run) -> String
  /// The line of a run that ended, when so many are over; `nil` for none.
  typealias EndLine = @Sendable (ConcurrentRuns.Run, ConcurrentRuns.Outcome, Int) -> TerminalLine?

  private let all: Int
  private let left: Int
  private let isQuiet: Bool
  private let isLive: Bool
  private let label: Label
  private let endLine: EndLine
  private let screen: Mutex<Screen>

  private struct Screen: Sendable {
    var lines = LiveLines()
    /// The runs that are trained, in the order in which they began.
    var running: [(path: String, label: String, means: [Double], progress: RunProgress?)] = []
    /// The number of runs that are over: those that finished, and those that diverged.
    var over: Int
    /// The number that ended since the beginning, in whatever way.
    var ended = 0
    let start = ContinuousClock.now
    var nextDraw = ContinuousClock.now
  }

  /// Begins with the runs of all that are left.
  init(
    all: Int, left: Int, isQuiet: Bool, label: @escaping Label, endLine: @escaping EndLine
  ) {
    (self.all, self.left, self.isQuiet) = (all, left, isQuiet)
    (self.label, self.endLine) = (label, endLine)
    isLive = StandardStream.error.isLive && !isQuiet
    screen = Mutex(Screen(over: all - left))
  }

  /// Says where a run goes on, what is wrong with its newer checkpoints, and whether its bytes may differ.
  func begin(
    _ run: ConcurrentRuns.Run, resumedAt step: Int?, _ faults: [RunError],
    warnsOfMachine: Bool = false, as name: String
  ) {
    var warnings = RunFolder.warnings(faults)
    var notes: [String] = []
    var means: [Double] = []
    if let step {
      notes.append("\(name) goes on at step \(step)")
      if warnsOfMachine, let warning = try? run.folder.machineWarning() { warnings.append(warning) }
      means = (try? RunResult(reading: run.folder).curve.evaluations.map(\.mean)) ?? []
    }
    screen.withLock { screen in
      for text in isQuiet ? warnings : warnings + notes {
        screen.lines.print("deep-sarsa: \(text)\n")
      }
      screen.running.append((run.folder.path, label(run), means, nil))
      draw(&screen, isDue: true)
    }
  }

  /// Takes the progress of a run.
  func update(_ run: ConcurrentRuns.Run, _ progress: RunProgress) {
    guard isLive else { return }
    screen.withLock { screen in
      guard let place = screen.running.firstIndex(where: { $0.path == run.folder.path }) else {
        return
      }
      if progress.wasEvaluated, let mean = progress.lastMean {
        screen.running[place].means.append(mean)
      }
      screen.running[place].progress = progress
      draw(&screen, isDue: ContinuousClock.now >= screen.nextDraw)
    }
  }

  /// Says how a run ended.
  func end(_ run: ConcurrentRuns.Run, _ outcome: ConcurrentRuns.Outcome) {
    screen.withLock { screen in
      screen.running.removeAll { $0.path == run.folder.path }
      screen.ended += 1
      switch outcome {
      case .finished, .failed(.divergence): screen.over += 1
      case .interrupted, .notBegun, .failed: break
      }
      if !isQuiet, let line = endLine(run, outcome, screen.over) {
        let isFinished = if case .finished = outcome { true } else { false }
        // Why a run failed is never cut.
        let fitted = isLive && isFinished ? line.fitted(to: LiveLines.columns) : line
        screen.lines.print(fitted.text + "\n")
      }
      draw(&screen, isDue: true)
    }
  }

  private func draw(_ screen: inout Screen, isDue: Bool) {
    guard isLive, isDue else { return }
    screen.nextDraw = ContinuousClock.now + .milliseconds(100)
    if screen.ended == left { return screen.lines.draw([]) }
    let columns = LiveLines.columns
    let lines = screen.running.map { run in
      run.progress.map {
        ProgressLine($0, means: run.means, label: run.label).fitted(to: columns)
      } ?? TerminalLine("\(run.label)  starting").fitted(to: columns)
    }
    screen.lines.draw(lines.prefix(LiveLines.rows - 1) + [total(screen).fitted(to: columns)])
  }

  /// How many runs are over, and the time that is left if all take as long.
  private func total(_ screen: Screen) -> TerminalLine {
    let running = screen.running.compactMap(\.progress)
    let done = Double(screen.ended) + running.reduce(0) { $0 + $1.fraction }
    var line = TerminalLine([.init("\(screen.over) of \(all) runs over")])
    let seconds = (ContinuousClock.now - screen.start) / .seconds(1)
    if done > 0, seconds > 1 {
      let left = seconds / done * (Double(left) - done)
      let longest = running.compactMap(\.secondsLeft).max() ?? 0
      line.fields.append(.init("\(max(left, longest).asTime) left", rank: 1))
    }
    return line
  }
}
