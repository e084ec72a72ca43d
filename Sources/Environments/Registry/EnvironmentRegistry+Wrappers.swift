// The wrappers that arguments name. Every environment takes them, as it takes `max_episode_steps`; so they
// are recorded with a run and a model as the other arguments are.

extension EnvironmentRegistry {
  /// The names of the arguments for wrappers.
  public static let wrapperArguments: [String] = {
    var reader = EnvironmentArguments([:], of: "")
    // Without values there is nothing to refuse.
    do { _ = try reader.wrapped(CartPole()) } catch { fatalError("\(error)") }
    return reader.known.map(\.name)
  }()

  /// Puts an environment that is not built in within the wrappers that its arguments name.
  ///
  /// From the inside: `action_masks`, `Unmasked` if it is false and there are masks; `action_repeat`,
  /// `ActionRepeat` outside of the environment's time limit; `frame_stack`, `FrameStack`; and `time_aware`,
  /// `TimeAware`, whose number stands once behind the stacked observations.
  ///
  /// - Parameters:
  ///   - environment: the environment, with its time limit.
  ///   - arguments: values for `wrapperArguments`.
  /// - Returns: the environment within its wrappers, or as it was.
  /// - Throws: `EnvironmentError` for another argument, or a value that is not allowed.
  public static func wrapped(
    _ environment: some Environment, by arguments: [String: ArgumentValue]
  ) throws(EnvironmentError) -> any Environment {
    var reader = EnvironmentArguments(arguments, of: environment.specification.id)
    let result = try reader.wrapped(environment)
    try reader.requireAllKnown()
    return result
  }
}

extension EnvironmentArguments {
  /// The largest number of numbers in an observation that a wrapper makes.
  private static let observationLimit = 1 << 24

  /// The environment within the wrappers that the arguments name, from the inside out.
  mutating func wrapped(
    _ environment: some Environment
  ) throws(EnvironmentError) -> any Environment {
    let (stack, limit) = ("frame_stack", Self.observationLimit)
    let usesMasks = try boolean("action_masks", default: true)
    let repetitions = try integer("action_repeat", default: 1, in: 1...1_000)
    let frames = try integer(stack, default: 1, in: 1...1_000)
    let time = try timeScale()
    let size = environment.specification.observationSize
    guard frames == 1 || size <= limit / frames else {
      throw bad(
        stack, .integer(frames),
        allowed: "at most \(limit) numbers in all; one observation has \(size)")
    }
    var result: any Environment = environment
    if !usesMasks && environment.specification.hasActionMasks { result = unmasked(result) }
    if repetitions > 1 { result = repeating(result, repetitions) }
    if frames > 1 { result = stacking(result, frames) }
    if let time {
      guard result.specification.maximumEpisodeSteps != nil else {
        throw bad(
          "time_aware", time == .unit ? .boolean(true) : .text(time.rawValue),
          allowed: "false, because there is no time limit")
      }
      result = showingTime(result, time)
    }
    return result
  }

  /// How the elapsed time is shown; `nil` if it is not.
  private mutating func timeScale() throws(EnvironmentError) -> TimeAwareness.Scale? {
    let (name, allowed) = (
      "time_aware", "true, false, \"unit\" for 0 to 1, \"centered\" for -0.5 to 0.5"
    )
    guard let given = value(name, default: .boolean(false), allowed: allowed) else { return nil }
    switch given {
    case .boolean(let isAware): return isAware ? .unit : nil
    case .text(let text):
      guard let scale = TimeAwareness.Scale(rawValue: text) else { break }
      return scale
    default: break
    }
    throw bad(name, given, allowed: allowed)
  }

  private func unmasked(_ base: some Environment) -> any Environment { Unmasked(base) }

  private func repeating(_ base: some Environment, _ count: Int) -> any Environment {
    ActionRepeat(base, count: count)
  }

  private func stacking(_ base: some Environment, _ count: Int) -> any Environment {
    FrameStack(base, count: count)
  }

  private func showingTime(
    _ base: some Environment, _ scale: TimeAwareness.Scale
  ) -> any Environment {
    TimeAware(base, as: scale)
  }
}
