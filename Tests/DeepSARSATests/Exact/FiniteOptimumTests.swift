import DeepSARSA
import Foundation
import Testing

/// A random model in which every action has three outcomes, the first of them an end.
private func randomModel(
  states: Int, actions: Int, using random: inout PCG64
) -> FiniteModel {
  FiniteModel(stateCount: states, actionCount: actions) { _, _ in
    let weights = [0.2, 1 + random.random(), random.random()]
    let total = weights.reduce(0, +)
    return weights.enumerated().map { i, weight in
      FiniteModel.Outcome(
        probability: weight / total, state: random.integer(below: states),
        reward: random.uniform(-1, 1), isTerminated: i == 0)
    }
  }
}

/// Every policy with one action for each state.
private func allPolicies(states: Int, actions: Int) -> [[Int]] {
  (0..<states).reduce([[]]) { policies, _ in
    policies.flatMap { policy in (0..<actions).map { policy + [$0] } }
  }
}

/// The values of a policy with one action for each state, from its action values.
private func values(of policy: [Int], in model: FiniteModel, discount: Double) throws -> [Double] {
  var table = Matrix<Double>(rows: model.stateCount, columns: model.actionCount)
  for (state, action) in policy.enumerated() { table[state, action] = 1 }
  let actionValues = try model.actionValues(of: table, discount: discount)
  return policy.enumerated().map { actionValues[$0, $1] }
}

/// Value iteration, until nothing changes any more.
private func valueIteration(_ model: FiniteModel, discount: Double) -> [Double] {
  var values = [Double](repeating: 0, count: model.stateCount)
  for _ in 0..<100_000 {
    let next = values.indices.map { state in
      (0..<model.actionCount).map { action in
        model.outcomes(of: action, in: state).reduce(0) {
          $0 + $1.probability
            * ($1.reward + ($1.isTerminated ? 0 : discount * values[$1.state]))
        }
      }.max() ?? 0
    }
    let change = zip(next, values).map { abs($0 - $1) }.max() ?? 0
    values = next
    if change < 1e-15 { break }
  }
  return values
}

private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
}

