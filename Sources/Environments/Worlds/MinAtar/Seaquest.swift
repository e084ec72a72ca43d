public import SARSARandomSources

/// MinAtar's Seaquest: shoot fish and submarines, and bring divers up before the air runs out.
///
/// # Description
/// Enemies and divers cross the water. The submarine shoots in the direction that it faces, takes up to
/// six divers aboard by touching them, and surfaces in the first row. Surfacing refills the oxygen and
/// removes one diver, or all of them if there are six. With ramping, enemies then appear more often and
/// move faster.
///
/// Surfacing with six divers leaves a count of −1, as in the package. Surfacing again then lowers the
/// count further without ending the game, and the next diver raises it by one.
///
/// # Action space
/// `MinAtar/Seaquest-v0` and `-v1` have the same: 0 does nothing, 1 goes left, 2 up, 3 right, 4 down,
/// 5 fires, at most every fifth frame.
///
/// # Observation space
/// [10, 10, 10]:
///
/// | channel | meaning |
/// | --- | --- |
/// | 0 | the submarine's front |
/// | 1 | its back |
/// | 2 | a bullet of the submarine |
/// | 3 | the cell that a fish, an enemy submarine or a diver comes from |
/// | 4 | a bullet of an enemy |
/// | 5 | a fish |
/// | 6 | an enemy submarine |
/// | 7 | oxygen left: a cell of the last row for every 20 frames, from the left |
/// | 8 | divers aboard: a cell of the last row each, from the second from the right |
/// | 9 | a diver |
///
/// # Rewards
/// 1 for each enemy; with six divers, 1 for each full cell of oxygen on surfacing.
///
/// # Starting state
/// The submarine at the surface in column 5 facing left, with oxygen for 200 frames below.
///
/// # Episode end
/// Terminated when an enemy or its bullet meets the submarine, when there is no oxygen left, and on
/// surfacing without a diver.
///
/// # Version
/// `MinAtar/Seaquest-v0` and `MinAtar/Seaquest-v1`, with the arguments `sticky_action_prob` and
/// `difficulty_ramping`.
///
/// Source: as for `MinAtar`.
public struct Seaquest: MinAtarGame {
  /// What can be in a cell.
  public enum Channel: Int, MinAtarChannel {
    /// The submarine's front.
    case front
    /// The submarine's back.
    case back
    /// A bullet of the submarine.
    case bullet
    /// The previous cell of a moving object.
    case trail
    /// A bullet of an enemy.
    case enemyBullet
    /// A fish.
    case fish
    /// An enemy submarine.
    case enemySubmarine
    /// Oxygen left.
    case oxygen
    /// Divers aboard.
    case diversAboard
    /// A diver.
    case diver

    /// The last channel, of the divers.
    public static var last: Channel { .diver }
  }

  /// An object that moves along its row.
  private struct Swimmer: Codable, Hashable {
    var x: Int
    var y: Int
    var movesRight: Bool
    /// The frames until the next move; 0 for bullets.
    var framesToMove = 0
    /// The frames until the next shot, for enemy submarines.
    var framesToFire = 0

    var isOnBoard: Bool { MinAtarBoard.cells.contains(x) }

    /// Whether it is on the board, above the last row, and its counters are within their ranges.
    var isPossible: Bool {
      isOnBoard && (0..<9).contains(y) && (0...diverMoveInterval).contains(framesToMove)
        && (0...enemyFireInterval).contains(framesToFire)
    }

    func isWhere(_ other: Swimmer) -> Bool { x == other.x && y == other.y }

    mutating func move() { x = MinAtarBoard.next(to: x, onTheRight: movesRight) }
  }

