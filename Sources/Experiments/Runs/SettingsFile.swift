internal import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats

/// A file with settings in YAML or JSON, such as a run's `config.yaml`.
///
/// A setting that the file does not have keeps its default, so that files of earlier versions can be read.
/// An unknown name is an error. What `config.yaml` records besides settings is ignored.
///
/// ```swift
/// let file = try SettingsFile(reading: "runs/…/config.yaml")
/// let settings = try file.settings()
/// ```
public struct SettingsFile: Sendable {
  /// The path.
  public let path: String
  private let tree: Tree

  /// The largest allowed number of bytes.
  public static let sizeLimit = 1 << 20

  /// What `config.yaml` records besides settings.
  private static let records = ["origin", "environmentSeeds", "machine"]

  /// Reads a file, or `config.yaml` in a run's folder.
  ///
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badSettings` if it is not YAML of the kind
  ///   that `config.yaml` is.
  public init(reading path: String) throws(RunError) {
    let path = RunFolder(existing: path)?.path(of: .config) ?? path
    try self.init(
      path: path, bytes: Self.bytes(of: path))
  }

  static func bytes(of path: String) throws(RunError) -> [UInt8] {
    try converting(RunError.system) { () throws(SystemError) in
      try Files.read(path, limit: sizeLimit)
    }
  }

  /// All that a file has, as it is.
  static func tree(of path: String) throws(RunError) -> Tree {
    try tree(of: path, bytes: bytes(of: path))
  }

  static func tree(of path: String, bytes: [UInt8]) throws(RunError) -> Tree {
    let tree = try converting({ .badSettings(path, "\($0)") }) { () throws(YAMLError) in
      try Tree(yaml: bytes)
    }
    if tree == .null { return .mapping([]) }
    guard tree.entries != nil else { throw .badSettings(path, "it is not a mapping of settings") }
    return tree
  }

  /// Reads the bytes of a file.
  package init(path: String, bytes: [UInt8]) throws(RunError) {
    self.init(path: path, tree: try Self.tree(of: path, bytes: bytes))
  }

  /// Takes what a file has.
  init(path: String, tree: Tree) {
    var tree = tree
    if case .text(let name)? = tree["origin"]?["preset"] { preset = name } else { preset = nil }
    machine = tree["machine"].flatMap { try? TreeDecoder().decode(Machine.self, from: $0) }
    for record in Self.records { tree[record] = nil }
    self.path = path
    self.tree = tree
  }

  /// Whether the file describes the network, by its sizes or as a whole.
  public var hasNetwork: Bool {
    tree["hyperparameters"]?["network"]?.entries?.contains { $0.key != "initializer" } ?? false
  }

  /// Whether the file says when checkpoints are written.
  public var hasCheckpoints: Bool { tree["checkpoints"]?["every"] != nil }

  /// The environment's id, if the file has one.
  var environment: String? {
    guard case .text(let id)? = tree["environment"], !id.isEmpty else { return nil }
    return id
  }

  /// The name of the preset that the file records; it has no effect on the settings.
  public let preset: String?

  /// The machine that the file records.
  let machine: Machine?

  /// The settings of the file; those that it does not have are from other settings.
  ///
  /// - Throws: `RunError.badSettings` for the first name that is unknown or value that is not allowed. Whether
  ///   the values fit each other is not checked.
  public func settings(
    over base: RunSettings = RunSettings(environment: "")
  ) throws(RunError) -> RunSettings {
    try converting({ .badSettings(path, "\($0)") }) { () throws(SettingsError) in
      try tree.settings(over: Tree(settings: base), checkedBy: RunSettings.settings)
    }
  }

  /// The path of the initial model in settings of the file: a run's own copy, which stays as it was.
  ///
  /// - Throws: `RunError.system` if this user may not look for the copy.
  public func initialModel(in settings: RunSettings) throws(RunError) -> String? {
    let config = RunFolder.File.config.rawValue
    guard path == config || path.hasSuffix("/" + config) else { return settings.initialModel }
    let folder = path == config ? "." : String(path.dropLast(config.count + 1))
    return try RunFolder(at: folder).initialModel(of: settings)
  }
}
