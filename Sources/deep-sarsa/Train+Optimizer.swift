import ArgumentParser
import DeepSARSA

// The optimiser's flags: each method knows some of them, and refuses the others.

extension Train {
  /// The method that `--optimizer` names, or the preset's, with every number that was given.
  func method(
    _ options: AlgorithmOptions.Optimizer, else preset: Optimizer.Method
  ) throws -> Optimizer.Method {
    let name: OptimizerName =
      try options.method?.value("--optimizer", verb: "train") ?? OptimizerName(preset)
    let base = name == OptimizerName(preset) ? preset : name.method
    try refuseForeignFlags(options, of: name)

    let epsilon = try options.epsilon?.real("--adam-eps", verb: "train")
    let momentum = try options.momentum?.real("--momentum", verb: "train")
    let weightDecay = try options.weightDecay?.real("--weight-decay", verb: "train")
    let beta1 = try options.beta1?.real("--adam-beta1", verb: "train")
    let beta2 = try options.beta2?.real("--adam-beta2", verb: "train")
    switch base {
    case .sgd(let oldMomentum, let isNesterov, let oldDecay):
      return .sgd(
        momentum: momentum ?? oldMomentum, isNesterov: options.nesterov ?? isNesterov,
        weightDecay: weightDecay ?? oldDecay)
    case .rmsProp(let smoothing, let oldEpsilon, let oldMomentum, let isCentered):
      return .rmsProp(
        smoothing: try options.smoothing?.real("--rmsprop-alpha", verb: "train") ?? smoothing,
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
      throw Problem(
        flag: flag.name, value: value,
        allowed: "with --optimizer " + flag.methods.map(\.rawValue).joined(separator: " or "),
        verb: "train")
    }
  }
}

/// The methods, as `--optimizer` names them.
private enum OptimizerName: String, CaseIterable {
  case adamw, adam, rmsprop, sgd

  init(_ method: Optimizer.Method) {
    switch method {
    case .sgd: self = .sgd
    case .rmsProp: self = .rmsprop
    case .adam: self = .adam
    case .adamW: self = .adamw
    }
  }

  var method: Optimizer.Method {
    switch self {
    case .adamw: .adamW()
    case .adam: .adam()
    case .rmsprop: .rmsProp()
    case .sgd: .sgd()
    }
  }
}
