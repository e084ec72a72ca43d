/// An environment with a finite number of states, whose tables are known.
///
/// Its exact values and its optimum are computed from the tables, and learned values are held against them.
public protocol FiniteEnvironment: Environment {
  /// The tables; `nil` if they do not hold all that this environment does.
  var tables: FiniteModel? { get }

  /// The probability with which an episode starts in each state of the tables [states].
  var startProbabilities: [Double] { get }

  /// The environment's own state, at the start of an episode, for a state of the tables.
  ///
  /// - Precondition: the tables have the state.
  func state(at index: Int) -> State
}

extension TimeLimit: FiniteEnvironment where Base: FiniteEnvironment {
  /// The tables of the inner environment, which do not count steps.
  public var tables: FiniteModel? { base.tables }

  /// Those of the inner environment.
  public var startProbabilities: [Double] { base.startProbabilities }

  /// The inner environment's state, and no steps taken.
  public func state(at index: Int) -> State {
    State(base: base.state(at: index), elapsedSteps: 0)
  }
}
