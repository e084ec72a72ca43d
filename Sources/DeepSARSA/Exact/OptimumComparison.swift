internal import SARSAPreconditions

/// An environment whose optimum is known, and with which a network can be compared.
public protocol KnownOptimum: Sendable {
  /// The environment's specification.
  var specification: EnvironmentSpecification { get }

  /// How the optimum is computed, in a few words.
  var method: String { get }

  /// The highest undiscounted returns within the time limit.
  var returns: StartReturns { get }

  /// Compares a network with the optimum.
  ///
  /// - Parameters:
  ///   - policy: the network.
  ///   - discount: the γ of the network's values.
  /// - Returns: the errors and the returns of the network.
  /// - Precondition: a policy for this environment's sizes; 0 ≤ γ ≤ 1.
  /// - Throws: `OptimumError` if the optimal values for γ cannot be computed.
  func comparison(
    with policy: inout GreedyPolicy, discount: Double
  ) throws(OptimumError) -> OptimumComparison
}

/// The expected returns of a policy from every start of an environment.
public struct StartReturns: Hashable, Sendable {
  /// The number of starts.
  public var count: Int
  /// The mean over starts, weighted by their probabilities.
  public var mean: Double
  /// The lowest of a start.
  public var lowest: Double
  /// The highest of a start.
  public var highest: Double

  /// Summarises the expected return from every start; starts with a weight of zero do not count.
  init(_ returns: [Double], weights: [Double]) {
    let starts = zip(returns, weights).filter { $0.1 > 0 }
    count = starts.count
    mean = starts.reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    lowest = starts.map { $0.0 }.min() ?? 0
    highest = starts.map { $0.0 }.max() ?? 0
  }
}

/// How far a network is from the optimum of its environment.
public struct OptimumComparison: Hashable, Sendable {
  /// The errors over some states, all with the same weight.
  public struct Errors: Hashable, Sendable {
    /// The number of states.
    public var states: Int
    /// The root of the mean square of max q(s, ·) − v*(s).
    public var rootMeanSquare: Double
    /// The largest magnitude of max q(s, ·) − v*(s).
    public var largest: Double
    /// The share of states in which the network's greedy action is not optimal.
    public var disagreement: Double
  }

  /// The errors in the states that an optimal policy visits.
  public var visited: Errors
  /// The errors in all states.
  public var all: Errors
  /// The network's greedy returns from the same starts.
  public var returns: StartReturns
}

extension OptimumComparison.Errors {
  /// Collects the errors in some states.
  init<State>(
    over states: [State], _ error: (State) -> (value: Double, isOptimal: Bool)
  ) {
    var (squares, largest, others) = (0.0, 0.0, 0)
    for state in states {
      let (value, isOptimal) = error(state)
      squares += value * value
      largest = largest.orLarger(abs(value))
      if !isOptimal { others += 1 }
    }
    let count = Double(max(states.count, 1))
    self.init(
      states: states.count, rootMeanSquare: (squares / count).squareRoot(), largest: largest,
      disagreement: Double(others) / count)
  }
}

extension Double {
  /// The larger of two errors; NaN if one of them is, which `max` would leave out.
  package func orLarger(_ error: Double) -> Double {
    isNaN || error <= self ? self : error
  }
}

// MARK: - Tables

/// The optimum of an environment with tables.
///
/// Returns are exact expected values, computed from the tables for the time limit, or for
/// `Evaluation.stepLimit` steps if there is none. Optimal values and actions are those for γ without a time
/// limit, by policy iteration. All states are those that episodes from the starts can pass through.
public struct FiniteKnownOptimum<World: FiniteEnvironment>: KnownOptimum {
  /// The highest expected returns: no policy has a higher one, not even one that counts its steps.
  public let returns: StartReturns

  private let world: World
  private let tables: FiniteModel
  private let starts: [Double]
  private let steps: Int

  /// Computes the returns; `nil` if the environment's tables do not hold all that it does.
  public init?(_ world: World) {
    guard let tables = world.tables else { return nil }
    self.world = world
    self.tables = tables
    starts = world.startProbabilities
    steps = world.specification.maximumEpisodeSteps ?? Evaluation<World>.stepLimit
    returns = StartReturns(tables.highestReturns(within: steps), weights: starts)
  }

  /// That of the environment.
  public var specification: EnvironmentSpecification { world.specification }

  /// Backward induction.
  public var method: String {
    "backward induction over \(tables.stateCount) states and \(steps) steps"
  }

