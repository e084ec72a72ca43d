public import SARSARandomSources
internal import SARSAPreconditions

/// A frozen lake with holes: walk from the start to the goal over ice that may be slippery.
///
/// # Description
/// A grid of cells. On slippery ice a move goes in the intended direction with a probability of 1/3, and
/// in each of the two perpendicular directions with 1/3. A move over the border does not move. Every
/// trajectory equals Gymnasium's to the bit.
///
/// # Action space
/// 0 goes left, 1 down, 2 right, 3 up.
///
/// # Observation space
/// The cell, row by row, one-hot.
///
/// # Rewards
/// 1 for reaching the goal, 0 for a hole and for every other step; other values can be set.
///
/// # Starting state
/// A cell S of the map, uniformly drawn if there are several.
///
/// # Episode end
/// Terminated on the goal and in a hole. `FrozenLake-v1` is truncated after 100 steps,
/// `FrozenLake8x8-v1` after 200, by `TimeLimit`.
///
/// # Version
/// `FrozenLake-v1`, solved at a mean return of 0.70; `FrozenLake8x8-v1`, solved at 0.85.
///
/// Source: Gymnasium's `frozen_lake.py`.
public struct FrozenLake: Environment {
  /// The cell and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The cell, row by row.
    public var cell: Int
    /// The random stream of starting cells and slips.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(cell: Int, random: PCG64) {
      self.cell = cell
      self.random = random
    }
  }

  /// The rewards of a step, by the cell to which it leads.
  public struct Rewards: Hashable, Sendable {
    /// The reward on the goal.
    public var goal: Double
    /// The reward in a hole.
    public var hole: Double
    /// The reward elsewhere.
    public var ice: Double

    /// Makes rewards.
    public init(goal: Double = 1, hole: Double = 0, ice: Double = 0) {
      self.goal = goal
      self.hole = hole
      self.ice = ice
    }
  }

  /// The current state.
  ///
  /// - Precondition: a cell of the map.
  public var state = State(cell: 0, random: PCG64(seed: 0))
  /// The lake.
  public let map: Map
  /// The outcomes of every move in every cell.
  public let model: FiniteModel

  private let version: Version
  private let starts: Categorical

  /// The versions in Gymnasium's registry, which differ in map, time limit and threshold.
  public enum Version: String, CaseIterable, Sendable {
    /// The map is `4x4` unless another one is given.
    case v1 = "FrozenLake-v1"
    /// The map is `8x8` unless another one is given.
    case eightByEight = "FrozenLake8x8-v1"

    /// The steps after which an episode is truncated.
    public var maximumSteps: Int { self == .v1 ? 100 : 200 }

    fileprivate var mapName: MapName { self == .v1 ? .fourByFour : .eightByEight }
  }

  /// Makes a lake.
  ///
  /// - Parameters:
  ///   - version: the version, which has the id, the threshold and the default map.
  ///   - map: the map; `nil` is the version's.
  ///   - isSlippery: whether a move may go in a perpendicular direction.
  ///   - successRate: the probability of the intended direction on slippery ice.
  ///   - rewards: the rewards of a step.
  /// - Precondition: a rate from 0 to 1.
  public init(
    _ version: Version = .v1, map: Map? = nil, isSlippery: Bool = true,
    successRate: Double = 1.0 / 3.0, rewards: Rewards = Rewards()
  ) {
    require((0...1).contains(successRate), "successRate is \(successRate); allowed: 0 to 1")
    let map = map ?? version.mapName.map
    self.map = map
    self.version = version
    starts = Categorical(weights: map.cells.map { $0 == .start ? 1 : 0 })
    let sideRate = (1 - successRate) / 2
    model = FiniteModel(stateCount: map.cells.count, actionCount: 4) { cell, action in
      guard !map.cells[cell].isEnd else {
        return [FiniteModel.Outcome(state: cell, reward: 0, isTerminated: true)]
      }
      func outcome(_ direction: Int, _ probability: Double) -> FiniteModel.Outcome {
        let next = map.neighbor(of: cell, direction)
        let reward =
          switch map.cells[next] {
          case .goal: rewards.goal
          case .hole: rewards.hole
          case .ice, .start: rewards.ice
          }
        return FiniteModel.Outcome(
          probability: probability, state: next, reward: reward,
          isTerminated: map.cells[next].isEnd)
      }
      if !isSlippery { return [outcome(action, 1)] }
      return [
        outcome((action + 3) % 4, sideRate), outcome(action, successRate),
        outcome((action + 1) % 4, sideRate),
      ]
    }
  }

  /// A cell and four actions; the wrapper adds the time limit.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: version.rawValue, observationSpace: .category(model.stateCount), actionCount: 4,
      rewardThreshold: version == .v1 ? 0.70 : 0.85)
  }

  /// Whether the map has the cell.
  public func accepts(_ state: State) -> Bool { map.cells.indices.contains(state.cell) }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.cell = starts.draw(using: &state.random)
  }

  /// Moves, and perhaps slips.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 4, "action is %; allowed: 0 to 3", action)
    let outcome = model.draw(action, in: state.cell, using: &state.random)
    state.cell = outcome.state
    return Step(reward: outcome.reward, isTerminated: outcome.isTerminated)
  }

  /// Marks the cell.
  public func observe(into observation: inout MutableSpan<Float>) {
    ObservationSpace.write(category: state.cell, into: &observation)
  }
}

