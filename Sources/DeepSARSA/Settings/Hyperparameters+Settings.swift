internal import SARSAFormats

// The one place that describes every setting: validation, flags, help, files and docs/settings.md follow it.

extension Hyperparameters {
  /// Every setting, in the order of the help screen.
  package static let settings: [Setting<Hyperparameters>] = [
    Setting(
      "algorithm", .run, flags: "algorithm", at: \.algorithm, .choice, "the learning algorithm"),
    Setting(
      "parity", .run, flags: "parity", at: \.parity, .choice,
      """
      the program whose deviations from its paper are reproduced; streaming-drl also sets --initializer \
      streaming-drl and --time-limit terminal
      """, set: { $1.setParity($0) }),

    Setting(
      "budget.steps", .budget, flags: "total-timesteps", "steps", at: \.budget.steps,
      .count(upTo: Limit.steps),
      """
      training ends after n environment steps, summed over all environments; replaces the whole budget, \
      and stretches schedules to the new length
      """, set: { $1.stretch(toSteps: $0) }),
    Setting(
      "budget.episodes", .budget, flags: "episodes", at: \.budget.episodes,
      .count(upTo: Limit.steps),
      "training ends after n episodes; replaces the whole budget; with both, the first limit counts"
    ),
    Setting(
      "environmentCount", .budget, flags: "num-envs", "environment-count", at: \.environmentCount,
      .count(upTo: Limit.environments), "environments that step together"),

    Setting(
      "input.scaling", .input, flags: "input-scaling", at: \.input.scaling, .choice,
      """
      the scaling of observations: none; bounds, from the bounds of each number to -1 … 1; running, by \
      mean and standard deviation of the observations so far
      """),
    Setting(
      "input.low", .input, flags: "input-low", at: \.input.low,
      .numbers(InputHyperparameters.bounds, atMost: Limit.inputs),
      "lower bounds for --input-scaling bounds, instead of those that the environment declares"),
    Setting(
      "input.high", .input, flags: "input-high", at: \.input.high,
      .numbers(InputHyperparameters.bounds, atMost: Limit.inputs),
      "upper bounds for --input-scaling bounds"),
    Setting(
      "reward.scaling", .input, flags: "reward-scaling", at: \.reward.scaling, .choice,
      """
      what rewards are divided by before the agent learns from them: none; running, the standard \
      deviation of discounted sums of rewards so far
      """),
    Setting(
      "reward.factor", .input, flags: "reward-scale", "reward-factor", at: \.reward.factor,
      .number(1e-30...1e6), "the factor of rewards"),
    Setting(
      "reward.limit", .input, flags: "reward-limit", at: \.reward.limit, .number(1e-30...1e30),
      "the largest size of a reward after its scaling; larger ones are clipped; without the flag no limit"
    ),

    Setting(
      "network.description", .network, flags: "network", at: \.network.description, .network,
      excluding: NetworkHyperparameters.flagsOfSizes,
      """
      the whole network, such as '4 > dense 64 > layer-normalization relu > dense 2', instead of \
      \(NetworkHyperparameters.flagsOfSizes.map { "--" + $0 }.joined(separator: ", ")), \
      each of which removes a network of a preset or a file
      """),
    Setting(
      "network.filters", .network, flags: "filters", at: \.network.sized.filters,
      .counts(upTo: Limit.units, atMost: Limit.layers),
      """
      filters of each convolution of 3 by 3 cells before the hidden layers, for observations of height by width by \
      channels, or 'none'
      """),
    Setting(
      "network.hiddenSizes", .network, flags: "hidden-sizes", at: \.network.sized.hiddenSizes,
      .counts(upTo: Limit.units, atMost: Limit.layers),
      "units of each hidden layer, or 'none' for a linear network"),
    Setting(
      "network.activation", .network, flags: "activation", at: \.network.sized.activation, .choice,
      "activation of the hidden layers"),
    Setting(
      "network.isNormalized", .network, flags: "layer-norm", at: \.network.sized.isNormalized,
      .either, "normalise hidden layers before their activation"),
    Setting(
      "network.isNormalizationAffine", .network, flags: "layer-norm-affine",
      at: \.network.sized.isNormalizationAffine, .either,
      "give the normalisation of a hidden layer a gain and a bias; without them, that of a convolution is over its "
        + "whole board, and not by cell"),
    Setting(
      "network.isDueling", .network, flags: "dueling", at: \.network.sized.isDueling, .either,
      "use a dueling head: the sum of a state value and the advantages of the actions"),
    Setting(
      "network.initializer", .network, flags: "initializer", at: \.network.initializer, .choice,
      "initialisation of the weights"),

    Setting(
      "optimizer.method", .optimizer, flags: "optimizer", at: \.optimizer.method.kind, .choice,
      "method of the optimizer"),
    Setting(
      "optimizer.learningRate", files: ["optimizer.learningRate", "optimizer.learningRate.from"],
      .optimizer, flags: "learning-rate", "lr",
      part: { $0.optimizer.learningRate.first }, .number(1e-30...1e6),
      "learning rate α; constant, unless a schedule is given"),
    Setting(
      "optimizer.learningRate.to", .optimizer, flags: "end-learning-rate", "final-learning-rate",
      part: { $0.optimizer.learningRate.curve?.to }, .numberOrZero(1e-30...1e6),
      "last value of a schedule of α"),
    Setting(
      "optimizer.learningRate.shape", .optimizer, flags: "learning-rate-decay",
      part: { $0.optimizer.learningRate.curve?.shape }, .choice,
      "shape of the schedule of α, \(Schedule.Shape.standard) by default"),
    Setting(
      "optimizer.learningRate.steps", .optimizer, flags: "learning-rate-steps",
      part: { $0.optimizer.learningRate.curve?.steps }, .count(upTo: Limit.steps),
      "length of the schedule of α in environment steps; otherwise --total-timesteps"),
    Setting(
      "optimizer.weightDecay", .optimizer, flags: "weight-decay", of: methods,
      at: \.optimizer.method.parameters.weightDecay, .number(0...1e6),
      "weight decay λ, decoupled in adamw"),
    Setting(
      "optimizer.beta1", .optimizer, flags: "adam-beta1", "beta1", of: methods,
      at: \.optimizer.method.parameters.beta1, .share,
      "β₁, the decay rate of the mean of the gradient"),
    Setting(
      "optimizer.beta2", .optimizer, flags: "adam-beta2", "beta2", of: methods,
      at: \.optimizer.method.parameters.beta2, .share, "β₂, the decay rate of the mean square"),
    Setting(
      "optimizer.epsilon", .optimizer, flags: "adam-eps", "optimizer-epsilon", of: methods,
      at: \.optimizer.method.parameters.epsilon, .number(1e-30...1),
      "ε, added to the denominator of the step"),
    Setting(
      "optimizer.momentum", .optimizer, flags: "momentum", of: methods,
      at: \.optimizer.method.parameters.momentum, .share, "momentum μ"),
    Setting(
      "optimizer.isNesterov", .optimizer, flags: "nesterov", of: methods,
      at: \.optimizer.method.parameters.isNesterov, .either, "use Nesterov momentum"),
    Setting(
      "optimizer.smoothing", .optimizer, flags: "rmsprop-alpha", "smoothing", of: methods,
      at: \.optimizer.method.parameters.smoothing, .share, "decay rate of the mean square"),
    Setting(
      "optimizer.isCentered", .optimizer, flags: "centered", of: methods,
      at: \.optimizer.method.parameters.isCentered, .either, "divide by the standard deviation"),
    Setting(
      "optimizer.loss", .optimizer, flags: "loss", at: \.optimizer.loss.kind, .choice,
      "loss: mse, the squared error, or huber"),
    Setting(
      "optimizer.loss.threshold", .optimizer, flags: "huber-threshold", of: losses,
      at: \.optimizer.loss.threshold, .number(1e-30...1e6),
      "the error above which the huber loss is linear"),
    Setting(
      "optimizer.gradientNormLimit", .optimizer, flags: "max-grad-norm", "gradient-norm-limit",
      at: \.optimizer.gradientNormLimit, .number(1e-30...1e12),
      "largest norm of the gradient; longer gradients are scaled to it; without the flag no limit"),

    Setting(
      "replay.capacity", .replay, flags: "buffer-size", "replay-capacity", at: \.replay.capacity,
      .count(upTo: Limit.capacity), "capacity of the replay memory in transitions"),
    Setting(
      "replay.batchSize", .replay, flags: "batch-size", at: \.replay.batchSize,
      .count(upTo: Limit.batchSize), "transitions in a minibatch"),
    Setting(
      "replay.learningStarts", .replay, flags: "learning-starts", at: \.replay.learningStarts,
      .count(upTo: Limit.capacity), "transitions stored before the first update"),
    Setting(
      "replay.trainFrequency", .replay, flags: "train-frequency", "steps-per-update",
      at: \.replay.trainFrequency, .count(upTo: Limit.steps), "environment steps per update"),
    Setting(
      "replay.priority.exponent", .replay, flags: "priority-exponent", "per-alpha",
      at: \.replay.priority.exponent, .number(0...1),
      "α of prioritised replay: how much more often transitions with large errors are drawn; 0 for equally often"
    ),
    Setting(
      "replay.priority.correction", .replay, flags: "priority-correction", "per-beta",
      at: \.replay.priority.correction, .number(0...1),
      """
      the first β of prioritised replay, with which weights in the loss correct for unequal draws; it rises \
      to 1 at the end of the budget
      """),

    Setting(
      "segment.steps", .segment, flags: "num-steps", "segment-steps", at: \.segment.steps,
      .count(upTo: Limit.segmentSteps), "steps of each environment in a segment"),
    Setting(
      "segment.epochs", .segment, flags: "update-epochs", "segment-epochs", at: \.segment.epochs,
      .count(upTo: Limit.epochs), "passes over the rows of a segment"),
    Setting(
      "segment.minibatches", .segment, flags: "num-minibatches", "segment-minibatches",
      at: \.segment.minibatches, .count(upTo: Limit.segmentRows),
      "minibatches of a pass, each with an update; at most as many as a segment has rows"),

    Setting(
      "exploration.epsilon", files: [Exploration.paths[0]], .exploration, flags: "epsilon",
      part: { $0.exploration.epsilon?.constant }, .number(0...1),
      excluding: ["start-e", "end-e"] + Exploration.flagsOfLength, "a constant ε"),
    Setting(
      "exploration.epsilon", files: [Exploration.paths[0] + ".from"], .exploration,
      flags: "start-e", "initial-epsilon",
      part: { $0.exploration.epsilon?.curve?.from }, .number(0...1),
      "first value of a schedule of ε"),
    Setting(
      "exploration.epsilon.to", files: [Exploration.paths[0] + ".to"], .exploration,
      flags: "end-e", "final-epsilon",
      part: { $0.exploration.epsilon?.curve?.to }, .number(0...1), "last value of a schedule of ε"),
    Setting(
      "exploration.fraction", files: [], .exploration, flags: "exploration-fraction", part: nil,
      .positiveShare, excluding: ["exploration-steps"],
      "length of the schedule as a fraction of --total-timesteps"),
    Setting(
      "exploration.steps", files: Exploration.paths.map { $0 + ".steps" }, .exploration,
      flags: "exploration-steps", part: { $0.exploration.schedule.curve?.steps },
      .count(upTo: Limit.steps),
      "length of the schedule in environment steps"),
    Setting(
      "exploration.shape", files: Exploration.paths.map { $0 + ".shape" }, .exploration,
      flags: "exploration-decay", part: { $0.exploration.schedule.curve?.shape }, .choice,
      "shape of the schedule"),
    Setting(
      "exploration.temperature",
      files: [Exploration.paths[1], Exploration.paths[1] + ".from"], .exploration,
      flags: "temperature", "initial-temperature",
      part: { $0.exploration.temperature?.first }, .number(1e-6...1e6),
      excluding: ["epsilon", "start-e", "end-e"],
      "use Boltzmann exploration with this temperature instead of ε"),
    Setting(
      "exploration.temperature.to", files: [Exploration.paths[1] + ".to"], .exploration,
      flags: "end-temperature", "final-temperature",
      part: { $0.exploration.temperature?.curve?.to }, .number(1e-6...1e6),
      excluding: ["epsilon", "start-e", "end-e"], "last value of a schedule of the temperature"),
    Setting(
      "epsilonSpread", .exploration, flags: "epsilon-spread", at: \.epsilonSpread,
      .number(0...Limit.epsilonSpread),
      """
      how far ε differs between environments: environment i of n acts with ε^(1 + x·i/(n - 1)); targets \
      use ε
      """),

    Setting(
      "repeatsExploration", .exploration, flags: "ez-greedy", at: \.repeatsExploration, .either,
      """
      explore by εz-greedy: with probability ε, begin to repeat a random action for m steps, where m has a \
      probability in proportion to 1/m²; targets use ε
      """),

    Setting(
      "target.discount", .target, flags: "gamma", "discount", at: \.target.discount,
      .number(0...1), "discount γ"),
    Setting(
      "target.steps", .target, flags: "n-step", "target-steps", at: \.target.steps,
      .count(upTo: Limit.targetSteps),
      "the largest number of steps of the window whose return a target is"),
    Setting(
      "target.returns", .target, flags: "returns", at: \.target.returns, .choice,
      """
      the return of a window: n-step, its rewards and then a value; lambda, a mixture of these; or one that is \
      corrected for the policy that acted: tree-backup, q-sigma, retrace or q-pi-lambda; with --n-step 1 all \
      are the same
      """),
    Setting(
      "target.lambda", .target, flags: "lambda", "q-lambda", at: \.target.lambda,
      .number(0...1),
      "λ of λ-returns, traces and corrected returns: the weight of longer returns, 0 for one step"),
    Setting(
      "target.sigma", .target, flags: "sigma", at: \.target.sigma, .number(0...1),
      "σ of q-sigma returns: 0 for tree backup, 1 for importance sampling"),
    Setting(
      "target.synchronization.every", .target, flags: "target-network-frequency",
      "synchronize-every-steps", at: \.target.synchronization.everySteps,
      .count(upTo: Limit.steps), excluding: ["target-network-episodes"],
      "copy the network into the target network every n environment steps"),
    Setting(
      "target.synchronization.every", .target, flags: "target-network-episodes",
      "synchronize-every-episodes", at: \.target.synchronization.everyEpisodes,
      .count(upTo: Limit.steps), "copy the network into the target network every n episodes"),
    Setting(
      "target.synchronization.rate", .target, flags: "tau", "synchronization-rate",
      at: \.target.synchronization.rate, .positiveShare,
      "τ, the weight of the network in a soft update of the target network; 1 is a copy"),
    Setting(
      "target.rule.nextAction", .target, flags: "next-action", at: \.target.rule.nextAction,
      .choice,
      """
      the next action a′ of a target: resampled, drawn from the current policy; stored, the action that \
      was taken; expected, the mean over the policy; greedy, as in Q-learning
      """),
    Setting(
      "target.rule.selection", .target, flags: "selection", at: \.target.rule.selection, .choice,
      "the network by whose values a′ is selected"),
    Setting(
      "target.timeLimit", .target, flags: "time-limit", at: \.target.timeLimit, .choice,
      """
      the target after a truncation by a time limit: bootstrap, with the value of the last state; \
      terminal, without it
      """),

    Setting(
      "traces.kind", .traces, flags: "traces", at: \.traces.kind, .choice,
      """
      how a trace moves in algorithm streaming: accumulating; replacing, for a linear network on zeros and \
      ones; dutch, for a linear network
      """),
    Setting(
      "traces.cut", .traces, flags: "trace-cut", at: \.traces.cut, .choice,
      """
      when a trace is emptied within an episode: never; exploratory, before the gradient of an action whose \
      value is not the largest
      """),
    Setting(
      "traces.kappa", .traces, flags: "kappa", at: \.traces.kappa, .number(0...1e6),
      """
      κ of the bound of Elsayed, Vasan and Mahmood (2024): the larger it is, the less an update changes; 0 for \
      no bound
      """),
  ]

