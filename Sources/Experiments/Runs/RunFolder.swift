internal import DeepSARSA
internal import Foundation

/// The folder of a run: `{environment}__{experiment}__{seed}__{unix time}`.
///
/// | file | content |
/// | --- | --- |
/// | `config.yaml` | every setting; the preset's name, and the machine |
/// | `episodes.csv` | one line per finished training episode |
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
    /// Evaluations during training.
    case evaluations = "evaluations.csv"
    /// The last network.
    case model = "model.safetensors"
    /// The best network.
    case best = "best.safetensors"
  }

  /// The path of a file.
  public func path(of file: File) -> String { path + "/" + file.rawValue }

  /// Writes the settings, the environments' seeds, the machine and the preset's name.
  func write(
    _ settings: RunSettings, preset: String?, environmentSeeds: [UInt64], machine: Machine
  ) throws(SystemError) {
    let text = YAML.text(
      Config(
        settings: settings, environmentSeeds: environmentSeeds, machine: machine,
        origin: .init(preset: preset)))
    try Files.replace(path(of: .config), with: Array(text.utf8))
  }

  /// The id of the environment that the run was trained in.
  ///
  /// - Throws: `RunError` if the file is missing or does not name it.
  public func environment() throws(RunError) -> String {
    let file = path(of: .config)
    let bytes = try converting(RunError.system) { () throws(SystemError) in
      try Files.read(file, limit: 1 << 20)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .badFile(file, "it is not UTF-8")
    }
    // Only one line is needed, and the file may come from elsewhere: the rest is not parsed as YAML.
    let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("environment:") }
    let value = line?.dropFirst("environment:".count).trimmingCharacters(in: .whitespaces)
    guard let id = value?.trimmingCharacters(in: ["'", "\""]), !id.isEmpty else {
      throw .badFile(file, "it does not name an environment")
    }
    return id
  }
}

/// The content of `config.yaml`: the settings; the seed of each environment, with which other programs
/// can repeat its episodes; under `machine` the software and hardware; under `origin` the preset.
///
/// `SettingsFile` ignores what is not a setting.
private struct Config: Encodable {
  let settings: RunSettings
  let environmentSeeds: [UInt64]
  let machine: Machine
  let origin: Origin

  struct Origin: Encodable {
    let preset: String?
  }

  private enum Key: String, CodingKey {
    case environmentSeeds, machine, origin
  }

  func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(environmentSeeds, forKey: .environmentSeeds)
    try container.encode(machine, forKey: .machine)
    if origin.preset != nil { try container.encode(origin, forKey: .origin) }
  }
}
