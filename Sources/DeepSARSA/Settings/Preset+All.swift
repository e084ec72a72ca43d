internal import SARSAFormats

extension Preset {
  // swift-format-ignore
  /// The files of all presets, those of single environments first; an environment's first preset is its default.
  ///
  /// A new preset is a file in `Sources/DeepSARSA/Presets`, and one line here.
  private static let files = [
    PackageResources.MountainCar_tuned_json,
    PackageResources.MountainCar_fast_json,
    PackageResources.CartPole_tuned_json,
    PackageResources.CartPole_fast_json,
    PackageResources.Acrobot_tuned_json,
    PackageResources.Acrobot_fast_json,
    PackageResources.LunarLander_tuned_json,
    PackageResources.LunarLander_fast_json,
    PackageResources.FrozenLake_tuned_json,
    PackageResources.CliffWalking_tuned_json,
    PackageResources.Taxi_tuned_json,
    PackageResources.Catch_tuned_json,
    PackageResources.DeepSea_tuned_json,
    PackageResources.Asterix_tuned_json,
    PackageResources.MinAtar_tuned_json,
    PackageResources.MinAtar_fast_json,
    PackageResources.general_json,
    PackageResources.notebook_json,
    PackageResources.parallel_json,
    PackageResources.streaming_json,
  ]

  /// The files' content, of which only the presets that are needed are decoded: that takes most of the time.
  private static let trees = files.map { file in
    do { return try Tree(json: file) } catch { fatalError("a preset of the package: \(error)") }
  }

  /// All presets of the package, in the order of precedence: an environment's first preset is its default.
  ///
  /// docs/presets.md is what `deep-sarsa presets --markdown` prints of them.
  public static let all = trees.map(Preset.init(ofPackage:))

  /// The names of all presets of the package, each once.
  package static let names = trees.reduce(into: [String]()) { names, tree in
    if case .text(let name)? = tree["name"], !names.contains(name) { names.append(name) }
  }

  /// The presets for an environment, or with `nil` those of every environment.
  fileprivate static func presets(for environment: String?) -> [Preset] {
    trees.filter { tree in
      guard let environments = tree["environments"]?.elements else { return true }
      return environment.map { environments.contains(.text($0)) } ?? false
    }
    .map(Preset.init(ofPackage:))
  }

  /// The hyperparameters of a preset of every environment.
  fileprivate static func everywhere(_ name: String) -> Hyperparameters {
    guard let preset = presets(for: nil).first(where: { $0.name == name }) else {
      fatalError("no preset of every environment is named '\(name)'")
    }
    return preset.hyperparameters
  }
}

extension Hyperparameters {
  /// The presets for an environment; the first one is the default.
  ///
  /// `tuned` was found for this environment by a search or by trials, and `fast` is short: most stop at a return. Every environment has `general`, the defaults; `parallel` and `streaming`, for the algorithms of these
  /// names; and `notebook`, the recipe of a course.
  ///
  /// - Parameter environment: The id, without a prefix: `LunarLander-v3`.
  /// - Returns: At least those of every environment.
  public static func presets(for environment: String) -> [Preset] {
    Preset.presets(for: environment)
  }

  /// The default hyperparameters for an environment: those of the first preset of `presets(for:)`.
  public static func standard(for environment: String) -> Hyperparameters {
    presets(for: environment)[0].hyperparameters
  }

  /// The notebook's recipe for `MountainCar-v0`, including `TimeLimitRule.terminal`.
  ///
  /// It differs from the notebook in one point, a mistake of the notebook: whether a target explores is
  /// drawn for each row of a minibatch, not once for all rows.
  public static let notebook = Preset.everywhere("notebook")

  /// Stream SARSA(λ) with the values of its authors, but for wider layers.
  ///
  /// Source: M. Elsayed et al. 2024, https://doi.org/10.48550/arXiv.2410.14606, and its program.
  public static let streaming = Preset.everywhere("streaming")
}
