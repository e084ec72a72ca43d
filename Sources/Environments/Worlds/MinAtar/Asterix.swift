public import SARSARandomSources

/// MinAtar's Asterix: collect gold, avoid enemies.
///
/// # Description
/// Gold and enemies enter from the sides and cross the board, at most one per row. The player moves
/// freely between the border rows, and collects gold by touching it. With ramping, objects appear more
/// and more often and move faster.
///
/// # Action space
/// `MinAtar/Asterix-v0` has all six actions, of which the last does nothing; `-v1` has 0 nothing,
/// 1 left, 2 up, 3 right, 4 down.
///
/// # Observation space
/// [10, 10, 4]:
///
/// | channel | meaning |
/// | --- | --- |
/// | 0 | the player |
/// | 1 | an enemy |
/// | 2 | the previous cell of an object |
/// | 3 | gold |
///
/// # Rewards
/// 1 for each gold.
///
/// # Starting state
/// The player in the middle of an empty board.
///
/// # Episode end
/// Terminated when the player touches an enemy.
///
/// # Version
/// `MinAtar/Asterix-v0` and `MinAtar/Asterix-v1`, with the arguments `sticky_action_prob` and
/// `difficulty_ramping`.
///
/// Source: as for `MinAtar`.
public struct Asterix: MinAtarGame {
  /// What can be in a cell.
  public enum Channel: Int, MinAtarChannel {
    /// The player.
    case player
    /// An enemy.
    case enemy
    /// The previous cell of an object.
    case trail
    /// Gold.
    case gold

    /// The last channel, of gold.
    public static var last: Channel { .gold }
  }

  private struct Thing: Codable, Hashable {
    var x: Int
    var movesRight: Bool
    var isGold: Bool
  }

  private var x = 5
  private var y = 5
  /// The objects, one per row.
  private var things = [Thing?](repeating: nil, count: rows.count)
  private var spawnInterval = 10
  private var framesToSpawn = 10
  private var moveInterval = 5
  private var framesToMove = 5
  private var rampLevel = 0
  private var framesToRamp = Self.rampInterval

  private static let rampInterval = 100
  /// The rows of player and objects.
  private static let rows = 1...8

  /// `Asterix`.
  public static var name: String { "Asterix" }

  /// All actions except fire.
  public static var actions: [MinAtarAction] { [.wait, .left, .up, .right, .down] }

  /// Sets up an empty board.
  public init(random: inout MT19937) {}

  /// Whether player and objects are on the board, and counters within their ranges.
  public var isPlayable: Bool {
    MinAtarBoard.cells.contains(x) && Self.rows.contains(y) && things.count == Self.rows.count
      && things.allSatisfy { $0.map { MinAtarBoard.cells.contains($0.x) } ?? true }
      && (1...10).contains(spawnInterval) && (0...10).contains(framesToSpawn)
      && (1...5).contains(moveInterval) && (0...5).contains(framesToMove)
      && rampLevel == 10 - spawnInterval && (-1...Self.rampInterval).contains(framesToRamp)
  }

  /// Spawns, moves the player, then the objects, and checks for collisions after both.
  public mutating func play(
    _ action: MinAtarAction, isRamping: Bool, random: inout MT19937
  ) -> Step {
    if framesToSpawn == 0 {
      spawn(random: &random)
      framesToSpawn = spawnInterval
    }
    switch action {
    case .left: x = max(0, x - 1)
    case .right: x = min(9, x + 1)
    case .up: y = max(Self.rows.lowerBound, y - 1)
    case .down: y = min(Self.rows.upperBound, y + 1)
    case .wait, .fire: break
    }
    var step = Step(reward: 0)
    meet(&step)
    if framesToMove == 0 {
      framesToMove = moveInterval
      moveThings()
      meet(&step)
    }
    framesToSpawn -= 1
    framesToMove -= 1
    if isRamping { ramp() }
    return step
  }

  /// Spawns an object in an empty row, if there is one.
  private mutating func spawn(random: inout MT19937) {
    let movesRight = random.random() < 0.5
    let isGold = random.random() < 1.0 / 3
    let emptyRows = things.count { $0 == nil }
    if emptyRows == 0 { return }
    var rowsBefore = random.integer(below: emptyRows)
    for row in things.indices where things[row] == nil {
      if rowsBefore == 0 {
        things[row] = Thing(x: movesRight ? 0 : 9, movesRight: movesRight, isGold: isGold)
        return
      }
      rowsBefore -= 1
    }
  }

  private mutating func moveThings() {
    for row in things.indices {
      guard var thing = things[row] else { continue }
      thing.x = MinAtarBoard.next(to: thing.x, onTheRight: thing.movesRight)
      things[row] = MinAtarBoard.cells.contains(thing.x) ? thing : nil
    }
  }

  /// Checks for a collision; only the object in the player's row can be in the player's cell.
  private mutating func meet(_ step: inout Step) {
    guard let thing = things[y - 1], thing.x == x else { return }
    if thing.isGold {
      things[y - 1] = nil
      step.reward += 1
    } else {
      step.isTerminated = true
    }
  }

  /// Shortens the spawn interval at every level, and the move interval at every second level.
  private mutating func ramp() {
    if spawnInterval == 1 && moveInterval == 1 { return }
    if framesToRamp >= 0 {
      framesToRamp -= 1
      return
    }
    if moveInterval > 1 && rampLevel % 2 == 1 { moveInterval -= 1 }
    if spawnInterval > 1 { spawnInterval -= 1 }
    rampLevel += 1
    framesToRamp = Self.rampInterval
  }

  /// Marks the player, and the objects with their trails.
  public func draw(on board: inout MutableSpan<Float>) {
    Channel.player.mark(x: x, y: y, on: &board)
    for row in things.indices {
      guard let thing = things[row] else { continue }
      let channel = thing.isGold ? Channel.gold : .enemy
      channel.mark(x: thing.x, y: row + 1, on: &board)
      Channel.trail.mark(behind: thing.x, y: row + 1, movingRight: thing.movesRight, on: &board)
    }
  }
}
