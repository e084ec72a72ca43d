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
    #expect(arguments.map(\.name) == ["high", "low", "max_episode_steps", "sutton_barto_reward"])
    #expect(
      arguments.map(\.standard) == [.number(0.05), .number(-0.05), .integer(200), .boolean(false)])
    #expect(arguments[0].allowed == "a number from -100.0 to 100.0")
    #expect(arguments[3].allowed == "true or false")
    #expect(throws: EnvironmentError.self) { try EnvironmentRegistry.arguments(of: "CartPole") }
  }
}
