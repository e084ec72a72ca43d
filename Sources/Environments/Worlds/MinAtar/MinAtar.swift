public import SARSARandomSources
internal import SARSAPreconditions

/// A game of MinAtar: simplified Atari games on a board of 10 × 10 cells.
///
/// # Description
/// Five games have the same board, six actions and two difficulties: sticky actions, and ramping, which
/// makes a game harder the longer it lasts. Every game equals that of the Python package `MinAtar` 1.0.15 to
/// the bit: the same seed and the same actions lead to the same observations, rewards and ends.
///
/// # Action space
/// 0 does nothing, 1 goes left, 2 up, 3 right, 4 down, 5 fires. `-v1` numbers the actions that do
/// anything in the game from 0, in the same order.
///
/// With a probability of 0.1, the previous action is repeated instead of the new one (sticky actions).
/// The previous action is kept across episodes.
///
/// # Observation space
/// [10, 10, channels] of 0 and 1, row by row from the top, with the channels of a cell side by side. The
/// games define their channels.
///
/// # Rewards
/// Those of the game.
///
/// # Starting state
/// That of the game. A reset with a seed restarts the random stream, from which sticky actions and the
/// game draw, and clears the previous action. A reset without a seed keeps both.
///
/// # Episode end
/// Terminated by the game. Episodes are not truncated, so use a `TimeLimit`: most games do not end if they
/// are played well.
///
/// # Version
/// `MinAtar/…-v0` has all six actions, `MinAtar/…-v1` only those that have an effect in the game.
///
/// Source: K. Young, T. Tian, "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible
/// Reinforcement Learning Experiments", 2019, https://doi.org/10.48550/arXiv.1903.03176; the package
/// for rules and constants.
public struct MinAtar<Game: MinAtarGame>: Environment {
  /// The set of actions.
  public enum Version: String, CaseIterable, Sendable {
    /// All six actions.
    case v0
    /// The actions that have an effect in the game.
    case v1
  }

  /// The game, the last action and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The game.
    public var game: Game
    /// The previous action, which a sticky action repeats.
    public var lastAction: MinAtarAction
    /// The random stream.
    public var random: MT19937
  }

  /// The current state.
  public var state: State
  /// The sizes; there is no time limit.
  public let specification: EnvironmentSpecification
  /// The probability that the previous action is repeated.
  public let stickyActionProbability: Double
  /// Whether the game gets harder.
  public let isRamping: Bool

  private let actions: [MinAtarAction]

  /// Makes a game, at the start of the episode of seed 0.
  ///
  /// - Precondition: 0 ≤ probability ≤ 1.
  public init(
    _ version: Version = .v1, stickyActionProbability: Double = 0.1, isRamping: Bool = true
  ) {
    require(
      0 <= stickyActionProbability && stickyActionProbability <= 1,
      "stickyActionProbability is \(stickyActionProbability); allowed: 0 to 1")
    self.stickyActionProbability = stickyActionProbability
    self.isRamping = isRamping
    actions = version == .v0 ? MinAtarAction.allCases : Game.actions
    specification = EnvironmentSpecification(
      id: Self.id(version),
      observationSpace: .binary(
        shape: [MinAtarBoard.side, MinAtarBoard.side, Game.Channel.count]),
      actionCount: actions.count)
    var random = MT19937(seed: 0)
    state = State(game: Game(random: &random), lastAction: .wait, random: random)
  }

  /// Whether the game can continue.
  public func accepts(_ state: State) -> Bool { state.game.isPlayable }

  /// Starts a game.
  public mutating func reset(seed: UInt64?) {
    if let seed {
      state.random = MT19937(seed: seed)
      state.lastAction = .wait
    }
    state.game = Game(random: &state.random)
  }

  /// Plays a frame.
  public mutating func step(_ action: Int) -> Step {
    require(
      actions.indices.contains(action), "action is %; allowed: 0 to %", action, actions.count - 1)
    let isStuck = state.random.random() < stickyActionProbability
    if !isStuck { state.lastAction = actions[action] }
    return state.game.play(state.lastAction, isRamping: isRamping, random: &state.random)
  }

  /// Writes the board.
  public func observe(into observation: inout MutableSpan<Float>) {
    for i in observation.indices { observation[i] = 0 }
    state.game.draw(on: &observation)
  }
}

extension MinAtar {
  /// The game's entries in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    Version.allCases.map { version in
      .init(id(version)) { arguments throws(EnvironmentError) in
        MinAtar(
          version,
          stickyActionProbability: try arguments.number(
            "sticky_action_prob", default: 0.1, in: 0...1),
          isRamping: try arguments.boolean("difficulty_ramping", default: true))
      }
    }
  }

  private static func id(_ version: Version) -> String {
    "MinAtar/\(Game.name)-\(version.rawValue)"
  }
}

/// An action in a frame of MinAtar.
public enum MinAtarAction: UInt8, Codable, CaseIterable, Sendable {
  /// Nothing.
  case wait
  /// Go left.
  case left
  /// Go up.
  case up
  /// Go right.
  case right
  /// Go down.
  case down
  /// Fire.
  case fire
}

/// The rules of a game of MinAtar; `MinAtar` makes an environment of them.
public protocol MinAtarGame: Codable, Hashable, Sendable {
  /// What can be in a cell.
  associatedtype Channel: MinAtarChannel

  /// The name in the environment's id.
  static var name: String { get }

  /// The actions that have an effect, in order.
  static var actions: [MinAtarAction] { get }

  /// Sets up an episode.
  init(random: inout MT19937)

  /// Whether all objects are on the board and all counters within their ranges, so that a frame can be played.
  ///
  /// It is true until the game ends. A game that a file holds may have other numbers; by default every game
  /// is playable.
  var isPlayable: Bool { get }

  /// Plays a frame.
  mutating func play(_ action: MinAtarAction, isRamping: Bool, random: inout MT19937) -> Step

  /// Marks the contents of the cells on a board of zeros.
  func draw(on board: inout MutableSpan<Float>)
}

extension MinAtarGame {
  /// True.
  public var isPlayable: Bool { true }
}

/// The channels of a game, numbered from 0.
public protocol MinAtarChannel: RawRepresentable<Int> {
  /// The channel with the highest number.
  static var last: Self { get }
  /// Its colour in a picture.
  var color: Scene.Color { get }
  /// The side of its square in a picture, as a part of the cell's; 0 if it has none.
  var size: Double { get }
}

extension MinAtarChannel {
  static var count: Int { last.rawValue + 1 }

  /// Marks a cell of a board.
  func mark(x: Int, y: Int, on board: inout MutableSpan<Float>) {
    board[(y * MinAtarBoard.side + x) * Self.count + rawValue] = 1
  }

  /// Marks the cell behind one that is moving along its row, if it is on the board.
  func mark(behind x: Int, y: Int, movingRight: Bool, on board: inout MutableSpan<Float>) {
    let behind = MinAtarBoard.next(to: x, onTheRight: !movingRight)
    if MinAtarBoard.cells.contains(behind) { mark(x: behind, y: y, on: &board) }
  }
}

/// The board of all games.
enum MinAtarBoard {
  /// The cells along a side.
  static let side = 10

  /// The numbers of columns and rows.
  static let cells = 0..<10

  /// The next column to one side, which may lie outside of the board.
  static func next(to x: Int, onTheRight isRight: Bool) -> Int { isRight ? x + 1 : x - 1 }
}
