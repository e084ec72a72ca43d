import SARSAEnvironments
import SARSARandomSources
import Testing

@Suite("The registry's list")
struct RegistryTests {
  @Test("every id in the registry makes the environment of that id")
  func registry() throws {
    #expect(EnvironmentRegistry.ids == EnvironmentRegistry.ids.sorted())
    for id in EnvironmentRegistry.ids {
      #expect(try EnvironmentRegistry.make(id).specification.id == id)
    }
    let car = try EnvironmentRegistry.make("MountainCar-v0").specification
    #expect(car.maximumEpisodeSteps == 200)
    #expect(car.rewardThreshold == -110)
    let pole = try EnvironmentRegistry.make("CartPole-v1").specification
    #expect(pole.maximumEpisodeSteps == 500 && pole.rewardThreshold == 475)
    #expect(
      throws: EnvironmentError.unknown(id: "MountainCar-v1", known: EnvironmentRegistry.ids)
    ) { try EnvironmentRegistry.make("MountainCar-v1") }
  }

  @Test("an argument's default is what a missing argument stands for")
  func defaults() throws {
    for id in EnvironmentRegistry.ids {
      // What the map's other arguments need.
      let others: [String: ArgumentValue] =
        id.hasPrefix("FrozenLake") ? ["map_size": .integer(5)] : [:]
      for argument in try EnvironmentRegistry.arguments(of: id) where argument.standard != .null {
        let base = argument.name == "map_name" ? [:] : others
        let usual = try steps(of: EnvironmentRegistry.make(id, arguments: base))
        let given = base.merging([argument.name: argument.standard]) { $1 }
        let same = try steps(of: EnvironmentRegistry.make(id, arguments: given))
        #expect(usual == same, "\(argument.name) of \(id)")
      }
    }
  }

  private func steps<World: Environment>(of world: World) throws -> [Step] {
    var (world, random, result) = (world, PCG64(seed: 5), [Step]())
    try world.reset(seed: 1)
    for _ in 0..<300 {
      let step = try world.step(random.integer(below: world.specification.actionCount))
      result.append(step)
      if step.isLast { try world.reset(seed: nil) }
    }
    return result
  }

  @Test("describes arguments with their defaults and what is allowed")
  func descriptions() throws {
    let arguments = try EnvironmentRegistry.arguments(of: "CartPole-v0")
    let standard: [String: ArgumentValue] = [
      "high": .number(0.05), "low": .number(-0.05), "max_episode_steps": .integer(200),
      "sutton_barto_reward": .boolean(false), "action_masks": .boolean(true),
      "action_repeat": .integer(1),
      "frame_stack": .integer(1), "time_aware": .boolean(false),
    ]
    #expect(arguments.map(\.name) == standard.keys.sorted())
    #expect(arguments.allSatisfy { standard[$0.name] == $0.standard })
    let allowed = Dictionary(uniqueKeysWithValues: arguments.map { ($0.name, $0.allowed) })
    #expect(allowed["high"] == "a number from -100.0 to 100.0")
    #expect(allowed["sutton_barto_reward"] == "true or false")
    #expect(throws: EnvironmentError.self) { try EnvironmentRegistry.arguments(of: "CartPole") }
  }

  @Test("every environment takes the arguments of wrappers, from the inside out")
  func wrappers() throws {
    let names = EnvironmentRegistry.wrapperArguments
    for id in EnvironmentRegistry.ids {
      let known = try EnvironmentRegistry.arguments(of: id).map(\.name)
      #expect(names.allSatisfy(known.contains), "\(id)")
    }
    let all: [String: ArgumentValue] = [
      "max_episode_steps": .integer(10), "action_repeat": .integer(4), "frame_stack": .integer(3),
      "time_aware": .text("centered"),
    ]
    var built = try EnvironmentRegistry.make("CartPole-v1", arguments: all)
    typealias Expected = TimeAware<FrameStack<ActionRepeat<TimeLimit<CartPole>>>>
    let environment = try #require(built as? Expected)
    #expect(environment.wrapper.scale == .centered && environment.base.wrapper.count == 3)
    #expect(environment.base.base.count == 4 && environment.base.base.base.maximumSteps == 10)
    #expect(environment.specification.observationSpace.size == 13)
    #expect(environment.specification.maximumEpisodeSteps == 3)
    // An environment of somebody else's has the same around it, but for the time limit, which is its own.
    let rest = all.filter { names.contains($0.key) }
    built = try EnvironmentRegistry.wrapped(TimeLimit(CartPole(), maximumSteps: 10), by: rest)
    #expect(built is Expected)
    #expect(try EnvironmentRegistry.wrapped(CartPole(), by: [:]) is CartPole)
  }

  @Test("a wrapper that is impossible is refused")
  func impossibleWrappers() throws {
    func message(_ arguments: [String: ArgumentValue], of id: String = "CartPole-v1") -> String {
      do {
        _ = try EnvironmentRegistry.make(id, arguments: arguments)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(["frame_stack": .integer(0)])
        == "frame_stack of CartPole-v1 is 0; allowed: a whole number from 1 to 1000")
    #expect(
      message(["action_repeat": .text("2")]).hasPrefix("action_repeat of CartPole-v1 is \"2\""))
    #expect(
      message(["time_aware": .text("late")]).hasSuffix(
        "allowed: true, false, \"unit\" for 0 to 1, \"centered\" for -0.5 to 0.5"))
    #expect(message(["time_aware": .integer(1)]).hasPrefix("time_aware of CartPole-v1 is 1;"))
    #expect(
      message(["time_aware": .boolean(true), "max_episode_steps": .integer(-1)])
        == "time_aware of CartPole-v1 is true; allowed: false, because there is no time limit")
    #expect(message(["time_aware": .boolean(false), "max_episode_steps": .integer(-1)]) == "")
    let wide = FrameStack(Counter(end: 1), count: 20_000)
    #expect(
      throws: EnvironmentError.badArgument(
        id: "Counter", name: "frame_stack", value: .integer(1_000),
        allowed: "at most 16777216 numbers in all; one observation has 20000")
    ) { try EnvironmentRegistry.wrapped(wide, by: ["frame_stack": .integer(1_000)]) }
  }
}
