internal import DeepSARSA
internal import Foundation
internal import SARSAFiles
internal import SARSAFormats

/// The folder of a run: `{environment}__{experiment}__{seed}__{unix time}`.
///
/// | file | content |
/// | --- | --- |
/// | `config.yaml` | every setting; preset, command line and machine |
/// | `episodes.csv` | one line per finished training episode |
/// | `learning.csv` | one line per so many updates; `LearningMeasurements` |
/// | `evaluations.csv` | one line per evaluation during training |
/// | `events.out.tfevents.deep-sarsa` | curves for TensorBoard |
/// | `model.safetensors` | the last network, under PyTorch's names |
/// | `best.safetensors` | the network with the best evaluation during training |
/// | `initial.safetensors` | a copy of the model that training began with, if one was given |
/// | `summary.json` | `RunSummary`, when the run has finished |
/// | `failure.json` | `RunFailure`, when the run diverged; in an experiment also when its environment failed |
/// | `checkpoints/` | what a run needs to go on, after so many steps; the newest two that were due, and one of a signal |
/// | `replay/` | the rows of the replay memory that the checkpoints name |
public struct RunFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// Refers to an existing folder.
  ///
  /// - Returns: `nil` if the path is not a folder, or this user may not look there.
  public init?(existing path: String) {
    guard (try? Files.isDirectory(path)) == true else { return nil }
    self.path = path
  }

  /// Refers to a folder that has to be there.
  ///
  /// - Throws: `RunError.system` if nothing is at the path, or this user may not look there; `.badFile` for a file.
  public init(required path: String) throws(RunError) {
    let isFolder = try converting(RunError.system) { () throws(SystemError) in
      guard try Files.exists(path) else { throw SystemError(.read, path, code: Files.missing) }
      return try Files.isDirectory(path)
    }
    guard isFolder else {
      throw .badFile(
        path, "it is a file; allowed: the folder of a run, of runs or of an experiment")
    }
    self.path = path
  }

  /// Refers to a folder that need not exist.
  init(at path: String) { self.path = path }

  /// Creates the folder, unless it is there.
  func create() throws(RunError) {
    try converting(RunError.system) { () throws(SystemError) in try Files.createDirectories(path) }
  }

  /// Copies the initial model, and then writes the settings: so a run with settings depends on no file of others.
  ///
  /// - Precondition: no other process writes to the folder: it is new or locked.
  /// - Throws: `RunError` if the model cannot be read, or a file not be written.
  func begin(_ settings: RunSettings, _ origin: RunOrigin) throws(RunError) {
    let model = try settings.initialModel.map { path throws(RunError) in
      try ModelFile(readingRunOrFile: path).path
    }
    try converting(RunError.system) { () throws(SystemError) in
      if let model {
        try Files.replace(path(of: .initial), with: Files.read(model, limit: .max))
      }
      let config = Config(settings: settings, machine: .current, origin: origin)
      try Files.replace(path(of: .config), with: Array(YAML.text(config).utf8))
    }
  }

  /// The path of the model that training begins with: the run's copy, or what its settings name if there is none.
  ///
  /// - Throws: `RunError.system` if this user may not look for the copy.
  func initialModel(of settings: RunSettings) throws(RunError) -> String? {
    guard let named = settings.initialModel else { return nil }
    let copy = path(of: .initial)
    return try converting(RunError.system) { () throws(SystemError) in
      try Files.exists(copy) ? copy : named
    }
  }

  /// Creates a new folder with the settings, the environments' seeds, the machine and the origin, and a copy of the
  /// initial model.
  ///
  /// An existing folder is never reused: if the name is taken, the time in the name is increased.
  ///
  /// - Throws: `RunError.system` if it cannot be created or written to; as `ModelFile` for the initial model.
  init(
    creatingFor settings: RunSettings, origin: RunOrigin, in root: String
  ) throws(RunError) {
    self = try converting(RunError.system) { () throws(SystemError) in
      try RunFolder(creatingFor: settings, in: root)
    }
    try begin(settings, origin)
  }

  private init(creatingFor settings: RunSettings, in root: String) throws(SystemError) {
    try Files.createDirectories(root)
    // Some ids have a slash or a colon. TensorBoard, for example, takes a colon as the end of a path.
    let environment = settings.environment.replacing("/", with: "-").replacing(":", with: "-")
    var time = Int(Date().timeIntervalSince1970)
    while true {
      let name =
        "\(environment)__\(settings.experimentName)__\(settings.seed)__\(time)"
      let path = root.hasSuffix("/") ? root + name : root + "/" + name
      if try Files.createNewDirectory(path) {
        self.path = path
        return
      }
      time += 1
    }
  }

  /// A file of a run.
  public enum File: String, CaseIterable, Sendable {
    /// Settings and machine.
    case config = "config.yaml"
    /// The curves for TensorBoard; its reader asks for the beginning of the name.
    case events = "events.out.tfevents.deep-sarsa"
    /// Training episodes.
    case episodes = "episodes.csv"
    /// Measures of the updates.
    case learning = "learning.csv"
    /// Evaluations during training.
    case evaluations = "evaluations.csv"
    /// The last network.
    case model = "model.safetensors"
    /// The best network.
    case best = "best.safetensors"
    /// The network that training began with, if one was given.
    case initial = "initial.safetensors"
    /// The result.
    case summary = "summary.json"
    /// Why the run failed.
    case failure = "failure.json"
  }

  /// The path of a file.
  public func path(of file: File) -> String { path + "/" + file.rawValue }

  /// Records the budget of a run that goes on or starts anew, and the machine on which it does, if they are others.
  ///
  /// Without the machine, a later `resume --exact` could not tell that other kernels trained a part of the run.
  func record(_ budget: Budget, goesOn: Bool) throws(RunError) {
    let file = path(of: .config)
    let old = try SettingsFile.tree(of: file)
    var tree = old
    tree["hyperparameters"]?["budget"] = try? Tree(encoding: budget)
    if let machine = SettingsFile(path: file, tree: old).machine {
      tree["machine"] = try? Tree(encoding: goesOn ? machine.followed(by: .current) : .current)
    }
    guard tree != old else { return }
    try converting(RunError.system) { [tree] () throws(SystemError) in
      try Files.replace(file, with: Array(YAML.text(tree).utf8))
    }
  }

  /// Locks the folder, so that no other program trains in it.
  ///
  /// - Throws: `RunError.locked` if one does, `.system` if the folder cannot be opened.
  func lock() throws(RunError) -> FolderLock {
    let lock = try converting(RunError.system) { () throws(SystemError) in try FolderLock(path) }
    guard let lock else { throw .locked(path) }
    return lock
  }

  /// Removes what replacements of files left when they were interrupted.
  ///
  /// - Precondition: the folder is locked.
  func removeTemporaryFiles() throws(RunError) {
    try converting(RunError.system) { () throws(SystemError) in
      for folder in [path, checkpoints.path] {
        try ReplacementFile.removeTemporaryFiles(in: folder)
      }
    }
  }

  /// Whether it has settings, as every run's folder.
  ///
  /// - Throws: `RunError.system` if this user may not look.
  package func hasSettings() throws(RunError) -> Bool {
    try converting(RunError.system) { () throws(SystemError) in
      try Files.exists(path(of: .config))
    }
  }

  /// The environment steps that the run is known to have made: by the last row of a log, or its newest checkpoint.
  ///
  /// - Throws: `RunError` if a file cannot be read, or has content that no run writes.
  /// - Complexity: O(n) for n rows of all logs.
  func stepsMade() throws(RunError) -> Int {
    var steps = try converting(RunError.system) { () throws(SystemError) in
      try checkpoints.steps().last ?? 0
    }
    for file in [File.episodes, .learning, .evaluations] {
      steps = max(steps, try LogTable(reading: path(of: file))?.lastCount(of: "step") ?? 0)
    }
    return steps
  }

  /// The checkpoints.
  var checkpoints: CheckpointFolder {
    CheckpointFolder(path: path + "/checkpoints", journalFolder: journalPath)
  }

  /// The folder of the replay memory's rows.
  var journalPath: String { path + "/replay" }

  /// Writes the result of a finished run.
  func write(_ summary: RunSummary) throws(RunError) {
    try write(summary, to: .summary)
  }

  /// The result of the run; `nil` if it has not finished.
  ///
  /// Its `run` is this folder, which may have been moved since the file was written.
  ///
  /// - Throws: `RunError` if the file cannot be read, or is not a summary.
  public func summary() throws(RunError) -> RunSummary? {
    var summary: RunSummary? = try value(of: .summary, called: "a summary of a run")
    summary?.run = path
    return summary
  }

  /// Writes why the run failed.
  ///
  /// - Throws: `RunError.system` if it cannot be written.
  public func write(_ failure: RunFailure) throws(RunError) {
    try write(failure, to: .failure)
  }

  /// Why the run failed; `nil` if that is not recorded.
  ///
  /// - Throws: `RunError` if the file cannot be read, or does not say why a run failed.
  public func failure() throws(RunError) -> RunFailure? {
    try value(of: .failure, called: "the failure of a run")
  }

  private func write(_ value: some Encodable, to file: File) throws(RunError) {
    try converting(RunError.system) { () throws(SystemError) in
      try Files.replace(path(of: file), with: Array((JSON.text(value) + "\n").utf8))
    }
  }

  /// The value of a file in JSON; `nil` if there is no such file.
  private func value<Value: Decodable>(
    of file: File, called name: String
  ) throws(RunError) -> Value? {
    let file = path(of: file)
    do {
      let bytes = try Files.read(file, limit: SettingsFile.sizeLimit)
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch let error as SystemError {
      if error.isMissing { return nil }
      throw .system(error)
    } catch {
      throw .badFile(file, "it is not \(name)")
    }
  }

  /// Removes the result, or the failure, of a run that goes on, and flushes the folder.
  ///
  /// So no power failure brings back the result of fewer steps than the settings say from then on, nor takes away a
  /// folder that an ended process created and did not flush.
  func removeResult() throws(RunError) {
    try converting(RunError.system) { () throws(SystemError) in
      try Files.remove(path(of: .summary))
      try Files.remove(path(of: .failure))
      try Files.synchronizeFolder(path)
    }
  }

  /// Removes the replay memory of a finished run: from then on, the run cannot be extended.
  ///
  /// It can be repeated after an interruption.
  ///
  /// - Throws: `RunError`.
  public func dropReplay() throws(RunError) {
    // A process that ended may have written the result, and not flushed its name.
    try converting(RunError.system) { () throws(SystemError) in try Files.synchronizeFolder(path) }
    try checkpoints.dropJournal()
  }

  /// The id of the environment that the run was trained in.
  ///
  /// - Throws: `RunError` if the file is missing or does not name it.
  public func environment() throws(RunError) -> String {
    let file = path(of: .config)
    guard let id = try SettingsFile(reading: file).environment else {
      throw .badSettings(file, "it does not name an environment")
    }
    return id
  }
}

/// How a run was asked for, which is recorded and has no effect.
public struct RunOrigin: Codable, Hashable, Sendable {
  /// The name of the preset from which the settings were made.
  public var preset: String?
  /// The words of the command line.
  public var commandLine: [String]?

  /// Makes a record.
  public init(preset: String? = nil, commandLine: [String]? = nil) {
    self.preset = preset
    self.commandLine = commandLine
  }
}

/// The content of `config.yaml`: the settings; the seed of each environment, with which other programs
/// can repeat its episodes; under `machine` the software and hardware; under `origin` preset and command
/// line.
///
/// `SettingsFile` ignores what is not a setting.
private struct Config: Encodable {
  let settings: RunSettings
  let machine: Machine
  let origin: RunOrigin

  private enum Key: String, CodingKey {
    case environmentSeeds, machine, origin
  }

  func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    let streams = RandomStreams(seed: settings.seed)
    let seeds = (0..<settings.hyperparameters.environmentCount)
      .map { streams.seed(.environment, index: UInt32($0)) }
    try container.encode(seeds, forKey: .environmentSeeds)
    try container.encode(machine, forKey: .machine)
    if origin != RunOrigin() { try container.encode(origin, forKey: .origin) }
  }
}
