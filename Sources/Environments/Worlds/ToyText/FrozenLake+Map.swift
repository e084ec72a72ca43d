internal import SARSARandomSources
internal import SARSAPreconditions

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
