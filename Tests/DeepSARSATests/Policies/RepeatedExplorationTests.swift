import DeepSARSA
import TestSupport
import Testing

/// Episodes of nine steps, terminated and truncated in turn, that write down every action.
private struct Recording: Environment {
  final class Log: @unchecked Sendable {
    /// The actions of every episode.
    var episodes: [[Int]] = []
  }

  struct State: Codable, Sendable {
    var steps = 0
    var episodes = 0
  }

  var state = State()
  var length = 9
  let log = Log()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Recording", observationSize: 1, actionCount: 4)
  }

  mutating func reset(seed: UInt64?) {
    state.steps = 0
    state.episodes += 1
    log.episodes.append([])
  }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    log.episodes[log.episodes.count - 1].append(action)
    let isLast = state.steps == length
    return Step(
      reward: 0, isTerminated: isLast && state.episodes.isMultiple(of: 2),
      isTruncated: isLast && !state.episodes.isMultiple(of: 2))
  }

  func observe(into observation: inout MutableSpan<Float>) { observation[0] = 1 }
}

@Suite("εz-greedy exploration")
struct RepeatedExplorationTests {
  private func hyperparameters(epsilon: Double, repeats: Bool = true) -> Hyperparameters {
    var result = smallHyperparameters()
    result.network.hiddenSizes = [4]
    // No update, so that the greedy action stays.
    result.replay.learningStarts = result.replay.capacity
    result.exploration = .epsilonGreedy(epsilon: .constant(epsilon))
    result.repeatsExploration = repeats
    return result
  }

  private func episodes(
    epsilon: Double, length: Int = 9, steps: Int, seed: UInt64 = 3, repeats: Bool = true
  ) throws -> [[Int]] {
    let environment = Recording(length: length)
    var trainer = try Trainer(
      hyperparameters(epsilon: epsilon, repeats: repeats), environment: environment, seed: seed)
    for _ in 0..<steps { try trainer.advance() }
    #expect(trainer.agent.updateCount == 0)
    return environment.log.episodes
  }

  /// The same by the definition, with the same random numbers.
  private func naive(
    epsilon: Double, greedy: Int, like episodes: [[Int]], seed: UInt64
  ) -> [[Int]] {
    var random = RandomStreams(seed: seed).stream(.repetition)
    return episodes.map { episode in
      var (actions, left) = ([Int](), 0)
      while actions.count < episode.count {
        if left > 0, let last = actions.last {
          actions.append(last)
          left -= 1
        } else if random.random() < epsilon {
          actions.append(random.integer(below: 4))
          var duration = 0
          while duration == 0 {
            let x = (1 / (1 - random.random())).rounded(.down)
            if random.random() < (1 + 1 / x) / 2 { duration = Int(x) }
          }
          left = duration - 1
        } else {
          actions.append(greedy)
        }
      }
      return actions
    }
  }

  @Test(
    "it equals the definition step by step, and an episode's end ends a repetition",
    arguments: [0.3, 1])
  func definition(epsilon: Double) throws {
    let greedy = try episodes(epsilon: 0, steps: 1)[0][0]
    let found = try episodes(epsilon: epsilon, steps: 900)
    #expect(found.count == 101)
    #expect(found == naive(epsilon: epsilon, greedy: greedy, like: found, seed: 3))
  }

