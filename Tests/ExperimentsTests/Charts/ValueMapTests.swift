import DeepSARSA
import SARSAExperiments
import TestSupport
import Testing

@Suite("Values on maps")
struct ValueMapTests {
  /// A run of a few steps.
  private func trained(
    _ environment: String, in folder: TemporaryFolder, _ arguments: [String: ArgumentValue] = [:]
  ) throws -> RunFolder {
    var settings = RunSettings(environment: environment, environmentArguments: arguments)
    settings.hyperparameters = .notebook
    settings.hyperparameters.network.hiddenSizes = [16]
    settings.hyperparameters.replay.capacity = 1_000
    settings.hyperparameters.budget = Budget(steps: 1_200, episodes: nil)
    settings.evaluation.episodes = 1
    settings.evaluation.finalEpisodes = 1
    let world = try EnvironmentRegistry.make(environment, arguments: arguments)
    let summary = try train(world, settings, in: folder.path)
    return try #require(RunFolder(existing: summary.run))
  }

  private func train(
    _ world: some Environment, _ settings: RunSettings, in root: String
  ) throws -> RunSummary {
    var run = try TrainingRun(settings, environment: world, root: root)
    while !run.isFinished { try run.advance() }
    return try #require(try run.finish())
  }

  /// The values of a network on a map that there is.
  private func valueMaps(
    of model: inout ModelFile, in world: MountainCar, discount: Double,
    size: (columns: Int, rows: Int) = ValueMaps.usualSize, grid: (columns: Int, rows: Int)
  ) throws -> ValueMaps {
    let maps = ValueMaps(of: &model, in: world, discount: discount, size: size, grid: grid)
    return try #require(maps)
  }

  @Test("of MountainCar they are the network's in the centres of cells, between the true bounds")
  func plane() throws {
    let folder = try TemporaryFolder()
    let run = try trained("MountainCar-v0", in: folder)
    var model = try ModelFile(reading: run.path(of: .model))
    var car = MountainCar()
    let maps = try valueMaps(of: &model, in: car, discount: 0.99, size: (31, 21), grid: (31, 21))
    let map = maps.learned
    #expect(map.x.bounds == -1.2...0.6 && map.y.bounds == -0.07...0.07)
    #expect(map.x.name == "position" && map.y.name == "velocity" && !maps.isOfCells)
    #expect(map.cells.count == 31 * 21)
    for (column, row) in [(0, 0), (30, 20), (12, 10), (17, 3)] {
      let position = -1.2 + 1.8 * (Double(column) + 0.5) / 31
      let velocity = -0.07 + 0.14 * (Double(row) + 0.5) / 21
      car.start(at: [position, velocity])
      let values = model.policy.values(for: car.observation)
      let cell = try #require(map[column, row])
      #expect(abs(cell.value - Double(values.max() ?? 0)) < 1e-6)
      let action = model.policy.action(for: car.observation)
      #expect(cell.action == action)
      let place = map.cell(around: [position, velocity])
      #expect(place.column == column && place.row == row)
    }
    #expect(map.x.edge(0) == -1.2 && map.x.edge(31) == 0.6 && map.y.edge(21) == 0.07)
    // The valley is a centre of the usual cells.
    let usual = try valueMaps(of: &model, in: car, discount: 0.99, grid: (31, 21))
    #expect(abs(usual.learned.x.center(of: 24) + 0.5) < 1e-12)
    #expect(abs(usual.learned.y.center(of: 22)) < 1e-12)
  }

  @Test("the optimum of MountainCar is that of a grid, and ends are near")
  func planeOptimum() throws {
    let folder = try TemporaryFolder()
    let run = try trained("MountainCar-v0", in: folder)
    var model = try ModelFile(reading: run.path(of: .model))
    let maps = try valueMaps(
      of: &model, in: MountainCar(), discount: 0.99, size: (9, 9), grid: (181, 141))
    let optimal = try #require(maps.optimal)
    let grid = try GridOptimum(of: MountainCar(), columns: 181, rows: 141, discount: 0.99)
    let point = SIMD2(optimal.x.center(of: 3), optimal.y.center(of: 4))
    #expect(optimal[3, 4]?.value == grid.actionValues(at: point).max())
    #expect(optimal[3, 4]?.action == grid.action(at: point))
    // At the upper right the car is at the flag within some steps.
    #expect(optimal[8, 8].map { $0.value > -5 && $0.value < 0 } == true)
  }

