public import DeepSARSA
internal import Foundation
internal import SARSAFormats

extension Preset {
  /// Reads a file in YAML or JSON, as `docs/presets.md` describes it.
  ///
  /// - Parameters:
  ///   - path: the path.
  ///   - environment: the id of an environment that the preset must be for; `nil` for any.
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badSettings` for the first name that is unknown
  ///   or value that is not allowed.
  public init(reading path: String, for environment: String? = nil) throws(RunError) {
    try self.init(path: path, bytes: SettingsFile.bytes(of: path))
    if let environment, let environments,
      !environments.contains(where: { Self.bare($0) == Self.bare(environment) })
    {
      throw .badSettings(
        path, "the preset is for \(environments.joined(separator: ", ")), not for \(environment)")
    }
  }

  /// The presets of an environment; one of Gymnasium that is also built in has the same.
  package static func all(for id: String) -> [Preset] { Hyperparameters.presets(for: bare(id)) }

  /// An id as presets have it, without the prefix of Gymnasium's environments.
  static func bare(_ id: String) -> String { String(id.trimmingPrefix("gymnasium:")) }

  /// Whether a word stands for a file: it is no preset's name, and has a slash or the ending of YAML or JSON, or
  /// is a file's name.
  public static func isFile(_ word: String) -> Bool {
    guard !names.contains(word) else { return false }
    return word.contains("/") || ["json", "yaml", "yml"].contains(where: word.hasFileEnding)
      || FileManager.default.fileExists(atPath: word)
  }

  /// Reads the bytes of a file.
  package init(path: String, bytes: [UInt8]) throws(RunError) {
    let tree = try SettingsFile.tree(of: path, bytes: bytes)
    self = try converting({ .badSettings(path, "\($0)") }) { () throws(SettingsError) in
      let preset = try Preset(tree)
      try preset.validate()
      return preset
    }
  }

  /// The preset as a file in YAML, with what differs from the defaults.
  public var yaml: String { YAML.text(tree) }

  /// The preset as a file in JSON, which is YAML too, with what differs from the defaults.
  public var json: String { YAML.escaped(tree.indentedJSON) }
}