extension FrozenLake: FiniteEnvironment {
  /// The cells.
  public var tables: FiniteModel? { model }

  /// The cells S, each with the same probability.
  public var startProbabilities: [Double] {
    let count = map.cells.count { $0 == .start }
    return map.cells.map { $0 == .start ? 1 / Double(count) : 0 }
  }

  /// In a cell.
  public func state(at index: Int) -> State { State(cell: index, random: state.random) }
}

extension FrozenLake: CellEnvironment {
  /// Those of the map.
  public var cellColumns: Int { map.columns }

  /// Those of the map.
  public var cellRows: Int { map.rows }

  /// The cell, row by row.
  public func stateIndex(column: Int, row: Int) -> Int { row * map.columns + column }

  /// S, H or G.
  public func cellLabel(column: Int, row: Int) -> String {
    let cell = map.cells[stateIndex(column: column, row: row)]
    return cell == .ice ? "" : String(cell.rawValue)
  }
}

extension FrozenLake {
  /// Its entries in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    Version.allCases.map { version in
      .init(version.rawValue, maximumSteps: version.maximumSteps) {
        arguments throws(EnvironmentError) in
        // Bounds keep sums finite.
        let rewards = try arguments.numbers(
          "reward_schedule", default: [1, 0, 0], in: -1e9...1e9)
        return FrozenLake(
          version, map: try arguments.map(version),
          isSlippery: try arguments.boolean("is_slippery", default: true),
          successRate: try arguments.number("success_rate", default: 1.0 / 3.0, in: 0...1),
          rewards: Rewards(goal: rewards[0], hole: rewards[1], ice: rewards[2]))
      }
    }
  }

  /// The maps with a name in Gymnasium.
  fileprivate enum MapName: String, CaseIterable {
    case fourByFour = "4x4"
    case eightByEight = "8x8"

    var map: Map { self == .fourByFour ? .fourByFour : .eightByEight }
  }
}

extension EnvironmentArguments {
  /// The map by its name or its rows, or a random map.
  fileprivate mutating func map(
    _ version: FrozenLake.Version
  ) throws(EnvironmentError) -> FrozenLake.Map {
    let named = try choice("map_name", default: version.mapName)
    let size = try optionalInteger("map_size", in: 2...100)
    let probability = try number("map_p", default: 0.8, in: 0...1)
    let seed = try integer("map_seed", default: 0, in: 0...Int.max)
    let allowedRows =
      "rows of one length, of the letters S, F, H and G, with an S and at most "
      + "\(FrozenLake.Map.cellLimit) cells"
    let rows = value("desc", allowed: allowedRows)
    for (name, value) in given(["map_p", "map_seed"]) where size == nil {
      throw bad(name, value, allowed: "only with map_size")
    }
    // Rows and a name together are allowed: Gymnasium then uses the rows.
    for (name, value) in given(["desc"]) + given(["map_name"]) where size != nil {
      throw bad(name, value, allowed: "only without map_size")
    }
    if let rows {
      guard case .list(let values) = rows,
        let map = FrozenLake.Map(values.map { if case .text(let row) = $0 { row } else { "" } })
      else { throw bad("desc", rows, allowed: allowedRows) }
      return map
    }
    guard let size else { return named.map }
    guard
      let map = FrozenLake.Map.random(size: size, probability: probability, seed: UInt64(seed))
    else {
      throw bad(
        "map_p", .number(probability),
        allowed: "enough ice for a path across \(size) × \(size) cells")
    }
    return map
  }
}
