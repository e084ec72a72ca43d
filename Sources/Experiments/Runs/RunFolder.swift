internal import DeepSARSA
internal import Foundation

/// The folder of a run: `{environment}__{experiment}__{seed}__{unix time}`.
///
/// | file | content |
/// | --- | --- |
/// | `config.yaml` | every setting; preset, command line and machine |
/// | `episodes.csv` | one line per finished training episode |
/// | `learning.csv` | one line per so many updates; `LearningMeasurements` |
/// | `evaluations.csv` | one line per evaluation during training |
/// | `model.safetensors` | the last network, under PyTorch's names |
/// | `best.safetensors` | the network with the best evaluation during training |
public struct RunFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// Refers to an existing folder.
  ///
  /// - Returns: `nil` if the path is not a folder.
  public init?(existing path: String) {
    guard Files.isDirectory(path) else { return nil }
    self.path = path
  }

  /// Creates a new folder.
  ///
  /// An existing folder is never reused: if the name is taken, the time in the name is increased.
  ///
  /// - Throws: `SystemError` if it cannot be created.
  init(creatingFor settings: RunSettings, in root: String) throws(SystemError) {
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
  }

  /// The path of a file.
  public func path(of file: File) -> String { path + "/" + file.rawValue }

  /// Writes the settings, the environments' seeds, the machine and the origin.
  func write(
    _ settings: RunSettings, origin: RunOrigin, environmentSeeds: [UInt64], machine: Machine
  ) throws(SystemError) {
    let text = YAML.text(
      Config(
        settings: settings, environmentSeeds: environmentSeeds, machine: machine, origin: origin))
    try Files.replace(path(of: .config), with: Array(text.utf8))
  }

  /// The id of the environment that the run was trained in.
  ///
  /// - Throws: `RunError` if the file is missing or does not name it.
  public func environment() throws(RunError) -> String {
    let file = path(of: .config)
    guard let id = try SettingsFile(reading: file).environment else {
      throw .badFile(file, "it does not name an environment")
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
  let environmentSeeds: [UInt64]
  let machine: Machine
  let origin: RunOrigin

  private enum Key: String, CodingKey {
    case environmentSeeds, machine, origin
  }

  func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(environmentSeeds, forKey: .environmentSeeds)
    try container.encode(machine, forKey: .machine)
    if origin != RunOrigin() { try container.encode(origin, forKey: .origin) }
  }
}
