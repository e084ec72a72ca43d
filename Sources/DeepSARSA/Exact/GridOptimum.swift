internal import SARSALinearAlgebra
internal import SARSAPreconditions

/// The optimal values of a deterministic environment in a plane, by value iteration on a grid.
///
/// ```swift
/// let optimum = try GridOptimum(of: MountainCar(), columns: 1801, rows: 1401, discount: 1)
/// optimum.value(at: SIMD2(-0.5, 0))     // about −100: so many steps to the goal
/// ```
///
/// v(s) = max over a of r + γ·v(s′), where s is a point of the grid and v(s′) is interpolated bilinearly
/// between the four points around s′, 0 after a termination. The weights of the interpolation are positive
/// and sum to one. So the grid is itself a finite MDP, which moves from s to the four points with these
/// probabilities, and value iteration converges to its optimum.
///
/// Sweeps replace values in place, from the first column to the last and back in turn (Gauss–Seidel), so
/// that a value travels far within one sweep. A sweep skips the columns that depend on no changed value. A
/// fine grid begins with the values of a grid of half as many points along each side. All successors are
/// computed once, by steps of the environment.
///
/// Interpolation smooths the jumps of the values, so values have an error that shrinks with the grid. The
/// return of its greedy policy, played in the environment, has none.
///
/// Source: R. Munos, A. W. Moore, "Variable Resolution Discretization in Optimal Control", 2002,
/// https://doi.org/10.1023/A:1017992615625, §2.
public struct GridOptimum<World: PlanarEnvironment>: Sendable {
  /// The discount γ.
  public let discount: Double
  /// The numbers of points: columns along the first number of a point, rows along the second.
  public let columns: Int
  /// The number of points along the second number.
  public let rows: Int
  /// The number of sweeps.
  public let sweeps: Int

  /// v [columns, rows].
  private let values: [Double]
  private let grid: Grid
  private let world: World

  /// Computes the values.
  ///
  /// It stops when no value changes by more than the tolerance.
  ///
  /// - Parameters:
  ///   - environment: the environment; a time limit has no effect.
  ///   - columns: the points along the first number.
  ///   - rows: the points along the second number.
  ///   - discount: γ.
  ///   - tolerance: the change that is too small to matter.
  /// - Precondition: at least two columns and rows, at most 2³⁰ pairs of a point and an action;
  ///   0 ≤ γ ≤ 1; a positive tolerance.
  /// - Throws: `OptimumError.endless` if γ is 1 and from some point no policy ends an episode,
  ///   `.notConverged`.
  /// - Complexity: O(points · actions) for each of usually less than 200 sweeps, of which most skip columns; 16
  ///   bytes for each point and action.
  public init(
    of environment: World, columns: Int = 1801, rows: Int = 1401, discount: Double,
    tolerance: Double = 1e-5
  ) throws(OptimumError) {
    require((0...1).contains(discount), "discount is \(discount); allowed: 0 to 1")
    require(tolerance > 0, "tolerance is \(tolerance); allowed: more than 0")
    let grid = Grid(plane: environment.plane, columns: columns, rows: rows)
    do throws(ArenaError) {
      try BLAS.requireMemory(bytes: grid.byteCount(actions: environment.specification.actionCount))
    } catch {
      throw .memory(error)
    }
    (values, sweeps) = try Self.values(
      of: environment, on: grid, discount: discount, tolerance: tolerance)
    self.discount = discount
    self.columns = columns
    self.rows = rows
    self.grid = grid
    world = environment
  }

  private static var sweepLimit: Int { 2_000 }
  /// A grid with more points than this along both sides begins with the values of a coarser grid.
  private static var coarsest: Int { 50 }

