public import SARSARandomSources
internal import SARSAPreconditions

/// Catch a ball that falls straight down.
///
/// # Description
/// A ball falls down a column, one row per step, and a paddle moves along the last row. Every episode
/// equals that of `bsuite.environments.catch.Catch` to the bit.
///
/// # Action space
/// 0 goes left, 1 stays, 2 goes right.
///
/// # Observation space
/// [rows, columns] of 0 and 1, row by row from the top: 1 for the ball's cell and the paddle's.
///
/// # Rewards
/// In the last step 1 if the ball is caught, −1 if it is missed; 0 before.
///
/// # Starting state
/// The ball in a uniformly drawn column of the first row; the paddle in the middle of the last row.
///
/// # Episode end
/// Terminated when the ball reaches the last row, after (rows − 1) steps.
///
/// # Version
/// `bsuite/Catch-v0`, with the arguments `rows` and `columns`. A reset with a seed restarts the random
/// stream, which bsuite does only when the environment is made.
///
/// Source: I. Osband et al., "Behaviour Suite for Reinforcement Learning", 2020,
/// https://doi.org/10.48550/arXiv.1908.03568; the package `bsuite` 0.3.6 for the order of random numbers.
public struct Catch: Environment {
  /// Ball, paddle and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The ball's row.
    public var row: Int
    /// The ball's column.
    public var ball: Int
    /// The paddle's column.
    public var paddle: Int
    /// The random stream of the starting states.
    public var random: MT19937

    /// Makes a state, such as one to start an experiment from.
    public init(row: Int, ball: Int, paddle: Int, random: MT19937) {
      self.row = row
      self.ball = ball
      self.paddle = paddle
      self.random = random
    }
  }

  /// The current state.
  ///
  /// - Precondition: ball and paddle are on the board.
  public var state: State
  /// The rows.
  public let rows: Int
  /// The columns.
  public let columns: Int

  /// Makes a board with the ball above the paddle; `reset(seed:)` draws a starting state.
  ///
  /// - Precondition: at least two rows and one column.
  public init(rows: Int = 10, columns: Int = 5) {
    require(rows > 1, "rows is %; allowed: 2 or more", rows)
    require(columns > 0, "columns is %; allowed: 1 or more", columns)
    self.rows = rows
    self.columns = columns
    let middle = columns / 2
    state = State(row: 0, ball: middle, paddle: middle, random: MT19937(seed: 0))
  }

  /// The board and three actions; there is no time limit, because every episode terminates.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "bsuite/Catch-v0",
      observationSpace: .binary(shape: [rows, columns]), actionCount: 3)
  }

  /// Whether ball and paddle are on the board, the ball above the paddle.
  public func accepts(_ state: State) -> Bool {
    (0..<rows - 1).contains(state.row) && (0..<columns).contains(state.ball)
      && (0..<columns).contains(state.paddle)
  }

  /// Draws the ball's column.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = MT19937(seed: seed) }
    state.row = 0
    state.ball = state.random.integer(below: columns)
    state.paddle = columns / 2
  }

  /// Moves the paddle, and lets the ball fall.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 3, "action is %; allowed: 0 to 2", action)
    state.paddle = min(columns - 1, max(0, state.paddle + action - 1))
    state.row += 1
    guard state.row == rows - 1 else { return Step(reward: 0) }
    return Step(reward: state.paddle == state.ball ? 1 : -1, isTerminated: true)
  }

  /// Marks ball and paddle.
  public func observe(into observation: inout MutableSpan<Float>) {
    for cell in observation.indices { observation[cell] = 0 }
    observation[state.row * columns + state.ball] = 1
    observation[(rows - 1) * columns + state.paddle] = 1
  }
}

extension Catch: FiniteEnvironment {
  /// The places of ball and paddle while the ball falls: (row · columns + ball) · columns + paddle.
  public var tables: FiniteModel? {
    FiniteModel(stateCount: (rows - 1) * columns * columns, actionCount: 3) { index, action in
      let paddle = min(columns - 1, max(0, index % columns + action - 1))
      let ball = index / columns % columns
      let row = index / (columns * columns) + 1
      guard row == rows - 1 else {
        return [
          FiniteModel.Outcome(state: (row * columns + ball) * columns + paddle, reward: 0)
        ]
      }
      return [
        FiniteModel.Outcome(state: index, reward: paddle == ball ? 1 : -1, isTerminated: true)
      ]
    }
  }

  /// The ball in any column of the first row, above the paddle in the middle.
  public var startProbabilities: [Double] {
    (0..<(rows - 1) * columns * columns).map { index in
      index < columns * columns && index % columns == columns / 2 ? 1 / Double(columns) : 0
    }
  }

  /// Ball and paddle at their places.
  public func state(at index: Int) -> State {
    State(
      row: index / (columns * columns), ball: index / columns % columns, paddle: index % columns,
      random: state.random)
  }
}

extension Catch {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("bsuite/Catch-v0") { arguments throws(EnvironmentError) in
        Catch(
          rows: try arguments.integer("rows", default: 10, in: 2...100),
          columns: try arguments.integer("columns", default: 5, in: 1...100))
      }
    ]
  }
}
