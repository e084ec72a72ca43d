public import SARSARandomSources
internal import SARSAPreconditions

/// A taxi among walls: fetch a passenger and bring them where they want to go.
///
/// # Description
/// Five by five cells with walls between some neighbours, and four places: R, G, Y and B. A passenger
/// waits at one and wants to go to another. In rain a move that is possible goes to its left or right
/// now and then. A fickle passenger may choose another place once, when the taxi first moves with them.
/// Every trajectory equals Gymnasium's to the bit.
///
/// # Action space
/// 0 goes south, 1 north, 2 east, 3 west; 4 picks the passenger up, 5 drops them off.
///
/// # Observation space
/// One of 500 numbers, one-hot: ((row · 5 + column) · 5 + passenger) · 4 + destination, where the
/// passenger is at one of the four places or, 4, in the taxi.
///
/// # Rewards
/// 20 for the passenger at their destination, −10 for picking up or dropping off where that cannot be,
/// −1 for every other step.
///
/// # Starting state
/// Any cell, any place of the passenger, any other destination, each as likely.
///
/// # Episode end
/// Terminated with the passenger at their destination. `Taxi-v4` is truncated after 200 steps, by
/// `TimeLimit`.
///
/// # Version
/// `Taxi-v4`, solved at a mean return of 8.
///
/// Source: T. G. Dietterich, "Hierarchical Reinforcement Learning with the MAXQ Value Function
/// Decomposition", 2000, https://doi.org/10.1613/jair.639; Gymnasium's `taxi.py`.
public struct Taxi: Environment {
  /// The world's number, the passenger's mood and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// Where taxi, passenger and destination are, from 0 to 499.
    public var number: Int
    /// Whether the passenger will choose another destination.
    public var isFickle: Bool
    /// The stream that starts, weather and moods are drawn from.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(number: Int, isFickle: Bool = false, random: PCG64) {
      self.number = number
      self.isFickle = isFickle
      self.random = random
    }
  }

  /// Everything there is.
  ///
  /// - Precondition: a number from 0 to 499.
  public var state = State(number: 0, random: PCG64(seed: 0))
  /// What every action leads to in every state, where no passenger is fickle.
  public let model: FiniteModel

  /// How likely a passenger is fickle, if any is.
  private let fickleness: Double?

  /// Makes a world.
  ///
  /// - Parameters:
  ///   - rain: how likely a move goes where it is meant to in rain; without one it is dry.
  ///   - fickleness: how likely a passenger is fickle; without one none is.
  /// - Precondition: probabilities from 0 to 1.
  public init(rain: Double? = nil, fickleness: Double? = nil) {
    for (name, probability) in [("rain", rain), ("fickleness", fickleness)] {
      guard let probability else { continue }
      require((0...1).contains(probability), "\(name) is \(probability); allowed: 0 to 1")
    }
    self.fickleness = fickleness
    model = FiniteModel(stateCount: Place.stateCount, actionCount: 6) { number, action in
      let place = Place(number: number)
      if action == 4 { return [place.pickingUp] }
      if action == 5 { return [place.droppingOff] }
      guard let rain else {
        return [FiniteModel.Outcome(state: place.moved(action).number, reward: -1)]
      }
      // Left and right of south, north, east and west.
      let sides = [(2, 3), (3, 2), (1, 0), (0, 1)][action]
      let isPossible = place.canMove(action)
      return [(action, rain), (sides.0, (1 - rain) / 2), (sides.1, (1 - rain) / 2)].map {
        direction, probability in
        FiniteModel.Outcome(
          probability: probability,
          state: isPossible ? place.moved(direction).number : number, reward: -1)
      }
    }
  }

  /// One of 500 in, six actions; the time limit is the wrapper's.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Taxi-v4", observationSpace: .category(Place.stateCount), actionCount: 6,
      rewardThreshold: 8)
  }

  /// Draws a start, and the passenger's mood.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.number = Self.starts.draw(using: &state.random)
    state.isFickle = fickleness.map { state.random.random() < $0 } ?? false
  }

  private static let starts = Categorical(
    weights: (0..<Place.stateCount).map { number in
      let place = Place(number: number)
      return place.passenger < 4 && place.passenger != place.destination ? 1 : 0
    })

  /// Drives, picks up or drops off.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 6, "action is %; allowed: 0 to 5", action)
    let before = Place(number: state.number)
    let outcome = model.draw(action, in: state.number, using: &state.random)
    var after = Place(number: outcome.state)
    let hasMoved = (before.row, before.column) != (after.row, after.column)
    if state.isFickle && before.passenger == Place.inTaxi && hasMoved {
      state.isFickle = false
      let choice = state.random.integer(below: 3)
      after.destination = choice < before.destination ? choice : choice + 1
    }
    state.number = after.number
    return Step(reward: outcome.reward, isTerminated: outcome.isTerminated)
  }

  /// Marks the number.
  public func observe(into observation: inout MutableSpan<Float>) {
    observation.mark(state.number)
  }
}

/// Where taxi, passenger and destination are.
private struct Place {
  var row: Int
  var column: Int
  /// One of the four places, or `inTaxi`.
  var passenger: Int
  var destination: Int

  static let stateCount = 500
  static let inTaxi = 4
  /// R, G, Y and B.
  private static let places = [(0, 0), (0, 4), (4, 0), (4, 3)]
  /// Whether one can pass to the east, for the first four cells of each row.
  private static let isOpen = [
    [true, false, true, true], [true, false, true, true], [true, true, true, true],
    [false, true, false, true], [false, true, false, true],
  ]

  init(number: Int) {
    destination = number % 4
    passenger = number / 4 % 5
    column = number / 20 % 5
    row = number / 100
  }

  var number: Int { ((row * 5 + column) * 5 + passenger) * 4 + destination }

  /// Whether nothing is in the way to the south, north, east or west.
  func canMove(_ direction: Int) -> Bool {
    switch direction {
    case 0: row < 4
    case 1: row > 0
    case 2: column < 4 && Self.isOpen[row][column]
    default: column > 0 && Self.isOpen[row][column - 1]
    }
  }

  /// The next cell, or this one if something is in the way.
  func moved(_ direction: Int) -> Place {
    var next = self
    guard canMove(direction) else { return next }
    switch direction {
    case 0: next.row += 1
    case 1: next.row -= 1
    case 2: next.column += 1
    default: next.column -= 1
    }
    return next
  }

  /// Whether the taxi is at one of the four places.
  private func isAt(_ place: Int) -> Bool { Self.places[place] == (row, column) }

  var pickingUp: FiniteModel.Outcome {
    guard passenger < 4, isAt(passenger) else {
      return FiniteModel.Outcome(state: number, reward: -10)
    }
    var next = self
    next.passenger = Self.inTaxi
    return FiniteModel.Outcome(state: next.number, reward: -1)
  }

  var droppingOff: FiniteModel.Outcome {
    guard passenger == Self.inTaxi, let place = (0..<4).first(where: isAt) else {
      return FiniteModel.Outcome(state: number, reward: -10)
    }
    var next = self
    next.passenger = place
    let isDone = place == destination
    return FiniteModel.Outcome(
      state: next.number, reward: isDone ? 20 : -1, isTerminated: isDone)
  }
}
