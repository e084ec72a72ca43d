internal import SARSAPreconditions

/// The tables of a finite Markov decision process (MDP): the outcomes of every action in every state.
///
/// Exact solutions are computed from it, with which learned values are compared.
public struct FiniteModel: Hashable, Sendable {
  /// A possible outcome of an action.
  public struct Outcome: Hashable, Sendable {
    /// The probability of the outcome.
    public var probability: Double
    /// The next state.
    public var state: Int
    /// The reward.
    public var reward: Double
    /// Whether the next state is terminal, with a value of zero.
    public var isTerminated: Bool

    /// Makes an outcome; the default probability is 1.
    public init(probability: Double = 1, state: Int, reward: Double, isTerminated: Bool = false) {
      self.probability = probability
      self.state = state
      self.reward = reward
      self.isTerminated = isTerminated
    }
  }

  /// The number of states, which are 0..<stateCount.
  public let stateCount: Int
  /// The number of actions, which are 0..<actionCount.
  public let actionCount: Int
  /// The outcomes [stateCount · actionCount], a state's actions side by side.
  private let table: [[Outcome]]
  /// Whether each action is legal [stateCount · actionCount]; empty if all are.
  private var legal: [Bool] = []

  /// Makes the tables from functions of state and action.
  ///
  /// - Parameters:
  ///   - stateCount: the number of states.
  ///   - actionCount: the number of actions.
  ///   - isLegal: whether an action is legal in a state; by default all are.
  ///   - outcomes: the outcomes of an action in a state, legal or not.
  /// - Precondition: probabilities of an action sum to one; every next state exists, and has a legal action.
  public init(
    stateCount: Int, actionCount: Int, isLegal: ((_ state: Int, _ action: Int) -> Bool)? = nil,
    outcomes: (_ state: Int, _ action: Int) -> [Outcome]
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
    guard let isLegal else { return }
    legal = (0..<stateCount * actionCount).map { isLegal($0 / actionCount, $0 % actionCount) }
    for state in 0..<stateCount {
      require(
        (0..<actionCount).contains { legal[state * actionCount + $0] },
        "state % has no legal action; allowed: 1 or more", state)
    }
  }

  /// Whether an action is legal in a state.
  ///
  /// - Precondition: state and action exist.
  public func isLegal(_ action: Int, in state: Int) -> Bool {
    require(
      (0..<stateCount).contains(state) && (0..<actionCount).contains(action),
      "action and state are % and %; allowed: below % and %", action, state, actionCount, stateCount
    )
    return legal.isEmpty || legal[state * actionCount + action]
  }

  /// The legal actions of a state, in ascending order.
  ///
  /// - Precondition: the state exists.
  public func legalActions(in state: Int) -> [Int] {
    (0..<actionCount).filter { isLegal($0, in: state) }
  }

  /// The same tables, in which all actions are legal.
  public var unmasked: FiniteModel {
    var result = self
    result.legal = []
    return result
  }

  /// The outcomes of an action in a state.
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