  private var submarine = Swimmer(x: 5, y: 0, movesRight: false)
  private var framesToFire = 0
  private var isAtSurface = true
  private var oxygen = Self.fullOxygen
  private var diversAboard = 0
  // In the order of spawning. The order matters, because objects that move first change the collisions
  // of later ones.
  private var bullets: [Swimmer] = []
  private var enemyBullets: [Swimmer] = []
  private var fish: [Swimmer] = []
  private var enemySubmarines: [Swimmer] = []
  private var divers: [Swimmer] = []
  private var enemySpawnInterval = 20
  private var framesToEnemy = 20
  private var framesToDiver = Self.diverSpawnInterval
  private var enemyMoveInterval = 5
  private var rampLevel = 0

  private static let fullOxygen = 200
  private static let mostDivers = 6
  /// Below the count of any game: it falls by 1 with a surfacing.
  private static let fewestDivers = -1_000_000_000
  private static let fireInterval = 5
  private static let enemyFireInterval = 10
  private static let diverSpawnInterval = 30
  private static let diverMoveInterval = 5

  /// `Seaquest`.
  public static var name: String { "Seaquest" }

  /// All six actions.
  public static var actions: [MinAtarAction] { MinAtarAction.allCases }

  /// Sets up empty water.
  public init(random: inout MT19937) {
    // Most games never have more objects of a kind at a time.
    bullets.reserveCapacity(16)
    enemyBullets.reserveCapacity(16)
    fish.reserveCapacity(32)
    enemySubmarines.reserveCapacity(32)
    divers.reserveCapacity(8)
  }

  /// Whether all objects are on the board, and counters within their ranges.
  public var isPlayable: Bool {
    let swimmers = [bullets, enemyBullets, fish, enemySubmarines, divers].joined()
    return submarine.isPossible && swimmers.allSatisfy(\.isPossible)
      && (0...Self.fireInterval).contains(framesToFire) && (0...Self.fullOxygen).contains(oxygen)
      && (Self.fewestDivers...Self.mostDivers).contains(diversAboard)
      && (1...20).contains(enemySpawnInterval) && (0...20).contains(framesToEnemy)
      && (0...Self.diverSpawnInterval).contains(framesToDiver)
      && (2...5).contains(enemyMoveInterval) && rampLevel == 20 - enemySpawnInterval
  }

  /// Spawns, moves the submarine, then bullets, divers, enemy submarines, their bullets and fish, and then
  /// updates the oxygen and surfaces.
  public mutating func play(
    _ action: MinAtarAction, isRamping: Bool, random: inout MT19937
  ) -> Step {
    if framesToEnemy == 0 {
      spawnEnemy(random: &random)
      framesToEnemy = enemySpawnInterval
    }
    if framesToDiver == 0 {
      spawnDiver(random: &random)
      framesToDiver = Self.diverSpawnInterval
    }
    steer(action)
    var step = Step(reward: 0)
    moveBullets(&step)
    moveDivers()
    moveEnemySubmarines(&step)
    moveEnemyBullets(&step)
    moveFish(&step)
    if framesToEnemy > 0 { framesToEnemy -= 1 }
    if framesToDiver > 0 { framesToDiver -= 1 }
    if framesToFire > 0 { framesToFire -= 1 }
    breathe(&step, isRamping: isRamping)
    return step
  }

  private mutating func steer(_ action: MinAtarAction) {
    switch action {
    case .fire where framesToFire == 0:
      bullets.append(submarine)
      framesToFire = Self.fireInterval
    case .left, .right:
      submarine.movesRight = action == .right
      submarine.x = min(
        9, max(0, MinAtarBoard.next(to: submarine.x, onTheRight: submarine.movesRight)))
    case .up: submarine.y = max(0, submarine.y - 1)
    case .down: submarine.y = min(8, submarine.y + 1)
    case .wait, .fire: break
    }
  }
}

// MARK: - Moving objects

