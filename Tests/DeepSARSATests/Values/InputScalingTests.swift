import DeepSARSA
import TestSupport
import Testing

@Suite("Scaling of observations")
struct InputScalingTests {
  private func hyperparameters(
    _ scaling: InputHyperparameters.Scaling, _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> Hyperparameters {
    var result = smallHyperparameters()
    result.replay.learningStarts = 32
    result.input.scaling = scaling
    change(&result)
    return result
  }

  /// The offsets and scales in the model of an untrained agent; `nil` if it has none.
  private func stored(
    _ settings: Hyperparameters, for specification: EnvironmentSpecification
  ) throws -> (offset: [Float], scale: [Float])? {
    let model = try ReplaySARSA(settings, for: specification, seed: 1).model()
    guard let offset = model["input_scaling.offset"] else { return nil }
    return (offset.values, try #require(model["input_scaling.scale"]).values)
  }

  @Test("declared bounds become −1 and 1")
  func declaredBounds() throws {
    let specification = mountainCar().specification
    let (offset, scale) = try #require(try stored(hyperparameters(.bounds), for: specification))
    guard case .box(let low, let high, _) = specification.observationSpace else {
      Issue.record("MountainCar has bounds")
      return
    }
    for i in low.indices {
      #expect(abs((low[i] - offset[i]) * scale[i] + 1) < 1e-6)
      #expect(abs((high[i] - offset[i]) * scale[i] - 1) < 1e-6)
    }
  }

  @Test("numbers without bounds and one-hot numbers stay as they are")
  func withoutBounds() throws {
    let cart = try EnvironmentRegistry.make("CartPole-v1").specification
    let (offset, scale) = try #require(try stored(hyperparameters(.bounds), for: cart))
    #expect(offset == [0, 0, 0, 0])
    #expect(scale[1] == 1 && scale[3] == 1 && abs(scale[0] - 1 / 4.8) < 1e-7)

    for id in ["FrozenLake-v1", "Taxi-v4"] {
      let specification = try EnvironmentRegistry.make(id).specification
      #expect(try stored(hyperparameters(.bounds), for: specification) == nil)
    }
    let huge = EnvironmentSpecification(
      id: "Huge",
      observationSpace: .box(
        low: [-.greatestFiniteMagnitude, -1], high: [.greatestFiniteMagnitude, 3], shape: [2]),
      actionCount: 2)
    let numbers = try #require(try stored(hyperparameters(.bounds), for: huge))
    #expect(numbers == ([0, 1], [1, 0.5]))
  }

  @Test("given bounds replace the declared ones, and wrong ones are refused by name")
  func givenBounds() throws {
    let cart = try EnvironmentRegistry.make("CartPole-v1").specification
    let settings = hyperparameters(.bounds) {
      ($0.input.low, $0.input.high) = ([-2, -3, -0.2, -3], [2, 5, 0.2, 3])
    }
    let (offset, scale) = try #require(try stored(settings, for: cart))
    #expect(offset == [0, 1, 0, 0] && scale == [0.5, 0.25, 5, Float(1.0 / 3)])

    for (change, line): ((inout InputHyperparameters) -> Void, String) in [
      ({ ($0.low, $0.high) = ([1, 2], [2, 3]) }, "input.low is of length 2; allowed: 4"),
      ({ $0.high = nil }, "input.high is of length 0; allowed: 4"),
      (
        { $0.high?[2] = -0.2 },
        "input.high[2] is -0.2; allowed: a number above input.low[2] (-0.2), by 1e-30 or more"
      ),
      (
        { ($0.low, $0.high) = ([0, 0, 0, 0], [1, 1, 1e-40, 1]) },
        "input.high[2] is 1e-40; allowed: a number above"
      ),
      ({ $0.high?[0] = 1e31 }, "input.high is 1e+31,"),
      ({ $0.low?[0] = .infinity }, "input.low is inf"),
    ] {
      var wrong = settings
      change(&wrong.input)
      let error = #expect(throws: HyperparameterError.self) {
        try wrong.validate(for: cart)
      }
      #expect(error?.description.hasPrefix(line) == true, "\(String(describing: error))")
    }
  }

  /// MountainCar whose observations are scaled by the environment.
  private struct ScaledCar: Environment {
    typealias State = TimeLimit<MountainCar>.State
    var car = mountainCar()
    let offset: [Float]
    let scale: [Float]
    var state: State {
      get { car.state }
      set { car.state = newValue }
    }
    var specification: EnvironmentSpecification { car.specification }
    mutating func reset(seed: UInt64?) { car.reset(seed: seed) }
    mutating func step(_ action: Int) -> Step { car.step(action) }
    func observe(into observation: inout MutableSpan<Float>) {
      car.observe(into: &observation)
      for i in observation.indices { observation[i] = (observation[i] - offset[i]) * scale[i] }
    }
  }

  @Test(
    "an agent that scales learns the same bits as one whose environment scales, for every rule",
    arguments: TargetRule.NextAction.allCases, [1, 3])
  func equalsScaledEnvironment(nextAction: TargetRule.NextAction, steps: Int) throws {
    func settings(_ scaling: InputHyperparameters.Scaling) -> Hyperparameters {
      hyperparameters(scaling) {
        $0.target.rule.nextAction = nextAction
        $0.target.steps = steps
        $0.environmentCount = 2
      }
    }
    let (offset, scale) = try #require(
      try stored(settings(.bounds), for: mountainCar().specification))
    var inside = try Trainer(settings(.bounds), environment: mountainCar(), seed: 3)
    var outside = try Trainer(
      settings(.none), environment: ScaledCar(offset: offset, scale: scale), seed: 3)
    for _ in 0..<120 {
      try inside.advance()
      try outside.advance()
    }
    #expect(inside.agent.updateCount > 100)
    let (found, expected) = (inside.agent.model(), outside.agent.model())
    for tensor in expected.tensors { #expect(found[tensor.name] == tensor) }
    #expect(found.tensors.count == expected.tensors.count + 2)

    // A policy takes observations as they are, from the agent and from the file.
    var scaled = try GreedyPolicy(expected)
    var copied = try GreedyPolicy(inside.agent.description)
    inside.agent.copyParameters(into: &copied)
    var read = try GreedyPolicy(found)
    let raw: [Float] = [-0.4, 0.03]
    let values = scaled.values(for: raw.indices.map { (raw[$0] - offset[$0]) * scale[$0] })
    #expect(copied.values(for: raw) == values && read.values(for: raw) == values)
    #expect(
      copied.action(for: raw)
        == scaled.action(
          for: raw.indices.map {
            (raw[$0] - offset[$0]) * scale[$0]
          }))
    #expect(copied.model() == found && read.model() == found)
  }

