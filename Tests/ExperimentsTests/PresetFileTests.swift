import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Presets from files")
struct PresetFileTests {
  private func preset(_ text: String) throws(RunError) -> Preset {
    try Preset(path: "p.yaml", bytes: Array(text.utf8))
  }

  private static let repository = fixtures.deletingLastPathComponent().deletingLastPathComponent()

  @Test("each preset of the package is a file, which has what differs from the defaults")
  func files() throws {
    let folder = Self.repository.appending(path: "Sources/DeepSARSA/Presets").path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == Preset.all.count && Set(Preset.all).count == names.count)
    for name in names {
      let preset = try Preset(reading: "\(folder)/\(name)")
      #expect(Preset.all.contains(preset), "\(name) is not in the list of Preset+All.swift")
      let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      #expect(preset.json == text, "\(name) is not as the program writes it")
    }
  }

  @Test("checkpoints are a hundredth of a long run apart, and there are none of timed runs")
  func checkpoints() throws {
    func interval(_ name: String, in environment: String) throws -> Int {
      let presets = Hyperparameters.presets(for: environment)
      return CheckpointSettings(try #require(presets.first { $0.name == name })).every
    }
    #expect(try interval("tuned", in: "MinAtar/Breakout-v1") == 50_000)
    #expect(try interval("tuned", in: "CartPole-v1") == 10_000)
    #expect(try interval("fast", in: "CartPole-v1") == 0)
  }

  @Test("scores with an interval are those of docs/results.md")
  func scores() throws {
    let results = try String(
      contentsOf: Self.repository.appending(path: "docs/results.md"), encoding: .utf8)
    var checked = 0
    for preset in Preset.all {
      guard let report = preset.report, let first = report.seeds.first else { continue }
      for score in report.scores ?? [] {
        guard let lower = score.lower, let upper = score.upper else { continue }
        let numbers = [score.value, lower, upper].map { String(format: "%.2f", $0) }
        // A table of one environment has a row for each setting.
        let isThere = results.split(separator: "\n").contains {
          ($0.hasPrefix("| \(score.environment) |") || $0.hasPrefix("| `\(preset.name)` |"))
            && $0.contains(" \(numbers[0]) (\(numbers[1]) to \(numbers[2]))")
            && $0.contains("| \(first.last - first.first + 1) |")
        }
        #expect(isThere, "\(score)")
        checked += 1
      }
    }
    #expect(checked == 28)
  }

  @Test("a file has what it says, and the defaults otherwise")
  func defaults() throws {
    #expect(try preset("name: x") == Preset("x"))
    #expect(
      try preset("{\"name\": \"x\", \"hyperparameters\": {}, \"evaluation\": null}") == Preset("x"))
    var expected = Preset("x.1")
    expected.environments = ["a/B-v0"]
    expected.notes = ["One.", "Two."]
    expected.evaluation.targetReturn = 7
    expected.hyperparameters.budget = Budget(steps: 50_000)
    expected.hyperparameters.optimizer.method = .sgd(momentum: 0.5)
    expected.hyperparameters.exploration = .boltzmann(temperature: .constant(2))
    expected.search = Preset.Search(
      method: "m", seeds: [Preset.SeedRange(first: 1, last: .max)])
    expected.report = Preset.Report(
      seeds: [], scores: [Preset.Score(environment: "E", value: -1)], source: "s")
    let text = """
      name: x.1
      notes: [One., Two.]
      environments: [a/B-v0]
      evaluation: {targetReturn: 7}
      hyperparameters:
        budget: {steps: 5e4}
        optimizer: {method: {sgd: {momentum: 0.5}}}
        exploration: {boltzmann: {temperature: 2}}
      search: {method: m, seeds: [{first: 1, last: 18446744073709551615}]}
      report: {seeds: [], scores: [{environment: E, value: -1}], source: s}
      """
    #expect(try preset(text) == expected)
  }

  @Test("a preset is read as it was written, in YAML and in JSON")
  func roundTrip() throws {
    var odd = Preset("odd")
    odd.summary = "& * \"quoted\" \u{7F}\n"
    // Values of the defaults that are missing in a budget of episodes, and cases with the defaults of others.
    odd.hyperparameters.budget = Budget(steps: 100_000, episodes: 7)
    odd.hyperparameters.exploration = .epsilonGreedy(
      epsilon: .exponential(from: 1, to: 0.02, steps: 9))
    odd.hyperparameters.optimizer.method = .adamW(beta1: 0.1 + 0.2)
    odd.hyperparameters.optimizer.loss = .huber()
    odd.hyperparameters.network.description = NetworkDescription("4 > dense 2")
    var episodes = Preset("episodes")
    episodes.hyperparameters.budget = Budget(steps: nil, episodes: 1)
    for expected in Preset.all + [odd, episodes, Preset("plain")] {
      #expect(try preset(expected.yaml) == expected)
      #expect(try preset(expected.json) == expected)
    }
    #expect(Preset("plain").yaml == "name: plain\n")
    #expect(Preset("plain").json == "{\"name\": \"plain\"}\n")
  }

  @Test(
    "a wrong name or value gets one line with the file, its path and what is allowed",
    arguments: [
      ("summary: x", "name is missing; allowed: 1 to 100 letters"),
      ("name: ''", "name is ''; allowed: 1 to 100 letters"),
      ("name: a b", "name is 'a b'; allowed: 1 to 100 letters"),
      ("name: a/b", "name is 'a/b'; allowed: 1 to 100 letters"),
      ("name: 7", "name is 7; allowed: text in quotes: 1 to 100 letters"),
      ("name: x\nsumary: y", "'sumary' is not a setting (did you mean 'summary'?); allowed: "),
      ("name: x\nseed: 1", "'seed' is not a setting; allowed: environments, evaluation, "),
      ("name: x\nenvironments: E", "environments is 'E'; allowed: one id or more"),
      ("name: x\nenvironments: []", "environments is []; allowed: one id or more"),
      (
        "name: x\nevaluation: {evry: 1}",
        "'evaluation.evry' is not a setting (did you mean 'every'?)"
      ),
      ("name: x\nevaluation: {every: 0}", "evaluation.every is 0; allowed: a whole number from 1"),
      (
        "name: x\nhyperparameters: {replay: {batchsize: 3}}",
        "'hyperparameters.replay.batchsize' is not a setting (did you mean 'batchSize'?)"
      ),
      (
        "name: x\nhyperparameters: {target: {discount: 2}}",
        "hyperparameters.target.discount is 2; allowed: a number from 0 to 1"
      ),
      (
        "name: x\nhyperparameters: {replay: {batchSize: 5000}}",
        "hyperparameters.replay.learningStarts is 1000; allowed: from the batch size"
      ),
      (
        "name: x\nhyperparameters: {optimizer: {method: {sgd: {isNesterov: true}}}}",
        "hyperparameters.optimizer.method.sgd.momentum is 0.0; allowed: a number above 0"
      ),
      ("name: x\nsearch: {settings: 3}", "search.method is missing; allowed: "),
      (
        "name: x\nsearch: {method: m, settings: -1}",
        "search.settings is -1; allowed: a whole number from 0"
      ),
      (
        "name: x\nsearch: {method: m, seeds: [{first: 3, last: 2}]}",
        "search.seeds is [3 to 2]; allowed: ranges whose last seed is not below the first"
      ),
      (
        "name: x\nsearch: {method: m, seeds: [{first: 3, lst: 2}]}",
        "search.seeds.0.last is missing; allowed: "
      ),
      (
        "name: x\nreport: {seeds: [{first: 1, last: 2, count: 3}], source: s}",
        "'report.seeds.0.count' is not a setting; allowed: first, last"
      ),
      ("- name", "it is not a mapping of settings"),
      ("name: x\nname: y", "line 1: 'name' is given twice"),
    ])
  func mistakes(text: String, expected: String) {
    let error = #expect(throws: RunError.self) { try preset(text) }
    let line = error.map { "\($0)" } ?? ""
    #expect(line.hasPrefix("'p.yaml': " + expected), "\(line)")
    #expect(!line.contains("\n"))
  }

  @Test("a preset's file is a setting of an experiment, under the name of the file")
  func experiments() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("mine.yaml")
    try Data("name: x\nenvironments: [CartPole-v1]\nevaluation: {every: 77}\n".utf8)
      .write(to: URL(filePath: path))
    func groups(in id: String) throws -> [Experiment.Group] {
      let file = ExperimentFile(
        environments: [id], presets: [path, "general"], seeds: 1, firstSeed: 1, steps: nil)
      return try file.experiment { _ in try EnvironmentRegistry.make(id).specification }
        .experiment.groups
    }
    let groups = try groups(in: "CartPole-v1")
    #expect(groups.map(\.setting) == ["mine", "general"])
    #expect(groups.map(\.settings.evaluation.every) == [77, 5_000])
    let error = #expect(throws: RunError.self) {
      try Preset(reading: path, for: "gymnasium:Acrobot-v1")
    }
    #expect(
      error.map { "\($0)" }
        == "'\(path)': the preset is for CartPole-v1, not for gymnasium:Acrobot-v1")
    #expect(try Preset(reading: path, for: "gymnasium:CartPole-v1").name == "x")
  }

  @Test("no beginning and no changed byte of a file makes it trap")
  func fuzz() throws {
    let bytes = Array(Preset.all[3].json.utf8)
    for length in stride(from: 0, to: bytes.count, by: thinning) {
      _ = try? Preset(path: "", bytes: Array(bytes[..<length]))
    }
    var random = PCG64(seed: 1)
    for i in stride(from: 0, to: bytes.count, by: thinning) {
      for byte in [0x0A, 0x22, UInt8(random.integer(below: 256))] {
        var changed = bytes
        changed[i] = byte
        _ = try? Preset(path: "", bytes: changed)
      }
    }
  }
}
