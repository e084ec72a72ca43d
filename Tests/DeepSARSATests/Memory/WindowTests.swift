import DeepSARSA
import Testing

/// A transition, with observations that name its states: [number, −number].
private struct Moment {
  var state: Int
  var action: Int
  var reward: Double
  var nextState: Int
  var isTerminated = false
  var isTruncated = false
  var isLast: Bool { isTerminated || isTruncated }
}

/// Random episodes of several environments, each kept whole: what a target should be is read off them.
private struct Episodes {
  static let actionCount = 4
  /// The episodes of every environment, and in them their transitions.
  var episodes: [[[Moment]]]
  /// Where a state's transition is: environment, episode, index.
  var places: [Int: (Int, Int, Int)] = [:]
  var finished = 0
  private var lastState = 0
  private var generator: PCG64

  init(environmentCount: Int, seed: UInt64) {
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
      reward: Double(256 * (generator.integer(below: 17) - 8)), nextState: newState())
    let draw = generator.integer(below: 24)
    moment.isTerminated = draw < 2 || draw == 4
    moment.isTruncated = draw >= 2 && draw <= 4
    places[state] = (environment, episode, episodes[environment][episode].count)
    episodes[environment][episode].append(moment)
    if moment.isLast { finished += 1 }
    return moment
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

/// What the target of `steps` steps from a transition on should be, in `Double`.
private struct ForwardView {
  static let epsilon = 0.5
  static let discount = 0.5
  var rule: TargetRule
  var steps: Int
  var timeLimit: TimeLimitRule

  func target(
    of state: Int, in all: Episodes, using generator: inout PCG64
  ) throws -> Double {
    let (environment, number, first) = try #require(all.places[state])
    let episode = all.episodes[environment][number]
    // The window: up to `steps` transitions of those of this episode that have happened.
    let window = episode[first..<min(first + steps, episode.count)]
    let sum = zip(window, 0...).reduce(0) { $0 + power($1.1) * $1.0.reward }
    let last = try #require(window.last)
    let following = window.endIndex < episode.count ? episode[window.endIndex].action : nil
    // A drawn action is drawn for every row, whether its value counts or not.
    let value = nextValue(last.nextState, following: following, using: &generator)
    let hasEnded = last.isTerminated || (last.isTruncated && timeLimit == .terminal)
    return hasEnded ? sum : sum + power(window.count) * value
  }

  private func power(_ count: Int) -> Double {
    (0..<count).reduce(1) { product, _ in product * Self.discount }
  }

  private func nextValue(
    _ state: Int, following: Int?, using generator: inout PCG64
  ) -> Double {
    let valuing = Episodes.values(state, online: false).map(Double.init)
    let selecting = Episodes.values(state, online: rule.selection == .online).map(Double.init)
    let greedy = selecting.indices.reduce(0) { selecting[$1] > selecting[$0] ? $1 : $0 }
    if rule.nextAction == .stored, let following { return valuing[following] }
    switch rule.nextAction {
    case .greedy: return valuing[greedy]
    case .expected:
      let mean = valuing.reduce(0, +) / Double(valuing.count)
      return Self.epsilon * mean + (1 - Self.epsilon) * valuing[greedy]
    case .resampled, .stored:
      let explores = generator.random() < Self.epsilon
      return valuing[explores ? generator.integer(below: valuing.count) : greedy]
    }
  }
}

@Suite("Targets of several steps")
struct WindowTests {
  private static let rules = TargetRule.NextAction.allCases.flatMap { nextAction in
    TargetRule.Selection.allCases.map { TargetRule(nextAction: nextAction, selection: $0) }
  }

  /// A minibatch of `rows` rows with windows of `steps`, and the regions of its values.
  private struct Workspace: ~Copyable {
    var batch: Minibatch
    let online: Region
    let target: Region
    var arena: Arena<Float>

    init(steps: Int, rows: Int) throws {
      var layout = ArenaLayout()
      let batch = try Minibatch(count: rows, steps: steps, observationSize: 2, in: &layout)
      let online = try layout.reserve(rows: rows, columns: Episodes.actionCount)
      let target = try layout.reserve(rows: rows, columns: Episodes.actionCount)
      let arena = try Arena<Float>(layout)
      self.batch = batch
      self.online = online
      self.target = target
      self.arena = arena
    }

    /// Draws, and gives every last s′ its values; the rows' first states.
    mutating func fill(from memory: inout ReplayMemory, using generator: inout PCG64) -> [Int] {
      memory.draw(&batch, using: &generator)
      memory.gather(&batch, in: &arena)
      let numbers = arena.values(of: batch.nextObservations)
      let last = (0..<batch.count).map { Int(numbers[2 * $0]) }
      arena.write(last.flatMap { Episodes.values($0, online: true) }, to: online)
      arena.write(last.flatMap { Episodes.values($0, online: false) }, to: target)
      let first = arena.values(of: batch.observations)
      return (0..<batch.count).map { Int(first[2 * $0]) }
    }
  }

  @Test(
    "targets of 1 to 8 steps are the forward view's, on a thousand random episodes, by every rule",
    arguments: [(1, 61), (3, 61), (3, 64)], TimeLimitRule.allCases)
  func forwardView(shape: (environments: Int, capacity: Int), timeLimit: TimeLimitRule) throws {
    let (environments, capacity) = shape
    let rows = 8
    var hyperparameters = TargetHyperparameters()
    hyperparameters.discount = ForwardView.discount
    hyperparameters.timeLimit = timeLimit
    var all = Episodes(environmentCount: environments, seed: 1)
    var memory = try ReplayMemory(
      capacity: capacity, observationSize: 2, actionCount: 100, batchSize: rows,
      environmentCount: environments)
    var draws = PCG64(seed: 2)
    var (appended, held, lengths) = (0, 0, Set<Int>())
    while all.finished < 1_000 {
      // Between two checks, the memory is filled by a part that the ring does not divide by.
      for _ in 0..<37 {
        let environment = appended % environments
        let moment = all.advance(environment)
        func row(_ state: Int) -> [Float] {
          (0..<environments).flatMap { Episodes.observation($0 == environment ? state : 0) }
        }
        memory.append(
          observations: row(moment.state), action: moment.action, reward: moment.reward,
          nextObservations: row(moment.nextState),
          discount: hyperparameters.discount(after: moment.isTerminated, moment.isTruncated),
          isLast: moment.isLast, row: environment)
        appended += 1
      }
      // Every check takes another number of steps, and each number comes with every rule.
      let steps = 1 + held % 8
      var workspace = try Workspace(steps: steps, rows: rows)
      let states = workspace.fill(from: &memory, using: &draws)
      lengths.formUnion(workspace.batch.lengths)
      for rule in Self.rules {
        var (drawn, expectedDraws) = (PCG64(seed: 3), PCG64(seed: 3))
        rule.evaluate(
          &workspace.batch,
          selecting: rule.selection == .online ? workspace.online : workspace.target,
          valuing: workspace.target, policy: .epsilonGreedy(epsilon: ForwardView.epsilon),
          in: workspace.arena, using: &drawn)
        let view = ForwardView(rule: rule, steps: steps, timeLimit: timeLimit)
        let expected = try states.map { try view.target(of: $0, in: all, using: &expectedDraws) }
        #expect(workspace.batch.targets.map(Double.init) == expected, "\(rule), \(steps) steps")
        #expect(drawn == expectedDraws)
      }
      held += 1
    }
    #expect(held > 100 && lengths == Set(1...8))
  }
}
