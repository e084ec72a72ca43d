public import DeepSARSA

/// The values of states on a map, and the action that is taken in each.
///
/// The map is a plane of two numbers, cut into cells whose centres are the states (MountainCar), or an environment's own
/// cells (FrozenLake).
public struct ValueMap: Hashable, Sendable {
  /// One of the two directions of a map.
  public struct Axis: Hashable, Sendable {
    /// What the number is, such as a position.
    public var name: String
    /// The bounds of the number; of a map of cells, from 0 to their number.
    public var bounds: ClosedRange<Double>
    /// The number of cells.
    public var count: Int

    /// The number at which a cell begins; the last edge is the upper bound.
    public func edge(_ cell: Int) -> Double {
      if cell == count { return bounds.upperBound }
      return bounds.lowerBound
        + (bounds.upperBound - bounds.lowerBound) * Double(cell) / Double(count)
    }

    /// The number in the middle of a cell.
    public func center(of cell: Int) -> Double {
      bounds.lowerBound
        + (bounds.upperBound - bounds.lowerBound) * (Double(cell) + 0.5) / Double(count)
    }
  }

  /// What is known of a cell.
  public struct Cell: Hashable, Sendable {
    /// The highest action value.
    public var value: Double
    /// The action that has it; the first of several.
    public var action: Int
  }

  /// From left to right.
  public let x: Axis
  /// Upwards; of a map of cells downwards, as their rows are counted.
  public let y: Axis
  /// Every cell, column by column; `nil` for one in which no episode goes on, such as a goal.
  public let cells: [Cell?]

  /// The cell in a column and a row; `nil` for one in which no episode goes on.
  ///
  /// - Precondition: the map has the cell.
  public subscript(column: Int, row: Int) -> Cell? { cells[column * y.count + row] }

  /// The column and the row of the cell around a point; a point outside of the bounds has the nearest.
  public func cell(around point: SIMD2<Double>) -> (column: Int, row: Int) {
    func place(_ number: Double, _ axis: Axis) -> Int {
      let width = axis.bounds.upperBound - axis.bounds.lowerBound
      let place = (number - axis.bounds.lowerBound) / width * Double(axis.count)
      return min(max(Int(place.rounded(.down)), 0), axis.count - 1)
    }
    return (place(point.x, x), place(point.y, y))
  }

  /// All values.
  var values: [Double] { cells.compactMap { $0?.value } }
}

/// A network's values on the map of its environment, beside the exact optimum for the same discount.
public struct ValueMaps: Hashable, Sendable {
  /// The environment's id.
  public let environment: String
  /// What the actions do, in their order.
  public let actions: [String]
  /// γ.
  public let discount: Double
  /// The network's.
  public let learned: ValueMap
  /// The optimum's; `nil` if it cannot be computed, as for a discount of 1 where episodes need not end.
  public let optimal: ValueMap?
  /// The walls between cells, each from one corner to another; empty for a plane.
  public let walls: [Wall]
  /// What is in each cell, column by column; empty for a plane.
  public let labels: [String]

  /// A wall.
  public struct Wall: Hashable, Sendable {
    /// Where it begins, in columns and rows from the upper left corner.
    public let start: SIMD2<Double>
    /// Where it ends.
    public let end: SIMD2<Double>
  }

  /// Whether the map has the environment's own cells.
  public var isOfCells: Bool { !labels.isEmpty }

  /// The columns and rows of a plane, unless others are asked for.
  ///
  /// Both are odd, so that a cell of MountainCar has its centre where the car stands still, and with 63 columns one has
  /// it at −0.5, in the valley.
  public static let usualSize = (columns: 63, rows: 45)

  /// The points of the grid on which the optimum of a plane is computed, unless others are asked for.
  public static let usualGrid = (columns: 901, rows: 701)
}

extension ValueMaps {
  /// A network of a run.
  public enum Network: Sendable {
    /// That of the end of training.
    case last
    /// That of the best evaluation.
    case best
    /// That with which training began, made again from the seed.
    case untrained
  }

  /// Evaluates a network of a run, as the other initialiser does; the state of the environment is that of a first
  /// episode with the seed 0.
  ///
  /// - Throws: `RunError` if the network cannot be read, or is not of the environment.
  public init?(of run: RunRecord, _ network: Network = .last) throws(RunError) {
    let settings = run.settings
    guard
      let environment = try? EnvironmentRegistry.make(
        settings.environment, arguments: settings.environmentArguments)
    else { return nil }
    let path = run.folder.path(of: network == .best ? .best : .model)
    var model: ModelFile
    if network == .untrained {
      let untrained = try run.untrainedModel(for: environment.specification)
      let policy = try converting({ RunError(ofModel: $0, in: path) }) { () throws(any Error) in
        try GreedyPolicy(untrained)
      }
      model = ModelFile(
        path: path, policy: policy, environment: settings.environment,
        environmentArguments: settings.environmentArguments, metadata: untrained.metadata)
    } else {
      model = try ModelFile(reading: path)
    }
    try model.requireSizes(of: environment.specification)
    self.init(
      of: &model, in: Self.started(environment),
      discount: settings.hyperparameters.target.discount)
  }

  /// The environment at the start of an episode.
  private static func started(_ environment: any Environment) -> any Environment {
    func started(_ environment: some Environment) -> any Environment {
      var environment = environment
      try? environment.reset(seed: 0)
      return environment
    }
    return started(environment)
  }