  /// The optimiser's methods.
  private static let methods = cases(
    "optimizer.method", flag: "optimizer", Optimizer.Method.Kind.self,
    { $0.optimizer.method.kind = $1 })

  /// The losses.
  private static let losses = cases(
    "optimizer.loss", flag: "loss", Loss.Kind.self, { $0.optimizer.loss.kind = $1 })

  /// The settings of which a file names one case or more: each case with its defaults.
  ///
  /// A file that names a case replaces the others; what it leaves out within the case has the default.
  package static let cases: [String: [SettingCase]] = [
    "optimizer.method": Optimizer.Method.Kind.allCases.map {
      SettingCase($0.standard, flag: $0.rawValue)
    },
    "optimizer.loss": Loss.Kind.allCases.map { SettingCase($0.standard, flag: $0.rawValue) },
    "exploration": [
      SettingCase(Hyperparameters().exploration),
      SettingCase(Exploration.boltzmann(temperature: .constant(1))),
    ],
    "budget": [SettingCase(Budget(steps: 1, episodes: 1))],
  ]

  private static func cases<Kind: CaseIterable & RawRepresentable & Sendable>(
    _ path: String, flag: String, _ type: Kind.Type,
    _ select: @escaping @Sendable (inout Hyperparameters, Kind) -> Void
  ) -> Setting<Hyperparameters>.Cases where Kind.RawValue == String {
    Setting.Cases(
      flag: flag, names: Kind.allCases.map(\.rawValue),
      filePaths: (cases[path] ?? []).map { "\(path).\($0.key)" },
      examples: Kind.allCases.map { kind in
        var example = Hyperparameters()
        select(&example, kind)
        return example
      },
      select: { name, root in if let kind = Kind(rawValue: name) { select(&root, kind) } })
  }
}

