/// The description of one setting: validation, flags, help, files and documentation are read off it.
///
/// A new setting is a stored property and one entry in `Hyperparameters.settings`.
package struct Setting<Root: Sendable>: Sendable {
  /// The dotted path in settings, without levels that only name a case: `optimizer.beta1`.
  package let path: String
  /// The dotted paths in a file: several if it is in several cases, none if only flags have it.
  package let filePaths: [String]
  /// The section.
  package let section: SettingSection
  /// The flags without hyphens: CleanRL's spelling first, then a descriptive name.
  package let flags: [String]
  /// One sentence.
  package let help: String
  /// The allowed values in words.
  package let allowed: String
  /// The same for a file.
  package let allowedInFile: String
  /// What stands for a value in help, such as `n`.
  package let placeholder: String
  /// The allowed names, if the value is one of a few.
  package let names: [String]
  /// Whether the flag has no value, but an opposite.
  package let isSwitch: Bool
  /// The flags that must not be given together with this one.
  package let excluded: [String]
  /// The cases in which the setting exists; `nil` if it always does.
  package let cases: Cases?
  /// The value as text; `nil` if there is none.
  package let text: @Sendable (Root) -> String?

  /// The first part of a text, from 1, that cannot be read; `nil` if its texts have no parts.
  package let wrongPart: @Sendable (String) -> (number: Int, text: String)?

  /// The value as text if it is not allowed.
  private let wrongText: @Sendable (Root) -> String?
  /// The value of a text; `nil` if it is not allowed.
  private let parse: @Sendable (String) -> (any Sendable)?
  /// Stores a value; `nil` if the command line combines it with those of other flags.
  private let store: (@Sendable (any Sendable, inout Root) -> Void)?

  /// The cases of a setting on which others depend, as an optimiser's parameters depend on its method.
  package struct Cases: Sendable {
    /// The flag that selects a case.
    package let flag: String
    /// The names of the cases.
    package let names: [String]
    /// The dotted path of each case in a file.
    let filePaths: [String]
    /// A value with each case.
    let examples: [Root]
    /// Selects a case by its name.
    let select: @Sendable (String, inout Root) -> Void
  }

  /// The flag by which messages call the setting, without hyphens.
  package var name: String { flags[0] }

  /// The value of a text; `nil` if it is not allowed, or of another type.
  package func value<Value>(of text: String) -> Value? { parse(text) as? Value }

  /// Stores the value of a text, unless the command line combines the flag with others.
  ///
  /// - Returns: false if the value is not allowed; then nothing is changed.
  package func set(_ text: String, in root: inout Root) -> Bool {
    guard let value = parse(text) else { return false }
    store?(value, &root)
    return true
  }

  /// The names of the cases in which the setting exists, with its value there.
  package func valuesByCase(_ root: Root) -> [(name: String, text: String)] {
    (cases?.names ?? []).compactMap { name in
      var other = root
      cases?.select(name, &other)
      return text(other).map { (name, $0) }
    }
  }

  /// Checks the value.
  ///
  /// - Throws: `HyperparameterError` if it is not allowed.
  package func validate(_ root: Root) throws(HyperparameterError) {
    if let value = wrongText(root) {
      throw HyperparameterError(field: path, value: value, allowed: allowed)
    }
  }
}

/// The parts of the help screen.
package enum SettingSection: String, CaseIterable, Sendable {
  case run = "Run"
  case budget = "Budget"
  case input = "Inputs and rewards"
  case network = "Network"
  case optimizer = "Optimizer"
  case replay = "Replay memory"
  case segment = "Segments"
  case exploration = "Exploration"
  case target = "Target"
  case traces = "Eligibility traces"
}

extension Setting {
  private init<Value: Sendable>(
    _ path: String, files: [String], _ section: SettingSection, _ flags: [String],
    _ allowed: AllowedValues<Value>, excluding excluded: [String], _ help: String, of cases: Cases?,
    get: @escaping @Sendable (Root) -> Value?, set: (@Sendable (Value, inout Root) -> Void)?
  ) {
    self.path = path
    filePaths = files
    self.section = section
    self.flags = flags
    self.help = help
    self.allowed = allowed.words
    allowedInFile = allowed.wordsInFile
    placeholder = allowed.placeholder
    names = allowed.names
    isSwitch = Value.self == Bool.self
    self.excluded = excluded
    self.cases = cases
    text = { get($0).map(allowed.text) }
    wrongPart = allowed.wrongPart
    wrongText = { root in
      guard let value = get(root), !allowed.contains(value) else { return nil }
      return allowed.text(value)
    }
    parse = { text -> (any Sendable)? in
      guard let value = allowed.parse(text), allowed.contains(value) else { return nil }
      return value
    }
    if let set {
      store = { value, root in if let value = value as? Value { set(value, &root) } }
    } else {
      store = nil
    }
  }

