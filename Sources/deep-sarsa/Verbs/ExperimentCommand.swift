import ArgumentParser
import SARSAExperiments

/// `deep-sarsa experiment FILE -o FOLDER`, `experiment status FOLDER` and `experiment aggregate FOLDER`.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Train settings in environments with many seeds, and say how good they are.",
    discussion: """
      'deep-sarsa experiment' without a verb is 'deep-sarsa experiment run'. docs/experiments.md describes the \
      file, and how several machines share an experiment.
      """,
    subcommands: [
      ExperimentRunCommand.self, ExperimentStatusCommand.self, ExperimentAggregateCommand.self,
    ],
    defaultSubcommand: ExperimentRunCommand.self)
}

/// The argument of the verbs that look at an experiment's folder.
struct ExperimentFolderArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp("the folder of an experiment", valueName: "folder"), completion: .directory)
  var path: String

  /// The folder.
  ///
  /// - Throws: `CommandError` if it is not an experiment's.
  func folder() throws -> ExperimentFolder {
    guard let folder = try ExperimentFolder(existing: path) else {
      throw CommandError("'\(path)' is not the folder of an experiment", exitCode: .noInput)
    }
    return folder
  }
}