  private static func values(
    of environment: World, on grid: Grid, discount: Double, tolerance: Double
  ) throws(OptimumError) -> (values: [Double], sweeps: Int) {
    var values = [Double](repeating: 0, count: grid.columns * grid.rows)
    if min(grid.columns, grid.rows) > coarsest {
      // The coarse values are only a start, so it does not matter if they cannot be computed.
      let coarse = Grid(plane: grid.plane, columns: grid.columns / 2 + 1, rows: grid.rows / 2 + 1)
      if let found = try? Self.values(
        of: environment, on: coarse, discount: discount, tolerance: tolerance
      ).values {
        for i in values.indices { values[i] = coarse.value(at: grid.point(i), in: found) }
      }
    }
    let actions = environment.specification.actionCount
    let successors = grid.successors(in: environment, actions: actions)
    if discount == 1, let point = grid.firstEndless(successors, actions: actions) {
      throw .endless(state: "the point (\(point.x), \(point.y))")
    }
    let reach = grid.reach(of: successors, actions: actions)
    // Whether a value that a column depends on has changed since the column was last computed.
    var isDue = [Bool](repeating: true, count: grid.columns)
    var sweeps = 0
    while isDue.contains(true) {
      if sweeps == sweepLimit { throw .notConverged(sweeps: sweeps) }
      for i in 0..<grid.columns {
        let column = sweeps % 2 == 0 ? i : grid.columns - 1 - i
        guard isDue[column] else { continue }
        isDue[column] = false
        let change = grid.update(
          column, of: &values, successors, actions: actions, discount: discount)
        guard change > tolerance else { continue }
        for other in reach.indices where reach[other].contains(column) { isDue[other] = true }
      }
      sweeps += 1
    }
    return (values, sweeps)
  }

  /// v at a point.
  ///
  /// - Complexity: O(1), no allocation.
  public func value(at point: SIMD2<Double>) -> Double {
    grid.value(at: point, in: values)
  }

  /// q(s, a) at a point, by one step of the environment for every action.
  ///
  /// - Complexity: O(actions), one allocation.
  public func actionValues(at point: SIMD2<Double>) -> [Double] {
    var world = world
    return (0..<world.specification.actionCount).map { action in
      world.start(at: point)
      let step = world.step(action)
      return step.reward + (step.isTerminated ? 0 : discount * value(at: world.point))
    }
  }

  /// The action of the highest value at a point; the first of several.
  public func action(at point: SIMD2<Double>) -> Int {
    let values = actionValues(at: point)
    return values.firstIndex(of: values.max() ?? 0) ?? 0
  }

  /// Every n-th point in both directions, column by column.
  ///
  /// - Precondition: the stride is positive.
  public func points(stride step: Int) -> [SIMD2<Double>] {
    stride(from: 0, to: columns, by: step).flatMap { column in
      stride(from: 0, to: rows, by: step).map { grid.point(column * rows + $0) }
    }
  }
}

/// A grid of points over a plane, numbered column by column.
private struct Grid: Sendable {
  let plane: Plane
  let columns: Int
  let rows: Int

  init(plane: Plane, columns: Int, rows: Int) {
    require(
      columns > 1 && rows > 1, "the grid has % × % points; allowed: 2 or more each", columns, rows)
    self.plane = plane
    self.columns = columns
    self.rows = rows
  }

  func point(_ number: Int) -> SIMD2<Double> {
    SIMD2(
      Self.coordinate(number / rows, of: columns, in: plane.x),
      Self.coordinate(number % rows, of: rows, in: plane.y))
  }

  private static func coordinate(
    _ index: Int, of count: Int, in bounds: ClosedRange<Double>
  ) -> Double {
    // The last coordinate is the bound itself, whatever the rounding.
    if index == count - 1 { return bounds.upperBound }
    let width = bounds.upperBound - bounds.lowerBound
    return bounds.lowerBound + width * Double(index) / Double(count - 1)
  }

  /// The cell around a point, by the number of its first corner, and where in the cell the point is, from 0
  /// to 1.
  struct Place {
    var cell: Int
    var x: Double
    var y: Double
  }

  func place(of point: SIMD2<Double>) -> Place {
    let (column, x) = Self.place(of: point.x, among: columns, in: plane.x)
    let (row, y) = Self.place(of: point.y, among: rows, in: plane.y)
    return Place(cell: column * rows + row, x: x, y: y)
  }

  private static func place(
    of coordinate: Double, among count: Int, in bounds: ClosedRange<Double>
  ) -> (index: Int, fraction: Double) {
    let width = bounds.upperBound - bounds.lowerBound
    let scaled = (coordinate - bounds.lowerBound) / width * Double(count - 1)
    let clamped = min(max(scaled, 0), Double(count - 1))
    let index = min(Int(clamped), count - 2)
    return (index, clamped - Double(index))
  }