  @Test("a running scaling has the mean and the deviation of all observations acted on")
  func running() throws {
    let settings = hyperparameters(.running) { $0.environmentCount = 3 }
    let specification = mountainCar().specification
    var agent = try ReplaySARSA(settings, for: specification, seed: 1)
    var generator = PCG64(seed: 5)
    var actions = [0, 0, 0]
    var seen: [[Double]] = [[], []]
    for count in 0..<40 {
      // Far from zero, where a sum of squares would lose all digits.
      let rows = (0..<6).map { Float(1e4 * Double(1 - $0 % 2) + generator.random()) }
      agent.act(on: rows, by: .epsilonGreedy(epsilon: 1), into: &actions)
      for i in rows.indices { seen[i % 2].append(Double(rows[i])) }
      let model = agent.model()
      #expect(model.metadata["input_scaling.count"] == String(3 * (count + 1)))
      for (column, values) in seen.enumerated() {
        let mean = values.reduce(0, +) / Double(values.count)
        let variance =
          values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        let scale = try #require(model["input_scaling.scale"]).values[column]
        #expect(model["input_scaling.offset"]?.values[column] == Float(mean))
        #expect(abs(Double(scale) * (variance + 1e-8).squareRoot() - 1) < 1e-6)
      }
    }
  }