extension Seaquest {
  /// Spawns a fish, submarine or diver at a border; draws its direction, then its kind, then its row.
  private mutating func spawnEnemy(random: inout MT19937) {
    let movesRight = random.random() < 0.5
    let isSubmarine = random.random() < 1.0 / 3
    let y = 1 + random.integer(below: 8)
    func isOncoming(_ other: Swimmer) -> Bool { other.y == y && other.movesRight != movesRight }
    if enemySubmarines.contains(where: isOncoming) || fish.contains(where: isOncoming) { return }
    var enemy = Swimmer(x: movesRight ? 0 : 9, y: y, movesRight: movesRight)
    enemy.framesToMove = enemyMoveInterval
    if isSubmarine {
      enemy.framesToFire = Self.enemyFireInterval
      enemySubmarines.append(enemy)
    } else {
      fish.append(enemy)
    }
  }

  private mutating func spawnDiver(random: inout MT19937) {
    let movesRight = random.random() < 0.5
    let y = 1 + random.integer(below: 8)
    divers.append(
      Swimmer(
        x: movesRight ? 0 : 9, y: y, movesRight: movesRight,
        framesToMove: Self.diverMoveInterval))
  }

  private mutating func moveBullets(_ step: inout Step) {
    for i in bullets.indices.reversed() {
      bullets[i].move()
      let bullet = bullets[i]
      if !bullet.isOnBoard {
        bullets.removeFirst(equalToThatAt: i)
      } else if fish.removeFirst(where: { $0.isWhere(bullet) })
        || enemySubmarines.removeFirst(where: { $0.isWhere(bullet) })
      {
        bullets.removeFirst(equalToThatAt: i)
        step.reward += 1
      }
    }
  }

  private mutating func moveDivers() {
    for i in divers.indices.reversed() {
      if takesAboard(divers[i]) {
        divers.removeFirst(equalToThatAt: i)
      } else if divers[i].framesToMove > 0 {
        divers[i].framesToMove -= 1
      } else {
        divers[i].framesToMove = Self.diverMoveInterval
        divers[i].move()
        if !divers[i].isOnBoard || takesAboard(divers[i]) {
          divers.removeFirst(equalToThatAt: i)
        }
      }
    }
  }

  private mutating func takesAboard(_ diver: Swimmer) -> Bool {
    guard diver.isWhere(submarine), diversAboard < Self.mostDivers else { return false }
    diversAboard += 1
    return true
  }

  private mutating func moveEnemySubmarines(_ step: inout Step) {
    for i in enemySubmarines.indices.reversed() {
      var enemy = enemySubmarines[i]
      let isGone = move(&enemy, &step)
      enemySubmarines[i] = enemy
      let place = isGone ? enemySubmarines.removeFirst(equalToThatAt: i) : i
      // A removed submarine still fires, as in the package.
      if enemy.framesToFire > 0 {
        enemy.framesToFire -= 1
      } else {
        enemy.framesToFire = Self.enemyFireInterval
        enemyBullets.append(Swimmer(x: enemy.x, y: enemy.y, movesRight: enemy.movesRight))
      }
      if let place { enemySubmarines[place].framesToFire = enemy.framesToFire }
    }
  }

  private mutating func moveEnemyBullets(_ step: inout Step) {
    for i in enemyBullets.indices.reversed() {
      if enemyBullets[i].isWhere(submarine) { step.isTerminated = true }
      enemyBullets[i].move()
      if !enemyBullets[i].isOnBoard {
        enemyBullets.removeFirst(equalToThatAt: i)
      } else if enemyBullets[i].isWhere(submarine) {
        step.isTerminated = true
      }
    }
  }

  private mutating func moveFish(_ step: inout Step) {
    for i in fish.indices.reversed() {
      var enemy = fish[i]
      let isGone = move(&enemy, &step)
      fish[i] = enemy
      if isGone { fish.removeFirst(equalToThatAt: i) }
    }
  }

