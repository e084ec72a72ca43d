import ArgumentParser
import SARSAExperiments

/// `deep-sarsa inspect PATH`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a file or a run folder holds.",
    discussion: """
      PATH is a run folder, a model file, or any other file in safetensors format. Nothing is changed, and no \
      environment is started. A file that cannot be read as what it is has the exit code 65, a missing one 66; \
      a model file that the other verbs refuse has 0, and its problem is named.
      """)

  @Argument(
    help: ArgumentHelp("a run folder or a safetensors file", valueName: "path"),
    completion: .file())
  var path: String

  @Flag(help: "print one JSON object")
  var json = false

  func run() throws {
    let inspection = try Inspections.inspection(of: path)
    try StandardStream.output.write(
      json ? JSON.text(inspection.object) + "\n" : inspection.text)
  }
}
