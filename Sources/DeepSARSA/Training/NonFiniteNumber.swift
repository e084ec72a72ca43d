/// A number from an environment that training cannot use: an infinity, a NaN, or a reward that is too
/// large for a `Float`.
public struct NonFiniteNumber: Error, Hashable, CustomStringConvertible {
  /// The quantity that the number belongs to.
  public enum Quantity: Hashable, Sendable {
    /// A step's reward.
    case reward
    /// A number of an observation, by its index.
    case observation(index: Int)
  }

  /// What the number is.
  public let quantity: Quantity
  /// Its value.
  public let value: Double
  /// The index of the environment that gave it, from 0.
  public let environment: Int
  /// The number of environments that step together.
  public let environmentCount: Int
  /// When: in training the environment steps of all environments together, in an evaluation those of the
  /// episode; 0 at a reset.
  public let step: Int
  /// The episode of an evaluation, from 1; `nil` in training.
  public let episode: Int?

  /// One line that says what, where, and what is allowed.
  public var description: String {
    let (what, allowed) =
      switch quantity {
      case .reward: ("the reward", "a finite number from −3.4e38 to 3.4e38")
      case .observation(let index): ("number \(index) of the observation", "a finite number")
      }
    let place = episode.map { " of episode \($0) of an evaluation" } ?? ""
    let whose =
      environmentCount > 1 ? " of environment \(environment + 1) of \(environmentCount)" : ""
    return "\(what)\(whose) is \(value.plainText) at step \(step)\(place); allowed: \(allowed)"
  }
}

extension VectorStep {
  /// Whether all rewards and observations are finite as `Float`, the type that the replay memory stores.
  ///
  /// - Complexity: O(count·observationSize), no allocation.
  var isFinite: Bool {
    var areRewardsFinite = true
    for i in rewards.indices where !Float(rewards[i]).isFinite { areRewardsFinite = false }
    return areRewardsFinite && nextObservations.areFinite && observations.areFinite
  }

  /// The first number that is not finite.
  func firstNonFinite(step: Int) -> NonFiniteNumber? {
    if let i = rewards.firstIndex(where: { !Float($0).isFinite }) {
      return NonFiniteNumber(
        quantity: .reward, value: rewards[i], environment: i, environmentCount: rewards.count,
        step: step, episode: nil)
    }
    for numbers in [nextObservations, observations] {
      guard let i = numbers.firstIndex(where: { !$0.isFinite }) else { continue }
      let (row, column) = i.quotientAndRemainder(dividingBy: numbers.count / rewards.count)
      return NonFiniteNumber(
        quantity: .observation(index: column), value: Double(numbers[i]), environment: row,
        environmentCount: rewards.count, step: step, episode: nil)
    }
    return nil
  }
}

extension [Float] {
  /// Whether all numbers are finite.
  ///
  /// The exponent of an infinity or a NaN is all ones: adding one to it carries into the sign bit, which
  /// was cleared. Written this way, the loop has no branch and is vectorised.
  var areFinite: Bool {
    var bits: UInt32 = 0
    for i in indices { bits |= (self[i].bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000 }
    return bits >> 31 == 0
  }
}