  @Test(
    "of FrozenLake they are those of its cells, without holes and goal, beside the exact optimum")
  func cells() throws {
    let folder = try TemporaryFolder()
    let run = try trained("FrozenLake-v1", in: folder)
    let record = try RunRecord(reading: run)
    let maps = try #require(try ValueMaps(of: record))
    var model = try ModelFile(reading: run.path(of: .model))
    let optimum = try FrozenLake(.v1).model.optimum(discount: maps.discount)
    for column in 0..<4 {
      for row in 0..<4 {
        let isEnd = [5, 7, 11, 12, 15].contains(row * 4 + column)
        #expect((maps.learned[column, row] == nil) == isEnd)
        #expect(maps.labels[column * 4 + row].isEmpty != (isEnd || column + row == 0))
        guard let cell = maps.learned[column, row], let best = maps.optimal?[column, row] else {
          continue
        }
        var observation = [Float](repeating: 0, count: 16)
        observation[row * 4 + column] = 1
        let values = model.policy.values(for: observation)
        #expect(abs(cell.value - Double(values.max() ?? 0)) < 1e-6)
        #expect(Double(values[cell.action]) == cell.value)
        #expect(abs(best.value - optimum.values[row * 4 + column]) < 1e-9)
      }
    }
    #expect(maps.walls.isEmpty && maps.actions == ["left", "down", "right", "up"])
  }

  @Test("walls stand between cells of which none leads to the other")
  func walls() throws {
    let folder = try TemporaryFolder()
    let maze = try #require(try ValueMaps(of: RunRecord(reading: trained("Maze-v0", in: folder))))
    #expect(maze.walls.count == 15)
    // Between (row 1, column 0) and (row 1, column 1).
    #expect(maze.walls.contains { $0.start == [1, 1] && $0.end == [1, 2] })
    let taxi = try #require(try ValueMaps(of: RunRecord(reading: trained("Taxi-v4", in: folder))))
    #expect(taxi.walls.count == 6 && taxi.learned.cells.count == 25)
    #expect(taxi.labels.filter { !$0.isEmpty }.sorted() == ["D", "P"])
    let cliff = try #require(
      try ValueMaps(of: RunRecord(reading: trained("CliffWalking-v1", in: folder))))
    #expect(cliff.walls.isEmpty && cliff.learned.x.count == 12 && cliff.learned.y.count == 4)
    #expect(cliff.learned[5, 3] == nil && cliff.learned[0, 3] != nil)
  }

  @Test(
    "values that overflow have no colour, and values of a factor that no training has are as they are",
    arguments: [(Float(1), "nan"), (1, "0"), (1e38, "1")])
  func notFinite(scale: Float, factor: String) throws {
    let folder = try TemporaryFolder()
    let run = try trained("FrozenLake-v1", in: folder)
    let maps = try #require(try ValueMaps(of: RunRecord(reading: run)))
    var model = try ModelFile(reading: run.path(of: .model)).policy.model()
    model = Safetensors(
      tensors: model.tensors.map {
        .init(name: $0.name, shape: $0.shape, values: $0.values.map { scale * $0 })
      }, metadata: model.metadata)
    model.metadata["reward_factor"] = factor
    try ModelFile.write(
      model, environment: "FrozenLake-v1", step: nil, to: run.path(of: .model))
    let changed = try #require(try ValueMaps(of: RunRecord(reading: run)))
    #expect((changed == maps) == (scale == 1))
    for chart in [Chart.costToGo(of: changed), .policy(of: changed)] {
      #expect(chart.json(in: .light, width: 600, height: 400).contains("learned"))
    }
  }

  @Test("an environment that is no map has none")
  func noMap() throws {
    let folder = try TemporaryFolder()
    #expect(try ValueMaps(of: RunRecord(reading: trained("CartPole-v1", in: folder))) == nil)
  }

  @Test("what gnuplot gets has the bounds, and every cell in its place")
  func surface() throws {
    let folder = try TemporaryFolder()
    let run = try trained("MountainCar-v0", in: folder)
    var model = try ModelFile(reading: run.path(of: .model))
    let maps = try valueMaps(
      of: &model, in: MountainCar(), discount: 0.99, size: (5, 3), grid: (31, 21))
    let script = try #require(Surface(of: maps)).script(
      .svg, .light, width: 640, height: 480, scale: 1)
    #expect(script.contains("set xrange [-1.2:0.6]\nset yrange [-0.07:0.07]"))
    let cost = -(try #require(maps.learned[4, 2]).value)
    let (x, y) = (maps.learned.x.center(of: 4), maps.learned.y.center(of: 2))
    #expect(script.contains("\n\(x) \(y) \(cost)\n\ne\n"))
    #expect(
      script.split(separator: "\n").count { $0.first == "-" || $0.first?.isNumber == true } == 15)
  }
}
