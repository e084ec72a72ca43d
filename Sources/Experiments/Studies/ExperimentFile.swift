public import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats

/// A file that describes an experiment, in YAML or JSON.
///
/// ```yaml
/// environments:
///   - CartPole-v1
///   - {environment: Acrobot-v1, name: long, environmentArguments: {max_episode_steps: 10000}}
/// seeds: {first: 100, count: 20}
/// evaluation: {finalEpisodes: 1000}
/// settings:
///   one-step: {preset: tuned, hyperparameters: {target: {steps: 1}}}
///   three-steps: {preset: tuned, hyperparameters: {target: {steps: 3}}}
/// ```
///
/// Values have the names of `config.yaml`. Those of the file hold for all runs, those of an environment for its
/// runs, those of a setting for its runs; where several have a value, the last of these counts. A value that none
/// has is that of the preset, and without a preset that of the environment's first one.
public struct ExperimentFile: Sendable {
  /// The path, for messages.
  public let path: String
  private let tree: Tree
  /// Whether there is no file, but words of the command line.
  package let isFromCommandLine: Bool
  /// The budget to which presets are stretched, as by `train --total-timesteps`; `nil` for their own.
  private let steps: Int?

  /// Reads a file.
  ///
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badSettings` if it is not a mapping in YAML.
  public init(reading path: String) throws(RunError) {
    self.init(path: path, tree: try SettingsFile.tree(of: path))
  }

  /// Reads the bytes of a file.
  package init(path: String, bytes: [UInt8]) throws(RunError) {
    self.init(path: path, tree: try SettingsFile.tree(of: path, bytes: bytes))
  }

  private init(path: String, tree: Tree, steps: Int? = nil, isFromCommandLine: Bool = false) {
    self.path = path
    self.tree = tree
    self.steps = steps
    self.isFromCommandLine = isFromCommandLine
  }

  /// Describes an experiment of presets in environments.
  ///
  /// - Parameters:
  ///   - environments: their ids.
  ///   - presets: names or files of presets, each for a setting; without any, it is each environment's first one.
  ///   - seeds: the number of seeds.
  ///   - firstSeed: the first of them.
  ///   - steps: the environment steps of a run, to which the presets' schedules are stretched; `nil` for theirs.
  public init(
    environments: [String], presets: [String], seeds: Int, firstSeed: UInt64, steps: Int?
  ) {
    func mapping(_ entries: KeyValuePairs<String, Tree>) -> Tree {
      .mapping(entries.map { Tree.Entry($0, $1) })
    }
    var tree = mapping([
      "environments": .sequence(environments.map(Tree.text)),
      "seeds": mapping(["first": .unsigned(firstSeed), "count": .integer(seeds)]),
    ])
    if !presets.isEmpty {
      tree["settings"] = .mapping(
        presets.map { Tree.Entry(Self.name(ofPreset: $0), mapping(["preset": .text($0)])) })
    }
    self.init(path: "the command line", tree: tree, steps: steps, isFromCommandLine: true)
  }

  /// The experiment.
  ///
  /// - Parameter specification: describes the environment that the settings of a run name.
  /// - Returns: the experiment, and notes on settings that were changed because of their environment.
  /// - Throws: `RunError.badSettings` for a name that is unknown, a value that is not allowed, and an
  ///   `EnvironmentError` of `specification`; what else that throws.
  public func experiment(
    in specification: (RunSettings) throws -> EnvironmentSpecification
  ) throws -> (experiment: Experiment, notes: [String]) {
    let common = Layer(tree, at: [])
    try require(common, has: ["environments", "seeds", "settings"])
    let environments = try environmentLayers()
    let settings = try settingLayers(common)
    let seeds = try seeds()
    try Experiment.requireCounts(
      groups: environments.count * settings.count, seeds: seeds.count, source: path)
    var (groups, notes): ([Experiment.Group], [String]) = ([], [])
    for setting in settings {
      for environment in environments {
        let group = try self.group(
          of: setting, in: environment.layer, common, in: specification, notes: &notes)
        groups.append(group)
      }
    }
    return (try Experiment(groups: groups, seeds: seeds, source: path), notes)
  }

  // MARK: - Parts of the file

  /// Values of the file, of an environment or of a setting, and where they are.
  private struct Layer {
    let tree: Tree
    let place: [String]

    init(_ tree: Tree, at place: [String]) {
      self.tree = tree
      self.place = place
    }

    /// The text of a name; `nil` without one.
    func text(_ name: String) -> String? {
      if case .text(let text)? = tree[name] { text } else { nil }
    }
  }

  /// The names that may stand beside those of a part itself: those of a run's settings, but for what the experiment
  /// decides.
  private static let runNames: [String] = {
    let all = RunSettings(
      environment: "", environmentArguments: ["": .null], initialModel: "")
    let tree = try? Tree(encoding: all)
    return (tree?.entries ?? []).map(\.key).filter {
      !["environment", "experimentName", "seed"].contains($0)
    }
  }()

  /// Throws if a part has other names than those of settings, `preset`, and its own.
  private func require(_ layer: Layer, has own: [String]) throws(RunError) {
    let known = own + ["preset"] + Self.runNames
    guard let entries = layer.tree.entries else {
      throw wrong(layer.place, layer.tree, allowed: "a mapping of settings")
    }
    for entry in entries where !known.contains(entry.key) {
      let hint = nearest(entry.key, among: known).map { " (did you mean '\($0)'?)" } ?? ""
      let place = (layer.place + [entry.key]).joined(separator: ".")
      throw .badSettings(
        path,
        "'\(place)' is not allowed there\(hint); allowed: \(known.sorted().joined(separator: ", "))"
      )
    }
    if let preset = layer.tree["preset"], layer.text("preset") == nil {
      throw wrong(layer.place + ["preset"], preset, allowed: "the name or the file of a preset")
    }
  }

  private func wrong(_ place: [String], _ value: Tree, allowed: String) -> RunError {
    let text = value.json.count <= 200 ? value.json : value.json.prefix(200) + "…"
    return .badSettings(path, "\(place.joined(separator: ".")) is \(text); allowed: \(allowed)")
  }

  /// The environments: ids, or mappings that have one.
  private func environmentLayers() throws(RunError) -> [(id: String, layer: Layer)] {
    let allowed = "a list of ids, or of mappings with an id under 'environment'"
    guard let elements = tree["environments"]?.elements else {
      throw wrong(["environments"], tree["environments"] ?? .null, allowed: allowed)
    }
    var result: [(id: String, layer: Layer)] = []
    for (index, element) in elements.enumerated() {
      let place = ["environments", "\(index)"]
      if case .text(let id) = element {
        result.append((id, Layer(.mapping([.init("environment", element)]), at: place)))
        continue
      }
      let layer = Layer(element, at: place)
      try require(layer, has: ["environment", "name", "scale"])
      guard let id = layer.text("environment") else {
        throw wrong(place, element, allowed: "an id, or a mapping with an id under 'environment'")
      }
      if let name = element["name"], layer.text("name")?.allSatisfy(\.isWhitespace) != false {
        throw wrong(place + ["name"], name, allowed: "text that is not empty")
      }
      result.append((id, layer))
    }
    return result
  }

  /// The settings by name; without any, there is one that is called as its preset, or `default`.
  private func settingLayers(
    _ common: Layer
  ) throws(RunError) -> [(name: String, layer: Layer)] {
    guard let settings = tree["settings"] else {
      let name = common.text("preset").map(Self.name(ofPreset:)) ?? "default"
      return [(name, Layer(.mapping([]), at: ["settings"]))]
    }
    guard let entries = settings.entries else {
      throw wrong(["settings"], settings, allowed: "a mapping of names to settings")
    }
    return try entries.map { entry throws(RunError) in
      let values = entry.value == .null ? .mapping([]) : entry.value
      var named = RunSettings(environment: "")
      named.experimentName = entry.key
      try converting({
        .badSettings(path, "settings has the name '\(entry.key)'; allowed: \($0.allowed)")
      }) {
        () throws(HyperparameterError) in try named.validate()
      }
      let layer = Layer(values, at: ["settings", entry.key])
      try require(layer, has: [])
      return (entry.key, layer)
    }
  }

  /// The seeds: a number of them, from 1 on; a first one and a number; or a list.
  private func seeds() throws(RunError) -> [UInt64] {
    let limit = Experiment.runLimit
    let value = tree["seeds"] ?? .null
    let error = wrong(
      ["seeds"], value,
      allowed: "a number of seeds up to \(limit), a mapping of 'first' and 'count', or a list")
    switch value {
    case .integer(let count) where (1...limit).contains(count):
      return (1...UInt64(count)).map { $0 }
    case .mapping(let entries):
      guard entries.allSatisfy({ ["first", "count"].contains($0.key) }),
        let first = value["first"]?.seed, case .integer(let count)? = value["count"],
        (1...limit).contains(count), first <= UInt64.max - UInt64(count - 1)
      else { throw error }
      return (0..<UInt64(count)).map { first + $0 }
    case .sequence(let elements):
      let seeds = elements.compactMap(\.seed)
      guard seeds.count == elements.count else { throw error }
      return seeds
    default: throw error
    }
  }

  // MARK: - Settings of a group

  /// The group of a setting in an environment: a preset, over which the layers go one after the other, the setting's
  /// own last.
  private func group(
    of setting: (name: String, layer: Layer), in environment: Layer, _ common: Layer,
    in specification: (RunSettings) throws -> EnvironmentSpecification,
    notes: inout [String]
  ) throws -> Experiment.Group {
    let layers = [common, environment, setting.layer]
    let id = environment.text("environment") ?? ""
    let name = environment.text("name") ?? id
    let preset = try preset(for: id, layers)
    var settings = RunSettings(environment: id, preset: preset)
    settings.experimentName = setting.name
    if let steps { settings.hyperparameters.stretch(toSteps: steps) }
    let place = "'\(setting.name)' in '\(name)'"
    for layer in [common, environment] { settings = try self.settings(of: layer, over: settings) }
    let shared = settings
    settings = try self.settings(of: setting.layer, over: shared)
    try requireUse(of: settings, insteadOf: shared, place)
    if settings.checkpoints.keepsReplay {
      throw RunError.badSettings(
        path, "\(place): checkpoints.keepsReplay is true; allowed: false in an experiment")
    }
    let world: EnvironmentSpecification
    do {
      world = try specification(settings)
    } catch let error as EnvironmentError {
      throw RunError.badSettings(path, "\(place): \(error)")
    }
    settings.hyperparameters.input.extendBounds(of: preset.hyperparameters.input, to: world)
    try converting({ RunError.badSettings(path, "\(place): \($0)") }) {
      () throws(HyperparameterError) in
      try settings.validate()
      try settings.hyperparameters.validate(for: world)
    }
    if !layers.contains(where: { $0.tree["checkpoints"]?["every"] != nil }),
      let note = settings.boundCheckpoints(for: world)
    {
      notes.append("\(place): \(note)")
    }
    return Experiment.Group(
      setting: setting.name, task: name, settings: settings, scale: try scale(of: environment),
      preset: preset.name)
  }

  /// The settings with the values of a layer.
  private func settings(
    of layer: Layer, over settings: RunSettings
  ) throws(RunError) -> RunSettings {
    let values = layer.tree.entries?.filter { Self.runNames.contains($0.key) } ?? []
    do throws(RunError) {
      return try SettingsFile(path: path, tree: .mapping(values)).settings(over: settings)
    } catch {
      guard case .badSettings(let path, let what) = error, !layer.place.isEmpty else { throw error }
      throw .badSettings(path, "\(layer.place.joined(separator: ".")): \(what)")
    }
  }

  /// Requires that every value in which settings differ from others has an effect on their algorithm.
  ///
  /// Only a setting's own values are held to this: those of the file and of an environment may be for other settings.
  private func requireUse(
    of settings: RunSettings, insteadOf others: RunSettings, _ place: String
  ) throws(RunError) {
    let algorithm = settings.hyperparameters.algorithm
    for setting in RunSettings.settings where !algorithm.agent.uses(setting: setting.path) {
      guard let text = setting.text(settings), text != setting.text(others) else { continue }
      throw .badSettings(
        path,
        "\(place): \(setting.place(inFileOf: settings)) is \(text); allowed: with algorithm "
          + "\(Algorithm.names(using: setting.path)), not with \(algorithm.rawValue)")
    }
  }

  /// What a setting is called after a preset: its name, or that of its file without folder and ending.
  package static func name(ofPreset word: String) -> String {
    guard Preset.isFile(word), let file = word.split(separator: "/").last else { return word }
    return String(file.split(separator: ".").first ?? file)
  }

  /// The preset that the last of the layers names, or the environment's first one.
  private func preset(for id: String, _ layers: [Layer]) throws(RunError) -> Preset {
    let presets = Preset.all(for: id)
    guard let layer = layers.last(where: { $0.text("preset") != nil }),
      let name = layer.text("preset")
    else { return presets[0] }
    if Preset.isFile(name) { return try Preset(reading: name, for: id) }
    guard let preset = presets.first(where: { $0.name == name }) else {
      throw wrong(
        layer.place + ["preset"], .text(name),
        allowed: "for \(id): \(presets.map(\.name).joined(separator: ", ")), or a preset's file")
    }
    return preset
  }

  /// The scores of a random and of the best policy; `nil` if the environment's part does not have them.
  private func scale(of environment: Layer) throws(RunError) -> ScoreScale? {
    guard let tree = environment.tree["scale"] else { return nil }
    let scale = try? TreeDecoder().decode(ScoreScale.self, from: tree)
    guard let scale, tree.entries?.count == 2, scale.isUsable else {
      throw wrong(
        environment.place + ["scale"], tree,
        allowed:
          "a mapping of 'random' and 'best' to different numbers, whose difference is finite and no denormal"
      )
    }
    return scale
  }
}

extension Tree {
  /// The seed that an integer is.
  fileprivate var seed: UInt64? {
    switch self {
    case .integer(let value): UInt64(exactly: value)
    case .unsigned(let value): value
    default: nil
    }
  }
}
