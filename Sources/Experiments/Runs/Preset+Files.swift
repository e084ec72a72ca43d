public import DeepSARSA
internal import SARSAFormats

extension Preset {
  /// Reads a file in YAML or JSON, as `docs/presets.md` describes it.
  ///
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badSettings` for the first name that is unknown
  ///   or value that is not allowed.
  public init(reading path: String) throws(RunError) {
    try self.init(path: path, bytes: SettingsFile.bytes(of: path))
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
