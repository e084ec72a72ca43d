internal import DeepSARSA
internal import Foundation
package import SARSAFiles

/// A run as its folder shows it, while this or another process trains it.
///
/// A look reads what was appended to the logs since the last one. It takes no lock and writes nothing.
public struct WatchedRun: Sendable {
  /// What a run does.
  public enum Status: Hashable, Sendable {
    /// Its folder has no settings yet.
    case notBegun
    /// A process trains it: one of this machine has locked the folder, or the logs have just grown.
    case running
    /// It is not finished, and no process trains it.
    case stopped
    /// It is finished.
    case finished
    /// It diverged, its environment failed, or its files cannot be read; with the reason on one line.
    case failed(String)
  }

  /// The folder.
  public let folder: RunFolder
  /// What the run does.
  public private(set) var status = Status.notBegun
  /// The settings; `nil` if it has not begun.
  public private(set) var settings: RunSettings?
  /// The mean return that counts as solved, if it is known.
  public private(set) var threshold: Double?
  /// Environment steps, by the logs, which are written after each evaluation; of a run that nothing trains also by
  /// its newest checkpoint.
  public private(set) var steps = 0
  /// `evaluations.csv`: `step` and `mean`.
  public private(set) var evaluations: GrowingLog
  /// `episodes.csv`: `step`, `episode` and `return`; empty unless all logs are kept.
  public private(set) var episodes: GrowingLog
  /// `learning.csv`: `step`, `loss`, `epsilon` and `temperature`; empty unless all logs are kept.
  public private(set) var learning: GrowingLog

  private let keepsAllLogs: Bool
  private var summary: RunSummary?
  /// When which share of the training was seen to be done, the latest ones.
  private var sightings: [Sighting] = []
  private var hasLooked = false
  /// The steps of a run that nothing trains, which stay the same; `nil` while it is trained.
  private var stepsMade: Int?
  /// Whether a process of this machine was seen to train it.
  private var wasHeld = false

  private struct Sighting {
    var seconds: Double
    var steps: Int
    var share: Double
  }

  /// The run of a folder, of which the evaluations are read, or all logs.
  public init(_ folder: RunFolder, keepsAllLogs: Bool = false) {
    self.folder = folder
    self.keepsAllLogs = keepsAllLogs
    evaluations = GrowingLog(folder.path(of: .evaluations), columns: ["step", "mean"])
    episodes = GrowingLog(folder.path(of: .episodes), columns: ["step", "episode", "return"])
    learning = GrowingLog(
      folder.path(of: .learning), columns: ["step", "loss", "epsilon", "temperature"])
  }

  /// Looks at the folder.
  ///
  /// - Parameters:
  ///   - seconds: the time of the look, on any clock.
  ///   - locks: the locks at that time.
  package mutating func look(at seconds: Double, _ locks: HeldLocks) {
    let isHeld = locks.contain(folder.path)
    // A finished run may get more steps; then its folder is locked again.
    if isOver && !isHeld { return }
    do throws(RunError) {
      try look(at: seconds, isHeld: isHeld)
    } catch {
      status = .failed("\(error)")
    }
  }

  private var isOver: Bool {
    switch status {
    case .finished, .failed: true
    case .notBegun, .running, .stopped: false
    }
  }

  private mutating func look(at seconds: Double, isHeld: Bool) throws(RunError) {
    // A run that is gone on with may have another budget.
    if settings == nil || (isHeld && status != .running) {
      guard try folder.hasSettings() else { return }
      let settings = try SettingsFile(reading: folder.path(of: .config)).settings()
      self.settings = settings
      threshold = settings.knownThreshold
    }
    try evaluations.look()
    if keepsAllLogs {
      try episodes.look()
      try learning.look()
    }
    noteSteps(at: seconds)
    let lastGrowth = sightings.last.map { seconds - $0.seconds } ?? .infinity
    if isHeld {
      status = .running
      wasHeld = true
      // A finished run that goes on: its summary is out of date.
      summary = nil
    } else if let summary = try folder.summary() {
      self.summary = summary
      steps = summary.steps
      threshold = summary.threshold ?? threshold
      status = .finished
    } else if let failure = try folder.failure() {
      status = .failed(failure.reason)
    } else {
      status = !wasHeld && lastGrowth < Self.patience ? .running : .stopped
    }
    if status == .running {
      stepsMade = nil
    } else {
      // A log that no run writes is told by its own look.
      stepsMade = stepsMade ?? (try? folder.stepsMade())
      if let stepsMade { steps = max(steps, stepsMade) }
    }
  }

  /// The seconds without growth after which a run without a lock counts as stopped: it may be another
  /// machine's.
  private static let patience = 60.0

  private mutating func noteSteps(at seconds: Double) {
    let logs = [evaluations, episodes, learning]
    let new = logs.compactMap { $0["step"].last }.compactMap { Int(exactly: $0) }.max() ?? 0
    defer {
      hasLooked = true
      steps = new
    }
    if new < steps { sightings = [] }
    // When the steps of the first look were made is not known.
    guard hasLooked, new > steps else { return }
    sightings.append(Sighting(seconds: seconds, steps: new, share: share(of: new)))
    if sightings.count > 16 { sightings.removeFirst() }
  }

  private func share(of steps: Int) -> Double {
    settings?.hyperparameters.budget.usedShare(
      steps: steps, episodes: Int(exactly: episodes["episode"].last ?? 0) ?? 0) ?? 0
  }

  /// The fraction of the budget that is used, from 0 to 1; 1 if the run is finished.
  public var share: Double { status == .finished ? 1 : share(of: steps) }

  /// Environment steps per second: between looks, with evaluations, while the run is trained; in the end, those
  /// of training.
  public var stepsPerSecond: Double? {
    if let summary { return summary.stepsPerSecond }
    guard status == .running, let first = sightings.first, let last = sightings.last,
      last.seconds > first.seconds
    else { return nil }
    return (Double(last.steps) - Double(first.steps)) / (last.seconds - first.seconds)
  }

  /// The estimated time to the end of training, if the run is trained and grew between looks.
  public var secondsLeft: Double? {
    guard status == .running, let first = sightings.first, let last = sightings.last,
      last.share > first.share
    else { return nil }
    return (1 - last.share) * (last.seconds - first.seconds) / (last.share - first.share)
  }

  /// The mean return of the latest evaluation.
  public var lastMean: Double? { evaluations["mean"].last }

  /// The highest mean return of an evaluation.
  public var bestMean: Double? { evaluations["mean"].max() }

  /// The mean return of the last 100 training episodes; `nil` unless all logs are kept.
  public var recentReturn: Double? {
    let returns = episodes["return"].suffix(100)
    return returns.isEmpty ? nil : returns.reduce(0, +) / Double(returns.count)
  }
}
