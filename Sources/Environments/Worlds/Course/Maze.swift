public import SARSARandomSources
internal import SARSAPreconditions

/// A maze of 5 × 5 cells with walls between some of them, with the goal in the opposite corner.
///
/// # Description
/// The maze of a reinforcement-learning course. A move into a wall or over the border does not move. The
/// shortest path from corner to corner takes 10 moves; `distance(from:)` gives the length for every cell.
///
/// # Action space
/// 0 goes up, 1 right, 2 down, 3 left.
///
/// # Observation space
/// 25 numbers, one for each cell, row by row: 1 for the current cell, 0 elsewhere.
///
/// # Rewards
/// −1 per move, including the one that reaches the goal. With `Reward.distance`: minus the distance from
/// the next cell to the goal, divided by the largest distance of a cell.
///
/// # Starting state
/// The corner (0, 0), or with `Start.anywhere` a uniformly drawn cell other than the goal.
///
/// # Episode end
/// Terminated on reaching (4, 4). `Maze-v0` is truncated after 100 moves, by `TimeLimit`.
///
/// # Version
/// `Maze-v0`.
public struct Maze: Environment {
  /// Where episodes start.
  public enum Start: String, Codable, CaseIterable, Sendable {
    /// In the corner (0, 0).
    case corner
    /// In any cell except the goal: exploring starts.
    case anywhere
  }

  /// The reward of a move.
  public enum Reward: String, Codable, CaseIterable, Sendable {
    /// −1.
    case step
    /// Minus the next cell's distance to the goal over the largest distance.
    case distance
  }

  /// The cell and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The cell, row by row from 0 to 24.
    public var cell: Int
    /// The random stream of the starting cells.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(cell: Int, random: PCG64) {
      self.cell = cell
      self.random = random
    }
  }

  /// The current state.
  ///
  /// - Precondition: a cell of the maze.
  public var state = State(cell: 0, random: PCG64(seed: 0))
  /// Where episodes start.
  public let start: Start
  /// The reward of a move.
  public let reward: Reward

  /// The cells along a side.
  public static let side = 5
  /// The number of cells.
  public static let cellCount = side * side
  /// The cell at which an episode ends.
  public static let goal = cellCount - 1

  /// Makes a maze.
  public init(start: Start = .corner, reward: Reward = .step) {
    self.start = start
    self.reward = reward
  }

  /// 25 numbers and four actions; the wrapper adds the time limit.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Maze-v0", observationSpace: .category(Self.cellCount), actionCount: 4)
  }

  /// Whether the maze has the cell.
  public func accepts(_ state: State) -> Bool { (0..<Self.cellCount).contains(state.cell) }

  /// Draws a start.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.cell = start == .corner ? 0 : state.random.integer(below: Self.goal)
  }

  /// Moves.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 4, "action is %; allowed: 0 to 3", action)
    let before = state.cell
    state.cell = Self.neighbors[before * 4 + action]
    return Step(
      reward: reward(from: before, to: state.cell), isTerminated: state.cell == Self.goal)
  }

  /// Marks the cell.
  public func observe(into observation: inout MutableSpan<Float>) {
    ObservationSpace.write(category: state.cell, into: &observation)
  }

  private func reward(from cell: Int, to next: Int) -> Double {
    if cell == Self.goal { return 0 }
    return switch reward {
    case .step: -1
    case .distance: -Double(Self.distances[next]) / Double(Self.distances.max() ?? 1)
    }
  }

  /// The tables of the MDP: the 25 cells are the states.
  public var model: FiniteModel {
    FiniteModel(stateCount: Self.cellCount, actionCount: 4) { cell, action in
      let next = Self.neighbors[cell * 4 + action]
      return [
        FiniteModel.Outcome(
          state: next, reward: reward(from: cell, to: next), isTerminated: next == Self.goal)
      ]
    }
  }

  /// The number of moves on the shortest path from a cell to the goal.
  ///
  /// - Precondition: the cell exists.
  public static func distance(from cell: Int) -> Int { distances[cell] }
}

extension Maze {
  /// The walls, each between two cells (row, column).
  static let walls: [((Int, Int), (Int, Int))] = [
    ((1, 0), (1, 1)), ((2, 0), (2, 1)), ((3, 0), (3, 1)), ((1, 1), (1, 2)), ((2, 1), (2, 2)),
    ((3, 1), (3, 2)), ((3, 1), (4, 1)), ((0, 2), (1, 2)), ((1, 2), (1, 3)), ((2, 2), (3, 2)),
    ((2, 3), (3, 3)), ((2, 4), (3, 4)), ((4, 2), (4, 3)), ((1, 3), (1, 4)), ((2, 3), (2, 4)),
  ]

  /// The cell to which each move leads [cell · 4 + action].
  private static let neighbors: [Int] = {
    var blocked: Set<[Int]> = []
    for (a, b) in walls {
      let (a, b) = (a.0 * side + a.1, b.0 * side + b.1)
      blocked.formUnion([[a, b], [b, a]])
    }
    return (0..<cellCount).flatMap { cell in
      [(-1, 0), (0, 1), (1, 0), (0, -1)].map { down, right in
        let (row, column) = (cell / side + down, cell % side + right)
        let next = row * side + column
        let isInside = (0..<side).contains(row) && (0..<side).contains(column)
        return cell == goal || !isInside || blocked.contains([cell, next]) ? cell : next
      }
    }
  }()

  /// The distances to the goal, by breadth-first search from the goal.
  private static let distances: [Int] = {
    var result = [Int](repeating: -1, count: cellCount)
    var (frontier, distance) = ([goal], 0)
    while !frontier.isEmpty {
      for cell in frontier { result[cell] = distance }
      distance += 1
      frontier = (0..<cellCount).filter { cell in
        result[cell] < 0 && (0..<4).contains { result[neighbors[cell * 4 + $0]] == distance - 1 }
      }
    }
    return result
  }()
}

extension Maze: FiniteEnvironment {
  /// The cells.
  public var tables: FiniteModel? { model }

  /// The corner, or the same for every cell but the goal.
  public var startProbabilities: [Double] {
    (0..<Self.cellCount).map { cell in
      switch start {
      case .corner: cell == 0 ? 1 : 0
      case .anywhere: cell == Self.goal ? 0 : 1 / Double(Self.cellCount - 1)
      }
    }
  }

  /// In a cell.
  public func state(at index: Int) -> State { State(cell: index, random: state.random) }
}

extension Maze: CellEnvironment {
  /// Five.
  public var cellColumns: Int { Self.side }

  /// Five.
  public var cellRows: Int { Self.side }

  /// The cell, row by row.
  public func stateIndex(column: Int, row: Int) -> Int { row * Self.side + column }

  /// S for the corner in which episodes start, if they all do, and G for the goal.
  public func cellLabel(column: Int, row: Int) -> String {
    switch stateIndex(column: column, row: row) {
    case Self.goal: "G"
    case 0 where start == .corner: "S"
    default: ""
    }
  }
}

extension Maze {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("Maze-v0", maximumSteps: 100) { arguments throws(EnvironmentError) in
        Maze(
          start: try arguments.choice("start", default: .corner),
          reward: try arguments.choice("reward", default: .step))
      }
    ]
  }
}
