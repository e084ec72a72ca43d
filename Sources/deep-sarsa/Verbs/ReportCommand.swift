import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// `deep-sarsa report PATH… -o FILE`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write a page that shows what was learned: answer, curves, values, and episodes to play back.",
    discussion: """
      PATH is a run folder, a folder of runs, or the folder of an experiment, finished or not. Runs belong \
      together as for 'deep-sarsa compare'. FILE is one page of HTML that loads nothing, so that it can be \
      opened without a network, and sent as it is. The same runs give the same bytes.

      The page begins with the answer: whether the task is solved, the interquartile mean of several seeds with \
      its 95 % interval or the mean of a run's episodes with their standard deviation, and what is known of the \
      task. Then come curves, maps of values where the environment has two numbers or cells, and episodes: of \
      the untrained, the best and the last network, or of the best, the median and the worst seed, each the \
      best, the median and the worst of 25, with every action's value at every step.

      Charts need a Python with the package vl-convert-python, which 'make pictures' installs in \
      \(ChartRenderer.localPython). Episodes of gymnasium: environments need the Python of Gymnasium, \
      as in training; without, there are none.
      """)

  @Argument(
    help: ArgumentHelp("folders of runs or experiments", valueName: "path"),
    completion: .directory)
  var paths: [String] = []

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("the page to write, such as report.html", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      the Python that draws charts (default: \(ChartRenderer.localPython) in this folder, that of \
      --python, $\(GymnasiumOptions.pythonVariable), or python3)
      """, valueName: "path"), completion: .file())
  var chartPython: String?

  @OptionGroup
  var bridge: BridgeOptions

  func run() throws {
    if paths.isEmpty {
      throw CommandError(missing: "a path", allowed: "folders of runs or experiments")
    }
    if output.isEmpty {
      throw CommandError(flag: "--output", value: "", allowed: "a file's path")
    }
    // What is missing comes before the Python that would draw it.
    for path in paths { _ = try RunFolder(required: path) }
    TerminationSignals.installForCleanEnd()
    try PageWriter(environments: bridge.maker(), chartPython: chartPython).write(paths, to: output)
  }
}

/// Writes pages of what runs have learned.
struct PageWriter {
  private let environments: EnvironmentMaker
  private let renderer: ChartRenderer

  /// Looks for a Python that can draw charts.
  ///
  /// - Parameters:
  ///   - environments: what makes the environments of runs.
  ///   - chartPython: the Python that draws; `nil` for what `make pictures` installs here, or that of Gymnasium.
  /// - Throws: `RunError.program` if there is none with the package.
  init(environments: EnvironmentMaker, chartPython: String? = nil) throws {
    self.environments = environments
    renderer = try ChartRenderer(
      python: chartPython, otherwise: environments.options.namedPython ?? "python3")
    try renderer.requirePackage()
  }

  /// Writes the page of folders of runs or experiments.
  func write(_ paths: [String], to path: String) throws {
    let environments = environments
    try Report.write(of: paths, to: path, chartsBy: renderer) { settings throws(RunError) in
      // One that has no pictures is played without them.
      if let drawn = try? environments.environment(of: settings, isDrawn: true) { return drawn }
      return try environments.environment(of: settings)
    }
  }
}
