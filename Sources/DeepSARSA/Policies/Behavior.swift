internal import CSARSAMath

/// How several environments act: a policy, and how far ε differs between the environments.
///
/// Targets follow `base`, whatever the environments do. Environment i of n acts with
/// ε_i = ε^(1 + spread·i/(n − 1)), so that some explore and others come close to the greedy policy; a single
/// environment acts with ε.
///
/// Source: D. Horgan et al. 2018, https://doi.org/10.48550/arXiv.1803.00933, §4.1, with spread = α.
public struct Behavior: Hashable, Sendable {
  /// The policy of the first environment, and that of the targets.
  public var base: Policy
  /// The spread of ε, 0 or more; 0 gives all environments the same policy.
  public var spread: Double

  /// Makes a behaviour.
  public init(_ base: Policy, spread: Double = 0) {
    self.base = base
    self.spread = spread
  }

  /// The policy of an environment.
  ///
  /// - Parameters:
  ///   - index: the environment, from 0.
  ///   - count: the number of environments.
  /// - Returns: the base, with the environment's own ε.
  /// - Precondition: the spread is 0 unless the policy is ε-greedy.
  /// - Complexity: one power, if the spread is not 0.
  public func policy(of index: Int, among count: Int) -> Policy {
    if spread == 0 || count == 1 { return base }
    guard case .epsilonGreedy(let epsilon) = base else {
      fatalError("the spread is \(spread); allowed: 0 for a policy without ε")
    }
    let exponent = 1 + spread * Double(index) / Double(count - 1)
    return .epsilonGreedy(epsilon: sarsa_pow(epsilon, exponent))
  }

  /// Checks the policy, and that it has an ε if there is a spread.
  ///
  /// - Complexity: O(1), no allocation unless it throws.
  func validate() throws(HyperparameterError) {
    try base.validate()
    guard case .boltzmann = base, spread != 0 else { return }
    throw HyperparameterError(
      field: "epsilonSpread", value: spread.plainText,
      allowed: "0, because Boltzmann exploration has no epsilon")
  }
}
