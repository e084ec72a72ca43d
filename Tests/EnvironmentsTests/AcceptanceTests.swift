import Foundation
import SARSAEnvironments
import SARSARandomSources
import SampleEnvironments
import Testing

@Suite("States that a file brings")
struct AcceptanceTests {
  @Test(
    "with a wrong number are refused, or can be continued", arguments: EnvironmentRegistry.ids)
  func wrongNumbers(id: String) throws {
    let counts = try damage(EnvironmentRegistry.make(id), times: 100)
    #expect(counts.accepted > 0 && counts.refused > 0, "\(counts)")
  }

  @Test("of other boards and difficulties too")
  func otherArguments() throws {
    for (id, arguments) in [
      ("bsuite/DeepSea-v0", ["size": .integer(1), "deterministic": .boolean(false)]),
      ("bsuite/Catch-v0", ["rows": .integer(2), "columns": .integer(1)]),
      ("Taxi-v4", ["fickle_passenger": .boolean(true), "is_rainy": .boolean(true)]),
      ("FrozenLake-v1", ["map_size": .integer(3)]),
      ("Acrobot-v1", ["low": .integer(20), "high": .integer(30)]),
      (
        "MountainCar-v0",
        ["frame_stack": .integer(2), "time_aware": .boolean(true), "action_repeat": .integer(3)]
      ),
    ] as [(String, [String: ArgumentValue])] {
      let counts = try damage(EnvironmentRegistry.make(id, arguments: arguments), times: 60)
      #expect(counts.refused > 0, "\(id): \(counts)")
    }
  }

  /// Saves states of an episode, changes a number of each, and continues those that are accepted.
  private func damage<World: Environment>(
    _ world: World, times: Int
  ) throws -> (accepted: Int, refused: Int) {
    var (world, random) = (world, PCG64(seed: 11))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try world.reset(seed: 3)
    var (accepted, refused) = (0, 0)
    for _ in 0..<times {
      try play(&world, steps: 1 + random.integer(below: 30), &random)
      let text = String(decoding: try encoder.encode(world.state), as: UTF8.self)
      let damaged = Data(Self.damaged(text, using: &random).utf8)
      guard let state = try? decoder.decode(World.State.self, from: damaged),
        world.accepts(state)
      else {
        refused += 1
        continue
      }
      accepted += 1
      var copy = world
      copy.state = state
      #expect(copy.observation.count == copy.specification.observationSize)
      try play(&copy, steps: 200, &random)
    }
    return (accepted, refused)
  }

  /// Plays random actions, and stops where an episode has started.
  private func play<World: Environment>(
    _ world: inout World, steps: Int, _ random: inout PCG64
  ) throws {
    var observation = [Float](repeating: 0, count: world.specification.observationSize)
    for _ in 0..<steps {
      let step = try world.step(random.integer(below: world.specification.actionCount))
      var span = observation.mutableSpan
      world.observe(into: &span)
      if step.isLast { try world.reset(seed: nil) }
    }
  }

  /// A text in JSON with another number in one place.
  private static func damaged(_ text: String, using random: inout PCG64) -> String {
    // A generator's 624 words are all alike: the first ones stand for the others.
    let words = text.firstRange(of: #/"key":\[(\d+,){9}/#)
    let end = words.flatMap { text[$0.upperBound...].firstIndex(of: "]") }
    let numbers = text.ranges(of: #/-?\d[\d.eE+\-]*/#).filter { number in
      guard let words, let end else { return true }
      return !(words.upperBound..<end).contains(number.lowerBound)
    }
    let place = numbers[random.integer(below: numbers.count)]
    let value = Double(text[place]) ?? 0
    let whole = Int(exactly: value) ?? 0
    let replacements = [
      "-1", "0", "1", "\(whole &+ 1)", "\(whole &- 1)", "\(value + 0.5)", "1000000", "\(Int.max)",
      "\(Int.min)", "1e300", "-1e300", "\"nan\"", "\"inf\"", "null",
    ]
    return text.replacingCharacters(
      in: place, with: replacements[random.integer(below: replacements.count)])
  }

  @Test("must leave a step before the time limit")
  func timeLimit() {
    var environment = TimeLimit(Counter(end: 100), maximumSteps: 3)
    environment.reset(seed: 0)
    _ = environment.step(0)
    var state = environment.state
    #expect(environment.accepts(state))
    for elapsed in [-1, 3, Int.max, Int.min] {
      state.elapsedSteps = elapsed
      #expect(!environment.accepts(state), "\(elapsed)")
    }
  }

  @Test("must be as many as there are environments, and each must be accepted")
  func replicas() {
    let vector = ReplicatedEnvironment(TimeLimit(FrozenLake(), maximumSteps: 3), count: 2)
    let states = vector.state
    #expect(vector.accepts(states) && !vector.accepts([]) && !vector.accepts(states + states))
    var wrong = states
    wrong[1].elapsedSteps = 3
    #expect(!vector.accepts(wrong))
    wrong = states
    wrong[0].base.cell = -1
    #expect(!vector.accepts(wrong))
  }

  @Test("must be of a cell that exists")
  func cells() {
    func check<World: Environment>(
      _ world: World, count: Int, _ path: WritableKeyPath<World.State, Int>
    ) {
      var state = world.state
      for (cell, isThere) in [(-1, false), (0, true), (count - 1, true), (count, false)] {
        state[keyPath: path] = cell
        #expect(world.accepts(state) == isThere, "cell \(cell) of \(world.specification.id)")
      }
    }
    check(FrozenLake(), count: 16, \.cell)
    check(FrozenLake(.eightByEight), count: 64, \.cell)
    check(CliffWalking(), count: 48, \.cell)
    check(Maze(), count: 25, \.cell)
    check(Taxi(), count: 500, \.number)
    check(DeepSea(size: 4), count: 4, \.row)
    check(DeepSea(size: 4), count: 4, \.column)
    // The ball is caught or missed in the last row.
    check(Catch(rows: 4, columns: 3), count: 3, \.row)
    check(Catch(rows: 4, columns: 3), count: 3, \.ball)
  }

  @Test("are all accepted unless an environment says which are not")
  func unchecked() {
    let corridor = Corridor()
    #expect(corridor.accepts(corridor.state))
    #expect(ReplicatedEnvironment(corridor, count: 2).accepts([corridor.state, corridor.state]))
  }
}
