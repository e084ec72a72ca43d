import SARSAEnvironments
import TestSupport
import Testing

@Suite("Action masks of environments")
struct EnvironmentMaskTests {
  private struct Masks: Decodable {
    var masks: [String]
  }

  private func mask<World: Environment>(of world: World) -> [Bool] {
    var result = [Bool](repeating: false, count: world.specification.actionCount)
    var span = result.mutableSpan
    world.writeActionMask(into: &span)
    return result
  }

  @Test("Taxi's is Gymnasium's in each of its 500 states")
  func taxi() throws {
    let expected = try fixture("taxi_masks.json", as: Masks.self).masks
    #expect(expected.count == 500)
    var taxi = TimeLimit(Taxi(), maximumSteps: 200)
    for (number, text) in expected.enumerated() {
      taxi.base.state.number = number
      #expect(mask(of: taxi).map { $0 ? "1" : "0" }.joined() == text, "state \(number)")
      #expect(mask(of: taxi) == (0..<6).map { taxi.base.model.isLegal($0, in: number) })
    }
    #expect(taxi.specification.hasActionMasks && taxi.base.model.unmasked.isLegal(5, in: 0))
  }

  @Test("an environment without masks has none, and all of its actions are legal")
  func none() {
    #expect(mask(of: MountainCar()) == [true, true, true])
    #expect(VectorStep(for: ReplicatedEnvironment(MountainCar(), count: 2)).masks.isEmpty)
  }

  @Test(
    "a vector within a wrapper has the masks of the environments, unless the wrapper removes them")
  func wrapped() throws {
    let taxi = TimeLimit(Taxi(), maximumSteps: 30)
    var plain = taxi.vector(count: 2)
    var stacked = FrameStack(taxi, count: 2).vector(count: 2)
    var unmasked = Unmasked(taxi).vector(count: 2)
    var steps = (VectorStep(for: plain), VectorStep(for: stacked), VectorStep(for: unmasked))
    plain.reset(seeds: [1, 2], into: &steps.0)
    stacked.reset(seeds: [1, 2], into: &steps.1)
    unmasked.reset(seeds: [1, 2], into: &steps.2)
    for i in 0..<70 {
      #expect(steps.0.masks.count == 12 && steps.0.masks == steps.1.masks)
      #expect(steps.0.nextMasks == steps.1.nextMasks)
      #expect(steps.2.masks.isEmpty && steps.2.nextMasks.isEmpty)
      plain.step([i % 4, 1], into: &steps.0)
      stacked.step([i % 4, 1], into: &steps.1)
      unmasked.step([i % 4, 1], into: &steps.2)
      #expect(steps.0.observations == steps.2.observations)
    }
    #expect(mask(of: FrameStack(taxi, count: 2)) == mask(of: taxi))
    let made = try EnvironmentRegistry.make("Taxi-v4", arguments: ["action_masks": .boolean(false)])
    #expect(made is Unmasked<TimeLimit<Taxi>> && !made.specification.hasActionMasks)
    #expect(try EnvironmentRegistry.make("Taxi-v4").specification.hasActionMasks)
  }

  @Test("a repeated action that becomes illegal ends the repetition")
  func repeated() {
    // From the last column but one of the first row, east is legal once.
    var taxi = ActionRepeat(Taxi(), count: 3)
    taxi.reset(seed: 1)
    taxi.state.number = (0 * 5 + 3) * 20
    #expect(taxi.step(2) == Step(reward: -1))
    #expect(taxi.state.number == (0 * 5 + 4) * 20)
    #expect(taxi.specification.maximumEpisodeSteps == nil)
    let limited = ActionRepeat(TimeLimit(Taxi(), maximumSteps: 200), count: 3)
    #expect(limited.specification.maximumEpisodeSteps == 200)
    var unmasked = ActionRepeat(Unmasked(Taxi()), count: 3)
    unmasked.reset(seed: 1)
    unmasked.state.base.number = (0 * 5 + 3) * 20
    #expect(unmasked.step(2) == Step(reward: -3))
  }

  @Test("a model's policies are over the legal actions")
  func model() {
    let model = FiniteModel(
      stateCount: 2, actionCount: 3, isLegal: { ($0 + $1) % 3 != 0 },
      outcomes: { state, action in [FiniteModel.Outcome(state: 1 - state, reward: Double(action))] }
    )
    #expect((0..<3).map { model.isLegal($0, in: 0) } == [false, true, true])
    #expect((0..<3).map { model.isLegal($0, in: 1) } == [true, true, false])
    #expect((0..<3).allSatisfy { model.unmasked.isLegal($0, in: 1) })
    #expect(model.outcomes(of: 0, in: 0)[0].reward == 0)
  }
}
