import ArgumentParser
import SARSAExperiments
import SARSAGymnasium

/// The Python that draws charts.
struct PythonOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      the Python that has vl-convert-python, a path or a name (default: \(ChartRenderer.localPython) in \
      this folder, where 'make pictures' puts it, $\(GymnasiumOptions.pythonVariable), or python3)
      """, valueName: "path"), completion: .file())
  var python: String?

  /// What draws charts.
  ///
  /// - Throws: `RunError.program` if there is no such Python.
  func renderer() throws -> ChartRenderer {
    try ChartRenderer(python: python, otherwise: GymnasiumOptions().namedPython ?? "python3")
  }
}
