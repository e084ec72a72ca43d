import ArgumentParser
import SARSAExperiments

/// `deep-sarsa export PATH -o FILE`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a network for another program.",
    discussion: """
      PATH is a run folder, whose last network is taken unless --best is given, or a model in safetensors \
      format. What is written takes observations as the environment gives them (flattened row by row with \
      channels last, and whole numbers one-hot), because the scaling of inputs is a part of it. It gives the \
      action values of all actions: in an environment with action masks, its user leaves out the illegal ones. \
      An existing FILE is replaced as a whole.

      docs/exports.md says what each format holds and how to read it.
      """)

  @OptionGroup
  var network: NetworkArgument

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      \(ModelExports.all.map { "\($0.name) (\($0.summary), .\($0.fileExtension))" }.joined(separator: ", ")); \
      by default that of the file's ending
      """, valueName: "name"),
    completion: .list(ModelExports.all.map { $0.name }))
  var format: String?

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("the file to write", valueName: "file"), completion: .file())
  var output: String

  func run() throws {
    let format = try chosenFormat()
    try format.write(network.named().model(), to: output)
  }

  private func chosenFormat() throws -> any ModelExport.Type {
    if output.isEmpty {
      throw CommandError(flag: "--output", value: "", allowed: "a file's path")
    }
    let all = ModelExports.all
    guard let format else {
      guard let known = ModelExports.format(of: output) else {
        let endings = all.map { ".\($0.fileExtension)" }.joined(separator: ", ")
        throw CommandError(
          flag: "--output", value: output,
          allowed: "with --format any path, otherwise one that ends in \(endings)")
      }
      return known
    }
    guard let known = ModelExports.format(named: format) else {
      throw CommandError(flag: "--format", value: format, choices: all.map { $0.name })
    }
    return known
  }
}
