public import DeepSARSA
internal import Foundation

extension Doctor {
  /// Checks the requirements of an environment, with one result for each, and measures its speed.
  public static func environment<World: Environment>(
    _ world: World, promises: Set<EnvironmentPromise> = Set(EnvironmentPromise.allCases)
  ) -> [Check] {
    let id = world.specification.id
    do {
      let report = try report(on: world, promises)
      var result = EnvironmentPromise.allCases.filter(promises.contains).map { promise in
        let broken = report.broken[promise]
        return Check(
          "\(id): \(promise.rawValue)", passed: broken == nil,
          detail: broken ?? kept(promise, report, world.specification))
      }
      let starts = report.startsDiffer ? "differ" : "are all the same"
      result.append(
        Check(
          "\(id): starts", passed: true, detail: "starts without a seed \(starts)"))
      return result + [speed(of: world)]
    } catch {
      return [Check(id, passed: false, detail: "it failed: \(error)")]
    }
  }

  /// Checks the requirements of an environment, with one result for all.
  public static func summary<World: Environment>(of world: World) -> Check {
    let id = world.specification.id
    do {
      let report = try report(on: world, Set(EnvironmentPromise.allCases))
      let broken = report.broken.sorted { $0.key.rawValue < $1.key.rawValue }
      return Check(
        id, passed: broken.isEmpty,
        detail: broken.isEmpty
          ? all(report, world.specification)
          : broken.map { "\($0.key.rawValue): \($0.value)" }.joined(separator: "; "))
    } catch {
      return Check(id, passed: false, detail: "it failed: \(error)")
    }
  }

  private static func report<World: Environment>(
    on world: World, _ promises: Set<EnvironmentPromise>
  ) throws -> EnvironmentChecker<World>.Report {
    try EnvironmentChecker(world, promises: promises) {
      try JSONDecoder().decode(World.State.self, from: JSONEncoder().encode($0))
    }.report()
  }

  /// The text if all requirements hold, except those that no step could test.
  private static func all<World>(
    _ report: EnvironmentChecker<World>.Report, _ specification: EnvironmentSpecification
  ) -> String {
    var untested: [EnvironmentPromise] = []
    if specification.maximumEpisodeSteps != nil && report.limitsReached == 0 {
      untested.append(.limit)
    }
    if report.episodes == 0 { untested.append(.restart) }
    let kept = EnvironmentPromise.allCases.count - untested.count
    return "\(kept) requirements hold in \(report.steps) steps, \(report.episodes) episodes"
      + (untested.isEmpty
        ? "" : "; not reached: \(untested.map(\.rawValue).joined(separator: ", "))")
  }

  /// The text for a requirement that holds.
  private static func kept<World>(
    _ promise: EnvironmentPromise, _ report: EnvironmentChecker<World>.Report,
    _ specification: EnvironmentSpecification
  ) -> String {
    switch promise {
    case .specification:
      let space =
        switch specification.observationSpace {
        case .box(_, _, let shape): "numbers of shape \(shape)"
        case .binary(let shape): "zeros and ones of shape \(shape)"
        case .categories(let counts, _): "categories of \(counts)"
        }
      return "\(space), \(specification.actionCount) actions"
    case .observation: return "all numbers are written and finite, \(report.steps) steps"
    case .space: return "all within their bounds"
    case .reward: return "all finite"
    case .masks:
      return report.hasActionMasks
        ? "every state has a legal action" : "no masks: all actions are legal"
    case .seed: return "the same seed gives the same steps"
    case .state: return "a saved and restored state continues like the original"
    case .copies: return "copies are independent"
    case .limit:
      guard let limit = specification.maximumEpisodeSteps else { return "no time limit" }
      return report.limitsReached == 0
        ? "not reached: no episode has lasted \(limit) steps"
        : "truncated at \(limit) steps, \(report.limitsReached) times"
    case .restart:
      return report.episodes == 0
        ? "not reached: no episode has ended" : "\(report.episodes) episodes ended"
    }
  }

  /// Measures the steps per second with random actions, over a fraction of a second.
  private static func speed<World: Environment>(of world: World) -> Check {
    let name = "\(world.specification.id): speed"
    do {
      let speed = Int(try stepsPerSecond(of: world))
      return Check(name, passed: true, detail: "\(speed) steps/s with random actions")
    } catch {
      return Check(name, passed: false, detail: "\(error)")
    }
  }

  private static func stepsPerSecond<World: Environment>(of world: World) throws -> Double {
    var rollout = try Rollout(world, seed: 0)
    var actions = PCG64(seed: 0)
    let clock = ContinuousClock()
    let start = clock.now
    while clock.now - start < .milliseconds(100) {
      // Several steps between two readings of the clock, which take as long as some steps.
      for _ in 0..<16 {
        if rollout.record.isLast { try rollout.reset() }
        try rollout.step(rollout.randomAction(using: &actions))
      }
    }
    return Double(rollout.steps) / ((clock.now - start) / .seconds(1))
  }
}
