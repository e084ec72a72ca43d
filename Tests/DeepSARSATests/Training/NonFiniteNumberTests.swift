import DeepSARSA
import Testing

/// Twenty steps an episode; one number of one step is replaced.
private struct Faulty: Environment {
  struct State: Codable, Sendable {
    var steps = 0
    var all = 0
  }

  enum Fault: Sendable {
    case none
    case reward(Double, step: Int)
    case observation(Float, index: Int, step: Int)
  }

  var state = State()
  var fault = Fault.none
  var size = 3
  var isBinary = false

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Faulty", observationSpace: isBinary ? .binary(shape: [size]) : .box(shape: [size]),
      actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {
    state.steps = 0
  }

  mutating func step(_ action: Int) -> Step {
    state.steps += 1
    state.all += 1
    if case .reward(let value, state.all) = fault {
      return Step(reward: value, isTerminated: state.steps == 20)
    }
    return Step(reward: 1, isTerminated: state.steps == 20)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    for i in observation.indices {
      observation[i] = isBinary ? Float(state.steps % 2) : Float(state.steps) / 20
    }
    // After the last step of an episode that is the episode's last observation, not the first of the next.
    if case .observation(let value, let index, state.all) = fault, state.steps > 0 || state.all == 0
    {
      observation[index] = value
    }
  }
}

@Suite("Numbers of an environment that are not finite")
struct NonFiniteNumberTests {
  private func train(
    _ fault: Faulty.Fault, count: Int = 1, size: Int = 3, isBinary: Bool = false
  ) throws -> (error: TrainingError<Never>?, steps: Int, updates: Int) {
    var hyperparameters = smallHyperparameters()
    hyperparameters.network.hiddenSizes = [4]
    hyperparameters.environmentCount = count
    var (steps, updates) = (0, 0)
    do throws(TrainingError<Never>) {
      var trainer = try Trainer(
        hyperparameters,
        environment: ReplicatedEnvironment(
          Faulty(fault: fault, size: size, isBinary: isBinary), count: count), seed: 1)
      do {
        for _ in 0..<200 { _ = try trainer.advance() }
      } catch {
        (steps, updates) = (trainer.steps, trainer.agent.updateCount)
        throw error
      }
    } catch {
      return (error, steps, updates)
    }
    return (nil, steps, updates)
  }

  @Test(
    "a reward is named at its step", arguments: [Double.nan, .infinity, -.infinity, 1e39, -1e300])
  func reward(value: Double) throws {
    let found = try train(.reward(value, step: 17), count: 2)
    guard case .number(let number) = found.error else {
      Issue.record("\(found)")
      return
    }
    #expect(number.quantity == .reward && number.environment == 0 && number.step == 34)
    #expect(number.value == value || number.value.isNaN && value.isNaN)
    // The step is neither counted nor remembered.
    #expect(found.steps == 32 && found.updates == 0)
    #expect(
      "\(number)"
        == "the reward of environment 1 of 2 is \(value.isNaN ? "NaN" : "\(value)") at step 34; "
        + "allowed: a finite number from −3.4e38 to 3.4e38")
    #expect(try train(.reward(3e38, step: 1_000)).error == nil)
  }

  @Test(
    "a number of an observation is named, wherever it is among few or many",
    arguments: [1, 3, 8, 1_000], [Float.nan, .infinity, -.infinity])
  func observation(size: Int, value: Float) throws {
    for index in Set([0, size / 2, size - 1]) {
      // In mid-episode, and an episode's last.
      for step in [5, 20] {
        let found = try train(.observation(value, index: index, step: step), size: size)
        guard case .number(let number) = found.error else {
          Issue.record("\(found)")
          return
        }
        #expect(number.quantity == .observation(index: index) && number.step == step)
        #expect(found.steps == step - 1)
      }
    }
    #expect(try train(.observation(.greatestFiniteMagnitude, index: 0, step: 1_000)).error == nil)
  }

  @Test(
    "another number than 0 and 1 is named if the space is binary",
    arguments: [Float(0.5), 2, -1, .nan])
  func binary(value: Float) throws {
    for step in [0, 5, 20] {
      let fault = Faulty.Fault.observation(value, index: 1, step: step)
      let found = try train(fault, isBinary: true)
      guard case .number(let number) = found.error else {
        Issue.record("\(found)")
        return
      }
      #expect(
        "\(number)"
          == "number 1 of the observation is \(value.isNaN ? "NaN" : "\(value)") at step \(step); allowed: "
          + "0 or 1, as its space says")
      if value.isFinite { #expect(try train(fault).error == nil) }
    }
    #expect(try train(.none, isBinary: true).error == nil)
  }

  @Test("an observation after the first reset is refused before there is a trainer")
  func reset() throws {
    guard case .number(let number) = try train(.observation(.nan, index: 1, step: 0)).error else {
      Issue.record("no error")
      return
    }
    #expect(number.step == 0 && number.quantity == .observation(index: 1))
  }

  @Test("an evaluation's return is then NaN, and the number is named")
  func evaluation() throws {
    let description = NetworkDescription(inputs: 3, hidden: [], outputs: 2)
    var policy = try GreedyPolicy(description)
    func play(_ fault: Faulty.Fault) -> (Returns, NonFiniteNumber?) {
      var evaluation = Evaluation(Faulty(fault: fault), seed: 1)
      return (evaluation.play(&policy, episodes: 3), evaluation.nonFiniteNumber)
    }
    #expect(play(.none).1 == nil && play(.none).0.values == [20, 20, 20])
    let (returns, number) = play(.reward(.nan, step: 27))
    #expect(returns.values[0] == 20 && returns.values[1].isNaN && returns.values[2] == 20)
    #expect(
      number?.description == "the reward is NaN at step 7 of episode 2 of an "
        + "evaluation; allowed: a finite number from −3.4e38 to 3.4e38")
    let (_, other) = play(.observation(.infinity, index: 2, step: 3))
    #expect(other?.quantity == .observation(index: 2) && other?.step == 3 && other?.episode == 1)
    #expect(play(.reward(1e300, step: 2)).0.values[0] > 1e299)
  }
}