  /// The value at a point, interpolated between the corners of its cell.
  func value(at point: SIMD2<Double>, in values: [Double]) -> Double {
    let place = place(of: point)
    let (low, high) = (place.cell, place.cell + rows)
    let left = values[low] + place.y * (values[low + 1] - values[low])
    let right = values[high] + place.y * (values[high + 1] - values[high])
    return left + place.x * (right - left)
  }

  /// What an action in a point of the grid leads to.
  ///
  /// In single precision, because sweeps are bound by memory; a weight's error of 2⁻²⁵ is far below that of
  /// the interpolation.
  struct Successor {
    /// The reward.
    var reward: Float
    /// The cell of the next point; −1 after a termination.
    var cell: Int32
    /// The place of the next point in the cell.
    var x: Float
    var y: Float
  }

  /// The memory that value iteration takes: values, successors and a mark for each point, and those of coarser grids,
  /// which are a third as much together.
  func byteCount(actions: Int) -> Int {
    let point = MemoryLayout<Double>.size + actions * MemoryLayout<Successor>.stride + 1
    return columns * rows * point * 4 / 3
  }

  /// The successors of all points [points · actions], a point's actions side by side.
  func successors(in environment: some PlanarEnvironment, actions: Int) -> [Successor] {
    var environment = environment
    var result: [Successor] = []
    result.reserveCapacity(columns * rows * actions)
    for number in 0..<columns * rows {
      let point = point(number)
      for action in 0..<actions {
        environment.start(at: point)
        let step = environment.step(action)
        let place = place(of: environment.point)
        result.append(
          Successor(
            reward: Float(step.reward), cell: step.isTerminated ? -1 : Int32(place.cell),
            x: Float(place.x), y: Float(place.y)))
      }
    }
    return result
  }

  /// The columns whose values each column depends on.
  func reach(of successors: [Successor], actions: Int) -> [Range<Int>] {
    (0..<columns).map { column in
      var (first, last) = (columns, -1)
      for next in column * rows * actions..<(column + 1) * rows * actions
      where successors[next].cell >= 0 {
        let cell = Int(successors[next].cell) / rows
        (first, last) = (min(first, cell), max(last, cell + 1))
      }
      return first > last ? 0..<0 : first..<last + 1
    }
  }

  /// Replaces the values of a column by those of the best actions; returns the largest change.
  func update(
    _ column: Int, of values: inout [Double], _ successors: [Successor], actions: Int,
    discount: Double
  ) -> Double {
    let successors = successors.span
    var values = values.mutableSpan
    var change = 0.0
    for point in column * rows..<(column + 1) * rows {
      var best = -Double.infinity
      for next in point * actions..<(point + 1) * actions {
        let successor = successors[next]
        var value = Double(successor.reward)
        if successor.cell >= 0 {
          let low = Int(successor.cell)
          let high = low + rows
          let y = Double(successor.y)
          let left = values[low] + y * (values[low + 1] - values[low])
          let right = values[high] + y * (values[high + 1] - values[high])
          value += discount * (left + Double(successor.x) * (right - left))
        }
        best = max(best, value)
      }
      change = max(change, abs(best - values[point]))
      values[point] = best
    }
    return change
  }

  /// The first point from which no actions end an episode; `nil` if there is none.
  func firstEndless(_ successors: [Successor], actions: Int) -> SIMD2<Double>? {
    var ends = [Bool](repeating: false, count: columns * rows)
    var (isGrowing, isForward) = (true, true)
    while isGrowing {
      isGrowing = false
      for i in ends.indices {
        let point = isForward ? i : ends.count - 1 - i
        if ends[point] { continue }
        for next in point * actions..<(point + 1) * actions
        where mayEnd(successors[next], ends) {
          ends[point] = true
          isGrowing = true
          break
        }
      }
      isForward.toggle()
    }
    return ends.firstIndex(of: false).map(point)
  }

  /// Whether a successor is an end, or has a corner with a weight from which an episode may end.
  private func mayEnd(_ successor: Successor, _ ends: [Bool]) -> Bool {
    let low = Int(successor.cell)
    if low < 0 { return true }
    let high = low + rows
    let (left, right) = (successor.x < 1, successor.x > 0)
    let (below, above) = (successor.y < 1, successor.y > 0)
    return left && below && ends[low] || left && above && ends[low + 1]
      || right && below && ends[high] || right && above && ends[high + 1]
  }
}
