public import SARSARandomSources

/// MinAtar's Breakout: keep the ball from falling, and break the bricks with it.
///
/// # Description
/// The ball moves along diagonals. Walls and the ceiling reflect it, and so does a brick, which breaks.
/// The paddle reflects it back or onwards, depending on the side that it hits. When all three rows of
/// bricks are broken, three new rows appear as the ball comes down. The game does not get harder.
///
/// # Action space
/// `MinAtar/Breakout-v0` has all six actions, of which left and right do something; `-v1` has
/// 0 nothing, 1 left, 2 right.
///
/// # Observation space
/// [10, 10, 4]:
///
/// | channel | meaning |
/// | --- | --- |
/// | 0 | the paddle, in the last row |
/// | 1 | the ball |
/// | 2 | the previous cell of the ball |
/// | 3 | a brick |
///
/// # Rewards
/// 1 for each brick.
///
/// # Starting state
/// The paddle in column 4; the ball at the left or right end of row 3, with equal probability, moving down.
///
/// # Episode end
/// Terminated when the ball gets past the paddle.
///
/// # Version
/// `MinAtar/Breakout-v0` and `MinAtar/Breakout-v1`, with the arguments `sticky_action_prob` and
/// `difficulty_ramping`, which changes nothing here.
///
/// Source: as for `MinAtar`.
public struct Breakout: MinAtarGame {
  /// What can be in a cell.
  public enum Channel: Int, MinAtarChannel {
    /// The paddle.
    case paddle
    /// The ball.
    case ball
    /// The previous cell of the ball.
    case trail
    /// A brick.
    case brick

    /// The last channel, of the bricks.
    public static var last: Channel { .brick }
  }

  private struct Cell: Codable, Hashable {
    var x: Int
    var y: Int

    var isOnBoard: Bool { MinAtarBoard.cells.contains(x) && MinAtarBoard.cells.contains(y) }
  }

  private var paddle = 4
  private var ball: Cell
  private var ballBefore: Cell
  private var ballMovesRight: Bool
  private var ballMovesDown = true
  /// Three rows of ten bricks, from the lowest bit on.
  private var bricks = Self.allBricks
  /// Whether the ball broke a brick and has met bricks in every frame since; then it breaks no other one.
  private var isAmongBricks = false

  private static let brickRows = 1...3
  private static let allBricks: UInt32 = 1 << 30 - 1

  /// `Breakout`.
  public static var name: String { "Breakout" }

  /// Nothing, left and right.
  public static var actions: [MinAtarAction] { [.wait, .left, .right] }

  /// Draws the side at which the ball starts.
  public init(random: inout MT19937) {
    ballMovesRight = random.integer(below: 2) == 0
    ball = Cell(x: ballMovesRight ? 0 : 9, y: 3)
    ballBefore = ball
  }

  /// Whether paddle and ball are on the board, the ball above the last row.
  public var isPlayable: Bool {
    MinAtarBoard.cells.contains(paddle) && ball.isOnBoard && ball.y < 9 && ballBefore.isOnBoard
      && bricks <= Self.allBricks
  }

  /// Moves the paddle, then the ball.
  public mutating func play(
    _ action: MinAtarAction, isRamping: Bool, random: inout MT19937
  ) -> Step {
    switch action {
    case .left: paddle = max(0, paddle - 1)
    case .right: paddle = min(9, paddle + 1)
    case .wait, .up, .down, .fire: break
    }
    ballBefore = ball
    var next = Cell(
      x: MinAtarBoard.next(to: ball.x, onTheRight: ballMovesRight),
      y: ball.y + (ballMovesDown ? 1 : -1))
    if !MinAtarBoard.cells.contains(next.x) {
      next.x = ball.x
      ballMovesRight.toggle()
    }
    var step = Step(reward: 0)
    var isOnBrick = false
    if next.y < 0 {
      next.y = 0
      ballMovesDown.toggle()
    } else if hasBrick(next) {
      isOnBrick = true
      if !isAmongBricks {
        step.reward = 1
        bricks &= ~Self.bit(of: next)
        next.y = ball.y
        ballMovesDown.toggle()
      }
    } else if next.y == 9 {
      if bricks == 0 { bricks = Self.allBricks }
      if ball.x == paddle {
        ballMovesDown.toggle()
        next.y = ball.y
      } else if next.x == paddle {
        ballMovesRight.toggle()
        ballMovesDown.toggle()
        next.y = ball.y
      } else {
        step.isTerminated = true
      }
    }
    isAmongBricks = isOnBrick
    ball = next
    return step
  }

  private func hasBrick(_ cell: Cell) -> Bool {
    Self.brickRows.contains(cell.y) && bricks & Self.bit(of: cell) != 0
  }

  /// - Precondition: the cell is in a row of bricks.
  private static func bit(of cell: Cell) -> UInt32 {
    1 << UInt32((cell.y - brickRows.lowerBound) * MinAtarBoard.side + cell.x)
  }

  /// Marks paddle, ball, trail and bricks.
  public func draw(on board: inout MutableSpan<Float>) {
    Channel.paddle.mark(x: paddle, y: 9, on: &board)
    Channel.ball.mark(x: ball.x, y: ball.y, on: &board)
    Channel.trail.mark(x: ballBefore.x, y: ballBefore.y, on: &board)
    for y in Self.brickRows {
      for x in MinAtarBoard.cells where hasBrick(Cell(x: x, y: y)) {
        Channel.brick.mark(x: x, y: y, on: &board)
      }
    }
  }
}
