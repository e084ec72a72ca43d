import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa settings`.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "List the settings of training: flags, names in files, allowed values, defaults.",
    discussion: "The list is a page of Markdown, docs/settings.md in the repository.")

  @Flag(help: "print one JSON array")
  var json = false

  func run() throws {
    try StandardStream.output.write(
      json ? JSON.text(RunSettings.settings.map(Row.init)) + "\n" : SettingsPage.text)
  }

  private struct Row: Encodable {
    let paths: [String]
    let flags: [String]
    let help: String
    let allowed: String
    let general: String?

    init(_ setting: Setting<RunSettings>) {
      paths = setting.filePaths
      flags = setting.flags.map { "--" + $0 }
      help = setting.help
      allowed = setting.allowed
      general = setting.text(Defaults.general)
    }
  }
}