  /// Compares a network with the optimum.
  public func comparison(
    with policy: inout GreedyPolicy, discount: Double
  ) throws(OptimumError) -> OptimumComparison {
    let optimum = try tables.optimum(discount: discount)
    var world = world
    var values = [Double](repeating: 0, count: tables.stateCount)
    var actions = [Int](repeating: 0, count: tables.stateCount)
    let all = tables.visitedStates(from: starts)
    for state in all {
      world.state = world.state(at: state)
      let observation = world.observation
      let network = policy.values(for: observation)
      let legal = tables.legalActions(in: state)
      values[state] = Double(legal.map { network[$0] }.max() ?? 0)
      // The first of equal values, as a greedy policy takes it.
      actions[state] = legal.first { Double(network[$0]) == values[state] } ?? legal[0]
    }
    func errors(over states: [Int]) -> OptimumComparison.Errors {
      OptimumComparison.Errors(over: states) { state in
        (values[state] - optimum.values[state], optimum.isOptimal(actions[state], in: state))
      }
    }
    return OptimumComparison(
      visited: errors(over: tables.visitedStates(from: starts, by: optimum.policy)),
      all: errors(over: all),
      returns: StartReturns(tables.returns(of: actions, within: steps), weights: starts))
  }
}

// MARK: - Planes

/// The optimum of a deterministic environment in a plane.
///
/// Returns are those of episodes from evenly spaced starts. Episodes of the optimum take the best action of
/// an undiscounted grid in every state, so no error of the grid's values is in their returns. Optimal values
/// are those of a grid for γ. An action counts as optimal if the undiscounted grid gives it at most
/// `actionTolerance` less than the best: finer differences are lost in the interpolation. All states are
/// points of the grid, one in `pointStride` in both directions.
public struct PlanarKnownOptimum<World: PlanarEnvironment>: KnownOptimum {
  /// The returns of the grid's greedy policy.
  public let returns: StartReturns

  private let world: World
  private let optimum: GridOptimum<World>
  private let starts: [SIMD2<Double>]
  private let visited: [SIMD2<Double>]

  /// The distance between points of the grid that are compared.
  public static var pointStride: Int { 10 }
  /// The undiscounted return by which an action may be worse than the best and still count as optimal:
  /// half a step, where every step has the reward −1.
  public static var actionTolerance: Double { 0.5 }

  /// Computes the undiscounted optimum and its returns.
  ///
  /// - Parameters:
  ///   - world: the environment.
  ///   - columns: the points of the grid along the first number.
  ///   - rows: the points along the second number.
  ///   - startCount: the number of episodes.
  /// - Precondition: at least two columns, rows and starts.
  /// - Throws: `OptimumError`.
  /// - Complexity: that of `GridOptimum`, and the steps of all episodes.
  public init(
    _ world: World, columns: Int = 1801, rows: Int = 1401, startCount: Int = 2_001
  ) throws(OptimumError) {
    let optimum = try GridOptimum(of: world, columns: columns, rows: rows, discount: 1)
    self.world = world
    self.optimum = optimum
    starts = world.starts(startCount)
    var visited: [SIMD2<Double>] = []
    returns = Self.returns(in: world, from: starts) { world in
      visited.append(world.point)
      return optimum.action(at: world.point)
    }
    self.visited = visited
  }

  /// That of the environment.
  public var specification: EnvironmentSpecification { world.specification }

  /// Value iteration.
  public var method: String {
    "value iteration on \(optimum.columns) × \(optimum.rows) points"
  }

  /// Compares a network with the optimum.
  public func comparison(
    with policy: inout GreedyPolicy, discount: Double
  ) throws(OptimumError) -> OptimumComparison {
    let values =
      discount == 1
      ? optimum
      : try GridOptimum(
        of: world, columns: optimum.columns, rows: optimum.rows, discount: discount)
    var copy = world
    func errors(over points: [SIMD2<Double>]) -> OptimumComparison.Errors {
      OptimumComparison.Errors(over: points) { point in
        copy.start(at: point)
        let observation = copy.observation
        let value = Double(policy.values(for: observation).max() ?? 0)
        let returns = optimum.actionValues(at: point)
        let least = (returns.max() ?? 0) - Self.actionTolerance
        return (
          value - values.value(at: point), returns[policy.action(for: observation)] >= least
        )
      }
    }
    return OptimumComparison(
      visited: errors(over: visited), all: errors(over: optimum.points(stride: Self.pointStride)),
      returns: Self.returns(in: world, from: starts) { policy.action(for: $0.observation) })
  }

  /// Plays an episode from every start; the closure chooses the actions.
  private static func returns(
    in world: World, from starts: [SIMD2<Double>], by action: (World) -> Int
  ) -> StartReturns {
    var world = world
    let limit = world.specification.maximumEpisodeSteps ?? Evaluation<World>.stepLimit
    let returns = starts.map { start in
      world.start(at: start)
      var total = 0.0
      for _ in 0..<limit {
        let step = world.step(action(world))
        total += step.reward
        if step.isLast { break }
      }
      return total
    }
    return StartReturns(returns, weights: Array(repeating: 1, count: starts.count))
  }
}