  /// A value that is always there.
  package init<Value: Sendable>(
    _ path: String, _ section: SettingSection, flags: String...,
    at place: any WritableKeyPath<Root, Value> & Sendable, _ allowed: AllowedValues<Value>,
    excluding excluded: [String] = [], _ help: String,
    set: (@Sendable (Value, inout Root) -> Void)? = nil
  ) {
    self.init(
      path, files: [path], section, flags, allowed, excluding: excluded, help, of: nil,
      get: { $0[keyPath: place] }, set: set ?? { $1[keyPath: place] = $0 })
  }

  /// A value that may be missing.
  package init<Value: Sendable>(
    _ path: String, _ section: SettingSection, flags: String...,
    at place: any WritableKeyPath<Root, Value?> & Sendable, _ allowed: AllowedValues<Value>,
    excluding excluded: [String] = [], _ help: String,
    set: (@Sendable (Value, inout Root) -> Void)? = nil
  ) {
    self.init(
      path, files: [path], section, flags, allowed, excluding: excluded, help, of: nil,
      get: { $0[keyPath: place] }, set: set ?? { $1[keyPath: place] = $0 })
  }

  /// A value that exists only in some cases, in a file below the names of these.
  package init<Value: Sendable>(
    _ path: String, _ section: SettingSection, flags: String..., of cases: Cases,
    at place: any WritableKeyPath<Root, Value?> & Sendable, _ allowed: AllowedValues<Value>,
    _ help: String
  ) {
    let name = path.split(separator: ".").last ?? ""
    let files = zip(cases.examples, cases.filePaths).filter { $0.0[keyPath: place] != nil }
    self.init(
      path, files: files.map { "\($0.1).\(name)" }, section, flags, allowed, excluding: [], help,
      of: cases, get: { $0[keyPath: place] }, set: { $1[keyPath: place] = $0 })
  }

  /// A part of a value, or a number from which one is computed; the command line combines its flag with
  /// others.
  package init<Value: Sendable>(
    _ path: String, files: [String]? = nil, _ section: SettingSection, flags: String...,
    part: (@Sendable (Root) -> Value?)?, _ allowed: AllowedValues<Value>,
    excluding excluded: [String] = [], _ help: String
  ) {
    self.init(
      path, files: files ?? [path], section, flags, allowed, excluding: excluded, help, of: nil,
      get: part ?? { _ in nil }, set: nil)
  }

  /// The setting of a value that contains this one's root, in a file under a name unless its paths have that.
  package func within<Outer: Sendable>(
    _ place: any WritableKeyPath<Outer, Root> & Sendable, named name: String? = nil
  ) -> Setting<Outer> {
    Setting<Outer>(self, at: place, named: name)
  }

  private init<Inner: Sendable>(
    _ inner: Setting<Inner>, at place: any WritableKeyPath<Root, Inner> & Sendable,
    named name: String?
  ) {
    path = inner.path
    filePaths = inner.filePaths.map { path in name.map { "\($0).\(path)" } ?? path }
    section = inner.section
    flags = inner.flags
    help = inner.help
    allowed = inner.allowed
    allowedInFile = inner.allowedInFile
    placeholder = inner.placeholder
    names = inner.names
    isSwitch = inner.isSwitch
    excluded = inner.excluded
    cases = inner.cases.map { cases in
      Cases(
        flag: cases.flag, names: cases.names, filePaths: [], examples: [],
        select: { cases.select($0, &$1[keyPath: place]) })
    }
    text = { inner.text($0[keyPath: place]) }
    wrongPart = inner.wrongPart
    wrongText = { inner.wrongText($0[keyPath: place]) }
    parse = inner.parse
    if let store = inner.store {
      self.store = { value, root in store(value, &root[keyPath: place]) }
    } else {
      store = nil
    }
  }
}
