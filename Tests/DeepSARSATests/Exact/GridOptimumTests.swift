import DeepSARSA
import Foundation
import Testing

@Suite("The optimum on a grid")
struct GridOptimumTests {
  /// The finite MDP that a grid is: from each point to the four corners around the next one.
  private func model(columns: Int, rows: Int) -> FiniteModel {
    var car = MountainCar()
    let (xs, ys) = (car.plane.x, car.plane.y)
    func corner(_ value: Double, _ bounds: ClosedRange<Double>, _ count: Int) -> (Int, Double) {
      let place = (value - bounds.lowerBound) / (bounds.upperBound - bounds.lowerBound)
      let scaled = min(max(place * Double(count - 1), 0), Double(count - 1))
      let index = min(Int(scaled), count - 2)
      // Sweeps store weights in single precision.
      return (index, Double(Float(scaled - Double(index))))
    }
    return FiniteModel(stateCount: columns * rows, actionCount: 3) { state, action in
      let x = xs.lowerBound + 1.8 * Double(state / rows) / Double(columns - 1)
      let y = ys.lowerBound + 0.14 * Double(state % rows) / Double(rows - 1)
      car.start(at: SIMD2(min(x, xs.upperBound), min(y, ys.upperBound)))
      if car.step(action).isTerminated {
        return [FiniteModel.Outcome(state: state, reward: -1, isTerminated: true)]
      }
      let (column, right) = corner(car.point.x, xs, columns)
      let (row, above) = corner(car.point.y, ys, rows)
      return [
        (column, row, (1 - right) * (1 - above)), (column + 1, row, right * (1 - above)),
        (column, row + 1, (1 - right) * above), (column + 1, row + 1, right * above),
      ].map { column, row, weight in
        FiniteModel.Outcome(probability: weight, state: column * rows + row, reward: -1)
      }
    }
  }

  @Test("is that of the finite model that the grid is, by policy iteration", arguments: [0.95, 1])
  func finiteModel(discount: Double) throws {
    // Nearly all columns of the coarse grid, and a grid that begins with a coarser one.
    let (columns, rows) = (19, 15)
    let grid = try GridOptimum(
      of: MountainCar(), columns: columns, rows: rows, discount: discount, tolerance: 1e-12)
    let exact = try model(columns: columns, rows: rows).optimum(discount: discount)
    let errors = zip(grid.points(stride: 1), exact.values).map { abs(grid.value(at: $0) - $1) }
    #expect(errors.max() ?? 1 < 1e-6)
    #expect(grid.points(stride: 1).count == columns * rows && grid.sweeps > 10)
    #expect(grid.points(stride: 7).count == 9)
  }

  @Test("does not depend on the coarser grids that it begins with")
  func coarse() throws {
    // With 51 rows the halves are used, with 50 they are not: both agree where they have the same points.
    let fine = try GridOptimum(
      of: MountainCar(), columns: 61, rows: 51, discount: 0.9, tolerance: 1e-10)
    var error = 0.0
    for point in fine.points(stride: 4) {
      let best = fine.actionValues(at: point).max() ?? 0
      error = max(error, abs(best - fine.value(at: point)))
    }
    #expect(error < 1e-6)
  }

  @Test("drives MountainCar from every start, better with a finer grid")
  func mountainCar() throws {
    let known = try PlanarKnownOptimum(
      TimeLimit(MountainCar(), maximumSteps: 200), columns: 91, rows: 71, startCount: 201)
    #expect(known.returns.count == 201)
    #expect(abs(known.returns.mean - Self.coarseMean) < 0.06, "\(known.returns)")
    #expect(known.returns.highest == -83 && known.returns.lowest > -120)
  }

  /// The mean return of the best policy on 91 × 71 points, over 2,001 starts; −98.40 on 181 × 141, and
  /// −97.65 on 1801 × 1401.
  private static let coarseMean = -98.8916

  @Test(
    "of MountainCar has a mean return of −97.65",
    .enabled(if: ProcessInfo.processInfo.environment["DEEP_SARSA_PROOFS"] != nil))
  func proof() throws {
    let known = try PlanarKnownOptimum(TimeLimit(MountainCar(), maximumSteps: 200))
    #expect(abs(known.returns.mean + 97.65) < 0.01, "\(known.returns)")
    #expect(known.returns.lowest == -104 && known.returns.highest == -83)
  }

  @Test("is an error if the goal cannot be reached")
  func endless() {
    let car = MountainCar(goalVelocity: 0.08)
    #expect(throws: OptimumError.self) {
      try GridOptimum(of: car, columns: 11, rows: 11, discount: 1)
    }
    #expect(throws: Never.self) {
      try GridOptimum(of: car, columns: 11, rows: 11, discount: 0.9)
    }
  }
}

