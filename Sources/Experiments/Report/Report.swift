public import DeepSARSA
internal import SARSAFormats

/// What runs have learned, as a page: whether the task is solved, curves, values, and episodes to be played back.
///
/// ```swift
/// let report = try Report(of: ["runs"]) { settings in try environment(of: settings) }
/// let page = try report.page(with: library)
/// ```
///
/// The page is one file of HTML that loads nothing. The same runs give the same bytes.
public struct Report: Sendable {
  /// Charts under a title, with a note if there is something to say of them.
  struct Charts: Sendable {
    var title: String
    var note: String?
    var charts: [Chart]
  }

  /// What stands over the page: the task, or the tasks.
  let heading: String
  /// One line below it.
  package let subtitle: String
  /// What is said first.
  package let answers: [ReportAnswer]
  /// The charts of each task, under a title.
  let charts: [Charts]
  /// Episodes that networks played.
  package let episodes: ReportEpisodes
  /// Tables of evaluations and comparisons.
  let tables: [ReportTables]
  /// How the runs were made.
  let origin: ReportOrigin

  /// Reads runs, and plays episodes with their networks.
  ///
  /// - Parameters:
  ///   - paths: folders of runs or experiments, as `SettingResults.reading(_:)` takes them.
  ///   - makeEnvironment: makes the environment of a run's settings.
  /// - Throws: `RunError` if a file of a run cannot be read. If an environment fails, the page says so.
  /// - Complexity: 25 episodes for each network that is shown, of up to 1,000 steps each; for many settings the time
  ///   of `Comparison`.
  public init(
    of paths: [String],
    in makeEnvironment: @escaping (RunSettings) throws(RunError) -> any Environment
  ) throws(RunError) {
    let groups = try RunGroup.reading(joining: paths)
    let tasks = groups.byTask
    origin = try ReportOrigin(of: groups, at: paths)
    let reader = ReportReader(makeEnvironment)
    // A single run has nothing to be compared with.
    let isSingle = groups.count == 1 && groups[0].runs.count == 1
    let comparison = Result { () throws(ComparisonError) in
      if isSingle { throw .noSetting }
      return try Comparison(of: groups.results)
    }
    let numbers = try? comparison.get()
    var maps: [Charts] = []
    if isSingle, let group = groups.first, let run = group.runs.first {
      heading = group.task
      subtitle = run.subtitle
      answers = [try ReportAnswer(of: run, threshold: reader.threshold(of: group))]
      tables = [try ReportTables(of: run)]
      episodes = try reader.episodes(of: run)
      maps = try reader.maps(of: run)
    } else if groups.count == 1, let group = groups.first {
      heading = group.task
      subtitle = "\(group.setting) · \(group.runs.count.counting("seed"))"
      answers = [
        ReportAnswer(
          of: group, numbers?.tasks.first?.sides.first, threshold: try reader.threshold(of: group))
      ]
      tables = [ReportTables(of: group)] + (numbers.map { [ReportTables(of: $0)] } ?? [])
      episodes = try reader.episodes(of: group)
      let ranked = group.rankedRuns
      if !ranked.isEmpty {
        let median = ranked[ranked.count / 2]
        maps = try reader.maps(of: median, named: "the median seed, \(median.settings.seed)")
      }
    } else {
      heading = tasks.count == 1 ? tasks[0][0].task : tasks.count.counting("task")
      let settings = Set(groups.map(\.setting)).count.counting("setting")
      subtitle = "\(settings) · \(groups.reduce(0) { $0 + $1.runs.count }.counting("run"))"
      switch comparison {
      case .success(let comparison):
        answers = comparison.tasks.map {
          ReportAnswer(of: $0, verdicts: comparison.tasks.count == 1 ? comparison.verdicts : [])
        }
        tables = [ReportTables(of: comparison)] + groups.map { ReportTables(of: $0) }
        episodes = try reader.episodes(of: comparison, groups)
      case .failure(let error):
        answers = [ReportAnswer(missing: "\(error).")]
        tables = groups.map { ReportTables(of: $0) }
        episodes = ReportEpisodes(note: "No setting can be shown yet.")
      }
    }
    var charts: [Charts] = []
    for task in tasks {
      let name = task[0].task
      charts += try reader.charts(
        of: task, numbers?.tasks.first { $0.name == name }, baseline: numbers?.baseline ?? "",
        named: tasks.count > 1 ? " in \(name)" : "")
    }
    self.charts = charts + maps
  }
}

extension RunRecord {
  /// Preset or name, seed and algorithm, on a line.
  fileprivate var subtitle: String {
    let facts = [
      settings.experimentName, preset.map { "preset \($0)" }, "seed \(settings.seed)",
      "algorithm \(settings.hyperparameters.algorithm.rawValue)",
    ]
    return facts.compactMap { $0 }.joined(separator: " · ")
  }
}

extension ReportAnswer {
  /// The answer if settings cannot be compared yet.
  fileprivate init(missing reason: String) {
    self.init(
      kind: .open, verdict: "Not finished",
      sentences: ["The settings cannot be compared yet: \(reason)"], facts: [])
  }
}