  @Test("before the second observation the variance is 1")
  func firstObservation() throws {
    let specification = mountainCar().specification
    var agent = try ReplaySARSA(hyperparameters(.running), for: specification, seed: 1)
    #expect(agent.model()["input_scaling.scale"]?.values == [1, 1])
    var actions = [0]
    agent.act(on: [3, 4], by: .epsilonGreedy(epsilon: 1), into: &actions)
    let model = agent.model()
    #expect(model["input_scaling.offset"]?.values == [3, 4])
    #expect(model["input_scaling.scale"]?.values == [1, 1])
  }

  @Test("a policy does not change its scaling by what it sees")
  func frozen() throws {
    var trainer = try Trainer(hyperparameters(.running), environment: mountainCar(), seed: 1)
    for _ in 0..<50 { try trainer.advance() }
    var policy = try GreedyPolicy(trainer.agent.model())
    let values = policy.values(for: [-0.5, 0])
    for i in 0..<50 { _ = policy.action(for: [Float(i), 3]) }
    #expect(policy.values(for: [-0.5, 0]) == values)
    #expect(policy.model()["input_scaling.offset"] == trainer.agent.model()["input_scaling.offset"])
  }

  @Test("an agent goes on from a model with its scaling, and refuses one of another kind")
  func loading() throws {
    let specification = mountainCar().specification
    func agent(_ scaling: InputHyperparameters.Scaling) throws -> Safetensors {
      try ReplaySARSA(hyperparameters(scaling), for: specification, seed: 7).model()
    }
    let kinds = InputHyperparameters.Scaling.allCases
    for expected in kinds {
      for found in kinds {
        var agent2 = try ReplaySARSA(hyperparameters(expected), for: specification, seed: 8)
        let before = agent2.model()
        let file = try agent(found)
        if found == expected {
          try agent2.load(file)
          #expect(agent2.model() == file)
        } else {
          let error = #expect(throws: ModelError.self) { try agent2.load(file) }
          #expect(
            error == .otherInputScaling(found: found.rawValue, expected: expected.rawValue))
          #expect(agent2.model() == before)
        }
      }
    }
  }

  @Test("numbers that no scaling has are refused by name")
  func wrongFiles() throws {
    let specification = mountainCar().specification
    let file = try ReplaySARSA(hyperparameters(.running), for: specification, seed: 7).model()
    func error(_ change: (inout Safetensors) -> Void) throws -> ModelError? {
      var wrong = file
      change(&wrong)
      return #expect(throws: ModelError.self) { _ = try GreedyPolicy(wrong) }
    }
    func replace(_ name: String, by tensor: Safetensors.Tensor?) -> (inout Safetensors) -> Void {
      {
        $0 = Safetensors(
          tensors: $0.tensors.compactMap { $0.name == name ? tensor : $0 }, metadata: $0.metadata)
      }
    }
    let scale = "input_scaling.scale"
    #expect(
      try error(replace(scale, by: nil))?.description.hasPrefix("tensor '\(scale)' is missing")
        == true)
    #expect(
      try error(replace(scale, by: .init(name: scale, shape: [2], values: [1, 0])))
        == .notPositive(scale))
    #expect(
      try error(replace(scale, by: .init(name: scale, shape: [2], values: [1, .nan])))
        == .notFinite(scale))
    #expect(
      try error(replace(scale, by: .init(name: scale, shape: [3], values: [1, 1, 1])))
        == .wrongShape(scale, found: [3], expected: [2]))
    #expect(
      try error { $0.metadata["input_scaling.count"] = "-1" }
        == .notACount("input_scaling.count", "-1"))
  }

  @Test("steps with running scalings allocate nothing")
  func allocations() throws {
    let settings = hyperparameters(.running) {
      $0.reward.scaling = .running
      $0.reward.limit = 1
      $0.environmentCount = 2
    }
    var trainer = try Trainer(settings, environment: mountainCar(), seed: 1)
    for _ in 0..<200 { try trainer.advance() }
    let count = try TestSupport.allocations { for _ in 0..<500 { try trainer.advance() } }
    #expect(count == 0)
  }
}
