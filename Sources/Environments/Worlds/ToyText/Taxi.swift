public import SARSARandomSources
internal import SARSAPreconditions

/// A taxi among walls: fetch a passenger and take them to their destination.
///
/// # Description
/// 5 × 5 cells with walls between some neighbours, and four stops: R, G, Y and B. A passenger waits at
/// one stop, and the destination is another one. In rain, a possible move sometimes goes to the left or
/// right of the intended direction. A fickle passenger may change the destination once, when the taxi
/// first moves with them. Every trajectory equals Gymnasium's to the bit.
///
/// # Action space
/// 0 goes south, 1 north, 2 east, 3 west; 4 picks the passenger up, 5 drops them off.
///
/// A move towards a wall or the border, a pick-up away from the passenger and a drop-off away from the
/// stops or without the passenger are illegal, as Gymnasium's `action_mask` has it; where masks are not used,
/// they change nothing but the reward.
///
/// # Observation space
/// One of 500 numbers, one-hot: ((row · 5 + column) · 5 + passenger) · 4 + destination, where the
/// passenger is at one of the four stops or, with the number 4, in the taxi.
///
/// # Rewards
/// 20 for the passenger at their destination, −10 for an illegal pick-up or drop-off, −1 for every other
/// step.
///
/// # Starting state
/// A uniformly drawn cell, stop of the passenger, and different destination.
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
  /// The state's number, the fickleness of the passenger and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The number of the state, from 0 to 499: the positions of taxi, passenger and destination.
    public var number: Int
    /// Whether the passenger will change the destination.
    public var isFickle: Bool
    /// The random stream.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(number: Int, isFickle: Bool = false, random: PCG64) {
      self.number = number
      self.isFickle = isFickle
      self.random = random
    }
  }

  /// The current state.
  ///
  /// - Precondition: a number from 0 to 499.
  public var state = State(number: 0, random: PCG64(seed: 0))
  /// The outcomes of every action in every state, without fickle passengers.
  public let model: FiniteModel

  /// The probability that a passenger is fickle, if passengers can be.
  private let fickleness: Double?

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - rain: the probability of the intended direction in rain; `nil` is dry weather.
  ///   - fickleness: the probability that a passenger is fickle; with `nil`, none is.
  /// - Precondition: probabilities from 0 to 1.
  public init(rain: Double? = nil, fickleness: Double? = nil) {
    for (name, probability) in [("rain", rain), ("fickleness", fickleness)] {
      guard let probability else { continue }
      require((0...1).contains(probability), "\(name) is \(probability); allowed: 0 to 1")
    }
    self.fickleness = fickleness
    model = FiniteModel(
      stateCount: Place.stateCount, actionCount: 6,
      isLegal: { Place(number: $0).isLegal($1) }
    ) { number, action in
      let place = Place(number: number)
      if action == 4 { return [place.pickingUp] }
      if action == 5 { return [place.droppingOff] }
      guard let rain else {
        return [FiniteModel.Outcome(state: place.moved(action).number, reward: -1)]
      }
      // The directions to the left and right of south, north, east and west.
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

  /// One of 500 states and six actions; the wrapper adds the time limit.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Taxi-v4", observationSpace: .category(Place.stateCount), actionCount: 6,
      hasActionMasks: true, rewardThreshold: 8)
  }

  /// Whether the number is one of a state.
  public func accepts(_ state: State) -> Bool { (0..<Place.stateCount).contains(state.number) }

  /// Draws a starting state, and whether the passenger is fickle.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.number = Self.starts.draw(using: &state.random)
    state.isFickle = fickleness.map { state.random.random() < $0 } ?? false
  }

  private static let starts = Categorical(weights: isStart.map { $0 ? 1 : 0 })

  /// Whether the passenger waits somewhere else than at the destination.
  private static let isStart = (0..<Place.stateCount).map { number in
    let place = Place(number: number)
    return place.passenger < 4 && place.passenger != place.destination
  }

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

  /// Writes which actions Gymnasium's `action_mask` allows.
  public func writeActionMask(into mask: inout MutableSpan<Bool>) {
    for action in mask.indices { mask[action] = model.isLegal(action, in: state.number) }
  }

  /// Marks the state's number.
  public func observe(into observation: inout MutableSpan<Float>) {
    ObservationSpace.write(category: state.number, into: &observation)
  }
}

extension Taxi: FiniteEnvironment {
  /// The 500 states; `nil` with fickle passengers, whom the tables do not have.
  public var tables: FiniteModel? { fickleness == nil ? model : nil }

  /// The same for all states in which the passenger waits at a stop other than the destination.
  public var startProbabilities: [Double] {
    let count = Self.isStart.count { $0 }
    return Self.isStart.map { $0 ? 1 / Double(count) : 0 }
  }

  /// With the number of a state.
  public func state(at index: Int) -> State { State(number: index, random: state.random) }
}

extension Taxi: CellEnvironment {
  /// Five.
  public var cellColumns: Int { 5 }

  /// Five.
  public var cellRows: Int { 5 }

  /// The taxi in the cell, with passenger and destination as they now are.
  public func stateIndex(column: Int, row: Int) -> Int {
    var place = Place(number: state.number)
    (place.row, place.column) = (row, column)
    return place.number
  }

  /// P where the passenger waits, D at the destination.
  public func cellLabel(column: Int, row: Int) -> String {
    let place = Place(number: state.number)
    guard let stop = Place.places.firstIndex(where: { $0 == (row, column) }) else { return "" }
    return stop == place.passenger ? "P" : stop == place.destination ? "D" : ""
  }
}

extension Taxi {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("Taxi-v4", maximumSteps: 200) { arguments throws(EnvironmentError) in
        let isRainy = try arguments.boolean("is_rainy", default: false)
        let isFickle = try arguments.boolean("fickle_passenger", default: false)
        let rain = try arguments.number("rainy_probability", default: 0.8, in: 0...1)
        let fickleness = try arguments.number("fickle_probability", default: 0.3, in: 0...1)
        return Taxi(rain: isRainy ? rain : nil, fickleness: isFickle ? fickleness : nil)
      }
    ]
  }
}

extension Taxi {
  /// The positions of taxi, passenger and destination.
  struct Place {
    var row: Int
    var column: Int
    /// One of the four stops, or `inTaxi`.
    var passenger: Int
    var destination: Int

    static let stateCount = 500
    static let inTaxi = 4
    /// The stops R, G, Y and B.
    static let places = [(0, 0), (0, 4), (4, 0), (4, 3)]
    /// Whether there is no wall to the east, for the first four cells of each row.
    static let isOpen = [
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

    /// Whether there is no wall or border to the south, north, east or west.
    func canMove(_ direction: Int) -> Bool {
      switch direction {
      case 0: row < 4
      case 1: row > 0
      case 2: column < 4 && Self.isOpen[row][column]
      default: column > 0 && Self.isOpen[row][column - 1]
      }
    }

    /// The next cell, or this one if there is a wall or border.
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

    /// Whether Gymnasium's `action_mask` allows an action.
    func isLegal(_ action: Int) -> Bool {
      switch action {
      case 4: passenger < 4 && isAt(passenger)
      case 5: passenger == Self.inTaxi && (0..<4).contains(where: isAt)
      default: canMove(action)
      }
    }

    /// Whether the taxi is at one of the four stops.
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
}
