internal import SARSAPreconditions

/// A finite problem with its tables in the open: what every action leads to in every state.
///
/// It is what exact solutions are computed from, to hold a learner against.
public struct FiniteModel: Hashable, Sendable {
  /// One of the things that an action may lead to.
  public struct Outcome: Hashable, Sendable {
    /// How likely it is.
    public var probability: Double
    /// The next state.
    public var state: Int
    /// The reward.
    public var reward: Double
    /// Whether the next state is terminal: nothing follows, its value is zero.
    public var isTerminated: Bool

    /// Makes an outcome; a certain one unless a probability is given.
    public init(probability: Double = 1, state: Int, reward: Double, isTerminated: Bool = false) {
      self.probability = probability
      self.state = state
      self.reward = reward
      self.isTerminated = isTerminated
    }
  }

  /// The states, 0..<stateCount.
  public let stateCount: Int
  /// The actions, 0..<actionCount.
  public let actionCount: Int
  /// The outcomes [stateCount · actionCount], a state's actions side by side.
  private let table: [[Outcome]]

  /// Makes the tables from a function of state and action.
  ///
  /// - Precondition: probabilities of an action sum to one; every next state exists.
  public init(
    stateCount: Int, actionCount: Int, outcomes: (_ state: Int, _ action: Int) -> [Outcome]
  ) {
    require(stateCount > 0, "stateCount is %; allowed: 1 or more", stateCount)
    require(actionCount > 0, "actionCount is %; allowed: 1 or more", actionCount)
    self.stateCount = stateCount
    self.actionCount = actionCount
    table = (0..<stateCount * actionCount).map { i in
      let result = outcomes(i / actionCount, i % actionCount)
      let total = result.reduce(0) { $0 + $1.probability }
      let place = "action \(i % actionCount) in state \(i / actionCount)"
      require(abs(total - 1) < 1e-12, "the probabilities of \(place) sum to \(total); allowed: 1")
      for outcome in result {
        require(
          (0..<stateCount).contains(outcome.state),
          "\(place) leads to state \(outcome.state); allowed: 0 to \(stateCount - 1)")
      }
      return result
    }
  }

  /// What an action may lead to.
  ///
  /// - Precondition: state and action exist.
  public func outcomes(of action: Int, in state: Int) -> [Outcome] {
    require(
      (0..<stateCount).contains(state) && (0..<actionCount).contains(action),
      "action and state are % and %; allowed: below % and %", action, state, actionCount, stateCount
    )
    return table[state * actionCount + action]
  }
}
