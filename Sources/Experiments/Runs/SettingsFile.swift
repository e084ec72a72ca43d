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

  private static func bytes(of path: String) throws(RunError) -> [UInt8] {
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
    [
      "description", "hiddenSizes", "activation", "isNormalized", "isNormalizationAffine",
      "isDueling",
    ].contains { tree["hyperparameters"]?["network"]?[$0] != nil }
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
    let decoder = TreeDecoder()
    let complete = try completed(tree, from: Self.tree(base), path: [])
    let settings: RunSettings
    do {
      settings = try decoder.decode(RunSettings.self, from: complete)
    } catch {
      throw .badSettings(path, Self.problem(error, in: complete))
    }
    if let unknown = decoder.unknownKeys.first {
      throw self.unknown(unknown.key, in: unknown.path, known: unknown.known)
    }
    for setting in RunSettings.settings {
      do {
        try setting.validate(settings)
      } catch {
        // Of several places, the one that the file has.
        let place = setting.filePaths.last { complete.value(at: $0) != nil } ?? setting.path
        throw .badSettings(path, "\(place) is \(error.value); allowed: \(error.allowed)")
      }
    }
    return settings
  }

  // MARK: - Defaults

  /// A part of the file with what it leaves out; of settings with cases, only of the cases it names.
  private func completed(
    _ tree: Tree, from defaults: Tree, path: [String]
  ) throws(RunError) -> Tree {
    switch (tree, defaults) {
    case (.mapping(let entries), .mapping(let standard)):
      let cases =
        path.first == "hyperparameters"
        ? Hyperparameters.cases[path.dropFirst().joined(separator: ".")] : nil
      let known = ([standard] + (cases ?? []).map { $0.entries ?? [] }).flatMap { $0 }
      let values = Dictionary(known.map { ($0.key, $0.value) }) { first, _ in first }
      let given = try entries.map { entry throws(RunError) in
        let standard = values[entry.key]
        if cases != nil && standard == nil {
          throw unknown(entry.key, in: path, known: known.map(\.key))
        }
        return try Tree.Entry(
          entry.key,
          completed(entry.value, from: standard ?? entry.value, path: path + [entry.key]))
      }
      if cases != nil { return .mapping(given) }
      let names = Set(given.map(\.key))
      return .mapping(given + standard.filter { !names.contains($0.key) })
    case (.null, .mapping)
    where Hyperparameters.cases[path.dropFirst().joined(separator: ".")] == nil:
      // A section that lists nothing.
      return defaults
    case (.number(let number), .integer):
      // A count may be written as 5e4.
      return Int(exactly: number).map(Tree.integer) ?? tree
    default: return tree
    }
  }

  private static func tree(_ settings: RunSettings) -> Tree {
    do { return try Tree(encoding: settings) } catch { fatalError("\(error)") }
  }

  // MARK: - Messages

  private func unknown(_ key: String, in path: [String], known: [String]) -> RunError {
    let hint = nearest(key, among: known).map { " (did you mean '\($0)'?)" } ?? ""
    let place = (path + [key]).joined(separator: ".")
    let names = Set(known).sorted().joined(separator: ", ")
    return .badSettings(self.path, "'\(place)' is not a setting\(hint); allowed: \(names)")
  }

  /// What is wrong, where, and what is allowed.
  private static func problem(_ error: any Error, in tree: Tree) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let (path, allowed): ([any CodingKey], String)
    switch error {
    case .keyNotFound(let key, let context):
      (path, allowed) = (context.codingPath + [key], "a value")
    case .typeMismatch(let type, let context):
      (path, allowed) = (context.codingPath, words(for: type))
    case .valueNotFound(let type, let context):
      (path, allowed) = (context.codingPath, words(for: type))
    case .dataCorrupted(let context): (path, allowed) = (context.codingPath, "another value")
    @unknown default: return "\(error)"
    }
    let name = path.map(\.stringValue).joined(separator: ".")
    let setting = RunSettings.settings.first { $0.filePaths.contains(name) }
    let value = tree.value(at: path).map { "\($0.text)" } ?? "missing"
    return "\(name) is \(value); allowed: \(setting?.allowed ?? allowed)"
  }

  private static func words(for type: Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is Double.Type, is Float.Type: "a number"
    case is any BinaryInteger.Type: "a whole number"
    case is String.Type: "text"
    case is [String: Tree].Type: "a mapping"
    default: "a list"
    }
  }
}

extension Tree {
  /// The value at a dotted path.
  fileprivate func value(at path: String) -> Tree? {
    path.split(separator: ".").reduce(self) { $0?[String($1)] }
  }

  /// The value in a message.
  fileprivate var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .number(let value): value.plainText
    case .single(let value): value.plainText
    case .text(let text): "'\(text.prefix(200))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
