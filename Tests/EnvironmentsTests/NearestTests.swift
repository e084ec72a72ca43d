import SARSAEnvironments
import Testing

@Suite("What was probably meant")
struct NearestTests {
  @Test(
    "an id with a slip, in other letters, of another version, or without one",
    arguments: [
      ("cartpole-v1", "CartPole-v1"), ("CARTPOLE-V0", "CartPole-v0"), ("Taxi-v3", "Taxi-v4"),
      ("CartPole-v3", "CartPole-v1"), ("CartPole", "CartPole-v1"),
      ("MoutnainCar-v0", "MountainCar-v0"),
      ("FrozenLake8X8-v1", "FrozenLake8x8-v1"), ("Breakout-v1", "MinAtar/Breakout-v1"),
      ("minatar/breakout", "MinAtar/Breakout-v1"), ("DeepSea", "bsuite/DeepSea-v0"),
      ("Taxi", "Taxi-v4"), ("braekout", "MinAtar/Breakout-v1"),
      ("Mountain-Car-v0", "MountainCar-v0"),
    ])
  func ids(name: String, expected: String) {
    #expect(nearest(name, among: EnvironmentRegistry.ids) == expected)
    let error = EnvironmentError.unknown(id: name, known: EnvironmentRegistry.ids)
    #expect(error.suggestion == expected)
    #expect(error.description.contains("'\(name)' (did you mean '\(expected)'?); allowed: "))
  }

  @Test(
    "what is like nothing there is gets no suggestion",
    arguments: [
      "", "x", "v1", "Foo", "LunarLander-v3", "MountainCarContinuous-v0", "Pendulum-v1", "-",
    ])
  func nothing(name: String) {
    #expect(nearest(name, among: EnvironmentRegistry.ids) == nil)
    let error = EnvironmentError.unknown(id: name, known: EnvironmentRegistry.ids)
    #expect(!error.description.contains("did you mean"))
  }

  @Test("an argument with a slip is named by the error")
  func arguments() throws {
    for (name, expected) in [
      ("slipery", "is_slippery"), ("slippery", "is_slippery"), ("mapname", "map_name"),
      ("max_steps", nil), ("nonsense", nil),
    ] {
      let error = #expect(throws: EnvironmentError.self) {
        try EnvironmentRegistry.make("FrozenLake-v1", arguments: [name: .boolean(true)])
      }
      #expect(error?.suggestion == expected, "\(name)")
    }
  }

  @Test(
    "a small distance beats a large one, a short candidate a long one, and swapped letters count once"
  )
  func order() {
    #expect(nearest("trian", among: ["train", "evaluate"]) == "train")
    #expect(nearest("steps", among: ["total-steps", "stepss"]) == "total-steps")
    #expect(nearest("rate", among: ["learning-rate", "rate-of-all", "rat"]) == "rate-of-all")
    #expect(nearest("sdg", among: ["adam", "sgd"]) == "sgd")
    #expect(nearest("render", among: ["end-e", "seed"]) == nil)
    #expect(nearest("cuda", among: ["tau", "seed", "lr"]) == nil)
    #expect(nearest(String(repeating: "a", count: 100_000), among: ["a", "b"]) == nil)
  }
}
