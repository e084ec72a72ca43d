import ArgumentParser
import DeepSARSA

// The optimiser's flags. Each method has some of them; the others are errors.

extension TrainCommand {
  /// The method that `--optimizer` names, or the preset's, with every given parameter.
  func method(
    _ options: AlgorithmOptions.Optimizer, else preset: Optimizer.Method
  ) throws -> Optimizer.Method {
    let name: OptimizerName =
      try options.method?.value("--optimizer") ?? OptimizerName(preset)
    let base = name.method(in: preset)
    try refuseForeignFlags(options, of: name)

    let epsilon = try options.epsilon?.real("--adam-eps")
    let momentum = try options.momentum?.real("--momentum")
    let weightDecay = try options.weightDecay?.real("--weight-decay")
    let beta1 = try options.beta1?.real("--adam-beta1")
    let beta2 = try options.beta2?.real("--adam-beta2")
    switch base {
    case .sgd(let oldMomentum, let isNesterov, let oldDecay):
      return .sgd(
        momentum: momentum ?? oldMomentum, isNesterov: options.nesterov ?? isNesterov,
        weightDecay: weightDecay ?? oldDecay)
    case .rmsProp(let smoothing, let oldEpsilon, let oldMomentum, let isCentered):
      return .rmsProp(
        smoothing: try options.smoothing?.real("--rmsprop-alpha") ?? smoothing,
        epsilon: epsilon ?? oldEpsilon, momentum: momentum ?? oldMomentum,
        isCentered: options.centered ?? isCentered)
    case .adam(let oldBeta1, let oldBeta2, let oldEpsilon):
      return .adam(
        beta1: beta1 ?? oldBeta1, beta2: beta2 ?? oldBeta2, epsilon: epsilon ?? oldEpsilon)
    case .adamW(let oldBeta1, let oldBeta2, let oldEpsilon, let oldDecay):
      return .adamW(
        beta1: beta1 ?? oldBeta1, beta2: beta2 ?? oldBeta2, epsilon: epsilon ?? oldEpsilon,
        weightDecay: weightDecay ?? oldDecay)
    }
  }

  private func refuseForeignFlags(
    _ options: AlgorithmOptions.Optimizer, of name: OptimizerName
  ) throws {
    let flags: [(name: String, value: String?, methods: [OptimizerName])] = [
      ("--weight-decay", options.weightDecay?.text, [.adamw, .sgd]),
      ("--adam-beta1", options.beta1?.text, [.adamw, .adam]),
      ("--adam-beta2", options.beta2?.text, [.adamw, .adam]),
      ("--adam-eps", options.epsilon?.text, [.adamw, .adam, .rmsprop]),
      ("--momentum", options.momentum?.text, [.sgd, .rmsprop]),
      ("--nesterov", options.nesterov.map(String.init), [.sgd]),
      ("--rmsprop-alpha", options.smoothing?.text, [.rmsprop]),
      ("--centered", options.centered.map(String.init), [.rmsprop]),
    ]
    for flag in flags {
      guard let value = flag.value, !flag.methods.contains(name) else { continue }
      throw CommandError(
        flag: flag.name, value: value,
        allowed: "with --optimizer " + flag.methods.map(\.rawValue).joined(separator: " or "))
    }
  }
}

/// The methods, as `--optimizer` names them.
enum OptimizerName: String, CaseIterable {
  case adamw, adam, rmsprop, sgd

  init(_ method: Optimizer.Method) {
    switch method {
    case .sgd: self = .sgd
    case .rmsProp: self = .rmsprop
    case .adam: self = .adam
    case .adamW: self = .adamw
    }
  }

  /// The preset's method if it is this one, otherwise the method with its defaults.
  func method(in preset: Optimizer.Method) -> Optimizer.Method {
    if self == OptimizerName(preset) { return preset }
    return switch self {
    case .adamw: .adamW()
    case .adam: .adam()
    case .rmsprop: .rmsProp()
    case .sgd: .sgd()
    }
  }

  /// The parameters of a method; `nil` for those that it does not have.
  struct Numbers {
    var beta1, beta2, epsilon, weightDecay, momentum, smoothing: Double?
    var isNesterov, isCentered: Bool?
  }

  /// The method's parameters before flags.
  func numbers(in preset: Optimizer.Method) -> Numbers {
    switch method(in: preset) {
    case .sgd(let momentum, let isNesterov, let weightDecay):
      Numbers(weightDecay: weightDecay, momentum: momentum, isNesterov: isNesterov)
    case .rmsProp(let smoothing, let epsilon, let momentum, let isCentered):
      Numbers(
        epsilon: epsilon, momentum: momentum, smoothing: smoothing, isCentered: isCentered)
    case .adam(let beta1, let beta2, let epsilon):
      Numbers(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
      Numbers(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }
  }
}