  @Test("m has the probability 6/(πm)²")
  func frequencies() throws {
    // With ε = 1 and no end, durations follow one another; two of one action in a row count as one longer
    // run, so the runs of an action among four have a known law only at their starts. The share of steps
    // that repeat the one before is checked against a simulation with a table of probabilities.
    let actions = try episodes(epsilon: 1, length: 1 << 40, steps: 900, seed: 8)[0]
    #expect(actions.count == 900)
    var random = RandomStreams(seed: 8).stream(.repetition)
    var (durations, place) = ([Int](), 0)
    while place < actions.count {
      _ = random.random()
      let action = random.integer(below: 4)
      var duration = 0
      while duration == 0 {
        let x = (1 / (1 - random.random())).rounded(.down)
        if random.random() < (1 + 1 / x) / 2 { duration = Int(x) }
      }
      let end = min(place + duration, actions.count)
      #expect(actions[place..<end].allSatisfy { $0 == action })
      durations.append(duration)
      place += duration
    }
    // More of the same draws: m = 1, 2, 3 and above, against 6/π²·(1, 1/4, 1/9).
    var counts = [0, 0, 0, 0]
    let draws = 40_000
    for _ in 0..<draws {
      var duration = 0
      while duration == 0 {
        let x = (1 / (1 - random.random())).rounded(.down)
        if random.random() < (1 + 1 / x) / 2 { duration = Int(x) }
      }
      counts[min(duration, 4) - 1] += 1
    }
    let first = 6 / (Double.pi * Double.pi)
    let probabilities = [first, first / 4, first / 9, 1 - first * 49 / 36]
    for (count, probability) in zip(counts, probabilities) {
      let deviation = (Double(draws) * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(count) - Double(draws) * probability) < 4 * deviation, "\(counts)")
    }
  }

  @Test("without it nothing is drawn for it, and with ε = 0 the actions are the greedy ones")
  func unused() throws {
    let plain = try episodes(epsilon: 0, steps: 50, repeats: false)
    #expect(try episodes(epsilon: 0, steps: 50) == plain)
    #expect(
      try episodes(epsilon: 0.5, steps: 200) != episodes(epsilon: 0.5, steps: 200, repeats: false))
  }

  @Test("an action that becomes illegal ends its repetition", arguments: [1, 3])
  func masks(count: Int) throws {
    var hyperparameters = hyperparameters(epsilon: 0.9)
    hyperparameters.environmentCount = count
    var trainer = try Trainer(hyperparameters, environment: Forbidding(), seed: 2)
    for _ in 0..<400 {
      try trainer.advance()
      for episode in trainer.finishedEpisodes {
        #expect(episode.totalReward == Double(episode.length))
      }
    }
    #expect(trainer.episodes > 50)
  }

  @Test("targets keep the policy with ε: learning is asked for the plain one")
  func targets() throws {
    var hyperparameters = hyperparameters(epsilon: 1)
    hyperparameters.replay.learningStarts = 64
    hyperparameters.target.rule.nextAction = .expected
    var trainer = try Trainer(hyperparameters, environment: Forbidding(), seed: 2)
    for _ in 0..<200 { try trainer.advance() }
    #expect(trainer.policy == .epsilonGreedy(epsilon: 1) && trainer.agent.updateCount > 100)
  }

  @Test("its state is refused if no trainer wrote it")
  func damagedState() throws {
    var trainer = try Trainer(
      hyperparameters(epsilon: 0.9), environment: Recording(), seed: 2)
    for _ in 0..<20 { try trainer.advance() }
    var state = MemoryArchive()
    try trainer.archive(in: &state)
    for (part, numbers) in [
      ("actions", [4]), ("actions", [-1]), ("actions", []), ("stepsLeft", [-1]),
      ("stepsLeft", [1, 1]),
    ] as [(String, [Int])] {
      var (bad, value, wrong) = (MemoryArchive(), numbers, state)
      try bad.value("trainer.repetition.\(part)", &value)
      wrong.replace("trainer.repetition.\(part)", by: bad)
      wrong.startReading()
      #expect(throws: ArchiveError.self) { try trainer.archive(in: &wrong) }
    }
  }

  @Test("with Boltzmann exploration it is an error, wherever that comes from")
  func boltzmann() throws {
    let message =
      "repeatsExploration is true; allowed: false, because Boltzmann exploration has no epsilon"
    var settings = hyperparameters(epsilon: 1)
    settings.exploration = .boltzmann(temperature: .constant(1))
    do {
      try settings.validate()
      Issue.record("it was taken")
    } catch { #expect("\(error)" == message) }
    var trainer = try Trainer(
      hyperparameters(epsilon: 1), environment: mountainCar(), seed: 1)
    do {
      try trainer.advance(with: .boltzmann(temperature: 1), learningRate: 1e-3)
      Issue.record("it was taken")
    } catch { #expect("\(error)" == message) }
  }

  @Test("agents and returns that need the probability or the choice of an action refuse it")
  func refusals() throws {
    var settings = hyperparameters(epsilon: 0.5)
    (settings.target.returns, settings.target.steps) = (.retrace, 3)
    func message(_ settings: Hyperparameters) -> String {
      do {
        try settings.validate()
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(settings).hasPrefix(
        "repeatsExploration is true; allowed: false, because target.returns"))
    settings.target.returns = .lambda
    #expect(message(settings) == "")
    settings = hyperparameters(epsilon: 0.5)
    settings.algorithm = .parallel
    settings.environmentCount = 8
    settings.target.rule.nextAction = .stored
    #expect(message(settings).contains("algorithm parallel takes the action a′"))
    settings.target.rule.nextAction = .expected
    #expect(message(settings) == "")
    settings.algorithm = .streaming
    settings.environmentCount = 1
    settings.optimizer.method = .sgd()
    settings.traces.cut = .exploratory
    #expect(message(settings).contains("because exploratory actions cut the traces"))
    settings.traces.cut = .never
    #expect(message(settings) == "")
  }

  @Test("steps allocate nothing")
  func allocations() throws {
    var hyperparameters = hyperparameters(epsilon: 0.5)
    hyperparameters.replay.learningStarts = 64
    hyperparameters.environmentCount = 2
    var trainer = try Trainer(
      hyperparameters, environment: ReplicatedEnvironment(mountainCar(), count: 2), seed: 1)
    for _ in 0..<200 { try trainer.advance() }
    let count = try TestSupport.allocations { for _ in 0..<500 { try trainer.advance() } }
    #expect(count == 0)
  }
}
