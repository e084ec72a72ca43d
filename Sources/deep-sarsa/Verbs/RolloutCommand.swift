import ArgumentParser
import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFiles

/// `deep-sarsa rollout ENV` or `deep-sarsa rollout RUN`.
struct RolloutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout",
    abstract: "Play steps in an environment, and record them.",
    discussion: """
      The environment is reset once with the seed. After the end of an episode it is reset without a seed, \
      if a step follows. Actions are given, drawn at random, or those of a trained network.

      --json prints one line for every reset and every step. A line has the step within its episode (0 at \
      a reset), the episode, the observation, the action before it and the reward (null at a reset), and \
      whether the episode was terminated or truncated. --export writes the same to a file, with one row for \
      every reset and step. The arrays of a .npz file are episode, step and action (int64), observation (float32, \
      flattened row by row with channels last, or int64), reward (float64), terminated and truncated \
      (bool). At a reset, the action is -1 and the reward 0. If the environment fails, both have all \
      resets and steps before the failure.

      Actions and integer observations have Gymnasium's numbers, also in --actions: those of \
      Discrete(5, start=-2) are -2 to 2. (There, a row with the action -1 is a reset only if its step is 0.)

      --random draws the numbers of numpy's default_rng(seed).integers(n), with one call for each step. \
      n is the number of actions, and 0 stands for the first action. In an environment with action masks, \
      n is the number of legal actions, and 0 stands for the first of them.

      A run folder or a model file as the argument, as for 'deep-sarsa evaluate', or with --policy, is the network \
      whose greedy actions are taken. The environment is then the one of training unless another is named \
      (--env-id, or ENV beside --policy). If it is, it has the arguments of training, and --env-arg overrides \
      single arguments. Without --steps and --episodes, one episode is played.
      """)

  @OptionGroup
  var environment: EnvironmentName

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "seed of the environment and of --random (default: 0)",
      valueName: "n"))
  var seed: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "steps to play; with a list of actions, at most and by default its length",
      valueName: "n"))
  var steps: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      episodes to play; without a time limit of the environment, of at most 10,000 steps each on average
      """, valueName: "n"))
  var episodes: Number?

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
    name: .customLong("policy"), parsing: .unconditional,
    help: ArgumentHelp(
      "take the greedy actions of a network; a run folder or a model file, which may also be the argument",
      valueName: "path"),
    completion: .file())
  var policyFlag: String?

  @Flag(help: "use the best network of the run folder instead of the last one")
  var best = false

  @Flag(help: "print one line of JSON for every reset and step instead of the summary")
  var json = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      write a file, whose name's ending is its format: \
      \(RolloutExports.all.map { ".\($0.fileExtension) (\($0.summary))" }.joined(separator: ", ")); \
      may be repeated
      """, valueName: "file"),
    completion: .file(extensions: RolloutExports.all.map { $0.fileExtension }))
  var export: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "write arrays for numpy.load, whatever the file's name", valueName: "file"),
    completion: .file())
  var npz: String?

  /// The network and the environment that are named: an argument that is a file or a folder names a network.
  private func named() throws -> (policy: String?, id: String?) {
    guard policyFlag == nil, let word = environment.word, !EnvironmentRegistry.ids.contains(word),
      FileManager.default.fileExists(atPath: word)
    else { return (policyFlag, try environment.optional()) }
    return (word, environment.flag)
  }

  func run() throws {
    let (policy, id) = try named()
    let seed = try seed?.seed("--seed") ?? 0
    let length = Length(
      steps: try steps?.count("--steps", 1...Hyperparameters.Limit.steps),
      episodes: try episodes?.count("--episodes", 1...EvaluationSettings.episodeLimit))
    guard [actions != nil, actionsFile != nil, random, policy != nil].count(where: { $0 }) == 1
    else {
      throw CommandError(
        "exactly one of --actions, --actions-file, --random and --policy is needed, or a run instead of <env>"
      )
    }
    let network = try policy.map { try NamedNetwork($0, best: best) }
    if best && network == nil {
      throw CommandError("--best needs --policy, or a run folder as the argument")
    }
    if npz == "" {
      throw CommandError(flag: "--npz", value: "", allowed: "a file's path")
    }
    for path in export where RolloutExports.format(of: path) == nil {
      let endings = RolloutExports.all.map { ".\($0.fileExtension)" }
      throw CommandError(
        flag: "--export", value: path,
        allowed: "a file's path that ends in \(endings.joined(separator: " or "))")
    }
    if let network {
      let model = try network.model()
      let environment = try environmentOptions.make(named: id, for: model, in: network.folder)
      let length = length.isGiven ? length : Length(steps: nil, episodes: 1)
      return try play(environment, by: model, seed: seed, length: length)
    }
    try play(try environmentOptions.make(environment.required()), seed: seed, length: length)
  }

  /// When a rollout ends: after a number of steps or of episodes, whichever is first.
  private struct Length {
    var steps: Int?
    var episodes: Int?

    var isGiven: Bool { steps != nil || episodes != nil }

    /// The most steps that are played.
    func most(in specification: EnvironmentSpecification) -> Int {
      let limit = specification.maximumEpisodeSteps ?? Evaluation<CartPole>.stepLimit
      let (product, isTooLarge) = limit.multipliedReportingOverflow(by: episodes ?? 1)
      let all = episodes == nil || isTooLarge ? Hyperparameters.Limit.steps : product
      return min(steps ?? all, all)
    }
  }

  private func play<World: Environment>(
    _ environment: World, by model: consuming ModelFile, seed: UInt64, length: Length
  ) throws {
    try play(environment, seed: seed, until: length) { rollout in
      model.policy.action(for: rollout.observation, allowing: rollout.mask)
    }
  }

  private func play<World: Environment>(
    _ environment: World, seed: UInt64, length: Length
  ) throws {
    let specification = environment.specification
    if let actions = try list(for: specification) {
      let count = length.steps ?? actions.count
      guard count <= actions.count else {
        throw CommandError(
          flag: "--steps", value: "\(count)", allowed: "at most the \(actions.count) actions given")
      }
      let length = Length(steps: count, episodes: length.episodes)
      return try play(environment, seed: seed, until: length) { actions[$0.steps] }
    }
    guard length.isGiven else {
      throw CommandError("--steps or --episodes is needed with --random")
    }
    var stream = PCG64(seed: seed)
    try play(environment, seed: seed, until: length) { $0.randomAction(using: &stream) }
  }

  /// The given actions; `nil` for --random and --policy.
  private func list(for specification: EnvironmentSpecification) throws -> [Int]? {
    let first = specification.firstAction
    let numbers = first...first + specification.actionCount - 1
    let allowed = "whole numbers from \(first) to \(numbers.upperBound)"
    if let actions {
      do {
        let list = try ActionList(Array(actions.utf8), numbers: numbers)
        guard !list.actions.isEmpty else {
          throw CommandError(flag: "--actions", value: actions, allowed: allowed)
        }
        return list.actions
      } catch let invalid as ActionList.InvalidAction {
        throw CommandError(
          flag: "action \(invalid.position) of --actions", value: invalid.text, allowed: allowed)
      }
    }
    guard let file = actionsFile else { return nil }
    do {
      let bytes = try Files.read(file, limit: 64 << 20)
      let list = try ActionList(bytes, numbers: numbers)
      guard !list.actions.isEmpty else { throw RunError.badFile(file, "it has no actions") }
      return list.actions
    } catch let invalid as ActionList.InvalidAction {
      throw RunError.badFile(
        file,
        "action \(invalid.position), in line \(invalid.line), is '\(invalid.text.prefix(200))'; "
          + "allowed: \(allowed)")
    }
  }

  /// Plays steps; the closure chooses an action.
  private func play<World: Environment>(
    _ environment: World, seed: UInt64, until length: Length,
    action: (_ rollout: borrowing Rollout<World>) -> Int
  ) throws {
    let specification = environment.specification
    let steps = length.most(in: specification)
    var exports = exports(of: specification)
    let available = Machine.availableMemory
    try requireMemory(for: exports, steps: steps, of: available)
    var rows = 0
    var lines = RolloutLines()
    var summary = RolloutSummary(specification.id, seed: seed)
    TerminationSignals.installForCleanEnd()

    var rollout = try Rollout(environment, seed: seed)
    var wasCancelled = false
    var failure: (any Error)?
    var isComplete: Bool {
      rollout.steps == steps
        || rollout.record.isLast && rollout.record.episode + 1 == length.episodes
    }
    func record() throws {
      for i in exports.indices { try exports[i].append(rollout) }
      rows += 1
      if !exports.isEmpty && rows.isMultiple(of: Self.rowsBetweenChecks) {
        try requireMemory(for: exports, rows: rows, of: available)
      }
      if json {
        lines.append(rollout)
        if lines.bytes.count >= Self.bufferSize { try flush() }
      } else {
        summary.append(rollout.record)
      }
    }
    func flush() throws {
      try StandardStream.output.write(lines.bytes)
      lines.removeAll()
    }
    do {
      try record()
      while !isComplete && !TerminationSignals.isEnding {
        if rollout.record.isLast {
          try rollout.reset()
          try record()
        }
        try rollout.step(action(rollout))
        try record()
      }
    } catch RunError.environment(_) where TerminationSignals.isEnding {
      // A signal also ends the wait for a Gymnasium environment, which then throws an error.
      wasCancelled = true
    } catch {
      failure = error
    }
    // The rows before a failure help to find its cause; and what cannot be written keeps no other file from being written.
    func attempt(_ write: () throws -> Void) {
      do { try write() } catch { failure = failure ?? error }
    }
    attempt(flush)
    for each in exports { attempt { try each.write() } }
    if let failure { throw failure }
    if !json { try StandardStream.output.write(summary.text) }
    if !isComplete || wasCancelled, let code = TerminationSignals.exitCode {
      throw CommandError("interrupted after \(rollout.steps) steps", exitCode: ExitCode(code))
    }
  }

  /// The number of bytes that are printed with one write.
  private static let bufferSize = 1 << 16

  /// The files that are written, still without rows.
  private func exports(of specification: EnvironmentSpecification) -> [any RolloutExport] {
    var result: [any RolloutExport] = export.compactMap {
      RolloutExports.format(of: $0)?.init(for: specification, path: $0)
    }
    if let npz { result.append(RolloutArrays(for: specification, path: npz)) }
    return result
  }

  /// Throws if --steps is given, and so many rows, of which there may be more, fit neither into memory nor into a file.
  private func requireMemory(
    for exports: [any RolloutExport], steps: Int, of available: Int
  ) throws {
    if self.steps == nil { return }
    let limits =
      [(Self.memory(of: 1, in: exports), available)]
      + exports.map { ($0.bytesPerRow, type(of: $0).byteLimit) }
    for (bytes, limit) in limits where Double(steps + 1) * Double(bytes) > Double(limit) {
      throw CommandError(
        flag: "--steps", value: "\(steps)",
        allowed: "with \(exportFlag) what fits into \(limit) bytes, \(bytes) a row")
    }
  }

  /// The rows that are played between two questions for memory.
  private static let rowsBetweenChecks = 4096

  /// Throws if the system does not give what arrays may take until the next question.
  ///
  /// An array that gets no memory ends the process. How many rows there will be, only playing tells.
  private func requireMemory(
    for exports: [any RolloutExport], rows: Int, of available: Int
  ) throws {
    let bytes = Self.memory(of: rows + Self.rowsBetweenChecks, in: exports)
    if bytes <= available && Files.hasMemory(bytes) { return }
    throw CommandError(
      "the system refused \(bytes) bytes of memory for \(exportFlag) after \(rows) rows, which are written",
      exitCode: .refused)
  }

  /// The bytes that rows take in memory, at most: an array that grows has room for up to twice its values.
  private static func memory(of rows: Int, in exports: [any RolloutExport]) -> Int {
    2 * rows * exports.reduce(0) { $0 + $1.bytesPerRow }
  }

  private var exportFlag: String { npz == nil ? "--export" : "--npz" }
}
