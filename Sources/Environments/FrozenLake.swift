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

    var map: Map { self == .v1 ? .fourByFour : .eightByEight }
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
    let map = map ?? version.map
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
    observation.mark(state.cell)
  }
}

extension FrozenLake {
  /// A grid of ice, holes, starts and goals.
  public struct Map: Hashable, Sendable {
    /// What a cell is, by its letter.
    public enum Cell: Character, Sendable {
      /// Where an episode starts.
      case start = "S"
      /// Safe ice.
      case ice = "F"
      /// A hole.
      case hole = "H"
      /// The goal.
      case goal = "G"

      /// Whether an episode ends here.
      public var isEnd: Bool { self == .hole || self == .goal }
    }

    /// The cells, row by row.
    public let cells: [Cell]
    /// The cells in a row.
    public let columns: Int

    /// The rows.
    public var rows: Int { cells.count / columns }

    /// The most cells that a map may have.
    public static let cellLimit = 10_000

    /// Reads a map, a text for each row, of the letters S, F, H and G.
    ///
    /// - Returns: `nil` if there are other letters, rows of different lengths, more than `cellLimit`
    ///   cells, or no start.
    public init?(_ rows: [String]) {
      let letters = rows.map { $0.map(Cell.init) }
      let columns = letters.first?.count ?? 0
      guard columns > 0, letters.allSatisfy({ $0.count == columns }),
        columns * rows.count <= Self.cellLimit
      else { return nil }
      let cells = letters.joined().compactMap { $0 }
      guard cells.count == columns * rows.count, cells.contains(.start) else { return nil }
      self.cells = cells
      self.columns = columns
    }

    private init(known rows: String) {
      cells = rows.compactMap(Cell.init)
      columns = rows.prefix { $0 != " " }.count
    }

    /// The map `4x4`.
    public static let fourByFour = Map(known: "SFFF FHFH FFFH HFFG")
    /// The map `8x8`.
    public static let eightByEight = Map(
      known: "SFFFFFFF FFFFFFFF FFFHFFFF FFFFFHFF FFFHFFFF FHHFFFHF FHFFHFHF FFFHFFFG")

    /// Draws a square map with a path from its first cell to the goal in its last cell, like Gymnasium's
    /// `generate_random_map` with the same arguments.
    ///
    /// - Parameters:
    ///   - size: the cells along a side.
    ///   - probability: the probability that a cell is ice.
    ///   - seed: the seed.
    /// - Returns: `nil` if none of 1,000 maps has a path.
    /// - Precondition: a size from 2 to 100, a probability from 0 to 1.
    public static func random(
      size: Int = 8, probability: Double = 0.8, seed: UInt64
    ) -> Map? {
      require((2...100).contains(size), "size is %; allowed: 2 to 100", size)
      require(
        (0...1).contains(probability), "probability is \(probability); allowed: 0 to 1")
      var random = PCG64(seed: seed)
      let limit = probability / (probability + (1 - probability))
      for _ in 0..<1_000 {
        var cells: [Cell] = []
        for _ in 0..<size * size { cells.append(random.random() < limit ? .ice : .hole) }
        cells[0] = .start
        cells[cells.count - 1] = .goal
        let map = Map(cells: cells, columns: size)
        if map.hasWay { return map }
      }
      return nil
    }

    private init(cells: [Cell], columns: Int) {
      self.cells = cells
      self.columns = columns
    }

    /// Whether a path leads from the first cell to a goal.
    private var hasWay: Bool {
      var found = Set([0])
      var frontier = [0]
      while let cell = frontier.popLast() {
        if cells[cell] == .goal { return true }
        for direction in 0..<4 {
          let next = neighbor(of: cell, direction)
          if cells[next] != .hole && found.insert(next).inserted { frontier.append(next) }
        }
      }
      return false
    }

    /// The cell to the left, below, to the right or above; at the border the cell itself.
    func neighbor(of cell: Int, _ direction: Int) -> Int {
      let (row, column) = cell.quotientAndRemainder(dividingBy: columns)
      return switch direction {
      case 0: column > 0 ? cell - 1 : cell
      case 1: row < rows - 1 ? cell + columns : cell
      case 2: column < columns - 1 ? cell + 1 : cell
      default: row > 0 ? cell - columns : cell
      }
    }
  }
}
