public import SARSARandomSources

/// MinAtar's Freeway: get the chicken across eight lanes.
///
/// # Description
/// Cars drive along their lanes and re-enter at the other side. The chicken moves up and down in its
/// column, at most once in three frames. A car that hits it returns it to the start. Reaching the first
/// row also returns it to the start, and draws new speeds and directions for all cars. The game does not
/// get harder.
///
/// # Action space
/// `MinAtar/Freeway-v0` has all six actions, of which up and down do something; `-v1` has 0 nothing,
/// 1 up, 2 down.
///
/// # Observation space
/// [10, 10, 7]:
///
/// | channel | meaning |
/// | --- | --- |
/// | 0 | the chicken |
/// | 1 | a car |
/// | 2 to 6 | the cell behind a car that moves every second to every sixth frame |
///
/// # Rewards
/// 1 for each crossing.
///
/// # Starting state
/// The chicken at the bottom, all cars at the left; each car's speed and direction are drawn.
///
/// # Episode end
/// Terminated after 2,501 frames.
///
/// # Version
/// `MinAtar/Freeway-v0` and `MinAtar/Freeway-v1`, with the arguments `sticky_action_prob` and
/// `difficulty_ramping`, which changes nothing here.
///
/// Source: as for `MinAtar`.
public struct Freeway: MinAtarGame {
  /// What can be in a cell.
  public enum Channel: Int, MinAtarChannel {
    /// The chicken.
    case chicken
    /// A car.
    case car
    /// Behind a car that rests 1 frame between moves.
    case rests1
    /// Behind a car that rests 2 frames between moves.
    case rests2
    /// Behind a car that rests 3 frames between moves.
    case rests3
    /// Behind a car that rests 4 frames between moves.
    case rests4
    /// Behind a car that rests 5 frames between moves.
    case rests5

    /// The last channel, of the slowest cars.
    public static var last: Channel { .rests5 }
  }

  private struct Car: Codable, Hashable {
    var x = 0
    /// The frames between moves.
    var rest = 1
    var framesToMove = 1
    var movesRight = true
  }

  /// The chicken's row; its column is 4.
  private var y = 9
  private var framesToWalk = Self.walkInterval
  private var framesLeft = Self.frames
  /// The cars of rows 1 to 8.
  private var cars = [Car](repeating: Car(), count: laneCount)

  private static let column = 4
  private static let walkInterval = 3
  private static let frames = 2_500
  private static let laneCount = 8
  /// The frames between the moves of a car.
  private static let rests = 1...5

  /// `Freeway`.
  public static var name: String { "Freeway" }

  /// Nothing, up and down.
  public static var actions: [MinAtarAction] { [.wait, .up, .down] }

  /// Draws the cars.
  public init(random: inout MT19937) {
    drawCars(random: &random)
  }

  /// Draws all speeds, then all directions.
  private mutating func drawCars(random: inout MT19937) {
    for lane in cars.indices {
      cars[lane].rest = Self.rests.lowerBound + random.integer(below: Self.rests.count)
      cars[lane].framesToMove = cars[lane].rest
    }
    for lane in cars.indices { cars[lane].movesRight = random.random() > 0.5 }
  }

  /// Whether chicken and cars are on the board, and counters within their ranges.
  public var isPlayable: Bool {
    (1...9).contains(y) && (0...Self.walkInterval).contains(framesToWalk)
      && (0...Self.frames).contains(framesLeft) && cars.count == Self.laneCount
      && cars.allSatisfy { car in
        MinAtarBoard.cells.contains(car.x) && Self.rests.contains(car.rest)
          && (0...car.rest).contains(car.framesToMove)
      }
  }

  /// Moves the chicken, then the cars.
  public mutating func play(
    _ action: MinAtarAction, isRamping: Bool, random: inout MT19937
  ) -> Step {
    if framesToWalk == 0 && (action == .up || action == .down) {
      framesToWalk = Self.walkInterval
      y = action == .up ? y - 1 : min(9, y + 1)
    }
    var step = Step(reward: 0)
    if y == 0 {
      step.reward = 1
      drawCars(random: &random)
      y = 9
    }
    for lane in cars.indices { drive(lane) }
    if framesToWalk > 0 { framesToWalk -= 1 }
    framesLeft -= 1
    step.isTerminated = framesLeft < 0
    return step
  }

  /// Moves a car; it hits the chicken in its cell before the move and in the cell after it.
  private mutating func drive(_ lane: Int) {
    hit(from: lane)
    if cars[lane].framesToMove > 0 {
      cars[lane].framesToMove -= 1
      return
    }
    cars[lane].framesToMove = cars[lane].rest
    cars[lane].x = Self.wrapped(
      MinAtarBoard.next(to: cars[lane].x, onTheRight: cars[lane].movesRight))
    hit(from: lane)
  }

  private mutating func hit(from lane: Int) {
    if y == lane + 1 && cars[lane].x == Self.column { y = 9 }
  }

  /// The column at which a car beyond the border re-enters.
  private static func wrapped(_ x: Int) -> Int { x < 0 ? 9 : (x > 9 ? 0 : x) }

  /// Marks the chicken, and the cars with their trails.
  public func draw(on board: inout MutableSpan<Float>) {
    Channel.chicken.mark(x: Self.column, y: y, on: &board)
    for (lane, car) in cars.enumerated() {
      Channel.car.mark(x: car.x, y: lane + 1, on: &board)
      if let trail = Channel(rawValue: Channel.car.rawValue + car.rest) {
        trail.mark(
          x: Self.wrapped(MinAtarBoard.next(to: car.x, onTheRight: !car.movesRight)), y: lane + 1,
          on: &board)
      }
    }
  }
}
