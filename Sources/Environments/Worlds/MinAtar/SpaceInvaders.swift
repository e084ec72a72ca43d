public import SARSARandomSources

/// MinAtar's Space Invaders: shoot the aliens before they land.
///
/// # Description
/// A block of aliens moves sideways, and down by a row when it reaches a border. The fewer there are,
/// the faster they move. Every tenth frame, one of the aliens in the column nearest to the cannon
/// fires. When all are shot, the next wave appears; with ramping it starts out faster, up to the
/// seventh.
///
/// # Action space
/// `MinAtar/SpaceInvaders-v0` has all six actions, of which left, right and fire do something; `-v1`
/// has 0 nothing, 1 left, 2 right, 3 fire. The cannon fires at most every fifth frame.
///
/// # Observation space
/// [10, 10, 6]:
///
/// | channel | meaning |
/// | --- | --- |
/// | 0 | the cannon, in the last row |
/// | 1 | an alien |
/// | 2 | an alien, if they move left |
/// | 3 | an alien, if they move right |
/// | 4 | a bullet of the cannon |
/// | 5 | a bullet of an alien |
///
/// # Rewards
/// 1 for each alien.
///
/// # Starting state
/// The cannon in column 5, 24 aliens moving left. The starting state is not random.
///
/// # Episode end
/// Terminated when a bullet or an alien reaches the cannon, or the aliens would move down from the
/// last row.
///
/// # Version
/// `MinAtar/SpaceInvaders-v0` and `MinAtar/SpaceInvaders-v1`, with the arguments
/// `sticky_action_prob` and `difficulty_ramping`.
///
/// Source: as for `MinAtar`.
public struct SpaceInvaders: MinAtarGame {
  /// What can be in a cell.
  public enum Channel: Int, MinAtarChannel {
    /// The cannon.
    case cannon
    /// An alien.
    case alien
    /// An alien that moves left.
    case alienMovingLeft
    /// An alien that moves right.
    case alienMovingRight
    /// A bullet of the cannon.
    case cannonBullet
    /// A bullet of an alien.
    case alienBullet

    /// The last channel, of the aliens' bullets.
    public static var last: Channel { .alienBullet }
  }

  private var cannon = 5
  private var cannonBullets = MinAtarCellSet()
  private var framesToFire = 0
  private var aliens = Self.wave
  private var aliensMoveRight = false
  private var alienBullets = MinAtarCellSet()
  /// The longest time between moves.
  private var moveInterval = moveIntervals.upperBound
  private var framesToMove = moveIntervals.upperBound
  private var framesToAlienFire = Self.alienFireInterval

  private static let fireInterval = 5
  private static let alienFireInterval = 10
  private static let moveIntervals = 6...12
  private static let wave = MinAtarCellSet(columns: 2..<8, rows: 0..<4)

  /// `SpaceInvaders`.
  public static var name: String { "SpaceInvaders" }

  /// Nothing, left, right and fire.
  public static var actions: [MinAtarAction] { [.wait, .left, .right, .fire] }

  /// Sets up the first wave.
  public init(random: inout MT19937) {}

  /// Whether the cannon is on the board, an alien is left, and counters are within their ranges.
  public var isPlayable: Bool {
    MinAtarBoard.cells.contains(cannon) && aliens.count > 0
      && (0...Self.fireInterval).contains(framesToFire)
      && Self.moveIntervals.contains(moveInterval)
      && (0...Self.moveIntervals.upperBound).contains(framesToMove)
      && (0...Self.alienFireInterval).contains(framesToAlienFire)
  }

  /// Moves the cannon, bullets and aliens, fires an alien's bullet, then checks which aliens were hit.
  public mutating func play(
    _ action: MinAtarAction, isRamping: Bool, random: inout MT19937
  ) -> Step {
    switch action {
    case .fire where framesToFire == 0:
      cannonBullets.insert(x: cannon, y: 9)
      framesToFire = Self.fireInterval
    case .left: cannon = max(0, cannon - 1)
    case .right: cannon = min(9, cannon + 1)
    case .wait, .up, .down, .fire: break
    }
    cannonBullets.moveUp()
    alienBullets.moveDown()
    var step = Step(reward: 0)
    step.isTerminated =
      alienBullets.contains(x: cannon, y: 9) || aliens.contains(x: cannon, y: 9)
    if framesToMove == 0 && moveAliens() { step.isTerminated = true }
    if framesToAlienFire == 0 { alienFires() }
    let shot = aliens.intersection(cannonBullets)
    aliens.subtract(shot)
    cannonBullets.subtract(shot)
    step.reward = Double(shot.count)

    if framesToFire > 0 { framesToFire -= 1 }
    framesToMove -= 1
    framesToAlienFire -= 1
    if aliens.count == 0 {
      if isRamping && moveInterval > Self.moveIntervals.lowerBound { moveInterval -= 1 }
      aliens = Self.wave
    }
    return step
  }

  /// Moves the block; returns whether it landed.
  private mutating func moveAliens() -> Bool {
    framesToMove = min(aliens.count, moveInterval)
    var hasLanded = false
    if aliens.isAnyInColumn(aliensMoveRight ? 9 : 0) {
      aliensMoveRight.toggle()
      hasLanded = aliens.isAnyInRow(9)
      // In the last observation, aliens that landed are in the first row.
      aliens.moveDownAround()
    } else if aliensMoveRight {
      aliens.moveRight()
    } else {
      aliens.moveLeft()
    }
    return hasLanded || aliens.contains(x: cannon, y: 9)
  }

  /// Fires a bullet of the lowest alien in the column nearest to the cannon; of two columns, the left one.
  private mutating func alienFires() {
    framesToAlienFire = Self.alienFireInterval
    for distance in MinAtarBoard.cells
    where alienFires(in: cannon - distance) || alienFires(in: cannon + distance) {
      return
    }
  }

  private mutating func alienFires(in column: Int) -> Bool {
    guard MinAtarBoard.cells.contains(column),
      let row = MinAtarBoard.cells.last(where: { aliens.contains(x: column, y: $0) })
    else { return false }
    alienBullets.insert(x: column, y: row)
    return true
  }

  /// Marks the cannon, aliens and bullets.
  public func draw(on board: inout MutableSpan<Float>) {
    Channel.cannon.mark(x: cannon, y: 9, on: &board)
    Channel.alien.mark(aliens, on: &board)
    let moving = aliensMoveRight ? Channel.alienMovingRight : .alienMovingLeft
    moving.mark(aliens, on: &board)
    Channel.cannonBullet.mark(cannonBullets, on: &board)
    Channel.alienBullet.mark(alienBullets, on: &board)
  }
}