/// One of the cases of a setting, such as a method of the optimiser.
package struct SettingCase: Sendable {
  /// The name in a file.
  package var key: String { tree.entries?.first?.key ?? "" }
  /// The name that a flag has for it, and a file may have; `nil` without a flag.
  let flag: String?
  /// The case with its defaults, as a file has it.
  let tree: Tree

  init(_ value: some Encodable, flag: String? = nil) {
    self.flag = flag
    tree = Tree(settings: value)
  }
}

extension NetworkHyperparameters {
  /// The flags that describe the network: as a whole, or by its sizes.
  package static let flags = ["network"] + flagsOfSizes

  /// The flags of sizes, which a whole network replaces.
  fileprivate static let flagsOfSizes = [
    "filters", "hidden-sizes", "activation", "layer-norm", "layer-norm-affine", "dueling",
  ]

  /// The sizes; setting one of them removes a whole network.
  fileprivate var sized: NetworkHyperparameters {
    get { self }
    set {
      self = newValue
      description = nil
    }
  }
}

extension Hyperparameters {
  /// Sets the parity, and the other settings in which the program differs.
  fileprivate mutating func setParity(_ parity: Parity) {
    self.parity = parity
    guard parity == .streamingDRL else { return }
    network.initializer = .streamingDRL
    target.timeLimit = .terminal
  }
}

extension Exploration {
  /// The paths of the schedules of ε and of the temperature in a file.
  fileprivate static let paths = [
    "exploration.epsilonGreedy.epsilon", "exploration.boltzmann.temperature",
  ]

  /// The flags of a schedule's length and shape.
  fileprivate static let flagsOfLength = [
    "exploration-fraction", "exploration-steps", "exploration-decay",
  ]
}
