import DeepSARSA
import Foundation
import SARSAExperiments
import Testing

/// Steps along a line to its end, or fails.
private struct Line: Environment {
  enum Fault {
    case none, infiniteReward, throwing
  }

  struct State: Codable, Sendable {
    var place = 0
  }

  struct Stuck: Error {}

  var state = State()
  var fault = Fault.none

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Line", observationSpace: .category(6), actionCount: 2, maximumEpisodeSteps: nil)
  }

  mutating func reset(seed: UInt64?) throws(Stuck) {
    state.place = 0
  }

  mutating func step(_ action: Int) throws(Stuck) -> Step {
    if fault == .throwing && state.place == 2 { throw Stuck() }
    state.place += 1
    return Step(
      reward: fault == .infiniteReward && state.place == 3 ? .infinity : -1,
      isTerminated: state.place == 5)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    for i in observation.indices { observation[i] = i == state.place ? 1 : 0 }
  }
}

@Suite("The doctor")
struct DoctorTests {
  @Test("says of an environment which promise is broken, and that the others are kept")
  func environments() {
    let good = Doctor.environment(Line())
    #expect(good.filter { !$0.passed } == [])
    #expect(good.count == EnvironmentPromise.allCases.count + 2)
    #expect(
      good[0] == Check("Line: specification", passed: true, detail: "categories of [6], 2 actions"))
    #expect(good.contains { $0.detail == "starts without a seed are all the same" })
    #expect(Doctor.summary(of: Line()).passed)

    let bad = Doctor.environment(Line(fault: .infiniteReward))
    #expect(bad.filter { !$0.passed }.map(\.check) == ["Line: reward", "Line: speed"])
    let summary = Doctor.summary(of: Line(fault: .infiniteReward))
    #expect(!summary.passed && summary.detail == "reward: inf, at step 3 with reward inf")
    #expect(
      Doctor.environment(Line(fault: .infiniteReward), promises: [.seed]).map(\.check)
        == ["Line: seed", "Line: starts", "Line: speed"])

    for checks in [
      Doctor.environment(Line(fault: .throwing)), [Doctor.summary(of: Line(fault: .throwing))],
    ] {
      #expect(checks == [Check("Line", passed: false, detail: "it failed: Stuck()")])
    }
  }
}
