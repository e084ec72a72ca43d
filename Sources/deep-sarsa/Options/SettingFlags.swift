import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// The flags of a section's settings, made from their descriptions.
///
/// The parser finds options by reflection on a value of this type. So this type's mirror is the list of
/// options, and its decoding is by the flags' names.
struct SettingFlags<Part: SettingPart>: ParsableArguments, CustomReflectable {
  /// The text of every flag that was given, by the setting's name; `true` and `false` for switches.
  private(set) var texts: [String: String] = [:]

  init() {}

  init(from decoder: any Decoder) throws {
    let flags = try decoder.container(keyedBy: FlagName.self)
    for setting in Self.settings {
      let name = FlagName(stringValue: setting.name)
      texts[setting.name] =
        setting.isSwitch
        ? try flags.decode(Flag<Bool?>.self, forKey: name).wrappedValue.map(String.init)
        : try flags.decode(Option<String?>.self, forKey: name).wrappedValue
    }
  }

  var customMirror: Mirror {
    Mirror(
      self,
      children: Self.settings.map { setting in
        (setting.name, setting.isSwitch ? Self.switch(setting) as Any : Self.option(setting))
      })
  }

  private static var settings: [Setting<RunSettings>] {
    RunSettings.settings.filter { $0.section == Part.section }
  }

  private static func option(_ setting: Setting<RunSettings>) -> Option<String?> {
    Option(
      name: names(setting), parsing: .unconditional,
      help: ArgumentHelp(
        "\(setting.sentence)\(Defaults.note(setting))", valueName: setting.placeholder),
      completion: setting.names.isEmpty ? nil : .list(setting.names))
  }

  private static func `switch`(_ setting: Setting<RunSettings>) -> Flag<Bool?> {
    Flag(
      name: names(setting), inversion: .prefixedNo,
      help: "\(setting.sentence)\(Defaults.note(setting))")
  }

  private static func names(_ setting: Setting<RunSettings>) -> NameSpecification {
    NameSpecification(setting.flags.map { .customLong($0) })
  }
}

/// A section as a type, because the parser makes options from types alone.
protocol SettingPart {
  static var section: SettingSection { get }
}

/// The sections.
enum SettingParts {
  enum Run: SettingPart { static let section = SettingSection.run }
  enum Budget: SettingPart { static let section = SettingSection.budget }
  enum Input: SettingPart { static let section = SettingSection.input }
  enum Network: SettingPart { static let section = SettingSection.network }
  enum Optimizer: SettingPart { static let section = SettingSection.optimizer }
  enum Replay: SettingPart { static let section = SettingSection.replay }
  enum Segment: SettingPart { static let section = SettingSection.segment }
  enum Exploration: SettingPart { static let section = SettingSection.exploration }
  enum Target: SettingPart { static let section = SettingSection.target }
  enum Traces: SettingPart { static let section = SettingSection.traces }
}

private struct FlagName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Setting {
  /// The sentence of help, with the names of a choice unless it explains them all.
  var sentence: String {
    names.allSatisfy(help.contains) ? help : "\(help): \(names.joined(separator: ", "))"
  }
}
