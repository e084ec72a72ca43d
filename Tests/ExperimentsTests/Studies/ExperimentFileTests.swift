import DeepSARSA
import SARSAExperiments
import Testing

@Suite("The file of an experiment")
struct ExperimentFileTests {
  private func experiment(_ text: String) throws -> Experiment {
    try experiment(ExperimentFile(path: "e.yaml", bytes: Array(text.utf8)))
  }

  private func experiment(_ file: ExperimentFile) throws -> Experiment {
    try file.experiment { settings in
      try EnvironmentRegistry.make(
        settings.environment, arguments: settings.environmentArguments
      ).specification
    }.experiment
  }

  /// The error without the path.
  private func problem(_ text: String) -> String {
    do {
      return "none: \(try experiment(text).groups.map(\.setting))"
    } catch RunError.badSettings(_, let what) {
      return what
    } catch {
      return "\(error)"
    }
  }

  @Test("of a preset, the file, an environment and a setting, the last that has a value counts")
  func layers() throws {
    let experiment = try experiment(
      """
      environments:
        - MountainCar-v0
        - environment: Acrobot-v1
          name: long
          environmentArguments: {max_episode_steps: 10000}
          hyperparameters: {target: {steps: 2}, replay: {batchSize: 16}}
          scale: {random: -9999, best: -60}
      seeds: 2
      preset: general
      evaluation: {finalEpisodes: 7}
      hyperparameters: {target: {steps: 5, discount: 0.9}, replay: {batchSize: 8}}
      settings:
        plain:
        tuned: {preset: tuned, hyperparameters: {replay: {batchSize: 32}}}
      """)
    #expect(experiment.seeds == [1, 2])
    #expect(experiment.groups.map(\.setting) == ["plain", "plain", "tuned", "tuned"])
    #expect(experiment.groups.map(\.task) == ["MountainCar-v0", "long", "MountainCar-v0", "long"])
    for group in experiment.groups {
      let isLong = group.task == "long"
      let id = isLong ? "Acrobot-v1" : "MountainCar-v0"
      let presets = Hyperparameters.presets(for: id)
      let name = group.setting == "tuned" ? "tuned" : "general"
      let preset = try #require(presets.first { $0.name == name })
      var expected = RunSettings(environment: id, preset: preset)
      expected.experimentName = group.setting
      expected.seed = 0
      expected.evaluation.finalEpisodes = 7
      expected.hyperparameters.target.discount = 0.9
      expected.hyperparameters.target.steps = isLong ? 2 : 5
      expected.hyperparameters.replay.batchSize =
        group.setting == "tuned" ? 32 : isLong ? 16 : 8
      if isLong { expected.environmentArguments = ["max_episode_steps": .integer(10_000)] }
      #expect(group.settings == expected)
      #expect(group.scale == (isLong ? ScoreScale(random: -9999, best: -60) : nil))
    }
    #expect(
      experiment.runs().map(\.name) == [
        "plain__MountainCar-v0__1", "plain__long__1", "tuned__MountainCar-v0__1", "tuned__long__1",
        "plain__MountainCar-v0__2", "plain__long__2", "tuned__MountainCar-v0__2", "tuned__long__2",
      ])
    for run in experiment.runs() {
      #expect(run.settings.seed == run.seed && run.settings.experimentName == run.group.setting)
    }
  }

  @Test(
    "seeds are a number, a first one with a number, or a list",
    arguments: [
      ("3", [1, 2, 3]), ("{first: 18446744073709551614, count: 2}", [.max - 1, .max]),
      ("[7, 0, 18446744073709551615]", [7, 0, .max]),
    ] as [(String, [UInt64])])
  func seeds(text: String, expected: [UInt64]) throws {
    #expect(try experiment("environments: [Maze-v0]\nseeds: \(text)\n").seeds == expected)
  }

  @Test(
    "a setting without effect on the algorithm of its preset is refused, unless all settings share it"
  )
  func useless() throws {
    // The first preset of CartPole has algorithm parallel, that of MountainCar replay.
    let start = "environments: [MountainCar-v0, CartPole-v1]\nseeds: 1\n"
    let own = "settings: {a: {}, b: {hyperparameters: {target: {steps: 3}}}}\n"
    let problem = problem(start + own)
    #expect(
      problem == "'b' in 'CartPole-v1': hyperparameters.target.steps is 3; allowed: with algorithm "
        + "replay, not with parallel", "\(problem)")
    _ = try experiment(start + "preset: general\n" + own)
    _ = try experiment(start + "settings: {b: {hyperparameters: {target: {steps: 1}}}}\n")
    _ = try experiment(start + "hyperparameters: {target: {steps: 3}}\n")
  }

  @Test("without settings there is one, which has the name of its preset")
  func oneSetting() throws {
    let file = "environments: [CartPole-v1]\nseeds: 1\n"
    #expect(try experiment(file).groups.map(\.setting) == ["default"])
    let named = try experiment(file + "preset: fast\n").groups
    #expect(named.map(\.setting) == ["fast"])
    #expect(named[0].settings.checkpoints.every == 0)
    #expect(named[0].settings.evaluation.targetReturn == 500)
  }

  @Test(
    "environments and presets of a command line are the file that has them, with schedules as long as runs"
  )
  func commandLine() throws {
    let steps = 5_000
    let file = ExperimentFile(
      environments: ["CartPole-v1", "Acrobot-v1"], presets: ["tuned", "general"], seeds: 2,
      firstSeed: .max - 1, steps: steps)
    let expected = try experiment(
      """
      environments: [CartPole-v1, Acrobot-v1]
      seeds: [18446744073709551614, 18446744073709551615]
      settings: {tuned: {preset: tuned}, general: {preset: general}}
      """)
    let actual = try experiment(file)
    #expect(actual.seeds == expected.seeds && actual.groups.count == expected.groups.count)
    for (group, preset) in zip(actual.groups, expected.groups) {
      var settings = preset.settings
      settings.hyperparameters.stretch(toSteps: steps)
      #expect(group.setting == preset.setting && group.task == preset.task)
      #expect(group.settings == settings && settings != preset.settings)
    }
  }

  @Test(
    "what is not allowed is told with its place",
    arguments: [
      (
        "seeds: 1",
        "environments is null; allowed: a list of ids, or of mappings with an id under 'environment'"
      ),
      (
        "environments: [Maze-v0]",
        "seeds is null; allowed: a number of seeds up to 1000000, a mapping of 'first' and 'count', or a list"
      ),
      (
        "environments: [Maze-v0]\nseeds: 0",
        "seeds is 0; allowed: a number of seeds up to 1000000, a mapping of 'first' and 'count', or a list"
      ),
      (
        "environments: [Maze-v0]\nseeds: {first: 18446744073709551615, count: 2}",
        #"seeds is {"first":18446744073709551615,"count":2}; allowed: a number of seeds up to 1000000, a mapping of 'first' and 'count', or a list"#
      ),
      (
        "environments: [Maze-v0]\nseeds: [1, -1]",
        "seeds is [1,-1]; allowed: a number of seeds up to 1000000, a mapping of 'first' and 'count', or a list"
      ),
      ("environments: [Maze-v0]\nseeds: [1, 2, 1]", "seeds has 1 twice; allowed: each seed once"),
      (
        "environments: [\(String(repeating: "Maze-v0,", count: 101))]\nseeds: 1\nsettings: {"
          + (0..<100).map { "s\($0): {}" }.joined(separator: ", ") + "}",
        "it has 10100 settings of environments, with 1 seeds each; allowed: up to 10000, and up to 1000000 runs"
      ),
      (
        "environments: [Maze-v0, CartPole-v1]\nseeds: 1000000",
        "it has 2 settings of environments, with 1000000 seeds each; allowed: up to 10000, and up to 1000000 runs"
      ),
      (
        "environments: []\nseeds: 1",
        "it has no runs; allowed: 1 setting, 1 environment, 1 seed or more"
      ),
      (
        "environments: [Maze-v0, Maze-v0]\nseeds: 1",
        "two environments or settings have runs in 'default__Maze-v0'; allowed: different names"
      ),
      (
        "environments: [{name: x}]\nseeds: 1",
        #"environments.0 is {"name":"x"}; allowed: an id, or a mapping with an id under 'environment'"#
      ),
      (
        "environments: [Maze-v1]\nseeds: 1",
        "'default' in 'Maze-v1': the environment is 'Maze-v1' (did you mean 'Maze-v0'?); allowed: "
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nseed: 3",
        "'seed' is not allowed there (did you mean 'seeds'?); allowed: "
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nsettings: {a: {seed: 3}}",
        "'settings.a.seed' is not allowed there; allowed: "
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nsettings: {a: {hyperparameters: {target: {stepps: 3}}}}",
        "settings.a: 'hyperparameters.target.stepps' is not a setting (did you mean 'steps'?); allowed: "
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nsettings: {a: {preset: tuned}}",
        #"settings.a.preset is "tuned"; allowed: for Maze-v0: general, notebook, parallel, streaming"#
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nsettings: {a: {preset: 3}}",
        "settings.a.preset is 3; allowed: the name or the file of a preset"
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nsettings: [a]",
        #"settings is ["a"]; allowed: a mapping of names to settings"#
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nsettings: {a/b: {}}",
        "settings has the name 'a/b'; allowed: 1 to 100 letters, digits, '-', '_' and '.', not starting with '.'"
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\ncheckpoints: {keepsReplay: true}",
        "'default' in 'Maze-v0': checkpoints.keepsReplay is true; allowed: false in an experiment"
      ),
      (
        "environments: [{environment: Maze-v0, scale: {random: 1, best: 1}}]\nseeds: 1",
        #"environments.0.scale is {"random":1,"best":1}; allowed: a mapping of 'random' and 'best' to different numbers"#
      ),
      (
        "environments: [{environment: Maze-v0, scale: {random: 1.0e308, best: -1.0e308}}]\nseeds: 1",
        #"environments.0.scale is {"random":1e+308,"best":-1e+308}; allowed: a mapping of 'random' and "#
      ),
      (
        "environments: [{environment: Maze-v0, scale: {random: 0, best: 1e-320}}]\nseeds: 1",
        #"environments.0.scale is {"random":0,"best":"#
      ),
      (
        "environments: [{environment: Maze-v0, name: ''}]\nseeds: 1",
        #"environments.0.name is ""; allowed: text that is not empty"#
      ),
      (
        "environments: [Maze-v0, {environment: Maze-v0, name: ' '}]\nseeds: 1",
        #"environments.1.name is " "; allowed: text that is not empty"#
      ),
      (
        "environments: [Maze-v0]\nseeds: 1\nhyperparameters: {replay: {capacity: 10}}",
        "'default' in 'Maze-v0': replay."
      ),
    ])
  func mistakes(text: String, expected: String) {
    #expect(problem(text).hasPrefix(expected), "\(problem(text))")
  }
}
