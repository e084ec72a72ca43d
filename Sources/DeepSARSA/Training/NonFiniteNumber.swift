/// A number from an environment that training cannot use: an infinity, a NaN, a reward that is too large for
/// a `Float`, another number than 0 and 1 in a binary observation, or no legal action.
public struct NonFiniteNumber: Error, Hashable, CustomStringConvertible {
  /// The quantity that the number belongs to.
  public enum Quantity: Hashable, Sendable {
    /// A step's reward.
    case reward
    /// A number of an observation, by its index.
    case observation(index: Int)
    /// A number of an observation whose space is binary, by its index.
    case binary(index: Int)
    /// The number of actions that an action mask allows.
    case legalActions
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
      case .binary(let index):
        ("number \(index) of the observation", "0 or 1, as its space says")
      case .legalActions: ("the number of legal actions", "1 or more")
      }
    let value = quantity == .legalActions ? "\(Int(value))" : value.plainText
    let place = episode.map { " of episode \($0) of an evaluation" } ?? ""
    let whose =
      environmentCount > 1 ? " of environment \(environment + 1) of \(environmentCount)" : ""
    return "\(what)\(whose) is \(value) at step \(step)\(place); allowed: \(allowed)"
  }
}

extension VectorStep {
  /// Whether all rewards and observations are finite as `Float`, the type that the replay memory stores, binary
  /// observations are zeros and ones, and every mask allows an action.
  ///
  /// - Complexity: O(count·observationSize), no allocation.
  func isFinite(isBinary: Bool) -> Bool {
    var areRewardsFinite = true
    for i in rewards.indices where !Float(rewards[i]).isFinite { areRewardsFinite = false }
    guard areRewardsFinite else { return false }
    if isBinary {
      guard nextObservations.areBinary, observations.areBinary else { return false }
    } else {
      guard nextObservations.areFinite, observations.areFinite else { return false }
    }
    return masks.isEmpty || rowWithoutLegalAction == nil
  }

  /// The first environment whose masks allow no action.
  private var rowWithoutLegalAction: Int? {
    nextMasks.firstRowWithoutTrue(of: rewards.count)
      ?? masks.firstRowWithoutTrue(of: rewards.count)
  }

  /// The first number that is not finite, or is neither 0 nor 1 in a binary observation.
  func firstNonFinite(step: Int, isBinary: Bool) -> NonFiniteNumber? {
    if let i = rewards.firstIndex(where: { !Float($0).isFinite }) {
      return NonFiniteNumber(
        quantity: .reward, value: rewards[i], environment: i, environmentCount: rewards.count,
        step: step, episode: nil)
    }
    for numbers in [nextObservations, observations] {
      let found = numbers.firstIndex { isBinary ? !($0 == 0 || $0 == 1) : !$0.isFinite }
      guard let i = found else { continue }
      let (row, column) = i.quotientAndRemainder(dividingBy: numbers.count / rewards.count)
      return NonFiniteNumber(
        quantity: isBinary ? .binary(index: column) : .observation(index: column),
        value: Double(numbers[i]), environment: row, environmentCount: rewards.count, step: step,
        episode: nil)
    }
    return rowWithoutLegalAction.map {
      NonFiniteNumber(
        quantity: .legalActions, value: 0, environment: $0, environmentCount: rewards.count,
        step: step, episode: nil)
    }
  }
}

extension [Bool] {
  /// The first of `count` rows of equal length without a `true`; `nil` if there is none.
  ///
  /// - Complexity: O(length), no allocation.
  func firstRowWithoutTrue(of count: Int) -> Int? {
    let size = self.count / Swift.max(count, 1)
    if size == 0 { return nil }
    for row in 0..<count {
      var hasTrue = false
      for i in row * size..<(row + 1) * size where self[i] { hasTrue = true }
      if !hasTrue { return row }
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

  /// Whether all numbers are 0 or 1: no other x has x·(x − 1) = 0.
  var areBinary: Bool {
    var bits: UInt32 = 0
    for i in indices { bits |= (self[i] * (self[i] - 1)).bitPattern & 0x7FFF_FFFF }
    return bits == 0
  }
}