@Suite("A network beside the optimum")
struct OptimumComparisonTests {
  /// A network of one layer with these weights [inputs, outputs] and biases.
  private func network(_ weights: [[Float]], biases: [Float]) throws -> GreedyPolicy {
    let description = NetworkDescription(inputs: weights.count, hidden: [], outputs: biases.count)
    var policy = try GreedyPolicy(description)
    var model = policy.model()
    for i in model.tensors.indices {
      // PyTorch's layout is [outputs, inputs].
      model.tensors[i].values =
        model.tensors[i].shape.count == 1
        ? biases : biases.indices.flatMap { output in weights.map { $0[output] } }
    }
    try policy.load(model)
    return policy
  }

  @Test("that has the optimal values has no error and no regret")
  func perfect() throws {
    let maze = TimeLimit(Maze(start: .anywhere), maximumSteps: 100)
    let optimum = try Maze().model.optimum(discount: 0.9)
    var policy = try network(
      (0..<25).map { cell in (0..<4).map { Float(optimum.actionValues[cell, $0]) } },
      biases: [0, 0, 0, 0])
    let known = try #require(FiniteKnownOptimum(maze))
    let comparison = try known.comparison(with: &policy, discount: 0.9)
    #expect(comparison.all.largest < 1e-6 && comparison.all.disagreement == 0)
    #expect(comparison.all.states == 24 && comparison.visited.states == 24)
    #expect(comparison.returns == known.returns && known.returns.count == 24)
  }

  @Test("that is wrong in one cell by a number has that error there, and loses its episodes")
  func wrong() throws {
    let maze = TimeLimit(Maze(), maximumSteps: 100)
    let optimum = try Maze().model.optimum(discount: 0.9)
    var rows = (0..<25).map { cell in (0..<4).map { Float(optimum.actionValues[cell, $0]) } }
    // Up, into the border, seems best in the corner, by half more than what is.
    rows[0][0] = Float(optimum.values[0]) + 0.5
    var policy = try network(rows, biases: [0, 0, 0, 0])
    let known = try #require(FiniteKnownOptimum(maze))
    let comparison = try known.comparison(with: &policy, discount: 0.9)
    #expect(abs(comparison.all.largest - 0.5) < 1e-6 && comparison.all.states == 24)
    #expect(abs(comparison.all.rootMeanSquare - 0.5 / 24.0.squareRoot()) < 1e-6)
    #expect(abs(comparison.all.disagreement - 1.0 / 24) < 1e-12)
    #expect(comparison.visited.states == 10)
    #expect(abs(comparison.visited.disagreement - 0.1) < 1e-12)
    #expect(known.returns.mean == -10 && comparison.returns.mean == -100)
  }

  @Test("whose values overflow has no largest error, as it has no mean square")
  func overflow() throws {
    let maze = TimeLimit(Maze(), maximumSteps: 100)
    var policy = try GreedyPolicy(#require(NetworkDescription("25 > dense 2 > dense 4")))
    // Both units overflow, and every value is the difference of two infinities.
    var model = policy.model()
    for i in model.tensors.indices {
      let isLast = model.tensors[i].shape == [4, 2]
      for j in model.tensors[i].values.indices {
        model.tensors[i].values[j] =
          isLast ? (j.isMultiple(of: 2) ? 1 : -1) : .greatestFiniteMagnitude
      }
    }
    try policy.load(model)
    let known = try #require(FiniteKnownOptimum(maze))
    let comparison = try known.comparison(with: &policy, discount: 0.9)
    #expect(comparison.all.rootMeanSquare.isNaN && comparison.all.largest.isNaN)
    #expect(comparison.visited.largest.isNaN)
  }

  @Test("in a plane has errors against the grid for its discount, and returns of the same starts")
  func plane() throws {
    let car = TimeLimit(MountainCar(), maximumSteps: 200)
    // Pushes right whatever happens, with the value −5.
    var policy = try network([[0, 0, 0], [0, 0, 0]], biases: [-6, -6, -5])
    let known = try PlanarKnownOptimum(car, columns: 41, rows: 31, startCount: 21)
    let comparison = try known.comparison(with: &policy, discount: 0.9)
    #expect(comparison.returns.mean == -200 && comparison.returns.count == 21)
    #expect(comparison.all.states == 5 * 4)
    #expect(comparison.visited.states == -Int((known.returns.mean * 21).rounded()))
    let grid = try GridOptimum(of: car, columns: 41, rows: 31, discount: 0.9)
    let errors = grid.points(stride: 10).map { -5 - grid.value(at: $0) }
    #expect(comparison.all.largest == errors.map { abs($0) }.max())
    let undiscounted = try GridOptimum(of: car, columns: 41, rows: 31, discount: 1)
    let others = undiscounted.points(stride: 10).count {
      let values = undiscounted.actionValues(at: $0)
      return values[2] < (values.max() ?? 0) - 0.5
    }
    #expect(others > 0 && abs(comparison.all.disagreement - Double(others) / 20) < 1e-12)
  }
}
