import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Training runs")
struct TrainingRunTests {
  private func settings(episodes: Int = 5, seed: UInt64 = 1) -> RunSettings {
    var settings = RunSettings(environment: "MountainCar-v0", experimentName: "test", seed: seed)
    settings.hyperparameters = .notebook
    settings.hyperparameters.network.hiddenSizes = [8]
    settings.hyperparameters.replay.capacity = 1_000
    settings.hyperparameters.budget = Budget(steps: nil, episodes: episodes)
    settings.evaluation.every = 300
    settings.evaluation.episodes = 2
    settings.learningInterval = 100
    return settings
  }

  /// A model's tensors in a file's order.
  private func sorted(_ model: Safetensors) -> [Safetensors.Tensor] {
    model.tensors.sorted { $0.name < $1.name }
  }

  private func environment() -> TimeLimit<MountainCar> {
    TimeLimit(MountainCar(), maximumSteps: 200)
  }

  private func finishedRun(
    in folder: TemporaryFolder, _ settings: RunSettings
  ) throws -> RunSummary {
    var run = try TrainingRun(settings, environment: environment(), root: folder.path)
    while !run.isFinished { try run.advance() }
    return try #require(try run.finish())
  }

  @Test("a preset says how often it is judged, and at which return it stops")
  func evaluationOfPresets() throws {
    let fast = try #require(
      Hyperparameters.presets(for: "CartPole-v1").first { $0.name == "fast" })
    let settings = fast.evaluation
    #expect(settings.every == 2_048 && settings.episodes == 20 && settings.targetReturn == 500)
    let general = try #require(Preset.all.first { $0.name == "general" })
    #expect(general.evaluation == EvaluationSettings())
  }

  @Test("a run leaves its settings, its logs and its networks")
  func files() throws {
    let folder = try TemporaryFolder()
    let summary = try finishedRun(in: folder, settings())
    let name = try #require(try folder.contents().first)
    #expect(summary.run == folder.path(name))
    #expect(name.hasPrefix("MountainCar-v0__test__1__"))
    #expect(
      try folder.contents(name) == [
        "best.safetensors", "checkpoints", "config.yaml", "episodes.csv", "evaluations.csv",
        "events.out.tfevents.deep-sarsa", "learning.csv", "model.safetensors", "summary.json",
      ])
    #expect(try folder.contents(name + "/checkpoints") == ["step-000001000.safetensors"])
    #expect(summary.steps == 1_000 && summary.episodes == 5)
    #expect(summary.trainingReturnLast100 == -200)
    #expect(summary.evaluation?.episodes == 100 && summary.bestEvaluation?.mean == -200)
    #expect(try #require(summary.stepsPerSecond) > 0 && summary.wallSeconds > 0)
    #expect(summary.updates == 1_000 - 319)

    let episodes = try lines(of: folder.path(name + "/episodes.csv"))
    #expect(episodes[0] == "step,episode,return,length,end")
    #expect(episodes[1] == "200,1,-200.0,200,truncated")
    #expect(episodes.count == 6)
    let evaluations = try lines(of: folder.path(name + "/evaluations.csv"))
    #expect(evaluations[0] == "step,mean,std,min,max,episodes")
    #expect(
      evaluations.dropFirst().map { $0.prefix { $0 != "," } } == ["0", "300", "600", "900", "1000"])
    #expect(evaluations[1] == "0,-200.0,0.0,-200.0,-200.0,2")
  }

  @Test("two runs with one seed write the same bytes into two folders; another seed does not")
  func reproducibility() throws {
    let folder = try TemporaryFolder()
    for seed in [1, 1, 2] as [UInt64] { _ = try finishedRun(in: folder, settings(seed: seed)) }
    let names = try folder.contents()
    #expect(names.count == 3)
    // The summary has seconds, and the folder's path.
    for file in RunFolder.File.allCases
    where ![.summary, .failure, .events, .initial].contains(file) {
      let contents = try names.map { try bytes(of: folder.path($0 + "/" + file.rawValue)) }
      #expect(contents[0] == contents[1], "\(file)")
      if file == .model { #expect(contents[0] != contents[2]) }
    }
  }

  @Test("the best network is the one of the best evaluation, and reads back as it was")
  func best() throws {
    let folder = try TemporaryFolder()
    let summary = try finishedRun(in: folder, settings())
    let run = try #require(RunFolder(existing: summary.run))
    #expect(try run.environment() == "MountainCar-v0")
    // All evaluations were −200, so the first stays the best: the untrained network's.
    let best = try Safetensors(decoding: bytes(of: run.path(of: .best)))
    let model = try Safetensors(decoding: bytes(of: run.path(of: .model)))
    #expect(best.metadata["step"] == "0" && model.metadata["step"] == "1000")
    #expect(best.tensors != model.tensors)
    let file = try ModelFile(reading: run.path(of: .model))
    #expect(file.environment == "MountainCar-v0")
    #expect(sorted(file.policy.model()) == model.tensors)
  }

  @Test("arguments of the environment are in the files, in order, and read back as they were")
  func environmentArguments() throws {
    let folder = try TemporaryFolder()
    var settings = settings(episodes: 1)
    settings.environmentArguments = [
      "map_name": .text("8x8"), "version": .text("1e5"), "is_slippery": .boolean(false),
      "size": .integer(3), "scale": .number(0.5), "none": .null,
      "desc": .list([.text("SF"), .text("true")]),
      "deep": .object(["b": .integer(1), "a": .list([]), "c": .text("")]),
    ]
    let summary = try finishedRun(in: folder, settings)
    let run = try #require(RunFolder(existing: summary.run))
    let config = try String(contentsOfFile: run.path(of: .config), encoding: .utf8)
    #expect(
      config.contains(
        """
        environment: MountainCar-v0
        environmentArguments:
          deep:
            a: []
            b: 1
            c: ""
          desc:
          - SF
          - "true"
          is_slippery: false
          map_name: "8x8"
          none: null
          scale: 0.5
          size: 3
          version: "1e5"
        experimentName: test

        """), "\(config)")
    for file in [RunFolder.File.model, .best] {
      #expect(
        try ModelFile(reading: run.path(of: file)).environmentArguments
          == settings.environmentArguments)
    }
    let metadata = try Safetensors(decoding: bytes(of: run.path(of: .model))).metadata
    #expect(
      metadata["environment_arguments"]?.hasPrefix(#"{"deep":{"a":[],"b":1,"c":""},"#) == true)
    let text = JSON.text(settings)
    #expect(try JSONDecoder().decode(RunSettings.self, from: Data(text.utf8)) == settings)
    #expect(try run.environment() == "MountainCar-v0")
  }

  @Test(
    "a network of any depth and activation is read as it was written",
    arguments: Activation.allCases, [[], [3], [4, 3]])
  func modelFiles(activation: Activation, hidden: [Int]) throws {
    let folder = try TemporaryFolder()
    let description = NetworkDescription(
      inputs: 2, hidden: hidden, outputs: 3, activation: activation)
    var layout = ArenaLayout()
    let network = Network(description)
    let block = try layout.reserve(count: network.parameterCount)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    network.initialize(block, in: &arena, using: &generator)
    let model = Safetensors(
      tensors: network.tensors(of: block, in: arena),
      metadata: [NetworkDescription.metadataKey: description.description])
    try ModelFile.write(model, environment: "E", step: 7, to: folder.path("model"))
    let file = try ModelFile(reading: folder.path("model"))
    #expect(file.policy.description == description)
    #expect(sorted(file.policy.model()) == sorted(model))
  }

  @Test("settings that cannot be are refused before a folder is made")
  func badSettings() throws {
    let folder = try TemporaryFolder()
    var bad = [settings(), settings(), settings(), settings()]
    bad[0].experimentName = "../x"
    bad[1].evaluation.episodes = 0
    bad[2].evaluation.every = -1
    bad[3].hyperparameters.replay.batchSize = 0
    for settings in bad {
      #expect(throws: RunError.self) {
        _ = try TrainingRun(settings, environment: environment(), root: folder.path)
      }
    }
    #expect(try folder.contents().isEmpty)
  }

  @Test(
    "names that look like numbers stay names in the settings' file", arguments: ["1e5", "0x1e.8p1"])
  func oddNames(name: String) throws {
    let folder = try TemporaryFolder()
    var settings = settings()
    settings.experimentName = name
    let run = try TrainingRun(settings, environment: environment(), root: folder.path)
    let text = try String(contentsOfFile: run.folder.path(of: .config), encoding: .utf8)
    #expect(text.contains("experimentName: \"\(name)\"\n"))
  }

  @Test("settings are written so that a reader of YAML finds every one")
  func config() throws {
    let folder = try TemporaryFolder()
    let run = try TrainingRun(settings(), environment: environment(), root: folder.path)
    let text = try String(contentsOfFile: run.folder.path(of: .config), encoding: .utf8)
    for line in [
      "environment: MountainCar-v0", "seed: 1", "    learningRate: 0.001",
      "        epsilon: 1.0e-08",
      "    epsilonGreedy:\n      epsilon: 0.01",
      "environmentSeeds:\n- \(run.trainer.environmentSeeds[0])",
      "    timeLimit: terminal", "  kernels: \(KernelTier.preferred.name)",
      "  openBLASCore: \(BLAS.coreName)", "  openBLASThreads: 1",
    ] {
      #expect(text.contains("\n" + line) || text.hasPrefix(line), "\(line)")
    }
  }

  @Test("a run that diverges keeps the last network that was judged, and its logs")
  func divergence() throws {
    let folder = try TemporaryFolder()
    var settings = settings(episodes: 50)
    settings.hyperparameters.optimizer.learningRate = .constant(1e6)
    settings.hyperparameters.optimizer.method = .adamW(weightDecay: 1e6)
    var run = try TrainingRun(settings, environment: environment(), root: folder.path)
    var failure: RunError?
    do {
      while !run.isFinished { try run.advance() }
    } catch {
      failure = error
    }
    guard case .divergence(_, let step) = failure else {
      Issue.record("no divergence, but \(String(describing: failure))")
      return
    }
    #expect(failure?.description.contains("step \(step)") == true)
    let record = try #require(try run.folder.failure())
    #expect(record.reason == failure?.description && record.isFinal)
    let model = try Safetensors(decoding: bytes(of: run.folder.path(of: .model)))
    #expect(model.tensors.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    #expect(try lines(of: run.folder.path(of: .episodes)).count == 1 + run.trainer.episodes)
  }

  @Test("an interrupted run writes the network as it is")
  func save() throws {
    let folder = try TemporaryFolder()
    var run = try TrainingRun(settings(), environment: environment(), root: folder.path)
    for _ in 0..<250 { try run.advance() }
    try run.save()
    let model = try Safetensors(decoding: bytes(of: run.folder.path(of: .model)))
    #expect(model.metadata["step"] == "250")
    #expect(model.tensors == sorted(run.trainer.agent.model()))
    #expect(try lines(of: run.folder.path(of: .episodes)).count == 2)
    #expect(run.summary().evaluation == nil)
  }

  @Test("a folder that cannot be made is an error that names it")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.path("file")))
    let error = #expect(throws: RunError.self) {
      _ = try TrainingRun(
        settings(), environment: environment(), root: folder.path("file/runs"))
    }
    #expect(error?.description.contains("file") == true)
  }

  @Test("what is no model is refused with its reason", arguments: ["", "PK\u{3}\u{4}", "{}"])
  func badModels(text: String) throws {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: URL(filePath: folder.path("model")))
    #expect(throws: RunError.self) { _ = try ModelFile(reading: folder.path("model")) }
    #expect(throws: RunError.self) { _ = try ModelFile(reading: folder.path("none")) }
    #expect(throws: RunError.self) { _ = try ModelFile(reading: folder.path) }
  }

  @Test("summaries are JSON with null for what there is not, and never fail on odd numbers")
  func json() throws {
    let text =
      #"{"after_threshold":null,"best_evaluation":null,"environment":"E","episodes":0,"evaluation":null,"#
      + #""repetition":"stateful","run":"runs/x","saves":null,"seed":18446744073709551615,"steps":1,"#
      + #""steps_per_second":null,"threshold":-110.5,"training_return_last_100":null,"updates":0,"wall_seconds":0.5}"#
    let summary = try JSONDecoder().decode(RunSummary.self, from: Data(text.utf8))
    #expect(JSON.text(summary) == text)
    #expect(JSON.text([Double.infinity, .nan, 0.1]) == #"["inf","nan",0.1]"#)
  }
}
