import ArgumentParser
import DeepSARSA

/// The hyperparameters as flags: CleanRL's spelling with a readable name beside it.
///
/// A flag that is not given leaves the preset's value.
enum AlgorithmOptions {
  struct Budget: ParsableArguments {
    @Option(
      name: [.customLong("total-timesteps"), .customLong("steps")], parsing: .unconditional,
      help: ArgumentHelp("environment steps, all environments together", valueName: "n"))
    var steps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "finished episodes; training ends at whichever comes first", valueName: "n"))
    var episodes: Number?

    @Option(
      name: [.customLong("num-envs"), .customLong("environment-count")], parsing: .unconditional,
      help: ArgumentHelp("environments that step together (default: 1)", valueName: "n"))
    var environmentCount: Number?
  }

  struct Network: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "units of the hidden layers (default: 128,64); 'none' for a linear network",
        valueName: "n,n,…"))
    var hiddenSizes: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("what ends a hidden layer: relu, identity (default: relu)"))
    var activation: Choice?
  }

  struct Optimizer: ParsableArguments {
    @Option(
      name: [.customLong("learning-rate"), .customLong("lr")], parsing: .unconditional,
      help: ArgumentHelp("AdamW's step size α (default: 0.001)", valueName: "x"))
    var learningRate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("AdamW's decoupled weight decay λ (default: 0.01)", valueName: "x"))
    var weightDecay: Number?

    @Option(
      name: [.customLong("adam-beta1"), .customLong("beta1")], parsing: .unconditional,
      help: ArgumentHelp("memory of the gradient's mean (default: 0.9)", valueName: "x"))
    var beta1: Number?

    @Option(
      name: [.customLong("adam-beta2"), .customLong("beta2")], parsing: .unconditional,
      help: ArgumentHelp("memory of the gradient's mean square (default: 0.999)", valueName: "x"))
    var beta2: Number?

    @Option(
      name: [.customLong("adam-eps"), .customLong("adam-epsilon")], parsing: .unconditional,
      help: ArgumentHelp("added to the step's denominator (default: 1e-8)", valueName: "x"))
    var adamEpsilon: Number?
  }

  struct Replay: ParsableArguments {
    @Option(
      name: [.customLong("buffer-size"), .customLong("replay-capacity")], parsing: .unconditional,
      help: ArgumentHelp(
        "transitions that are remembered (default: 100000; notebook: 1000000)", valueName: "n"))
    var capacity: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("transitions in a minibatch (default: 32)", valueName: "n"))
    var batchSize: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "transitions stored before the first update (default: 320)", valueName: "n"))
    var learningStarts: Number?

    @Option(
      name: [.customLong("train-frequency"), .customLong("steps-per-update")],
      parsing: .unconditional,
      help: ArgumentHelp("environment steps per update (default: 1)", valueName: "n"))
    var trainFrequency: Number?
  }

  struct Exploration: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("a constant ε (notebook: 0.01)", valueName: "x"))
    var epsilon: Number?

    @Option(
      name: [.customLong("start-e"), .customLong("initial-epsilon")], parsing: .unconditional,
      help: ArgumentHelp("ε at the start (default: 1; notebook: 0.01)", valueName: "x"))
    var initialEpsilon: Number?

    @Option(
      name: [.customLong("end-e"), .customLong("final-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "ε at the end of its straight line (default: 0.05; notebook: 0.01)", valueName: "x"))
    var finalEpsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the line's length as a share of --total-timesteps", valueName: "x"))
    var explorationFraction: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("the line's length in environment steps (default: 10000)", valueName: "n"))
    var explorationSteps: Number?
  }

  struct Target: ParsableArguments {
    @Option(
      name: [.customLong("gamma"), .customLong("discount")], parsing: .unconditional,
      help: ArgumentHelp("discount γ (default: 0.99)", valueName: "x"))
    var discount: Number?

    @Option(
      name: [.customLong("target-network-frequency"), .customLong("synchronize-every-steps")],
      parsing: .unconditional,
      help: ArgumentHelp(
        "copy the network into the target every n environment steps", valueName: "n"))
    var synchronizationSteps: Number?

    @Option(
      name: [.customLong("target-network-episodes"), .customLong("synchronize-every-episodes")],
      parsing: .unconditional,
      help: ArgumentHelp("the same, every n episodes (default: 10)", valueName: "n"))
    var synchronizationEpisodes: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        where a′ comes from: resampled, drawn anew from the current policy (default); expected, the \
        mean over that policy; greedy, Q-learning
        """))
    var nextAction: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("whose values a′ is greedy on: online, target (default: online)"))
    var selection: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        what a time limit's cut means: bootstrap, the last state keeps its value (default); \
        terminal, it counts as the end (notebook)
        """))
    var timeLimit: Choice?
  }
}
