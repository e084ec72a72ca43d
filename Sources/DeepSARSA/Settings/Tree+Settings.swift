package import SARSAFormats

/// Settings that cannot be read: in one line, what is wrong, where, and what is allowed.
package struct SettingsError: Error, Hashable, CustomStringConvertible {
  /// The line.
  package let description: String

  package init(_ description: String) { self.description = description }
}

// Files of settings, and of presets, have what differs from other values.

extension Tree {
  /// Reads settings, of which those that the tree does not have are from the tree of other settings.
  ///
  /// A setting with cases (`Hyperparameters.cases`) has only the cases that the tree names. A count may be
  /// written as `5e4`. Hyperparameters are those under the name `hyperparameters`.
  ///
  /// - Throws: `SettingsError` for the first name that is unknown or value that is not allowed. Whether the
  ///   values fit each other is not checked.
  package func settings<Root: Decodable>(
    over base: Tree, checkedBy settings: [Setting<Root>]
  ) throws(SettingsError) -> Root {
    let decoder = TreeDecoder()
    let complete = try completed(from: base, path: [])
    let result: Root
    do {
      result = try decoder.decode(Root.self, from: complete)
    } catch {
      throw SettingsError(problem: error, in: complete, settings)
    }
    if let unknown = decoder.unknownKeys.first {
      throw SettingsError(unknown: unknown.key, in: unknown.path, known: unknown.known)
    }
    for setting in settings {
      do {
        try setting.validate(result)
      } catch {
        let place = setting.place(in: complete)
        var value = error.value
        if let tree = complete.value(at: place), case .text = tree { value = tree.text }
        // A value of the other settings that is not allowed, such as an empty name, stands for none.
        if self.value(at: place) == nil { value = "missing" }
        throw SettingsError("\(place) is \(value); allowed: \(error.allowed)")
      }
    }
    return result
  }

  /// The tree of settings.
  package init(settings: some Encodable) {
    do { self = try Tree(encoding: settings) } catch { fatalError("\(error)") }
  }

  /// The cases of the setting at a path; `nil` if it has none.
  private static func cases(at path: [String]) -> [SettingCase]? {
    path.first == "hyperparameters"
      ? Hyperparameters.cases[path.dropFirst().joined(separator: ".")] : nil
  }

  /// A schedule that changes, as `Tree(settings:)` has it.
  private static let curve = Tree(settings: Schedule.Curve(.linear, from: 1, to: 0, steps: 1))

  /// The names of a mapping's entries; `nil` for another value.
  private var names: [String]? { entries?.map(\.key) }

  /// The tree with what it leaves out; of settings with cases, only of the cases it names.
  package func completed(
    from defaults: Tree, path: [String] = []
  ) throws(SettingsError) -> Tree {
    let cases = Self.cases(at: path)
    // A budget may have both of its limits; all others are one of several cases.
    let choices = cases.flatMap { $0.count > 1 ? $0 : nil }
    switch (self, defaults) {
    case (.mapping(let entries), .number),
      (.mapping(let entries), .mapping) where defaults.names == Self.curve.names:
      // A schedule is one value, of which another one completes no part.
      return try .mapping(
        entries.map { entry throws(SettingsError) in
          let part = Self.curve[entry.key] ?? entry.value
          return try Tree.Entry(entry.key, entry.value.completed(from: part))
        })
    case (.mapping(let entries), .mapping(let standard)):
      let known = ([standard] + (cases ?? []).map { $0.tree.entries ?? [] }).flatMap { $0 }
      let values = Dictionary(known.map { ($0.key, $0.value) }) { first, _ in first }
      let given = try entries.map { entry throws(SettingsError) in
        let standard = values[entry.key]
        if cases != nil && standard == nil {
          throw SettingsError(unknown: entry.key, in: path, known: known.map(\.key))
        }
        return try Tree.Entry(
          entry.key,
          entry.value.completed(from: standard ?? entry.value, path: path + [entry.key]))
      }
      if let choices, given.count != 1 {
        let names =
          given.isEmpty ? "nothing" : given.map { "'\($0.key)'" }.joined(separator: " and ")
        let allowed = choices.map(\.key).joined(separator: ", ")
        throw SettingsError(
          "\(path.joined(separator: ".")) has \(names); allowed: one of \(allowed)")
      }
      if cases != nil { return .mapping(given) }
      let names = Set(given.map(\.key))
      return .mapping(given + standard.filter { !names.contains($0.key) })
    case (.null, .mapping) where cases == nil:
      // A section that lists nothing.
      return defaults
    case (.text(let name), _) where choices != nil:
      // A case by its name alone has its defaults.
      return choices?.first { [$0.key, $0.flag].contains(name) }?.tree ?? self
    case (.number(let number), .integer):
      // A count may be written as 5e4.
      return Int(exactly: number).map(Tree.integer) ?? self
    default: return self
    }
  }

