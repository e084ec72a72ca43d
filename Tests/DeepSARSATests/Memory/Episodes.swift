import DeepSARSA

/// A transition, with observations that name its states: [number, −number].
struct Moment {
  var state: Int
  var action: Int
  var reward: Double
  var nextState: Int
  /// The probability with which the behaviour took the action: 1, ½, ¼ or ⅛.
  var probability: Float
  var isTerminated = false
  var isTruncated = false
  var isLast: Bool { isTerminated || isTruncated }
}

/// Random episodes of several environments, each kept whole: what a target should be is read off them.
struct Episodes {
  static let actionCount = 4
  /// The episodes of every environment, and in them their transitions.
  var episodes: [[[Moment]]]
  /// Where a state's transition is: environment, episode, index.
  var places: [Int: (Int, Int, Int)] = [:]
  var finished = 0
  private var lastState = 0
  private var generator: PCG64

  init(environmentCount: Int, seed: UInt64, finished: Int = 0) {
    self.finished = finished
    episodes = Array(repeating: [[]], count: environmentCount)
    generator = PCG64(seed: seed)
  }

  /// Continues an environment's episode by a random transition; one in six is the episode's last.
  mutating func advance(_ environment: Int) -> Moment {
    if episodes[environment].last?.last?.isLast == true { episodes[environment].append([]) }
    let episode = episodes[environment].count - 1
    let state = episodes[environment][episode].last?.nextState ?? newState()
    var moment = Moment(
      state: state, action: generator.integer(below: Self.actionCount),
      reward: Double(256 * (generator.integer(below: 17) - 8)), nextState: newState(),
      probability: 1 / Float(1 << (lastState % 4)))
    let draw = generator.integer(below: 24)
    moment.isTerminated = draw < 2 || draw == 4
    moment.isTruncated = draw >= 2 && draw <= 4
    places[state] = (environment, episode, episodes[environment][episode].count)
    episodes[environment][episode].append(moment)
    if moment.isLast { finished += 1 }
    return moment
  }

  /// Stores transitions of all environments in turn; `count` is that of all that were stored before.
  mutating func store(
    _ transitions: Int, in memory: inout ReplayMemory, of hyperparameters: TargetHyperparameters,
    after count: inout Int
  ) {
    for _ in 0..<transitions {
      let environment = count % episodes.count
      let moment = advance(environment)
      let row = { [count = episodes.count] (state: Int) in
        (0..<count).flatMap { Self.observation($0 == environment ? state : 0) }
      }
      memory.append(
        observations: row(moment.state), action: moment.action, reward: moment.reward,
        nextObservations: row(moment.nextState),
        discount: hyperparameters.discount(after: moment.isTerminated, moment.isTruncated),
        isLast: moment.isLast, probability: moment.probability, row: environment)
      count += 1
    }
  }

  private mutating func newState() -> Int {
    lastState += 1
    return lastState
  }

  static func observation(_ state: Int) -> [Float] { [Float(state), -Float(state)] }

  /// Whole numbers that stand for q(s, ·) of the target network or of the online network, no two equal.
  static func values(_ state: Int, online: Bool) -> [Float] {
    (0..<actionCount).map { action in
      let number = online ? 31 * state + 7 * action : 37 * state + 4 * action
      return Float(256 * (number % 97 - 48))
    }
  }
}
