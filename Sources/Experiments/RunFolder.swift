internal import DeepSARSA
internal import Foundation

/// The folder of a run: `{environment}__{experiment}__{seed}__{unix time}`.
///
/// | file | what |
/// | --- | --- |
/// | `config.yaml` | every setting, and the machine |
/// | `episodes.csv` | a line per finished training episode |
/// | `evaluations.csv` | a line per evaluation on the way |
/// | `model.safetensors` | the last network, under PyTorch's names |
/// | `best.safetensors` | the best by the evaluations on the way |
public struct RunFolder: Hashable, Sendable {
  /// Where it is.
  public let path: String

  /// Names a folder that exists.
  ///
  /// - Returns: `nil` if the path is no folder.
  public init?(existing path: String) {
    guard Files.isDirectory(path) else { return nil }
    self.path = path
  }

  /// Makes a new folder.
  ///
  /// A folder that exists is never written to: the time in the name moves on.
  ///
  /// - Throws: `SystemError` if it cannot be made.
  init(creatingFor settings: RunSettings, in root: String) throws(SystemError) {
    try Files.createDirectories(root)
    // Some ids have a slash, some a colon: TensorBoard, for one, takes a colon for the end of a path.
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
    /// Evaluations on the way.
    case evaluations = "evaluations.csv"
    /// The last network.
    case model = "model.safetensors"
    /// The best network.
    case best = "best.safetensors"
  }

  /// The path of a file.
  public func path(of file: File) -> String { path + "/" + file.rawValue }

  /// Writes settings, what the environments were seeded with, and the machine.
  func write(
    _ settings: RunSettings, environmentSeeds: [UInt64], machine: Machine
  ) throws(SystemError) {
    let text: String
    do {
      text = try YAML.text(
        Config(
          settings: settings, environmentSeeds: environmentSeeds, machine: machine))
    } catch {
      fatalError("settings that YAML cannot hold: \(error)")
    }
    try Files.replace(path(of: .config), with: Array(text.utf8))
  }

  /// The id of the environment that the run was trained in.
  ///
  /// - Throws: `RunError` if the file is missing or says nothing of it.
  public func environment() throws(RunError) -> String {
    let file = path(of: .config)
    let bytes = try converting(RunError.system) { () throws(SystemError) in
      try Files.read(file, limit: 1 << 20)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .badFile(file, "it is not UTF-8")
    }
    // One line is wanted of a file that anyone may have written: no YAML reader need see the rest.
    let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("environment:") }
    let value = line?.dropFirst("environment:".count).trimmingCharacters(in: .whitespaces)
    guard let id = value?.trimmingCharacters(in: ["'", "\""]), !id.isEmpty else {
      throw .badFile(file, "it names no environment")
    }
    return id
  }
}

/// What `config.yaml` holds: the settings, what each environment was reset with, so that any program
/// can replay it, and under `machine` what computed them.
private struct Config: Encodable {
  let settings: RunSettings
  let environmentSeeds: [UInt64]
  let machine: Machine

  private enum Key: String, CodingKey {
    case environmentSeeds, machine
  }

  func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(environmentSeeds, forKey: .environmentSeeds)
    try container.encode(machine, forKey: .machine)
  }
}