  /// Moves an enemy if its move is due; returns whether it left the board or met a bullet.
  private mutating func move(_ enemy: inout Swimmer, _ step: inout Step) -> Bool {
    if enemy.isWhere(submarine) { step.isTerminated = true }
    if enemy.framesToMove > 0 {
      enemy.framesToMove -= 1
      return false
    }
    enemy.framesToMove = enemyMoveInterval
    enemy.move()
    if !enemy.isOnBoard { return true }
    if enemy.isWhere(submarine) {
      step.isTerminated = true
      return false
    }
    guard bullets.removeFirst(where: { $0.isWhere(enemy) }) else { return false }
    step.reward += 1
    return true
  }
}

extension Array where Element: Equatable {
  /// Removes the first element that equals the one at an index, like `list.remove` of Python.
  ///
  /// - Returns: the new index of the element; `nil` if it was the one removed.
  @discardableResult
  fileprivate mutating func removeFirst(equalToThatAt index: Int) -> Int? {
    let first = firstIndex(of: self[index]) ?? index
    remove(at: first)
    return first == index ? nil : index - 1
  }

  /// Removes the first element that equals a value; returns whether there was one.
  fileprivate mutating func removeFirst(where isIt: (Element) -> Bool) -> Bool {
    guard let first = firstIndex(where: isIt) else { return false }
    remove(at: first)
    return true
  }
}

// MARK: - Oxygen and observation

extension Seaquest {
  private mutating func breathe(_ step: inout Step, isRamping: Bool) {
    if oxygen <= 0 { step.isTerminated = true }
    if submarine.y > 0 {
      oxygen -= 1
      isAtSurface = false
    } else if !isAtSurface {
      if diversAboard == 0 {
        step.isTerminated = true
      } else {
        surface(&step, isRamping: isRamping)
      }
    }
  }

  private mutating func surface(_ step: inout Step, isRamping: Bool) {
    isAtSurface = true
    if diversAboard == Self.mostDivers {
      step.reward += Double(oxygenCells)
      diversAboard = 0
    }
    diversAboard -= 1
    oxygen = Self.fullOxygen
    if isRamping { ramp() }
  }

  /// Shortens the spawn interval at every level, and the move interval at every second level.
  private mutating func ramp() {
    if enemySpawnInterval == 1 && enemyMoveInterval == 2 { return }
    if enemyMoveInterval > 2 && rampLevel % 2 == 1 { enemyMoveInterval -= 1 }
    if enemySpawnInterval > 1 { enemySpawnInterval -= 1 }
    rampLevel += 1
  }

  private var oxygenCells: Int { max(0, oxygen) * MinAtarBoard.side / Self.fullOxygen }

  /// Marks the submarine, oxygen, divers aboard and all moving objects.
  public func draw(on board: inout MutableSpan<Float>) {
    Channel.front.mark(x: submarine.x, y: submarine.y, on: &board)
    Channel.back.mark(
      behind: submarine.x, y: submarine.y, movingRight: submarine.movesRight, on: &board)
    for x in 0..<oxygenCells { Channel.oxygen.mark(x: x, y: 9, on: &board) }
    for x in 9 - max(0, diversAboard)..<9 { Channel.diversAboard.mark(x: x, y: 9, on: &board) }
    draw(bullets, as: .bullet, on: &board)
    draw(enemyBullets, as: .enemyBullet, on: &board)
    draw(fish, as: .fish, withTrail: true, on: &board)
    draw(enemySubmarines, as: .enemySubmarine, withTrail: true, on: &board)
    draw(divers, as: .diver, withTrail: true, on: &board)
  }

  private func draw(
    _ swimmers: [Swimmer], as channel: Channel, withTrail: Bool = false,
    on board: inout MutableSpan<Float>
  ) {
    for one in swimmers {
      channel.mark(x: one.x, y: one.y, on: &board)
      if withTrail {
        Channel.trail.mark(behind: one.x, y: one.y, movingRight: one.movesRight, on: &board)
      }
    }
  }
}
