public import SARSARandomSources
internal import SARSAPreconditions

/// A walk along a cliff, whose shortest path runs directly along the edge.
///
/// # Description
/// Four rows of twelve cells. The start is the lower left corner, the goal the lower right one, and the
/// cells between them are the cliff: a step onto it has a reward of −100 and leads back to the start. A
/// move over the border does not move. Every trajectory equals Gymnasium's to the bit.
///
/// # Action space
/// 0 goes up, 1 right, 2 down, 3 left. On slippery ground a move goes in the intended direction, or in
/// one of the two perpendicular directions, with a probability of 1/3 each.
///
/// # Observation space
/// The cell, row by row from the upper left, one of 48, one-hot.
///
/// # Rewards
/// −1 a step, the one that reaches the goal included; −100 for a step over the cliff.
///
/// # Starting state
/// The lower left corner.
///
/// # Episode end
/// Terminated at the goal. There is no time limit.
///
/// # Version
/// `CliffWalking-v1`, and `CliffWalkingSlippery-v1`.
///
/// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2018, example 6.6; Gymnasium's
/// `cliffwalking.py`.
public struct CliffWalking: Environment {
  /// The cell and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The cell, row by row from 0 to 47.
    public var cell: Int
    /// The random stream of slips.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(cell: Int, random: PCG64) {
      self.cell = cell
      self.random = random
    }
  }

  /// The current state.
  ///
  /// - Precondition: a cell from 0 to 47.
  public var state = State(cell: start, random: PCG64(seed: 0))
  private let version: Version

  /// The versions in Gymnasium's registry, which differ in the ground.
  public enum Version: String, CaseIterable, Sendable {
    /// The ground is firm by default.
    case v1 = "CliffWalking-v1"
    /// The ground is slippery by default.
    case slippery = "CliffWalkingSlippery-v1"

    /// Whether the ground is slippery by default.
    var isSlippery: Bool { self == .slippery }
  }

  /// The outcomes of every move in every cell.
  public let model: FiniteModel

  static let (rows, columns) = (4, 12)
  private static let cellCount = rows * columns
  private static let start = cellCount - columns
  static let goal = cellCount - 1

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - version: the version, which has the id and the default ground.
  ///   - isSlippery: whether a move may go in a perpendicular direction; `nil` is the version's ground.
  public init(_ version: Version = .v1, isSlippery: Bool? = nil) {
    self.version = version
    let isSlippery = isSlippery ?? version.isSlippery
    model = FiniteModel(stateCount: Self.cellCount, actionCount: 4) { cell, action in
      let directions = isSlippery ? [(action + 3) % 4, action, (action + 1) % 4] : [action]
      return directions.map { direction in
        let next = Self.neighbor(of: cell, direction)
        let falls = next > Self.start && next < Self.goal
        return FiniteModel.Outcome(
          probability: 1 / Double(directions.count), state: falls ? Self.start : next,
          reward: falls ? -100 : -1, isTerminated: next == Self.goal)
      }
    }
  }

  private static func neighbor(of cell: Int, _ direction: Int) -> Int {
    let (row, column) = cell.quotientAndRemainder(dividingBy: columns)
    return switch direction {
    case 0: row > 0 ? cell - columns : cell
    case 1: column < columns - 1 ? cell + 1 : cell
    case 2: row < rows - 1 ? cell + columns : cell
    default: column > 0 ? cell - 1 : cell
    }
  }

  /// A cell and four actions.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: version.rawValue,
      observationSpace: .category(Self.cellCount), actionCount: 4)
  }

  /// Whether the cell exists.
  public func accepts(_ state: State) -> Bool { (0..<Self.cellCount).contains(state.cell) }

  /// Goes to the start, and draws a number of the random stream as Gymnasium does.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    _ = state.random.random()
    state.cell = Self.start
  }

  /// Moves, and perhaps slips or falls.
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

extension CliffWalking: FiniteEnvironment {
  /// The cells.
  public var tables: FiniteModel? { model }

  /// The lower left corner.
  public var startProbabilities: [Double] {
    (0..<Self.cellCount).map { $0 == Self.start ? 1 : 0 }
  }

  /// In a cell.
  public func state(at index: Int) -> State { State(cell: index, random: state.random) }
}

extension CliffWalking: CellEnvironment {
  /// Twelve.
  public var cellColumns: Int { Self.columns }

  /// Four.
  public var cellRows: Int { Self.rows }

  /// The cell, row by row.
  public func stateIndex(column: Int, row: Int) -> Int { row * Self.columns + column }

  /// S for the start, G for the goal, C for the cliff.
  public func cellLabel(column: Int, row: Int) -> String {
    switch stateIndex(column: column, row: row) {
    case Self.start: "S"
    case Self.goal: "G"
    case Self.start..<Self.goal: "C"
    default: ""
    }
  }
}

extension CliffWalking {
  /// Its entries in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    Version.allCases.map { version in
      .init(version.rawValue) { arguments throws(EnvironmentError) in
        CliffWalking(
          version,
          isSlippery: try arguments.boolean("is_slippery", default: version.isSlippery))
      }
    }
  }
}
