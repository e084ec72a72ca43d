import DeepSARSA
import SARSAExperiments
import Synchronization
import TestSupport
import Testing

/// Three steps an episode, all of which are counted, in all copies together.
private struct Counted: Environment {
  struct State: Codable, Sendable {
    var steps = 0
  }

  final class Counter: Sendable {
    let steps = Atomic<Int>(0)
  }

  var state = State()
  let counter = Counter()

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(id: "Counted", observationSize: 1, actionCount: 2)
  }

  mutating func reset(seed: UInt64?) {
    state.steps = 0
  }

  mutating func step(_ action: Int) -> Step {
    counter.steps.add(1, ordering: .relaxed)
    state.steps += 1
    return Step(reward: Double(action), isTerminated: state.steps == 3)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.steps)
  }
}

@Suite("An interrupted run")
struct InterruptionTests {
  private var settings: RunSettings {
    var settings = RunSettings(environment: "Counted", experimentName: "test")
    settings.hyperparameters.network.hiddenSizes = [2]
    settings.hyperparameters.replay.capacity = 20
    settings.hyperparameters.replay.batchSize = 2
    settings.hyperparameters.replay.learningStarts = 4
    settings.hyperparameters.budget = Budget(steps: 12)
    settings.evaluation.every = 5
    settings.evaluation.episodes = 2
    return settings
  }

  /// Trains until so many steps were taken in training and evaluations together.
  private func interrupted(
    after limit: Int, in folder: TemporaryFolder
  ) throws -> (outcome: ConcurrentRuns.Outcome?, steps: Int) {
    let world = Counted()
    let counter = world.counter
    let outcome = try ConcurrentRuns(
      creatingFor: settings, seeds: [1], root: folder.path, jobs: 1
    ).train(isCancelled: { counter.steps.load(ordering: .relaxed) >= limit }) { _ in world }.first
    return (outcome, counter.steps.load(ordering: .relaxed))
  }

  @Test("ends within a step wherever it is, with whole files and the network as it is")
  func everyStep() throws {
    let folder = try TemporaryFolder()
    let (outcome, all) = try interrupted(after: .max, in: folder)
    guard case .finished = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    // Training, four evaluations of two episodes, one of them started twice, and two at the end.
    #expect(all == 12 + 4 * 6 + 3 + 2 * 300)
    for limit in Array(1..<45) + [100, 338, 339, 340, all - 1] {
      let folder = try TemporaryFolder()
      let (outcome, steps) = try interrupted(after: limit, in: folder)
      guard case .interrupted(let summary) = outcome else {
        Issue.record("after \(limit) steps: \(String(describing: outcome))")
        continue
      }
      #expect(steps == limit || steps == limit + 1)
      #expect(summary.evaluation == nil && summary.bestEvaluation == nil)
      let run = try #require(RunFolder(existing: summary.run))
      let model = try Safetensors(decoding: bytes(of: run.path(of: .model)))
      #expect(model.metadata["step"] == "\(summary.steps)")
      #expect(try lines(of: run.path(of: .episodes)).count == 1 + summary.steps / 3)
      // Whole evaluations alone are written, and the best network is the best of those.
      let evaluations = try lines(of: run.path(of: .evaluations))
      #expect(evaluations[0] == "step,mean,std,min,max,episodes")
      let means = evaluations.dropFirst().map { $0.split(separator: ",").map(String.init) }
      let expected = ["0", "5", "10", "12"].filter { Int($0) ?? 0 <= summary.steps }
      #expect(expected.starts(with: means.map { $0[0] }) && means.count >= expected.count - 1)
      let best = try? Safetensors(decoding: bytes(of: run.path(of: .best)))
      let highest = means.max { Double($0[1]) ?? 0 < Double($1[1]) ?? 0 }?[1]
      #expect(best?.metadata["step"] == means.first { $0[1] == highest }?[0])
    }
  }

  @Test("that has not begun leaves its settings, from which it can begin")
  func beforeTheStart() throws {
    let folder = try TemporaryFolder()
    guard case .notBegun = try interrupted(after: 0, in: folder).outcome else {
      Issue.record("it began")
      return
    }
    let name = try #require(try folder.contents().first)
    #expect(try folder.contents(name) == ["config.yaml"])
  }

  @Test("has the first lines of its logs on disk as soon as they are there")
  func headers() throws {
    let folder = try TemporaryFolder()
    let run = try TrainingRun(settings, environment: Counted(), root: folder.path)
    #expect(try lines(of: run.folder.path(of: .episodes)) == ["step,episode,return,length,end"])
    #expect(
      try lines(of: run.folder.path(of: .evaluations)) == ["step,mean,std,min,max,episodes"])
  }
}
