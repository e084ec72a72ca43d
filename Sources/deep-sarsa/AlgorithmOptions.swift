import ArgumentParser
import DeepSARSA

/// The hyperparameters as flags: CleanRL's spelling with a readable name beside it.
///
/// A flag that is not given leaves the preset's value; one of the two budgets replaces them both.
enum AlgorithmOptions {
  private static let general = Defaults.general

  struct Budget: ParsableArguments {
    @Option(
      name: [.customLong("total-timesteps"), .customLong("steps")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        environment steps, all environments together; replaces the preset's budget\
        \(Defaults.note(general.budget.steps))
        """, valueName: "n"))
    var steps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        finished episodes, likewise; with both, training ends at whichever comes first\
        \(Defaults.note(general.budget.episodes))
        """, valueName: "n"))
    var episodes: Number?

    @Option(
      name: [.customLong("num-envs"), .customLong("environment-count")], parsing: .unconditional,
      help: ArgumentHelp(
        "environments that step together\(Defaults.note(general.environmentCount))", valueName: "n")
    )
    var environmentCount: Number?
  }

  struct Network: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        units of the hidden layers, 'none' for a linear network\
        \(Defaults.note(general.network.hiddenSizes))
        """,
        valueName: "n,n,…"))
    var hiddenSizes: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        what ends a hidden layer: \(Defaults.choices(Activation.self))\
        \(Defaults.note(general.network.activation))
        """, valueName: "name"))
    var activation: Choice?

    @Flag(
      inversion: .prefixedNo,
      help: """
        normalise hidden layers before their activation\
        \(Defaults.note("layer-norm", isOn: general.network.isNormalized))
        """)
    var layerNorm: Bool?

    @Flag(
      inversion: .prefixedNo,
      help: """
        value a state and its actions' advantages apart\
        \(Defaults.note("dueling", isOn: general.network.isDueling))
        """)
    var dueling: Bool?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        how weights are first drawn: \(Defaults.choices(Initializer.self))\
        \(Defaults.note(general.network.initializer))
        """, valueName: "name"))
    var initializer: Choice?
  }

  struct Optimizer: ParsableArguments {
    @Option(
      name: .customLong("optimizer"), parsing: .unconditional,
      help: ArgumentHelp(
        """
        \(Defaults.choices(OptimizerName.self))\
        \(Defaults.note(OptimizerName(general.optimizer.method)))
        """, valueName: "name"))
    var method: Choice?

    @Option(
      name: [.customLong("learning-rate"), .customLong("lr")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        step size α; given alone it is constant\
        \(Defaults.note(general.optimizer.learningRate.value(at: 0)))
        """, valueName: "x"))
    var learningRate: Number?

    @Option(
      name: [.customLong("end-learning-rate"), .customLong("final-learning-rate")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        α at the end of a schedule, which needs one\
        \(Defaults.note(general.optimizer.learningRate.curve?.to))
        """, valueName: "x"))
    var finalLearningRate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        how α gets there: \(Defaults.choices(Schedule.Shape.self)); \
        \(Schedule.Shape.standard) if nothing else is said\
        \(Defaults.note(general.optimizer.learningRate.curve?.shape))
        """, valueName: "shape"))
    var learningRateDecay: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        the schedule's length in environment steps; --total-timesteps if nothing else is said\
        \(Defaults.note(general.optimizer.learningRate.curve?.steps))
        """, valueName: "n"))
    var learningRateSteps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "weight decay λ, decoupled in adamw\(Defaults.note(\.weightDecay))", valueName: "x"))
    var weightDecay: Number?

    @Option(
      name: [.customLong("adam-beta1"), .customLong("beta1")], parsing: .unconditional,
      help: ArgumentHelp(
        "memory of the gradient's mean\(Defaults.note(\.beta1))", valueName: "x"))
    var beta1: Number?

    @Option(
      name: [.customLong("adam-beta2"), .customLong("beta2")], parsing: .unconditional,
      help: ArgumentHelp("memory of its mean square\(Defaults.note(\.beta2))", valueName: "x"))
    var beta2: Number?

    @Option(
      name: [.customLong("adam-eps"), .customLong("optimizer-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "added to the step's denominator\(Defaults.note(\.epsilon))", valueName: "x"))
    var epsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("momentum μ\(Defaults.note(\.momentum))", valueName: "x"))
    var momentum: Number?

    @Flag(
      inversion: .prefixedNo,
      help: "Nesterov's momentum\(Defaults.note("nesterov", \.isNesterov))")
    var nesterov: Bool?

    @Option(
      name: [.customLong("rmsprop-alpha"), .customLong("smoothing")], parsing: .unconditional,
      help: ArgumentHelp(
        "memory of the mean square\(Defaults.note(\.smoothing))", valueName: "x"))
    var smoothing: Number?

    @Flag(
      inversion: .prefixedNo,
      help: "divide by a standard deviation\(Defaults.note("centered", \.isCentered))")
    var centered: Bool?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "mse, the squared error, or huber\(Defaults.note(LossName(general.optimizer.loss)))",
        valueName: "name"))
    var loss: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the error from which a huber loss is straight\(Defaults.huberThreshold)", valueName: "x"))
    var huberThreshold: Number?

    @Option(
      name: [.customLong("max-grad-norm"), .customLong("gradient-norm-limit")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        scale longer gradients to this norm; without it there is no limit\
        \(Defaults.note(general.optimizer.gradientNormLimit))
        """, valueName: "x"))
    var gradientNormLimit: Number?
  }

  struct Replay: ParsableArguments {
    @Option(
      name: [.customLong("buffer-size"), .customLong("replay-capacity")], parsing: .unconditional,
      help: ArgumentHelp(
        "transitions that are remembered\(Defaults.note(general.replay.capacity))", valueName: "n"))
    var capacity: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "transitions in a minibatch\(Defaults.note(general.replay.batchSize))", valueName: "n"))
    var batchSize: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "transitions stored before the first update\(Defaults.note(general.replay.learningStarts))",
        valueName: "n"))
    var learningStarts: Number?

    @Option(
      name: [.customLong("train-frequency"), .customLong("steps-per-update")],
      parsing: .unconditional,
      help: ArgumentHelp(
        "environment steps per update\(Defaults.note(general.replay.trainFrequency))",
        valueName: "n"))
    var trainFrequency: Number?
  }

  struct Exploration: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("a constant ε\(Defaults.note(Defaults.constantEpsilon))", valueName: "x"))
    var epsilon: Number?

    @Option(
      name: [.customLong("start-e"), .customLong("initial-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "ε at the start of a schedule\(Defaults.note(Defaults.epsilon?.curve?.from))",
        valueName: "x"))
    var initialEpsilon: Number?

    @Option(
      name: [.customLong("end-e"), .customLong("final-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "ε at its end\(Defaults.note(Defaults.epsilon?.curve?.to))", valueName: "x"))
    var finalEpsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the schedule's length as a share of --total-timesteps", valueName: "x"))
    var explorationFraction: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        the schedule's length in environment steps\
        \(Defaults.note(Defaults.explorationCurve?.steps))
        """, valueName: "n"))
    var explorationSteps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        how it gets there: \(Defaults.choices(Schedule.Shape.self))\
        \(Defaults.note(Defaults.explorationCurve?.shape))
        """, valueName: "shape"))
    var explorationDecay: Choice?

    @Option(
      name: [.customLong("temperature"), .customLong("initial-temperature")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        explore by Boltzmann's distribution at this temperature, in ε's place\
        \(Defaults.note(Defaults.temperature?.value(at: 0)))
        """, valueName: "x"))
    var temperature: Number?

    @Option(
      name: [.customLong("end-temperature"), .customLong("final-temperature")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        the temperature at the end of a schedule, which needs one\
        \(Defaults.note(Defaults.temperature?.curve?.to))
        """, valueName: "x"))
    var finalTemperature: Number?
  }

  struct Target: ParsableArguments {
    @Option(
      name: [.customLong("gamma"), .customLong("discount")], parsing: .unconditional,
      help: ArgumentHelp(
        "discount γ\(Defaults.note(general.target.discount))", valueName: "x"))
    var discount: Number?

    @Option(
      name: [.customLong("target-network-frequency"), .customLong("synchronize-every-steps")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        copy the network into the target every n environment steps\
        \(Defaults.note(Defaults.synchronization(.steps)))
        """, valueName: "n"))
    var synchronizationSteps: Number?

    @Option(
      name: [.customLong("target-network-episodes"), .customLong("synchronize-every-episodes")],
      parsing: .unconditional,
      help: ArgumentHelp(
        "the same, every n episodes\(Defaults.note(Defaults.synchronization(.episodes)))",
        valueName: "n"))
    var synchronizationEpisodes: Number?

    @Option(
      name: [.customLong("tau"), .customLong("synchronization-rate")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        the share of the network that goes into the target each time; 1 is a copy\
        \(Defaults.note(general.target.synchronization.rate))
        """, valueName: "x"))
    var rate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        where a′ comes from: resampled, drawn anew from the current policy; stored, the action \
        really taken; expected, the mean over the policy; greedy, Q-learning\
        \(Defaults.note(general.target.rule.nextAction))
        """, valueName: "name"))
    var nextAction: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        whose values a′ is greedy on: \(Defaults.choices(TargetRule.Selection.self))\
        \(Defaults.note(general.target.rule.selection))
        """, valueName: "name"))
    var selection: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        what a time limit's cut means: bootstrap, the last state keeps its value; terminal, it \
        counts as the end\(Defaults.note(general.target.timeLimit))
        """, valueName: "name"))
    var timeLimit: Choice?
  }
}
