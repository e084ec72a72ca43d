import ArgumentParser
import SARSAExperiments

/// `deep-sarsa experiment status FOLDER`.
struct ExperimentStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how far an experiment has come.",
    discussion: "It can be called while the experiment is trained.")

  @OptionGroup
  var folder: ExperimentFolderArgument

  @Flag(help: "print one JSON array")
  var json = false

  func run() throws {
    try ExperimentReport(folder.folder()).write(asJSON: json)
  }
}
