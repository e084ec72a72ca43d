import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFormats
import TestSupport
import Testing

@Suite("The report of runs")
struct ReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func report(of paths: String...) throws -> Report {
    try Report(of: paths) { settings throws(RunError) in
      do {
        return try EnvironmentRegistry.make(
          settings.environment, arguments: settings.environmentArguments)
      } catch {
        throw .environment("\(error)")
      }
    }
  }

  private func report(of run: WrittenRun) throws -> Report {
    try report(of: run.write(to: folder.path("run")))
  }

  /// The page, with a library that is none.
  private func text(_ report: Report, library: String = "") -> String {
    String(decoding: report.page(with: library), as: UTF8.self)
  }

  // MARK: - The answer

  @Test(
    "a run at the threshold is solved, with the number, what its spread is of, and the threshold")
  func solved() throws {
    var run = WrittenRun(seed: 7, score: 480, evaluations: [(0, 9.25), (5_000, 490)])
    run.threshold = 475
    let answer = try #require(try report(of: run).answers.first)
    #expect(answer.verdict == "Solved" && answer.kind == .good && answer.figure == "480")
    #expect(answer.spread?.hasPrefix("± 0, the standard deviation over the episodes") == true)
    #expect(
      answer.sentences[0] == "The last network's mean return is 480 over 100 new episodes. "
        + "CartPole-v1 counts as solved from 475 on.")
    let facts = Dictionary(uniqueKeysWithValues: answer.facts.map { ($0.name, $0.value) })
    #expect(facts["Solved from"] == "475" && facts["Optimum"] == "500")
    #expect(facts["Preset tuned"] == "500" && facts["Random actions"] == "22.25")
    #expect(facts["Published"] == "500")
    #expect(facts["Trained"] == "5,000 steps")
  }

  @Test("a run below the threshold is not solved, and says what is missing")
  func unsolved() throws {
    var run = WrittenRun(seed: 7, score: -110.5, evaluations: [(0, -200)])
    run.environment = "MountainCar-v0"
    run.threshold = -110
    let answer = try #require(try report(of: run).answers.first)
    #expect(answer.verdict == "Not solved" && answer.kind == .bad && answer.figure == "−110.50")
    #expect(answer.sentences[0].hasSuffix("counts as solved from −110 on, which is 0.50 more."))
  }

  @Test("a run without a threshold has finished, neither solved nor not")
  func withoutThreshold() throws {
    var run = WrittenRun(seed: 7, score: 3, evaluations: [(0, 1)])
    run.environment = "MinAtar/Breakout-v1"
    let answer = try #require(try report(of: run).answers.first)
    #expect(answer.verdict == "Finished" && answer.kind == .plain)
    #expect(
      answer.sentences[0].hasSuffix(
        "There is no agreed return from which MinAtar/Breakout-v1 counts as solved."))
  }

  @Test("a run that diverged says so, with the step and the last evaluation")
  func diverged() throws {
    var run = WrittenRun(seed: 7, evaluations: [(0, 9.25)])
    run.failure = "training diverged at step 1002: update 3: the loss is NaN"
    let report = try report(of: run)
    let answer = try #require(report.answers.first)
    #expect(answer.verdict == "Diverged" && answer.kind == .bad && answer.figure == "9.25")
    #expect(answer.sentences[0].contains("step 1002: update 3: the loss is NaN"))
    #expect(
      answer.sentences.last == "The only network that was evaluated is the untrained one.")
    #expect(report.episodes.isEmpty && text(report).contains("The run has no network yet."))
  }

  @Test("a run whose environment failed says so")
  func failed() throws {
    var run = WrittenRun(seed: 7, evaluations: [(0, 9.25)])
    run.failure = "the environment failed: its paths diverged"
    run.failsAgain = false
    let answer = try #require(try report(of: run).answers.first)
    #expect(answer.verdict == "Failed" && answer.sentences[0].contains("its paths diverged"))
    #expect(answer.sentences[1] == "Its environment did not go on.")
  }

  @Test("an unfinished run says how far it is, and how it goes on")
  func unfinished() throws {
    var run = WrittenRun(seed: 7, evaluations: [(0, 9.25), (5_000, 100), (10_000, 200)])
    run.checkpoints = [10_000]
    run.settings = "hyperparameters: {budget: {steps: 50000}}"
    let answer = try #require(try report(of: run).answers.first)
    #expect(answer.verdict == "Not finished" && answer.kind == .open && answer.figure == "200")
    #expect(answer.sentences[0].hasPrefix("The run has made 10,000 of 50,000 steps"))
    #expect(answer.sentences[0].contains("'deep-sarsa resume \(folder.path("run"))'"))
    #expect(answer.facts.contains { $0.name == "Solved from" && $0.value == "475" })
  }

  @Test("a run without evaluations says so")
  func withoutEvaluations() throws {
    var run = WrittenRun(seed: 7)
    let report = try report(of: run)
    let answer = try #require(report.answers.first)
    #expect(answer.verdict == "Not begun" && answer.figure == nil)
    #expect(answer.sentences.last == "No network has been evaluated.")
    #expect(text(report).contains("The run has no evaluation yet."))
    run.evaluations = []
    #expect(try self.report(of: run).answers.first?.verdict == "Not finished")
  }

  @Test("of several seeds, the interquartile mean is shown with its interval, and who is left out")
  func seeds() throws {
    for seed in 1...12 as ClosedRange<UInt64> {
      var run = WrittenRun(
        seed: seed, score: seed == 12 ? nil : seed < 3 ? 300 : 490, evaluations: [(0, 9)])
      run.threshold = 475
      try run.write(to: folder.path("runs/\(seed)"))
    }
    let answer = try #require(try report(of: folder.path("runs")).answers.first)
    #expect(answer.verdict == "Solved so far" && answer.figure == "490")
    #expect(answer.spread?.hasSuffix("the 95 % interval over 11 seeds") == true)
    #expect(answer.sentences[1] == "1 of 12 runs are not finished, and are left out.")
    #expect(answer.facts.contains { $0.name == "Solved by" && $0.value == "9 of 11 seeds" })
    #expect(answer.facts.contains { $0.name == "Worst seed" && $0.value == "300" })
  }

  @Test("several settings have an answer for each task, and a verdict")
  func settings() throws {
    for (name, score) in [("one", 100.0), ("two", 480)] {
      for seed in 1...5 as ClosedRange<UInt64> {
        var run = WrittenRun(seed: seed, score: score, evaluations: [(0, 9)])
        run.experimentName = name
        run.threshold = 475
        try run.write(to: folder.path("runs/\(name)\(seed)"))
      }
    }
    let report = try report(of: folder.path("runs"))
    #expect(report.answers.count == 1 && report.subtitle == "2 settings · 10 runs")
    #expect(report.answers[0].verdict == "Solved by 1 of 2 settings")
    #expect(report.answers[0].sentences[0].hasPrefix("'two' is better than 'one'"))
    #expect(text(report).contains("<h2>Comparison</h2>"))
  }

  @Test("settings with the same score are all named, and a single seed has no interval")
  func ties() throws {
    for name in ["one", "two", "three"] {
      var run = WrittenRun(seed: 1, score: name == "three" ? -150 : -200, evaluations: [(0, -200)])
      run.experimentName = name
      run.environment = "MountainCar-v0"
      try run.write(to: folder.path("runs/\(name)"))
      run.score = -200
      if name != "three" { try run.write(to: folder.path("ties/\(name)")) }
    }
    let best = try #require(try report(of: folder.path("runs")).answers.first)
    #expect(best.spread == "the highest interquartile mean, of 'three'")
    #expect(best.facts.first { $0.name == "three" }?.note == "1 seed")
    let tie = try #require(try report(of: folder.path("ties")).answers.first)
    #expect(tie.spread == "the highest interquartile mean, the same for 'one', 'two'")

    // The only one of two that is over.
    try WrittenRun(seed: 1, score: 20, evaluations: [(0, 9)]).write(to: folder.path("half/1"))
    try WrittenRun(seed: 2, evaluations: [(0, 9)]).write(to: folder.path("half/2"))
    let half = try #require(try report(of: folder.path("half")).answers.first)
    #expect(half.spread == "of one seed, so without an interval")
    #expect(!half.sentences.contains { $0.contains("interval") })
  }

  @Test("several runs that all diverged are not said to have no network", arguments: [1, 2])
  func allDiverged(settings: Int) throws {
    for seed in 1...2 as ClosedRange<UInt64> {
      var run = WrittenRun(seed: seed, evaluations: [(0, 9)])
      run.experimentName = settings == 1 ? "a" : "a\(seed)"
      run.failure = "training diverged at step 990"
      try run.write(to: folder.path("runs/\(seed)"))
    }
    let episodes = try report(of: folder.path("runs")).episodes
    #expect(episodes.isEmpty && episodes.notes[0].hasPrefix("No run has finished, and"))
  }

  // MARK: - The page

  @Test("equal runs have equal bytes, and no clock or program's path is in them")
  func equalBytes() throws {
    let path = try WrittenRun(seed: 7, score: 480, evaluations: [(0, 9.25)]).write(
      to: folder.path("run"))
    let page = text(try report(of: path), library: "1")
    #expect(try text(report(of: path), library: "1") == page)
    #expect(!page.contains(ProcessInfo.processInfo.arguments[0]))
    #expect(page.utf8.count < 100_000)
  }

  @Test("names, commands and data cannot become markup, and only known scripts run")
  func escaping() throws {
    let name = "</script><script>alert(1)</script>&\"'"
    var run = WrittenRun(seed: 7, score: 480, evaluations: [(0, 9.25), (10, 11)])
    run.settings =
      "origin: {commandLine: [deep-sarsa, \(name.quotedAsJSON)], preset: \(name.quotedAsJSON)}"
    let page = text(try report(of: run), library: "x = '</script>'")
    #expect(!page.contains("alert(1)</script>"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"))
    // Two scripts that run, and data; nothing within them ends the element.
    #expect(page.components(separatedBy: "<script").count == 4)
    #expect(page.components(separatedBy: "</script>").count == 4)
    #expect(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"))
    #expect(!page.contains("unsafe"))
  }

  @Test("the content policy has the hash of every script and of the style")
  func policy() throws {
    let page = text(
      try report(of: WrittenRun(seed: 7, score: 480, evaluations: [(0, 9)])), library: "lib()")
    let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/))
    for pattern in [/<script type="module">([\s\S]*?)<\/script>/, /<style>([\s\S]*?)<\/style>/] {
      for match in page.matches(of: pattern) {
        let hash = Data(SHA256(Array(match.1.utf8)).bytes).base64EncodedString()
        #expect(policy.1.contains("sha256-\(hash)"))
      }
    }
  }

  // MARK: - Episodes

  /// A short run of CartPole.
  private func trained() throws -> String {
    var settings = RunSettings(environment: "CartPole-v1")
    settings.hyperparameters.network.hiddenSizes = [8]
    settings.hyperparameters.replay.capacity = 500
    settings.hyperparameters.replay.batchSize = 16
    settings.hyperparameters.replay.learningStarts = 100
    settings.hyperparameters.budget = Budget(steps: 400)
    settings.evaluation.every = 200
    settings.evaluation.episodes = 3
    settings.evaluation.finalEpisodes = 3
    settings.checkpoints.every = 0
    var run = try TrainingRun(
      settings, environment: TimeLimit(CartPole(), maximumSteps: 500), root: folder.path("runs"))
    while !run.isFinished { try run.advance() }
    _ = try run.finish()
    return run.folder.path
  }

  @Test("the untrained network is the one with which the run began")
  func untrained() throws {
    let path = try trained()
    let run = try RunRecord(reading: try #require(RunFolder(existing: path)))
    let environment = TimeLimit(CartPole(), maximumSteps: 500)
    let model = try run.untrainedModel(for: environment.specification)
    var policy = try GreedyPolicy(model)
    let seed = RandomStreams(seed: run.settings.seed).seed(.evaluation, index: 0)
    var evaluation = Evaluation(environment, seed: seed)
    let mean = evaluation.play(&policy, episodes: 3).mean
    #expect(mean == run.result.curve.untrained)
    let last = try ModelFile(reading: path + "/model.safetensors")
    #expect(model.tensors != last.policy.model().tensors)
  }

  @Test("the untrained and the last network play from the same three starts")
  func episodes() throws {
    let report = try report(of: trained())
    #expect(report.episodes.networks.map(\.id).first == "untrained")
    #expect(report.episodes.networks.map(\.id).last == "last")
    #expect(report.episodes.networks.filter(\.isFirst).map(\.id) == ["last"])
    #expect(report.episodes.starts.map(\.id) == ["best", "median", "worst"])
    let page = text(report)
    #expect(page.contains("\"actions\":[\"left\",\"right\"]"))
    #expect(page.utf8.count < 1_000_000)
  }
}
