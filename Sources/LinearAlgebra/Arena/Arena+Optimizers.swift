internal import CSARSAVectorKernels

extension Arena {
  /// Moves parameters and moments by one AdamW step, in one pass.
  ///
  /// - Precondition: the four regions have the same number of scalars and do not overlap.
  /// - Returns: whether all parameters and moments are finite afterwards.
  /// - Complexity: O(n), no allocation.
  public mutating func adamW(
    _ step: AdamWStep, gradient: Region, parameters: Region, firstMoment: Region,
    secondMoment: Region
  ) -> Bool {
    let n = parameters.count
    precondition(
      gradient.count == n && firstMoment.count == n && secondMoment.count == n,
      "moments and gradient of \(n) parameters")
    requireDisjoint(gradient, parameters, firstMoment, secondMoment)
    var scalars = sarsa_adamw(
      decay: step.decay, first_weight: step.firstWeight, beta2: step.beta2,
      second_weight: step.secondWeight, step_size: step.stepSize, inverse_root: step.inverseRoot,
      epsilon: step.epsilon, flushes: step.flushesSubnormals ? 1 : 0)
    return unsafe Element._adamWStep(
      kernels.rawValue, n, &scalars, pointer(gradient), pointer(parameters), pointer(firstMoment),
      pointer(secondMoment)) != 0
  }

  /// Moves parameters by one step of gradient descent, in one pass.
  ///
  /// With g = gradient + `weightDecay`·p: v ← `momentum`·v + g; p ← p − `learningRate`·v, or
  /// p − `learningRate`·(g + `momentum`·v) with Nesterov momentum. Without momentum v is not used.
  ///
  /// - Precondition: gradient, parameters and, with momentum, velocity have the same number of scalars; the
  ///   regions do not overlap.
  /// - Returns: whether all parameters and moments are finite afterwards.
  /// - Complexity: O(n), no allocation.
  public mutating func descend(
    gradient: Region, parameters: Region, velocity: Region, learningRate: Double,
    momentum: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0
  ) -> Bool {
    let n = parameters.count
    precondition(
      gradient.count == n && (momentum == 0 || velocity.count == n),
      "gradient and velocity of \(n) parameters")
    requireDisjoint(gradient, parameters, velocity)
    var scalars = sarsa_sgd(
      learning_rate: learningRate, momentum: momentum, weight_decay: weightDecay,
      is_nesterov: isNesterov ? 1 : 0)
    return unsafe Element._sgdStep(
      kernels.rawValue, n, &scalars, pointer(gradient), pointer(parameters), pointer(velocity)) != 0
  }

  /// Moves parameters by one RMSProp step, in one pass.
  ///
  /// v ← `smoothing`·v + (1 − `smoothing`)·g²; d = g/(√v + `epsilon`); p ← p − `learningRate`·d. If
  /// it is centred, m ← m + (g − m)·(1 − `smoothing`), and the root is that of v − m², at least 0, instead
  /// of v. With momentum, p moves by u ← `momentum`·u + d instead of d.
  ///
  /// - Precondition: gradient, parameters, mean square, if it is centred the mean, and with momentum the
  ///   velocity have the same number of scalars; the regions do not overlap.
  /// - Returns: whether all parameters and moments are finite afterwards.
  /// - Complexity: O(n), no allocation.
  public mutating func rmsProp(
    gradient: Region, parameters: Region, meanSquare: Region, mean: Region, velocity: Region,
    learningRate: Double, smoothing: Double, epsilon: Double, momentum: Double = 0,
    isCentered: Bool = false
  ) -> Bool {
    let n = parameters.count
    precondition(
      gradient.count == n && meanSquare.count == n && (!isCentered || mean.count == n)
        && (momentum == 0 || velocity.count == n), "gradient and moments of \(n) parameters")
    requireDisjoint(gradient, parameters, meanSquare, mean)
    requireDisjoint(velocity, gradient, parameters, meanSquare)
    precondition(!velocity.overlaps(mean), "regions of one step overlap")
    var scalars = sarsa_rmsprop(
      learning_rate: learningRate, smoothing: smoothing, epsilon: epsilon, momentum: momentum,
      is_centered: isCentered ? 1 : 0)
    return unsafe Element._rmsPropStep(
      kernels.rawValue, n, &scalars, pointer(gradient), pointer(parameters), pointer(meanSquare),
      pointer(mean), pointer(velocity)) != 0
  }

  /// Scales a region so that its Euclidean norm is at most a limit.
  ///
  /// As PyTorch's `clip_grad_norm_`: the factor is limit/(norm + 1e-6) if that is below 1. A region whose
  /// norm is not finite is unchanged.
  ///
  /// Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural
  /// networks", 2013, https://doi.org/10.48550/arXiv.1211.5063.
  ///
  /// - Precondition: the limit is positive.
  /// - Returns: the norm before scaling.
  /// - Complexity: O(n), no allocation.
  @discardableResult
  public mutating func clip(_ region: Region, toNorm limit: Double) -> Element {
    precondition(limit > 0, "a norm of at most \(limit)")
    let norm = norm(region)
    let factor = limit / (Double(norm) + 1e-6)
    // With an infinite norm the factor would be 0, which would hide that training has diverged.
    if factor < 1 && norm.isFinite { scale(region, by: Element(factor)) }
    return norm
  }

  /// Requires that the operands of a step do not overlap, because the kernels' parameters are `restrict`.
  private func requireDisjoint(_ a: Region, _ b: Region, _ c: Region, _ d: Region? = nil) {
    precondition(
      !a.overlaps(b) && !a.overlaps(c) && !b.overlaps(c), "regions of one step overlap")
    guard let d else { return }
    precondition(
      !a.overlaps(d) && !b.overlaps(d) && !c.overlaps(d), "regions of one step overlap")
  }
}
