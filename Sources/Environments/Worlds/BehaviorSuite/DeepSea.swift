public import SARSARandomSources
internal import SARSAPreconditions

/// A dive to a treasure, which needs the right action in every step, at a cost for each.
///
/// # Description
/// A diver sinks through N × N cells, one row per step, and goes left or right in each. Only going right
/// in every row leads to the treasure in the last corner, and going right has a cost. So an agent with
/// random actions reaches it once in 2ᴺ episodes. The action that goes right differs from cell to cell.
/// Every episode equals that of `bsuite.environments.deep_sea.DeepSea` to the bit.
///
/// # Action space
/// 0 and 1; one goes left and the other right.
///
/// # Observation space
/// [size, size] of 0 and 1, row by row from the top: 1 for the diver's cell. Below the last row all
/// numbers are 0.
///
/// # Rewards
/// −`unscaled_move_cost` / size for going right, and 1 for going right in the last column. If not
/// deterministic, the first and the last cell of the last row add a number from N(0, 1).
///
/// # Starting state
/// The first cell. The starting state is not random.
///
/// # Episode end
/// Terminated below the last row, after N steps.
///
/// # Version
/// `bsuite/DeepSea-v0`, with the arguments `size` (10, bsuite's smallest), `deterministic` (true; if
/// not, going right fails with probability 1 / size), `unscaled_move_cost` (0.01),
/// `randomize_actions` (true; if not, 1 goes right everywhere) and `mapping_seed` (42, as in bsuite's
/// experiments). A reset with a seed restarts the random stream, which bsuite does only when the
/// environment is made.
///
/// Source: I. Osband et al., "Behaviour Suite for Reinforcement Learning", 2020,
/// https://doi.org/10.48550/arXiv.1908.03568; the package `bsuite` 0.3.6 for the order of random numbers.
public struct DeepSea: Environment {
  /// The diver and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The diver's row; at the end of an episode it is below the last row.
    public var row: Int
    /// The diver's column.
    public var column: Int
    /// The random stream of failures and noise.
    public var random: MT19937

    /// Makes a state, such as one to start an experiment from.
    public init(row: Int, column: Int, random: MT19937) {
      self.row = row
      self.column = column
      self.random = random
    }
  }

  /// The current state.
  ///
  /// - Precondition: the diver is in a cell, or below one of the last row.
  public var state = State(row: 0, column: 0, random: MT19937(seed: 0))
  /// The cells along a side.
  public let size: Int
  /// Whether going right never fails and rewards have no noise.
  public let isDeterministic: Bool
  /// The total cost of going right in every row.
  public let moveCost: Double

  /// Whether action 1 goes right [row · size + column].
  private let goesRightByOne: [Bool]

  /// Makes a sea.
  ///
  /// - Parameters:
  ///   - size: the cells along a side.
  ///   - isDeterministic: whether going right never fails and rewards have no noise.
  ///   - moveCost: the total cost of going right in every row.
  ///   - mappingSeed: the seed from which the action that goes right is drawn for each cell; with `nil` it
  ///     is 1 everywhere.
  /// - Precondition: the size is positive; the cost is finite.
  public init(
    size: Int = 10, isDeterministic: Bool = true, moveCost: Double = 0.01,
    mappingSeed: UInt64? = 42
  ) {
    require(size > 0, "size is %; allowed: 1 or more", size)
    require(moveCost.isFinite, "moveCost is \(moveCost); allowed: a finite number")
    self.size = size
    self.isDeterministic = isDeterministic
    self.moveCost = moveCost
    var random = mappingSeed.map { MT19937(seed: $0) }
    goesRightByOne = (0..<size * size).map { _ in random?.coin() ?? true }
  }

  /// The cells and two actions; there is no time limit, because every episode terminates.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "bsuite/DeepSea-v0",
      observationSpace: .binary(shape: [size, size]), actionCount: 2)
  }

  /// Whether the diver is in a cell.
  public func accepts(_ state: State) -> Bool {
    (0..<size).contains(state.row) && (0..<size).contains(state.column)
  }

  /// Goes back to the first cell.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = MT19937(seed: seed) }
    (state.row, state.column) = (0, 0)
  }

  /// Sinks a row, to the left or right.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 2, "action is %; allowed: 0 to 1", action)
    let (row, column) = (state.row, state.column)
    let goesRight = goesRight(action, from: row * size + column)
    // The order of draws and sums is bsuite's: another order would give other numbers.
    var noise = 0.0
    if !isDeterministic && row == size - 1 && (column == 0 || column == size - 1) {
      noise = state.random.normal()
    }
    if goesRight {
      let fails = state.random.random() <= failure
      if isDeterministic || !fails { state.column = min(size - 1, column + 1) }
    } else {
      state.column = max(0, column - 1)
    }
    state.row += 1
    return Step(
      reward: reward(goingRight: goesRight, from: column, noise: noise),
      isTerminated: state.row == size)
  }

  /// Marks the diver's cell.
  public func observe(into observation: inout MutableSpan<Float>) {
    for cell in observation.indices { observation[cell] = 0 }
    if state.row < size { observation[state.row * size + state.column] = 1 }
  }

  private func goesRight(_ action: Int, from cell: Int) -> Bool {
    (action == 1) == goesRightByOne[cell]
  }

  /// The probability that going right fails, if it is not deterministic.
  private var failure: Double { 1 / Double(size) }

  private func reward(goingRight: Bool, from column: Int, noise: Double = 0) -> Double {
    let treasure: Double = goingRight && column == size - 1 ? 1 : 0
    return treasure + noise - (goingRight ? moveCost / Double(size) : 0)
  }

  /// The tables of the MDP: the cells are the states, row by row.
  ///
  /// Rewards have no noise, whose mean is 0.
  public var model: FiniteModel {
    FiniteModel(stateCount: size * size, actionCount: 2) { cell, action in
      let (row, column) = (cell / size, cell % size)
      let goesRight = goesRight(action, from: cell)
      let reward = reward(goingRight: goesRight, from: column)
      let isLast = row == size - 1
      func outcome(_ probability: Double, _ next: Int) -> FiniteModel.Outcome {
        FiniteModel.Outcome(
          probability: probability, state: (isLast ? row : row + 1) * size + next,
          reward: reward, isTerminated: isLast)
      }
      if !goesRight { return [outcome(1, max(0, column - 1))] }
      let right = min(size - 1, column + 1)
      if isDeterministic { return [outcome(1, right)] }
      return [outcome(1 - failure, right), outcome(failure, column)]
    }
  }
}

extension DeepSea: FiniteEnvironment {
  /// The cells.
  public var tables: FiniteModel? { model }

  /// The first cell.
  public var startProbabilities: [Double] { (0..<size * size).map { $0 == 0 ? 1 : 0 } }

  /// In a cell.
  public func state(at index: Int) -> State {
    State(row: index / size, column: index % size, random: state.random)
  }
}

extension DeepSea {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("bsuite/DeepSea-v0") { arguments throws(EnvironmentError) in
        let size = try arguments.integer("size", default: 10, in: 1...100)
        let isDeterministic = try arguments.boolean("deterministic", default: true)
        let moveCost = try arguments.number(
          "unscaled_move_cost", default: 0.01, in: -1_000...1_000)
        let isMixed = try arguments.boolean("randomize_actions", default: true)
        // The seeds that numpy accepts.
        let seed = try arguments.integer("mapping_seed", default: 42, in: 0...Int(UInt32.max))
        return DeepSea(
          size: size, isDeterministic: isDeterministic, moveCost: moveCost,
          mappingSeed: isMixed ? UInt64(seed) : nil)
      }
    ]
  }
}
