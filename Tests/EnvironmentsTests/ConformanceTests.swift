import SARSAEnvironments
import SARSARandomSources
import SampleEnvironments
import Testing

@Suite("What every environment promises")
struct ConformanceTests {
  @Test("every environment of the registry keeps its promises", arguments: EnvironmentRegistry.ids)
  func registered(id: String) throws {
    let environment = try EnvironmentRegistry.make(id)
    #expect(try brokenPromises(of: environment) == [])
  }

  @Test("the environment of the articles and of the sample package keeps them too")
  func sample() throws {
    #expect(try brokenPromises(of: Corridor()) == [])
    #expect(try brokenPromises(of: TimeLimit(Corridor(), maximumSteps: 4)) == [])
  }

  @Test("an environment that breaks a promise is found out", arguments: Flawed.Flaw.allCases)
  func flawed(flaw: Flawed.Flaw) throws {
    let broken = try brokenPromises(of: Flawed(flaw))
    switch flaw {
    case .none: #expect(broken == [])
    case .forgetsSeed: #expect(broken == [.seed])
    case .hidesState: #expect(broken == [.state])
    case .sharesMemory: #expect(broken.contains(.copies))
    case .writesTooLittle, .writesInfinity: #expect(broken == [.observation])
    case .rewardsNothing: #expect(broken == [.reward])
    case .ignoresLimit: #expect(broken == [.limit])
    }
  }
}

/// A walk of ten steps from a random place, with a mistake.
struct Flawed: Environment {
  enum Flaw: CaseIterable {
    case none, forgetsSeed, hidesState, sharesMemory, writesTooLittle, writesInfinity
    case rewardsNothing, ignoresLimit
  }

  struct State: Codable {
    var position = 0.0
    var steps = 0
    var random = PCG64(seed: 0)
  }

  final class Memory: @unchecked Sendable {
    var position = 0.0
  }

  var state = State()
  private let flaw: Flaw
  private var hidden = 0.0
  private let shared = Memory()

  init(_ flaw: Flaw) {
    self.flaw = flaw
  }

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Flawed", observationSize: 2, actionCount: 3,
      maximumEpisodeSteps: flaw == .ignoresLimit ? 5 : 10)
  }

  mutating func reset(seed: UInt64?) {
    if let seed, flaw != .forgetsSeed { state.random = PCG64(seed: seed) }
    state.position = state.random.random()
    state.steps = 0
    hidden = 0
    shared.position = 0
  }

  mutating func step(_ action: Int) -> Step {
    state.position += Double(action)
    state.steps += 1
    hidden += Double(action)
    shared.position += Double(action)
    return Step(
      reward: flaw == .rewardsNothing && action == 2 ? .nan : -1, isTruncated: state.steps == 10)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position)
    switch flaw {
    case .hidesState: observation[1] = Float(hidden)
    case .sharesMemory: observation[1] = Float(shared.position)
    case .writesTooLittle: break
    case .writesInfinity: observation[1] = .infinity
    default: observation[1] = Float(state.steps)
    }
  }
}
