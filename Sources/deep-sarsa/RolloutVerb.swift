import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa rollout ENV`.
struct RolloutVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout",
    abstract: "Play steps in an environment, and write down what it does.",
    discussion: """
      The environment is reset with the seed once; where an episode ends and a step follows, it is reset \
      without one. The actions are those that are given, or drawn, or those of a trained network.

      --json prints a line for every reset and every step: the step within its episode (0 at a reset), \
      the episode, the observation, the action that led there and its reward (null at a reset), and \
      whether the episode was terminated or truncated. --npz writes the same as arrays for \
      numpy.load, a row each, with -1 for the action and 0 for the reward at a reset: episode, step and \
      action (int64), observation (float32, flattened row by row with channels last, or int64), reward \
      (float64), terminated and truncated (bool). If the environment fails, both hold what was before.

      Actions, and observations that are whole numbers, are Gymnasium's own numbers, here and in \
      --actions: those of Discrete(5, start=-2) are -2 to 2. (A row with -1 for the action is a reset if \
      its step is 0.)

      --random draws what numpy's default_rng(seed).integers(n) draws, one call a step, where n is \
      the number of actions; 0 stands for the first action.

      --policy takes the arguments of training along if ENV is the environment of training; --env-arg \
      changes single ones.
      """)

  @OptionGroup
  var environment: EnvironmentName

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "what the environment is reset with, and the stream of --random (default: 0)",
      valueName: "n"))
  var seed: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "steps to play; with a list of actions at most as many as it has, which is the default",
      valueName: "n"))
  var steps: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("actions to take, one after the other", valueName: "a,a,…"))
  var actions: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "a regular file of actions, with spaces, line ends or commas between them; up to 64 MiB",
      valueName: "file"), completion: .file())
  var actionsFile: String?

  @Flag(help: "draw actions, each with the same probability")
  var random = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "take the greedy actions of a network: a run's folder or a model file", valueName: "path"),
    completion: .file())
  var policy: String?

  @Flag(help: "take the folder's best network instead of its last")
  var best = false

  @Flag(help: "print a JSON object a line, in place of the summary")
  var json = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("write arrays that numpy loads", valueName: "file"), completion: .file())
  var npz: String?

  func run() throws {
    let seed = try seed?.seed("--seed") ?? 0
    let limit = try steps?.count("--steps", 1...Hyperparameters.Limit.steps)
    guard [actions != nil, actionsFile != nil, random, policy != nil].count(where: { $0 }) == 1
    else {
      throw Problem(
        "one of --actions, --actions-file, --random and --policy is needed, and no two of them")
    }
    if best && policy.flatMap(RunFolder.init(existing:)) == nil {
      throw Problem("--best needs --policy with a run's folder")
    }
    if npz == "" {
      throw Problem(flag: "--npz", value: "", allowed: "a file's path")
    }
    if let policy {
      let file = RunFolder(existing: policy)?.path(of: best ? .best : .model) ?? policy
      let model = try ModelFile(reading: file)
      do {
        let environment = try environmentOptions.make(
          environment.required(), for: model, from: file)
        return try play(environment, by: model, from: file, seed: seed, steps: needed(limit))
      } catch let error as EnvironmentError {
        throw Problem(error)
      }
    }
    try play(try environmentOptions.make(environment.required()), seed: seed, limit: limit)
  }

  /// The steps to play where no list of actions says how many there are.
  private func needed(_ limit: Int?) throws -> Int {
    guard let limit else {
      throw Problem(
        "--steps is needed beside --random and --policy")
    }
    return limit
  }

  private func play<World: Environment>(
    _ environment: World, by model: consuming ModelFile, from file: String, seed: UInt64, steps: Int
  ) throws {
    try model.requireSizes(of: environment.specification, path: file)
    try play(environment, seed: seed, steps: steps) { _, observation in
      model.policy.action(for: observation)
    }
  }

  private func play<World: Environment>(_ environment: World, seed: UInt64, limit: Int?) throws {
    let specification = environment.specification
    if let actions = try list(for: specification) {
      let count = limit ?? actions.count
      guard count <= actions.count else {
        throw Problem(
          flag: "--steps", value: "\(count)", allowed: "at most the \(actions.count) actions given")
      }
      return try play(environment, seed: seed, steps: count) { steps, _ in actions[steps] }
    }
    var stream = PCG64(seed: seed)
    try play(environment, seed: seed, steps: needed(limit)) { _, _ in
      stream.integer(below: specification.actionCount)
    }
  }

  /// The actions that are given; `nil` if they are made as they are needed.
  private func list(for specification: EnvironmentSpecification) throws -> [Int]? {
    let first = specification.firstAction
    let numbers = first...first + specification.actionCount - 1
    let allowed = "whole numbers from \(first) to \(numbers.upperBound)"
    if let actions {
      do {
        let list = try ActionList(Array(actions.utf8), numbers: numbers)
        guard !list.actions.isEmpty else {
          throw Problem(flag: "--actions", value: actions, allowed: allowed)
        }
        return list.actions
      } catch let mistake as ActionList.Mistake {
        throw Problem(
          flag: "action \(mistake.place) of --actions", value: mistake.text, allowed: allowed)
      }
    }
    guard let file = actionsFile else { return nil }
    do {
      let bytes = try Files.read(file, limit: 64 << 20)
      let list = try ActionList(bytes, numbers: numbers)
      guard !list.actions.isEmpty else { throw RunError.badFile(file, "it has no actions") }
      return list.actions
    } catch let mistake as ActionList.Mistake {
      throw RunError.badFile(
        file,
        "action \(mistake.place), in line \(mistake.line), is '\(mistake.text.prefix(200))'; "
          + "allowed: \(allowed)")
    }
  }

  /// Plays so many steps; the closure is told how many were played, and what is observed.
  private func play<World: Environment>(
    _ environment: World, seed: UInt64, steps: Int,
    action: (_ steps: Int, _ observation: [Float]) -> Int
  ) throws {
    let specification = environment.specification
    var arrays = npz.map { RolloutArrays(for: specification, path: $0) }
    // Every step may end an episode, whose reset is a row of its own.
    if let arrays { try requireMemory(2 * steps + 1, rowsOf: arrays.bytesPerRow) }
    var lines = RolloutLines()
    var summary = RolloutSummary(specification.id, seed: seed)
    TerminationSignals.install()

    var rollout = try Rollout(environment, seed: seed)
    var wasCancelled = false
    func record() throws {
      try arrays?.append(rollout)
      if json {
        lines.append(rollout)
        if lines.bytes.count >= Self.bufferSize { try flush() }
      } else {
        summary.append(rollout.moment)
      }
    }
    func flush() throws {
      try StandardStream.output.write(lines.bytes)
      lines.removeAll()
    }
    do {
      try record()
      while rollout.steps < steps && TerminationSignals.exitCode == nil {
        if rollout.moment.isLast {
          try rollout.reset()
          try record()
        }
        try rollout.step(action(rollout.steps, rollout.observation))
        try record()
      }
    } catch RunError.environment(_) where TerminationSignals.exitCode != nil {
      // A signal also ends the wait for a slow Gymnasium environment, by an error of its own.
      wasCancelled = true
    } catch {
      // The rows before a failure help to find its cause.
      try? flush()
      try? arrays?.write()
      throw error
    }
    try flush()
    try arrays?.write()
    if !json { try StandardStream.output.write(summary.text) }
    if rollout.steps < steps || wasCancelled, let code = TerminationSignals.exitCode {
      throw Problem("interrupted after \(rollout.steps) steps", exitCode: ExitCode(code))
    }
  }

  /// The bytes that are printed together.
  private static let bufferSize = 1 << 16

  /// Refuses arrays that cannot fit into memory or into their file, before they take a byte.
  private func requireMemory(_ rows: Int, rowsOf bytes: Int) throws {
    let available = min(Machine.availableMemory, RolloutArrays.byteLimit)
    guard Double(rows) * Double(bytes) <= Double(available) else {
      throw Problem(
        flag: "--steps", value: "\(rows / 2)",
        allowed: "with --npz what fits into \(available) bytes, up to \(2 * bytes) a step")
    }
  }
}
