internal import DeepSARSA
internal import SARSAFiles

/// The CSV files of a run, and its event file.
struct RunLogs: ~Copyable {
  /// The bytes of each file, up to a checkpoint.
  struct Lengths: Codable, Hashable {
    var episodes = 0
    var evaluations = 0
    /// `nil` without such a file.
    var learning: Int?
    /// `nil` without such a file.
    var events: Int?

    var isPossible: Bool {
      episodes > 0 && evaluations > 0
        && [learning, events].allSatisfy { $0.map { $0 > 0 } ?? true }
    }
  }

  var episodes: LogFile
  var evaluations: LogFile
  /// `nil` without such a file.
  var learning: LearningLog?
  /// `nil` without such a file.
  private var events: EventLog?

  /// Creates the files, or goes on with those of a checkpoint, after a number of updates.
  ///
  /// What was written after the checkpoint is cut off.
  init(
    in folder: RunFolder, keeping lengths: Lengths?, for settings: RunSettings, after updates: Int
  ) throws(SystemError) {
    let episodes = try LogFile(
      folder.path(of: .episodes), keeping: lengths?.episodes,
      header: "step,episode,return,length,end")
    let evaluations = try LogFile(
      folder.path(of: .evaluations), keeping: lengths?.evaluations,
      header: "step,mean,std,min,max,episodes")
    learning =
      settings.learningInterval == 0
      ? nil
      : try LearningLog(
        folder.path(of: .learning), keeping: lengths?.learning,
        interval: settings.learningInterval, after: updates)
    events =
      settings.tensorBoardTags == .none
      ? nil
      : try EventLog(
        folder.path(of: .events), keeping: lengths?.events, tags: settings.tensorBoardTags)
    self.episodes = episodes
    self.evaluations = evaluations
  }

  /// The bytes of each file, of which some may be in a buffer.
  var lengths: Lengths {
    // An optional value that cannot be copied can only be looked into where it may change.
    mutating get {
      Lengths(
        episodes: episodes.byteCount, evaluations: evaluations.byteCount,
        learning: learning?.byteCount, events: events?.byteCount)
    }
  }

  /// Appends a finished episode, after which the last 100 have a mean return and a mean length.
  mutating func append(
    _ episode: Episode, recentReturn: Double?, recentLength: Double?, policy: Policy
  ) throws(SystemError) {
    let end = episode.isTerminated ? "terminated" : "truncated"
    try episodes.append(
      "\(episode.step),\(episode.number),\(episode.totalReward),\(episode.length),\(end)")
    try events?.append(
      EventLog.Event(
        step: episode.step, episode: episode, recentReturn: recentReturn,
        recentLength: recentLength, policy: policy))
  }

  /// Appends an evaluation.
  mutating func append(
    _ returns: Returns, step: Int, policy: Policy
  ) throws(SystemError) {
    try evaluations.append(
      "\(step),\(returns.mean),\(returns.standardDeviation),\(returns.minimum),\(returns.maximum),"
        + "\(returns.values.count)")
    try events?.append(EventLog.Event(step: step, evaluation: returns, policy: policy))
  }

  /// Appends what was measured of an update.
  mutating func append(_ row: LearningLog.Row, speed: Double?) throws(SystemError) {
    try learning?.append(row)
    try events?.append(
      EventLog.Event(step: row.step, row: row, policy: row.policy, speed: speed))
  }

  /// Writes what is still in memory.
  mutating func flush() throws(SystemError) {
    try episodes.flush()
    try evaluations.flush()
    try learning?.flush()
    try events?.flush()
  }

  /// Writes what is still in memory, and flushes the files to the disk.
  mutating func synchronize() throws(SystemError) {
    try episodes.synchronize()
    try evaluations.synchronize()
    try learning?.synchronize()
    try events?.synchronize()
  }
}
