import ArgumentParser
import SARSAExperiments

/// `deep-sarsa experiment aggregate FOLDER`.
struct ExperimentAggregateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregate",
    abstract: "Compare the settings of an experiment, and write the results.",
    discussion: """
      Writes results.json, results.md, scores.npz for numpy, and curves for TensorBoard into the folder, and prints \
      the tables. Runs that are not over are named, and left out. 'deep-sarsa compare' makes other choices from the \
      same runs.
      """)

  @OptionGroup
  var folder: ExperimentFolderArgument

  @Flag(help: "print one JSON object, the content of results.json, instead of tables")
  var json = false

  func run() throws {
    try folder.folder().reportResults(asJSON: json)
  }
}

extension ExperimentFolder {
  /// Compares the settings, writes the files of results, and prints them.
  func reportResults(asJSON isJSON: Bool) throws {
    let comparison: Comparison
    do {
      comparison = try Comparison(of: results())
    } catch let error as ComparisonError {
      throw CommandError("'\(path)': \(error)\(error.hintAtSettings ?? "")", exitCode: .badData)
    }
    for note in comparison.notes { tell(note) }
    try write(comparison)
    try StandardStream.output.write(isJSON ? JSON.text(comparison) + "\n" : comparison.text)
  }
}
