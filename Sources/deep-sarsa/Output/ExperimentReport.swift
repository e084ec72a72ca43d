import SARSAExperiments

/// How far an experiment has come, and which runs failed.
struct ExperimentReport {
  private let results: [SettingResults]

  /// Reads the results of a folder.
  init(_ folder: ExperimentFolder) throws {
    results = try folder.results()
  }

  /// Writes a table, or a line of JSON.
  func write(asJSON isJSON: Bool) throws {
    if isJSON { return try StandardStream.output.write(JSON.text(rows) + "\n") }
    let columns = ["setting", "environment", "finished", "failed", "unfinished", "not begun"]
    let table = Table(
      columns,
      rows: rows.map {
        [$0.setting, $0.task]
          + [$0.finished, $0.failed, $0.unfinished, $0.notBegun].map { "\($0)" }
      })
    let failures = rows.flatMap { row in
      row.failures.map { "'\(row.setting)' in \(row.task), seed \($0.seed): \($0.reason)\n" }
    }
    try StandardStream.output.write(table.text + "\n" + failures.joined())
  }

  private var rows: [Row] {
    results.flatMap { setting in setting.tasks.map { Row(setting: setting.name, $0) } }
  }

  /// The runs of a setting in an environment.
  private struct Row: Encodable {
    let setting: String
    let task: String
    var (finished, failed, unfinished, notBegun) = (0, 0, 0, 0)
    var failures: [Failure] = []

    struct Failure: Encodable {
      let seed: UInt64
      let reason: String
    }

    private enum CodingKeys: String, CodingKey {
      case setting, task, finished, failed, unfinished, failures
      case notBegun = "not_begun"
    }

    init(setting: String, _ results: TaskResults) {
      self.setting = setting
      task = results.name
      for run in results.runs {
        switch run.status {
        case .finished: finished += 1
        case .failed(let failure):
          failed += 1
          failures.append(Failure(seed: run.seed, reason: failure.reason))
        case .unfinished: unfinished += 1
        case .notBegun: notBegun += 1
        }
      }
    }
  }
}