  /// What `settings(over:checkedBy:)` needs to read these settings over others: the settings that differ, each
  /// with its whole value.
  package func difference(from defaults: Tree, path: [String] = []) -> Tree {
    // Hyperparameters are in sections, and a section has settings.
    guard path.count < 3, Self.cases(at: path) == nil, let entries, defaults.entries != nil else {
      return self
    }
    return .mapping(
      entries.compactMap { entry in
        guard let standard = defaults[entry.key] else { return entry }
        return entry.value == standard
          ? nil
          : Entry(entry.key, entry.value.difference(from: standard, path: path + [entry.key]))
      })
  }
}

// MARK: - Settings of earlier versions

extension Hyperparameters: SettingsWithDefaults {
  private static let defaults = Tree(settings: Hyperparameters())

  package static func completed(_ tree: Tree) throws -> Tree {
    try tree.completed(from: defaults, path: ["hyperparameters"])
  }
}

extension EvaluationSettings: SettingsWithDefaults {
  private static let defaults = Tree(settings: EvaluationSettings())

  package static func completed(_ tree: Tree) throws -> Tree {
    try tree.completed(from: defaults)
  }
}

// MARK: - Messages

extension Setting {
  /// The path of the setting in a file; of several, such as those of a setting in several cases, the one that
  /// the tree has.
  fileprivate func place(in tree: Tree) -> String {
    filePaths.last { tree.value(at: $0) != nil } ?? filePaths.first ?? path
  }
}

extension Setting where Root: Encodable {
  /// The path at which the file of these settings has the setting, for messages.
  package func place(inFileOf settings: Root) -> String { place(in: Tree(settings: settings)) }
}

extension SettingsError {
  fileprivate init(unknown key: String, in path: [String], known: [String]) {
    let hint = nearest(key, among: known).map { " (did you mean '\($0)'?)" } ?? ""
    let place = (path + [key]).joined(separator: ".")
    let names = Set(known).sorted().joined(separator: ", ")
    self.init("'\(place)' is not a setting\(hint); allowed: \(names)")
  }

  /// What is wrong, where, and what is allowed.
  fileprivate init<Root>(problem error: any Error, in tree: Tree, _ settings: [Setting<Root>]) {
    let (path, allowed): ([any CodingKey], String)
    switch error as? DecodingError {
    case .keyNotFound(let key, let context)?:
      (path, allowed) = (context.codingPath + [key], "a value")
    case .typeMismatch(let type, let context)?:
      (path, allowed) = (context.codingPath, Self.words(for: type))
    case .valueNotFound(let type, let context)?:
      (path, allowed) = (context.codingPath, Self.words(for: type))
    case .dataCorrupted(let context)?:
      (path, allowed) = (context.codingPath, context.debugDescription)
    default:
      self.init("\(error)")
      return
    }
    let name = path.map(\.stringValue).joined(separator: ".")
    let setting = settings.first { $0.filePaths.contains(name) }
    let value = tree.value(at: path).map { "\($0.text)" } ?? "missing"
    var words = setting?.allowedInFile ?? allowed
    // Without quotes, 7 is a number. Of a few names, the list says enough.
    if let setting, allowed == Self.text, setting.names.isEmpty {
      words = "\(allowed): \(setting.allowedInFile)"
    }
    self.init("\(name) is \(value); allowed: \(words)")
  }

  private static let text = "text in quotes"

  private static func words(for type: Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is Double.Type, is Float.Type: "a number"
    case is any BinaryInteger.Type: "a whole number"
    case is String.Type: text
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
