import ArgumentParser
import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAGymnasium

/// `deep-sarsa experiment run`, or without `run`.
struct ExperimentRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Train the runs of an experiment that are not over, and compare the settings.",
    discussion: """
      The experiment is a file in YAML, or environments with --preset and --seeds. Without either it is that of \
      the folder. The folder gets a run folder for each setting, environment and seed, without a clock in its \
      name.

      The same command again goes on: what has finished is skipped, what was cut short goes on from its last \
      checkpoint. A run that diverged is not tried again, and one whose environment failed is. Both stay in every \
      table, and count as an untrained network. More seeds may be added; any other change of the experiment is \
      refused, because the results would be those of different settings.

      --part 2/8 trains the second of eight parts, for as many processes or machines. The parts need nothing \
      but a folder that all can write to. --part auto finds number and count in the variables that Slurm sets for \
      arrays and steps, or Open MPI for ranks. When all parts are over, 'deep-sarsa experiment aggregate' compares \
      the settings.
      """)

  @Argument(
    help: ArgumentHelp(
      "a file in YAML or JSON; or ids that 'deep-sarsa environments' lists, or gymnasium:ID",
      valueName: "file-or-env"), completion: .file())
  var words: [String] = []

  @Option(
    name: [.customShort("o"), .customLong("output")], parsing: .unconditional,
    help: ArgumentHelp("the folder of the experiment", valueName: "folder"), completion: .directory)
  var output: String

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "with environments: a preset or its file; may be repeated, each is a setting",
      valueName: "name"))
  var preset: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("with environments: the number of seeds (default: 10)", valueName: "n"))
  var seeds: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("with environments: the first seed (default: 1)", valueName: "n"))
  var seed: Number?

  @Option(
    name: [.customLong("total-timesteps"), .customLong("steps")], parsing: .unconditional,
    help: ArgumentHelp(
      """
      with environments: environment steps of a run; stretches the presets' schedules to this length
      """, valueName: "n"))
  var steps: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("train a part of the runs, as in 2/8; or auto", valueName: "k/n"))
  var part: String?

  @OptionGroup
  var options: JobOptions

  @Flag(help: "print one JSON object, the content of results.json, instead of tables")
  var json = false

  @Flag(help: "do not print progress")
  var quiet = false

  @OptionGroup(title: "Environment")
  var bridge: BridgeOptions

  func run() throws {
    let environments = try bridge.maker()
    let part = try requestedPart()
    let folder = try folder(environments)
    for id in Set(folder.experiment.groups.map(\.settings.environment)) {
      try environments.requireTrust(in: id)
    }
    try train(folder, part ?? .all, environments)
    if part == nil { try folder.reportResults(asJSON: json) }
  }

  // MARK: - Training

  private func train(
    _ folder: ExperimentFolder, _ part: ExperimentPart, _ environments: EnvironmentMaker
  ) throws {
    let runs = try folder.unfinishedRuns(of: part)
    let all = folder.experiment.runs(of: part).count
    if runs.isEmpty {
      return tellUnlessQuiet(all == 0 ? "the part has no runs" : "all \(all) runs are over")
    }
    TerminationSignals.installForCleanEnd()
    if runs.count < all { tellUnlessQuiet("\(all - runs.count) of \(all) runs are over") }
    let progress = RunsProgress(
      all: all, left: runs.count, isQuiet: quiet, label: { $0.experimentLabel },
      endLine: { run, outcome, number in
        run.experimentResult(outcome).map { fields in
          let start = "deep-sarsa: \(number) of \(all): \(run.experimentName): "
          return TerminalLine([.init(start)] + fields, separator: "")
        }
      })
    let outcomes = try folder.train(
      runs, jobs: options.jobs(for: runs.count),
      isCancelled: { TerminationSignals.isEnding },
      saveRequests: { TerminationSignals.saveRequests },
      didBegin: { run, step, faults in
        progress.begin(
          run, resumedAt: step, faults, warnsOfMachine: true, as: run.experimentName)
      },
      didProgress: { progress.update($0, $1) }, didEnd: { progress.end($0, $1) },
      in: { settings throws(RunError) in try environments.environment(of: settings) })
    try requireNoneLeft(outcomes, of: runs)
  }

  /// Throws the error of an interruption, or of the first run that says nothing about its settings.
  private func requireNoneLeft(
    _ outcomes: [ConcurrentRuns.Outcome], of runs: [ConcurrentRuns.Run]
  ) throws {
    if let code = TerminationSignals.exitCode {
      throw CommandError(
        "interrupted; the same command goes on, and so does 'deep-sarsa experiment -o "
          + "\(output.quotedForShell)\(runs.map(\.settings).trustFlag)'", exitCode: ExitCode(code))
    }
    let errors = outcomes.compactMap { outcome -> RunError? in
      if case .failed(let error) = outcome { error } else { nil }
    }
    let elsewhere = errors.count { if case .locked = $0 { true } else { false } }
    let left = errors.filter {
      switch $0 {
      case .locked, .divergence: false
      default: true
      }
    }
    if let first = left.first {
      throw CommandError(
        "\(left.count) of \(outcomes.count) runs failed, and the same command tries them again; the first: "
          + "\(first)", exitCode: DeepSARSACommand.exitCode(of: first))
    }
    if elsewhere > 0 {
      throw CommandError(
        "\(elsewhere) of \(outcomes.count) runs are trained by another program",
        exitCode: .temporary)
    }
  }

  private func tellUnlessQuiet(_ text: String) {
    if !quiet { tell(text) }
  }

  // MARK: - The experiment

  /// The folder of the experiment that the command line has, or of the one to go on with.
  private func folder(_ environments: EnvironmentMaker) throws -> ExperimentFolder {
    guard let file = try file() else { return try existingFolder() }
    // An environment is made once for all groups that have it.
    var specifications: [RunSettings: EnvironmentSpecification] = [:]
    func specification(of settings: RunSettings) throws -> EnvironmentSpecification {
      let key = RunSettings(
        environment: settings.environment, environmentArguments: settings.environmentArguments)
      if let known = specifications[key] { return known }
      let new = try environments.make(
        settings.environment, arguments: settings.environmentArguments
      ).specification
      specifications[key] = new
      return new
    }
    let (experiment, notes) = try experiment(of: file, in: specification)
    try requireMemory(experiment, of: file, specification)
    let folder = try ExperimentFolder(experiment, at: output)
    for note in notes { tellUnlessQuiet(note) }
    return folder
  }

  /// The experiment of a file, or of the words of the command line, whose mistakes are those of its user.
  private func experiment(
    of file: ExperimentFile, in specification: (RunSettings) throws -> EnvironmentSpecification
  ) throws -> (experiment: Experiment, notes: [String]) {
    do {
      return try file.experiment(in: specification)
    } catch RunError.badSettings(_, let what) where file.isFromCommandLine {
      throw CommandError(what)
    }
  }

  /// Throws if the largest runs, as many as are trained at a time, need more memory than is available.
  private func requireMemory(
    _ experiment: Experiment, of file: ExperimentFile,
    _ specification: (RunSettings) throws -> EnvironmentSpecification
  ) throws {
    let jobs = try options.jobs(for: experiment.groups.count * experiment.seeds.count)
    for group in experiment.groups {
      let world = try specification(group.settings)
      guard let shortage = MemoryShortage(of: group.settings, in: world, runs: jobs) else {
        continue
      }
      let what = "'\(group.setting)' in '\(group.task)': \(shortage.message)"
      throw file.isFromCommandLine
        ? CommandError(what) : RunError.badSettings(file.path, what)
    }
  }

  /// The experiment as a file: the one that is named, or what a file would have for the given environments.
  private func file() throws -> ExperimentFile? {
    let isFile = words.count == 1 && (Self.isFileName(words[0]) || Self.isOtherFile(words[0]))
    if words.isEmpty || isFile {
      for (flag, isGiven) in [
        ("--preset", !preset.isEmpty), ("--seeds", seeds != nil), ("--seed", seed != nil),
        ("--total-timesteps", steps != nil),
      ] where isGiven {
        throw CommandError("\(flag) needs environments; a file has its own")
      }
      return try words.first.map { path throws(RunError) in try ExperimentFile(reading: path) }
    }
    for id in words where !id.hasPrefix(GymnasiumEnvironment.prefix) {
      do { _ = try EnvironmentRegistry.make(id) } catch { throw CommandError(error) }
    }
    try requirePresets()
    let count = try seeds?.count("--seeds", 1...Experiment.runLimit) ?? 10
    let first = try seed?.seed("--seed") ?? 1
    guard first <= UInt64.max - UInt64(count - 1) else {
      throw CommandError(
        flag: "--seeds", value: "\(count)", allowed: "seeds up to \(UInt64.max)")
    }
    return ExperimentFile(
      environments: words, presets: preset, seeds: count, firstSeed: first,
      steps: try steps?.count("--total-timesteps", 1...Hyperparameters.Limit.steps))
  }

  /// Throws if an environment or a setting is given twice, or an environment does not have a preset.
  private func requirePresets() throws {
    if let id = words.firstDuplicate {
      throw CommandError(
        flag: "the environment", value: id, allowed: "each environment once")
    }
    let names = preset.map(ExperimentFile.name(ofPreset:))
    if let name = names.firstDuplicate {
      throw CommandError(
        flag: "--preset", value: name, allowed: "each name of a preset or of its file once")
    }
    for id in words {
      for word in preset {
        _ = try NamedPreset(
          word, for: id, calledBy: words.count == 1 ? "--preset" : "--preset for \(id)")
      }
    }
  }

  /// Whether a word that names no environment is a path.
  private static func isOtherFile(_ word: String) -> Bool {
    !EnvironmentRegistry.ids.contains(word) && FileManager.default.fileExists(atPath: word)
  }

  private static func isFileName(_ word: String) -> Bool {
    ["yaml", "yml", "json"].contains(where: word.hasFileEnding)
  }

  private func existingFolder() throws -> ExperimentFolder {
    guard let folder = try ExperimentFolder(existing: output) else {
      throw CommandError(
        "an experiment is missing: a file, or environments; '\(output)' has none to go on with")
    }
    return folder
  }

  private func requestedPart() throws -> ExperimentPart? {
    guard let part else { return nil }
    guard part == "auto" else {
      guard let part = ExperimentPart(part) else {
        throw CommandError(flag: "--part", value: part, allowed: "k/n with k from 1 to n, or auto")
      }
      return part
    }
    do throws(PartError) {
      if let part = try ExperimentPart(ofProcess: ProcessInfo.processInfo.environment) {
        return part
      }
    } catch {
      throw CommandError("--part auto: \(error)")
    }
    throw CommandError(
      "--part auto finds neither SLURM_ARRAY_TASK_ID, nor a rank of srun or mpirun; allowed: k/n outside of them"
    )
  }
}

extension ConcurrentRuns.Run {
  /// The run of an experiment in a sentence.
  fileprivate var experimentName: String {
    "'\(settings.experimentName)' in \(task), seed \(settings.seed)"
  }

  /// The run of an experiment before its progress.
  fileprivate var experimentLabel: String { "\(settings.experimentName) \(task) \(settings.seed)" }

  /// How the run ended; `nil` if it has not begun.
  fileprivate func experimentResult(
    _ outcome: ConcurrentRuns.Outcome
  ) -> [TerminalLine.Field]? {
    switch outcome {
    case .notBegun: nil
    case .interrupted(let summary): [.init("interrupted after \(summary.steps) steps")]
    case .failed(let error): [.init("\(error)")]
    case .finished(let summary):
      [
        .init("last \(summary.evaluation.meanText)", rank: 1),
        .init(", best \(summary.bestEvaluation.meanText)", rank: 2),
        .init(", \(summary.wallSeconds.rounded(1)) s", rank: 3),
      ]
    }
  }
}
