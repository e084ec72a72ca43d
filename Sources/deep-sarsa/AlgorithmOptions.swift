import ArgumentParser
import DeepSARSA

/// The hyperparameters as flags: CleanRL's spelling with a readable name beside it.
///
/// A flag that is not given leaves the preset's value; one of the two budgets replaces them both.
enum AlgorithmOptions {
  struct Budget: ParsableArguments {
    @Option(
      name: [.customLong("total-timesteps"), .customLong("steps")], parsing: .unconditional,
      help: ArgumentHelp(
        "environment steps, all environments together; replaces the preset's budget",
        valueName: "n"))
    var steps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "finished episodes, likewise; with both, training ends at whichever comes first",
        valueName: "n"))
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
      help: ArgumentHelp(
        """
        what ends a hidden layer: relu, leaky-relu, tanh, silu, dsilu, identity (default: relu)
        """, valueName: "name"))
    var activation: Choice?

    @Flag(
      inversion: .prefixedNo,
      help: "normalise hidden layers before their activation (default: --no-layer-norm)")
    var layerNorm: Bool?

    @Flag(
      inversion: .prefixedNo,
      help: "value a state and its actions' advantages apart (default: --no-dueling)")
    var dueling: Bool?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "how weights are first drawn: pytorch, he, xavier, orthogonal, sparse (default: pytorch)",
        valueName: "name"))
    var initializer: Choice?
  }

  struct Optimizer: ParsableArguments {
    @Option(
      name: .customLong("optimizer"), parsing: .unconditional,
      help: ArgumentHelp("adamw, adam, rmsprop or sgd (default: adamw)", valueName: "name"))
    var method: Choice?

    @Option(
      name: [.customLong("learning-rate"), .customLong("lr")], parsing: .unconditional,
      help: ArgumentHelp(
        "step size α; constant unless a flag below says otherwise (default: 0.001)",
        valueName: "x"))
    var learningRate: Number?

    @Option(
      name: [.customLong("end-learning-rate"), .customLong("final-learning-rate")],
      parsing: .unconditional,
      help: ArgumentHelp("α at the end of a schedule, which needs one", valueName: "x"))
    var finalLearningRate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "how α gets there: linear, exponential, cosine (default: linear)", valueName: "shape"))
    var learningRateDecay: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the schedule's length in environment steps (default: --total-timesteps)", valueName: "n"))
    var learningRateSteps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "weight decay λ, of adamw (decoupled, default: 0.01) and sgd (default: 0)", valueName: "x"))
    var weightDecay: Number?

    @Option(
      name: [.customLong("adam-beta1"), .customLong("beta1")], parsing: .unconditional,
      help: ArgumentHelp(
        "memory of the gradient's mean, of adamw and adam (default: 0.9)", valueName: "x"))
    var beta1: Number?

    @Option(
      name: [.customLong("adam-beta2"), .customLong("beta2")], parsing: .unconditional,
      help: ArgumentHelp("memory of its mean square (default: 0.999)", valueName: "x"))
    var beta2: Number?

    @Option(
      name: [.customLong("adam-eps"), .customLong("optimizer-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "added to the step's denominator, of adamw, adam and rmsprop (default: 1e-8)",
        valueName: "x"))
    var epsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("momentum μ, of sgd and rmsprop (default: 0)", valueName: "x"))
    var momentum: Number?

    @Flag(inversion: .prefixedNo, help: "Nesterov's momentum, of sgd (default: --no-nesterov)")
    var nesterov: Bool?

    @Option(
      name: [.customLong("rmsprop-alpha"), .customLong("smoothing")], parsing: .unconditional,
      help: ArgumentHelp("memory of rmsprop's mean square (default: 0.99)", valueName: "x"))
    var smoothing: Number?

    @Flag(
      inversion: .prefixedNo, help: "rmsprop divides by a deviation (default: --no-centered)")
    var centered: Bool?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("mse, the squared error (default), or huber", valueName: "name"))
    var loss: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the error from which a huber loss is straight (default: 1)", valueName: "x"))
    var huberThreshold: Number?

    @Option(
      name: [.customLong("max-grad-norm"), .customLong("gradient-norm-limit")],
      parsing: .unconditional,
      help: ArgumentHelp("scale longer gradients to this norm (default: no limit)", valueName: "x"))
    var gradientNormLimit: Number?
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
        "ε at the end of its schedule (default: 0.05; notebook: 0.01)", valueName: "x"))
    var finalEpsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the schedule's length as a share of --total-timesteps", valueName: "x"))
    var explorationFraction: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the schedule's length in environment steps (default: 10000)", valueName: "n"))
    var explorationSteps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "how it gets there: linear, exponential, cosine (default: linear)", valueName: "shape"))
    var explorationDecay: Choice?

    @Option(
      name: [.customLong("temperature"), .customLong("initial-temperature")],
      parsing: .unconditional,
      help: ArgumentHelp(
        "explore by Boltzmann's distribution at this temperature, in ε's place", valueName: "x"))
    var temperature: Number?

    @Option(
      name: [.customLong("end-temperature"), .customLong("final-temperature")],
      parsing: .unconditional,
      help: ArgumentHelp(
        "the temperature at the end of a schedule, which needs one", valueName: "x"))
    var finalTemperature: Number?
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
      name: [.customLong("tau"), .customLong("synchronization-rate")], parsing: .unconditional,
      help: ArgumentHelp(
        "the share of the network that goes into the target each time (default: 1, a copy)",
        valueName: "x"))
    var rate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        where a′ comes from: resampled, drawn anew from the current policy (default); stored, the \
        action really taken; expected, the mean over the policy; greedy, Q-learning
        """, valueName: "name"))
    var nextAction: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "whose values a′ is greedy on: online, target (default: online)", valueName: "name"))
    var selection: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        what a time limit's cut means: bootstrap, the last state keeps its value (default); \
        terminal, it counts as the end (notebook; tuned for MountainCar-v0)
        """, valueName: "name"))
    var timeLimit: Choice?
  }
}
