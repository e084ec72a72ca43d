import Foundation
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

  @Test("the check that the article shows has nothing to print")
  func article() throws {
    let corridor = TimeLimit(Corridor(), maximumSteps: 50)
    let checker = EnvironmentChecker(corridor) {
      try JSONDecoder().decode(TimeLimit<Corridor>.State.self, from: JSONEncoder().encode($0))
    }
    for (promise, evidence) in try checker.report().broken { print("\(promise): \(evidence)") }
    #expect(try checker.report().broken.isEmpty)
  }

  @Test("an environment that breaks a promise is found out", arguments: Flawed.Flaw.allCases)
  func flawed(flaw: Flawed.Flaw) throws {
    let broken = try brokenPromises(of: Flawed(flaw))
    switch flaw {
    case .none: #expect(broken == [])
    case .forgetsSeed: #expect(broken == [.seed])
    case .hidesState, .refusesItself: #expect(broken == [.state])
    case .sharesMemory: #expect(broken.contains(.copies))
    case .writesTooLittle, .writesInfinity: #expect(broken == [.observation])
    case .rewardsNothing: #expect(broken == [.reward])
    case .ignoresLimit, .leaksLimit: #expect(broken == [.limit])
    case .leavesSpace, .seesDouble: #expect(broken == [.space])
    case .neverRestarts: #expect(broken.contains(.restart))
    case .contradictsItself, .changes, .hasNoActions: #expect(broken == [.specification])
    }
  }

  @Test("what was not asked for is not looked at, and what was found is told")
  func report() throws {
    let flawed = Flawed(.ignoresLimit)
    let report = try EnvironmentChecker(flawed).report()
    #expect(
      report.broken == [.limit: "not truncated at 5 steps, at step 5 with reward -1.0"])
    #expect(report.steps == 3 * (2 * 157 + 300) && report.episodes > 0 && report.startsDiffer)
    #expect(report.limitsReached >= report.episodes)
    #expect(try EnvironmentChecker(flawed, promises: [.seed, .reward]).report().broken.isEmpty)
    #expect(try !EnvironmentChecker(Maze()).report().startsDiffer)
  }

  @Test("without actions nothing is played, and that is what is told")
  func nothingToDo() throws {
    let report = try EnvironmentChecker(Flawed(.hasNoActions)).report()
    #expect(report.broken == [.specification: "it has 0 actions"] && report.steps == 0)
  }

  @Test("a limit beyond a few hundred steps is played to")
  func farLimit() throws {
    var still = TimeLimit(MountainCar(), maximumSteps: 1_200)
    still.reset(seed: 0)
    let report = try EnvironmentChecker(still).report()
    #expect(report.broken.isEmpty && report.limitsReached > 0)
  }
}

/// A walk of ten steps from a random place, with a mistake.
struct Flawed: Environment {
  enum Flaw: CaseIterable {
    case none, forgetsSeed, hidesState, sharesMemory, writesTooLittle, writesInfinity
    case rewardsNothing, ignoresLimit, leaksLimit, leavesSpace, seesDouble, neverRestarts
    case contradictsItself, changes, hasNoActions, refusesItself
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
    let space: ObservationSpace =
      switch flaw {
      case .leavesSpace: .box(shape: [2], low: 0, high: 9)
      case .seesDouble: .categories([1, 1])
      case .contradictsItself: .box(low: [0, 0], high: [1], shape: [2])
      default: .box(shape: [2])
      }
    var result = EnvironmentSpecification(
      id: "Flawed", observationSpace: space, actionCount: 3,
      maximumEpisodeSteps: flaw == .ignoresLimit ? 5 : 10,
      rewardThreshold: flaw == .changes ? hidden : nil)
    if flaw == .hasNoActions { result.actionCount = 0 }
    return result
  }

  func accepts(_ state: State) -> Bool { flaw != .refusesItself || state.steps < 5 }

  mutating func reset(seed: UInt64?) {
    if let seed, flaw != .forgetsSeed { state.random = PCG64(seed: seed) }
    state.position = state.random.random()
    let isMidway = (1..<10).contains(state.steps)
    if seed != nil || flaw != .neverRestarts && !(flaw == .leaksLimit && isMidway) {
      state.steps = 0
    }
    hidden = 0
    shared.position = 0
  }

  mutating func step(_ action: Int) -> Step {
    state.position += Double(action)
    state.steps += 1
    hidden += Double(action)
    shared.position += Double(action)
    return Step(
      reward: flaw == .rewardsNothing && action == 2 ? .nan : -1, isTruncated: state.steps >= 10)
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