@Suite("The optimum of a finite model")
struct FiniteOptimumTests {
  @Test("is the best of all policies, each evaluated", arguments: [0, 0.5, 0.9, 1])
  func bruteForce(discount: Double) throws {
    var random = PCG64(seed: 3)
    for _ in 0..<4 {
      let model = randomModel(states: 4, actions: 3, using: &random)
      let optimum = try model.optimum(discount: discount)
      let all = try allPolicies(states: 4, actions: 3).map {
        try values(of: $0, in: model, discount: discount)
      }
      for state in 0..<4 {
        let highest = all.map { $0[state] }.max() ?? 0
        #expect(abs(optimum.values[state] - highest) < 1e-12)
        #expect(optimum.optimalActions(in: state).contains(optimum.policy[state]))
      }
      #expect(
        try largestDifference(
          values(of: optimum.policy, in: model, discount: discount), optimum.values) < 1e-12)
    }
  }

  @Test("is the limit of value iteration", arguments: [0.9, 1])
  func limit(discount: Double) throws {
    var random = PCG64(seed: 4)
    let model = randomModel(states: 30, actions: 4, using: &random)
    let optimum = try model.optimum(discount: discount)
    #expect(largestDifference(optimum.values, valueIteration(model, discount: discount)) < 1e-12)
    #expect((2..<15).contains(optimum.iterations))
  }

  @Test("of FrozenLake has the known values of its start")
  func frozenLake() throws {
    let lake = FrozenLake()
    // Without a time limit and a discount, the chance of the goal is 14/17.
    let undiscounted = try lake.model.optimum(discount: 1)
    #expect(abs(undiscounted.values[0] - 14.0 / 17) < 1e-12)
    let optimum = try lake.model.optimum(discount: 0.99)
    #expect(largestDifference(optimum.values, valueIteration(lake.model, discount: 0.99)) < 1e-12)
    #expect(abs(optimum.values[0] - 0.542_025_9) < 1e-6)
    // Left in the start, and anything in a hole.
    #expect(optimum.optimalActions(in: 0) == [0] && optimum.optimalActions(in: 5) == [0, 1, 2, 3])
    // Within 100 steps, by the policy for a discount and by the best one.
    let starts = lake.startProbabilities
    func mean(_ returns: [Double]) -> Double { zip(starts, returns).reduce(0) { $0 + $1.0 * $1.1 } }
    let best = mean(lake.model.highestReturns(within: 100))
    let stationary = mean(lake.model.returns(of: optimum.policy, within: 100))
    #expect(stationary <= best && abs(best - 0.7442) < 1e-4 && abs(stationary - best) < 0.01)
  }

  @Test("of the cliff, the maze, the taxi and the sea has the known returns")
  func returns() throws {
    func mean(_ world: some FiniteEnvironment, _ values: [Double]) -> Double {
      zip(world.startProbabilities, values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let cliff = CliffWalking()
    let optimum = try cliff.model.optimum(discount: 1)
    #expect(abs(mean(cliff, optimum.values) + 13) < 1e-9)
    #expect(cliff.model.returns(of: optimum.policy, within: 13)[36] == -13)
    #expect(mean(Maze(), try Maze().model.optimum(discount: 1).values) == -10)
    let taxi = Taxi()
    #expect(abs(mean(taxi, taxi.model.highestReturns(within: 30)) - 7.93) < 1e-12)
    let sea = DeepSea()
    #expect(abs(mean(sea, try sea.model.optimum(discount: 1).values) - 0.99) < 1e-12)
    let paddle = Catch(rows: 4, columns: 3)
    let tables = try #require(paddle.tables)
    #expect(mean(paddle, try tables.optimum(discount: 1).values) == 1)
  }

  @Test("of the slippery lakes ends every episode, also without a discount")
  func proper() throws {
    // On firm ice every step is free, so that waiting for ever has the value of walking to the goal.
    let model = FrozenLake(isSlippery: false).model
    let optimum = try model.optimum(discount: 1)
    #expect(optimum.values[0] == 1)
    #expect(optimum.optimalActions(in: 0).count == 4)
    #expect(model.returns(of: optimum.policy, within: 6)[0] == 1)
  }

  @Test("has legal actions alone, also where an illegal one would have a higher value")
  func legal() throws {
    let model = FiniteModel(stateCount: 1, actionCount: 3, isLegal: { _, action in action != 1 }) {
      [.init(probability: 1, state: $0, reward: [2, 5, 2][$1], isTerminated: true)]
    }
    let optimum = try model.optimum(discount: 0.9)
    #expect(optimum.values == [2] && optimum.optimalActions(in: 0) == [0, 2])
    #expect(!optimum.isOptimal(1, in: 0) && optimum.actionValues[0, 1] == 5)
  }

  @Test("is an error where it has no bound")
  func unbounded() throws {
    /// Two states; the first action goes to the other state, the second ends in state 0 alone.
    func model(reward: Double, ends: Bool) -> FiniteModel {
      FiniteModel(stateCount: 2, actionCount: 2) { state, action in
        [
          FiniteModel.Outcome(
            state: 1 - state, reward: action == 0 ? reward : -1,
            isTerminated: ends && state == 0 && action == 1)
        ]
      }
    }
    #expect(throws: OptimumError.endless(state: "state 0")) {
      try model(reward: -1, ends: false).optimum(discount: 1)
    }
    #expect(throws: OptimumError.unbounded) {
      try model(reward: 0.5, ends: true).optimum(discount: 1)
    }
    // Both are bounded with a discount, and walking in a circle for nothing is no better than the end.
    #expect(abs(try model(reward: 0.5, ends: true).optimum(discount: 0.9).values[0] - 5) < 1e-12)
    #expect(abs(try model(reward: -1, ends: false).optimum(discount: 0.9).values[0] + 10) < 1e-12)
    #expect(try model(reward: -2, ends: true).optimum(discount: 1).values == [-1, -2])
    let large = FiniteModel(stateCount: 4_001, actionCount: 1) { state, _ in
      [FiniteModel.Outcome(state: state, reward: 0, isTerminated: true)]
    }
    #expect(throws: OptimumError.tooManyStates(4_001)) { try large.optimum(discount: 0.5) }
  }

  @Test("within a time limit is that of a search over all sequences of actions")
  func horizon() {
    var random = PCG64(seed: 5)
    let model = randomModel(states: 3, actions: 2, using: &random)
    func best(_ state: Int, _ steps: Int) -> Double {
      if steps == 0 { return 0 }
      return (0..<2).map { action in
        model.outcomes(of: action, in: state).reduce(0) {
          $0 + $1.probability * ($1.reward + ($1.isTerminated ? 0 : best($1.state, steps - 1)))
        }
      }.max() ?? 0
    }
    for steps in 0..<6 {
      let returns = model.highestReturns(within: steps)
      #expect(largestDifference(returns, (0..<3).map { best($0, steps) }) < 1e-12)
    }
  }

  @Test("visits the states that episodes pass through, and no ends")
  func visited() throws {
    let maze = Maze()
    let model = maze.model
    #expect(model.visitedStates(from: maze.startProbabilities) == Array(0..<24))
    let policy = try model.optimum(discount: 1).policy
    #expect(model.visitedStates(from: maze.startProbabilities, by: policy).count == 10)
  }

  @Test("of every environment with tables belongs to its steps")
  func tables() throws {
    for id in EnvironmentRegistry.ids {
      let world = try EnvironmentRegistry.make(id)
      if let world = world as? any FiniteEnvironment { try checkTables(of: world) }
    }
    #expect(Taxi(fickleness: 0.3).tables == nil)
  }

  /// Steps from states of the tables lead where the tables say, and episodes start where they say.
  private func checkTables<World: FiniteEnvironment>(of world: World) throws {
    let id = world.specification.id
    let tables = try #require(world.tables)
    let starts = world.startProbabilities
    #expect(starts.count == tables.stateCount && abs(starts.reduce(0, +) - 1) < 1e-12)
    #expect(tables.actionCount == world.specification.actionCount)
    var world = world
    var places: [[Float]: Int] = [:]
    for state in tables.visitedStates(from: starts) {
      world.state = world.state(at: state)
      #expect(places.updateValue(state, forKey: world.observation) == nil, "\(id)")
    }
    var seen: Set<Int> = []
    for seed in 0..<50 {
      try world.reset(seed: UInt64(seed))
      let start = try #require(places[world.observation], "\(id)")
      #expect(starts[start] > 0, "\(id)")
      seen.insert(start)
    }
    #expect(seen.count >= min(starts.count { $0 > 0 }, 20) / 2)
    var random = PCG64(seed: 1)
    let states = tables.visitedStates(from: starts)
    for _ in 0..<100 {
      let state = states[random.integer(below: states.count)]
      let action = random.integer(below: tables.actionCount)
      world.state = world.state(at: state)
      let step = try world.step(action)
      let next = places[world.observation]
      #expect(
        tables.outcomes(of: action, in: state).contains {
          $0.reward == step.reward && $0.isTerminated == step.isTerminated
            && (step.isTerminated || $0.state == next)
        }, "\(id): \(action) in \(state)")
    }
  }
}
