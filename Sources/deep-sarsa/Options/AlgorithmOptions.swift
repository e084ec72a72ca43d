import ArgumentParser
import DeepSARSA

/// The hyperparameters as flags: CleanRL's spelling and a descriptive name.
///
/// A flag that is not given leaves the preset's value. Each of the two budget flags replaces the whole
/// budget of the preset.
enum AlgorithmOptions {
  private static let general = Defaults.general

  struct Budget: ParsableArguments {
    @Option(
      name: [.customLong("total-timesteps"), .customLong("steps")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        training ends after n environment steps, summed over all environments; replaces the preset's \
        budget, and stretches its schedules to the new length\(Defaults.note(general.budget.steps))
        """, valueName: "n"))
    var steps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        training ends after n episodes; replaces the preset's budget; with both, the first limit counts\
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
        units of each hidden layer, or 'none' for a linear network\
        \(Defaults.note(general.network.hiddenSizes))
        """,
        valueName: "n,n,…"))
    var hiddenSizes: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        activation of the hidden layers: \(Defaults.choices(Activation.self))\
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
        use a dueling head: the sum of a state value and the advantages of the actions\
        \(Defaults.note("dueling", isOn: general.network.isDueling))
        """)
    var dueling: Bool?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        initialisation of the weights: \(Defaults.choices(Initializer.self))\
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
        learning rate α; constant, unless a schedule is given\
        \(Defaults.note(general.optimizer.learningRate.value(at: 0)))
        """, valueName: "x"))
    var learningRate: Number?

    @Option(
      name: [.customLong("end-learning-rate"), .customLong("final-learning-rate")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        last value of a schedule of α\
        \(Defaults.note(general.optimizer.learningRate.curve?.to))
        """, valueName: "x"))
    var finalLearningRate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        shape of the schedule of α: \(Defaults.choices(Schedule.Shape.self)); otherwise \
        \(Schedule.Shape.standard)\
        \(Defaults.note(general.optimizer.learningRate.curve?.shape))
        """, valueName: "shape"))
    var learningRateDecay: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        length of the schedule of α in environment steps; otherwise --total-timesteps\
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
        "β₁, the decay rate of the mean of the gradient\(Defaults.note(\.beta1))", valueName: "x"))
    var beta1: Number?

    @Option(
      name: [.customLong("adam-beta2"), .customLong("beta2")], parsing: .unconditional,
      help: ArgumentHelp(
        "β₂, the decay rate of the mean square\(Defaults.note(\.beta2))", valueName: "x"))
    var beta2: Number?

    @Option(
      name: [.customLong("adam-eps"), .customLong("optimizer-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "ε, added to the denominator of the step\(Defaults.note(\.epsilon))", valueName: "x"))
    var epsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("momentum μ\(Defaults.note(\.momentum))", valueName: "x"))
    var momentum: Number?

    @Flag(
      inversion: .prefixedNo,
      help: "use Nesterov momentum\(Defaults.note("nesterov", \.isNesterov))")
    var nesterov: Bool?

    @Option(
      name: [.customLong("rmsprop-alpha"), .customLong("smoothing")], parsing: .unconditional,
      help: ArgumentHelp(
        "decay rate of the mean square\(Defaults.note(\.smoothing))", valueName: "x"))
    var smoothing: Number?

    @Flag(
      inversion: .prefixedNo,
      help: "divide by the standard deviation\(Defaults.note("centered", \.isCentered))")
    var centered: Bool?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "loss: mse, the squared error, or huber\(Defaults.note(LossName(general.optimizer.loss)))",
        valueName: "name"))
    var loss: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "the error above which the huber loss is linear\(Defaults.huberThreshold)", valueName: "x"))
    var huberThreshold: Number?

    @Option(
      name: [.customLong("max-grad-norm"), .customLong("gradient-norm-limit")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        largest norm of the gradient; longer gradients are scaled to it; without the flag no limit\
        \(Defaults.note(general.optimizer.gradientNormLimit))
        """, valueName: "x"))
    var gradientNormLimit: Number?
  }

  struct Replay: ParsableArguments {
    @Option(
      name: [.customLong("buffer-size"), .customLong("replay-capacity")], parsing: .unconditional,
      help: ArgumentHelp(
        "capacity of the replay memory\(Defaults.note(general.replay.capacity))", valueName: "n"))
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
        "first value of a schedule of ε\(Defaults.note(Defaults.epsilon?.curve?.from))",
        valueName: "x"))
    var initialEpsilon: Number?

    @Option(
      name: [.customLong("end-e"), .customLong("final-epsilon")], parsing: .unconditional,
      help: ArgumentHelp(
        "last value of ε\(Defaults.note(Defaults.epsilon?.curve?.to))", valueName: "x"))
    var finalEpsilon: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "length of the schedule as a fraction of --total-timesteps", valueName: "x"))
    var explorationFraction: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        length of the schedule in environment steps\
        \(Defaults.note(Defaults.explorationCurve?.steps))
        """, valueName: "n"))
    var explorationSteps: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        shape of the schedule: \(Defaults.choices(Schedule.Shape.self))\
        \(Defaults.note(Defaults.explorationCurve?.shape))
        """, valueName: "shape"))
    var explorationDecay: Choice?

    @Option(
      name: [.customLong("temperature"), .customLong("initial-temperature")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        use Boltzmann exploration with this temperature instead of ε\
        \(Defaults.note(Defaults.temperature?.value(at: 0)))
        """, valueName: "x"))
    var temperature: Number?

    @Option(
      name: [.customLong("end-temperature"), .customLong("final-temperature")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        last value of a schedule of the temperature\
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
        copy the network into the target network every n environment steps\
        \(Defaults.note(Defaults.synchronization(.steps)))
        """, valueName: "n"))
    var synchronizationSteps: Number?

    @Option(
      name: [.customLong("target-network-episodes"), .customLong("synchronize-every-episodes")],
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        copy the network into the target network every n episodes\
        \(Defaults.note(Defaults.synchronization(.episodes)))
        """,
        valueName: "n"))
    var synchronizationEpisodes: Number?

    @Option(
      name: [.customLong("tau"), .customLong("synchronization-rate")], parsing: .unconditional,
      help: ArgumentHelp(
        """
        τ, the weight of the network in a soft update of the target network; 1 is a copy\
        \(Defaults.note(general.target.synchronization.rate))
        """, valueName: "x"))
    var rate: Number?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        the next action a′ of a target: resampled, drawn from the current policy; stored, the action \
        that was taken; expected, the mean over the policy; greedy, as in Q-learning\
        \(Defaults.note(general.target.rule.nextAction))
        """, valueName: "name"))
    var nextAction: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        the network by whose values a′ is selected: \(Defaults.choices(TargetRule.Selection.self))\
        \(Defaults.note(general.target.rule.selection))
        """, valueName: "name"))
    var selection: Choice?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        the target after a truncation by a time limit: bootstrap, with the value of the last state; \
        terminal, without it\(Defaults.note(general.target.timeLimit))
        """, valueName: "name"))
    var timeLimit: Choice?
  }
}
