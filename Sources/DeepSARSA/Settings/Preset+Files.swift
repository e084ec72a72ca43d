package import SARSAFormats

// A preset as a file: JSON with what differs from the defaults, under the names of a run's config.yaml.

extension Preset {
  /// Reads the tree of a file; what it does not have is that of a preset with the defaults.
  ///
  /// - Throws: `SettingsError` for the first name that is unknown or value that is not allowed. Whether the
  ///   values fit each other is not checked: see `validate()`.
  package init(_ tree: Tree) throws(SettingsError) {
    self = try tree.settings(over: Self.defaults, checkedBy: Self.settings)
  }

  /// Reads the tree of a file of the package, whose values a test checks.
  init(ofPackage tree: Tree) {
    do {
      self = try tree.settings(over: Self.defaults, checkedBy: [])
    } catch {
      fatalError("a preset of the package: \(error), in \(tree.json)")
    }
  }

  /// Checks that the hyperparameters fit each other.
  ///
  /// - Throws: `SettingsError` for the first value that does not.
  package func validate() throws(SettingsError) {
    do {
      try hyperparameters.validate()
    } catch {
      let setting = Hyperparameters.settings.first {
        $0.path == error.field && $0.text(hyperparameters) != nil
      }
      let place = setting?.place(inFileOf: hyperparameters) ?? error.field
      throw SettingsError("hyperparameters.\(place) is \(error.value); allowed: \(error.allowed)")
    }
  }

  /// The tree of a file.
  package var tree: Tree { Tree(settings: self).difference(from: Self.defaults) }

  private static let defaults = Tree(settings: Preset(""))

  /// What is checked of a file.
  private static let settings: [Setting<Preset>] =
    [
      Setting("name", .run, at: \.name, .name(upTo: 100), "the name"),
      Setting("environments", .run, part: { $0.environments }, .ids, "its environments"),
      Setting("search.settings", .run, part: { $0.search?.settings }, .count(0 ... .max), "tried"),
      Setting("search.seeds", .run, part: { $0.search?.seeds }, .ranges, "tried seeds"),
      Setting("report.seeds", .run, part: { $0.report?.seeds }, .ranges, "reported seeds"),
    ]
    + EvaluationSettings.settings.map { $0.within(\.evaluation) }
    + Hyperparameters.settings.map { $0.within(\.hyperparameters, named: "hyperparameters") }
}

extension AllowedValues<[String]> {
  /// Ids of environments.
  fileprivate static var ids: Self {
    Self(
      "one id or more, or no such name", placeholder: "",
      contains: { !$0.isEmpty && !$0.contains("") }, parse: { _ in nil })
  }
}

extension AllowedValues<[Preset.SeedRange]> {
  /// Ranges of which none ends before it begins.
  fileprivate static var ranges: Self {
    Self(
      "ranges whose last seed is not below the first", placeholder: "",
      contains: { $0.allSatisfy { $0.first <= $0.last } }, parse: { _ in nil })
  }
}
