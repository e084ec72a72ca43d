// Views of settings that are enumerations: the case by its name, and the parameters of all cases in one place.

extension Optimizer.Method {
  /// The methods by the names of flags.
  package enum Kind: String, CaseIterable, Sendable {
    case adamw, adam, radam, rmsprop, sgd

    /// The method with its defaults.
    package var standard: Optimizer.Method {
      switch self {
      case .adamw: .adamW()
      case .adam: .adam()
      case .radam: .rAdam()
      case .rmsprop: .rmsProp()
      case .sgd: .sgd()
      }
    }
  }

  /// The kind; another one brings its defaults.
  package var kind: Kind {
    get {
      switch self {
      case .adamW: .adamw
      case .adam: .adam
      case .rAdam: .radam
      case .rmsProp: .rmsprop
      case .sgd: .sgd
      }
    }
    set { if newValue != kind { self = newValue.standard } }
  }

  /// The parameters of all methods; those that a method does not have are `nil`.
  struct Parameters {
    var beta1, beta2, epsilon, weightDecay, momentum, smoothing: Double?
    var isNesterov, isCentered: Bool?
  }

  /// The method's parameters; one that it does not have cannot be set.
  var parameters: Parameters {
    get {
      switch self {
      case .sgd(let momentum, let isNesterov, let weightDecay):
        Parameters(weightDecay: weightDecay, momentum: momentum, isNesterov: isNesterov)
      case .rmsProp(let smoothing, let epsilon, let momentum, let isCentered):
        Parameters(
          epsilon: epsilon, momentum: momentum, smoothing: smoothing, isCentered: isCentered)
      case .adam(let beta1, let beta2, let epsilon), .rAdam(let beta1, let beta2, let epsilon):
        Parameters(beta1: beta1, beta2: beta2, epsilon: epsilon)
      case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
        Parameters(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
      }
    }
    set {
      let new = newValue
      switch self {
      case .sgd(let momentum, let isNesterov, let weightDecay):
        self = .sgd(
          momentum: new.momentum ?? momentum, isNesterov: new.isNesterov ?? isNesterov,
          weightDecay: new.weightDecay ?? weightDecay)
      case .rmsProp(let smoothing, let epsilon, let momentum, let isCentered):
        self = .rmsProp(
          smoothing: new.smoothing ?? smoothing, epsilon: new.epsilon ?? epsilon,
          momentum: new.momentum ?? momentum, isCentered: new.isCentered ?? isCentered)
      case .adam(let beta1, let beta2, let epsilon):
        self = .adam(
          beta1: new.beta1 ?? beta1, beta2: new.beta2 ?? beta2, epsilon: new.epsilon ?? epsilon)
      case .rAdam(let beta1, let beta2, let epsilon):
        self = .rAdam(
          beta1: new.beta1 ?? beta1, beta2: new.beta2 ?? beta2, epsilon: new.epsilon ?? epsilon)
      case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
        self = .adamW(
          beta1: new.beta1 ?? beta1, beta2: new.beta2 ?? beta2, epsilon: new.epsilon ?? epsilon,
          weightDecay: new.weightDecay ?? weightDecay)
      }
    }
  }
}

extension Loss {
  /// The losses by the names of flags.
  package enum Kind: String, CaseIterable, Sendable {
    case mse, huber

    /// The loss with its defaults.
    package var standard: Loss {
      switch self {
      case .mse: .meanSquaredError
      case .huber: .huber()
      }
    }
  }

  /// The kind; another one brings its defaults.
  package var kind: Kind {
    get {
      switch self {
      case .meanSquaredError: .mse
      case .huber: .huber
      }
    }
    set { if newValue != kind { self = newValue.standard } }
  }

  /// The threshold of the Huber loss; for another loss it is `nil` and cannot be set.
  var threshold: Double? {
    get { if case .huber(let threshold) = self { threshold } else { nil } }
    set { if case .huber = self, let newValue { self = .huber(threshold: newValue) } }
  }
}

extension Schedule {
  /// The constant, or the first value.
  package var first: Double { curve?.from ?? value(at: 0) }

  /// The value of a constant schedule.
  package var constant: Double? { curve == nil ? value(at: 0) : nil }
}

extension Schedule.Shape {
  /// The shape of a schedule if only values or length are given.
  package static let standard = linear
}

extension Exploration {
  /// The schedule of ε or of the temperature.
  package var schedule: Schedule {
    switch self {
    case .epsilonGreedy(let schedule), .boltzmann(let schedule): schedule
    }
  }

  /// The schedule of ε; `nil` for Boltzmann exploration.
  package var epsilon: Schedule? {
    if case .epsilonGreedy(let schedule) = self { schedule } else { nil }
  }

  /// The schedule of the temperature; `nil` for ε-greedy exploration.
  package var temperature: Schedule? {
    if case .boltzmann(let schedule) = self { schedule } else { nil }
  }
}

extension TargetSynchronization {
  /// The period in environment steps; `nil` for one in episodes, which setting it replaces.
  var everySteps: Int? {
    get { unit == .steps ? every : nil }
    set { if let newValue { (every, unit) = (newValue, .steps) } }
  }

  /// The period in episodes; `nil` for one in environment steps, which setting it replaces.
  var everyEpisodes: Int? {
    get { unit == .episodes ? every : nil }
    set { if let newValue { (every, unit) = (newValue, .episodes) } }
  }
}