  /// Evaluates a network in every cell, and computes the optimum; `nil` for an environment that is no map.
  ///
  /// Values are those of the environment's rewards, also where the network learned from scaled ones.
  ///
  /// - Parameters:
  ///   - model: the network.
  ///   - environment: its environment; of a map whose cells are not the whole state, as it now is.
  ///   - discount: the γ of the network's values.
  ///   - size: the columns and rows of a plane.
  ///   - grid: the points of the grid on which the optimum of a plane is computed.
  /// - Precondition: a network of the environment's sizes; 0 ≤ γ ≤ 1; a positive size, and a grid of 2 × 2 points or more.
  /// - Complexity: a forward pass for each cell; for the optimum of a plane about a second.
  public init?(
    of model: inout ModelFile, in environment: any Environment, discount: Double,
    size: (columns: Int, rows: Int) = usualSize, grid: (columns: Int, rows: Int) = usualGrid
  ) {
    let factor = model.rewardFactor
    if let world = environment as? any PlanarEnvironment {
      self.init(
        plane: world, &model.policy, discount: discount, size: size, grid: grid,
        rewardFactor: factor)
    } else if let world = environment as? any CellEnvironment {
      self.init(cells: world, &model.policy, discount: discount, rewardFactor: factor)
    } else {
      return nil
    }
  }

  private init(
    plane world: some PlanarEnvironment, _ policy: inout GreedyPolicy, discount: Double,
    size: (columns: Int, rows: Int), grid: (columns: Int, rows: Int), rewardFactor: Double
  ) {
    let plane = world.plane
    let x = ValueMap.Axis(name: plane.xName, bounds: plane.x, count: size.columns)
    let y = ValueMap.Axis(name: plane.yName, bounds: plane.y, count: size.rows)
    let points = (0..<x.count).flatMap { column in
      (0..<y.count).map { SIMD2(x.center(of: column), y.center(of: $0)) }
    }
    var world = world
    var cells: [ValueMap.Cell?] = []
    cells.reserveCapacity(points.count)
    for point in points {
      world.start(at: point)
      let values = policy.values(for: world.observation)
      cells.append(ValueMap.Cell(values.map { Double($0) / rewardFactor }))
    }
    let optimum = try? GridOptimum(
      of: world, columns: grid.columns, rows: grid.rows, discount: discount)
    self.init(
      environment: world.specification.id, actions: ActionNames.names(of: world.specification),
      discount: discount, learned: ValueMap(x: x, y: y, cells: cells),
      optimal: optimum.map { optimum in
        ValueMap(x: x, y: y, cells: points.map { ValueMap.Cell(optimum.actionValues(at: $0)) })
      }, walls: [], labels: [])
  }

  /// `nil` if the environment has no tables.
  private init?(
    cells world: some CellEnvironment, _ policy: inout GreedyPolicy, discount: Double,
    rewardFactor: Double
  ) {
    guard let tables = world.tables else { return nil }
    var world = world
    let x = ValueMap.Axis(
      name: "column", bounds: 0...Double(world.cellColumns), count: world.cellColumns)
    let y = ValueMap.Axis(name: "row", bounds: 0...Double(world.cellRows), count: world.cellRows)
    let places = (0..<x.count).flatMap { column in (0..<y.count).map { (column, $0) } }
    let states = places.map { world.stateIndex(column: $0.0, row: $0.1) }
    let labels = places.map { world.cellLabel(column: $0.0, row: $0.1) }
    // Episodes go on only in states that they can pass through.
    let visited = Set(tables.visitedStates(from: world.startProbabilities))
    var cells: [ValueMap.Cell?] = []
    for state in states {
      guard visited.contains(state) else {
        cells.append(nil)
        continue
      }
      world.state = world.state(at: state)
      let values = policy.values(for: world.observation)
      let legal = tables.legalActions(in: state)
      cells.append(ValueMap.Cell(values.map { Double($0) / rewardFactor }, legal: legal))
    }
    let optimum = try? tables.optimum(discount: discount)
    self.init(
      environment: world.specification.id, actions: ActionNames.names(of: world.specification),
      discount: discount, learned: ValueMap(x: x, y: y, cells: cells),
      optimal: optimum.map { optimum in
        ValueMap(
          x: x, y: y,
          cells: states.map { state in
            guard visited.contains(state) else { return nil }
            return ValueMap.Cell(
              (0..<tables.actionCount).map { optimum.actionValues[state, $0] },
              legal: tables.legalActions(in: state))
          })
      }, walls: Self.walls(in: tables, states, visited, rows: y.count),
      labels: labels)
  }

  /// The walls between neighbouring cells, in both of which episodes go on, of which none leads to the other.
  private static func walls(
    in tables: FiniteModel, _ states: [Int], _ visited: Set<Int>, rows: Int
  ) -> [Wall] {
    func leads(_ state: Int, to other: Int) -> Bool {
      (0..<tables.actionCount).contains { action in
        tables.outcomes(of: action, in: state).contains { $0.probability > 0 && $0.state == other }
      }
    }
    return states.indices.flatMap { place -> [Wall] in
      let (column, row) = (place / rows, place % rows)
      let corner = SIMD2(Double(column), Double(row))
      let right = (place + rows, corner + [1, 0]), below = (place + 1, corner + [0, 1])
      return [right, row + 1 < rows ? below : nil].compactMap { $0 }.compactMap { other, start in
        guard other < states.count, visited.contains(states[place]),
          visited.contains(states[other]), !leads(states[place], to: states[other]),
          !leads(states[other], to: states[place])
        else { return nil }
        return Wall(start: start, end: corner + [1, 1])
      }
    }
  }
}

extension ValueMap.Cell {
  /// The best of action values; only legal actions count.
  fileprivate init(_ values: [Double], legal: [Int]? = nil) {
    let actions = legal ?? Array(values.indices)
    let best = actions.reduce(actions.first ?? 0) { values[$1] > values[$0] ? $1 : $0 }
    self.init(value: values[best], action: best)
  }
}
