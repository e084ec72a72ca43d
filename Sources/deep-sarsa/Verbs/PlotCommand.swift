import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAFiles

/// `deep-sarsa plot PATH… --what NAME -o FILE`.
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw what was learned: curves, values, policies, and what many seeds say.",
    discussion: """
      PATH is a run folder, a folder of runs, or the folder of an experiment. Runs that differ in their seeds only \
      are one line with a band: the interquartile mean with its 95 % interval, and each seed as a thin line.

      \(What.allCases.map { "\($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

      Charts are drawn by Vega-Lite, in a Python that has vl-convert-python; surface by gnuplot. 'make pictures' \
      installs both. A FILE that ends in .json gets the specification of Vega-Lite instead of a picture, for which \
      nothing is needed. SVG and PNG have the same bytes when they are made again.
      """)

  @Argument(
    help: ArgumentHelp("folders of runs or experiments", valueName: "path"),
    completion: .directory)
  var paths: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "\(What.allCases.map(\.rawValue).joined(separator: ", "))", valueName: "name"),
    completion: .list(What.allCases.map(\.rawValue)))
  var what = "curve"

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("the file to write; of 'all', the folder", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "svg, png, pdf or json; by default that of the file's ending, in a folder svg",
      valueName: "name"),
    completion: .list(Format.allCases.map(\.rawValue)))
  var format: String?

  @Flag(help: "draw for a dark background")
  var dark = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("the width in pixels (default: that of the chart)", valueName: "n"))
  var width: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "the height in pixels (default: 400, of surface 480); maps have the height of their world",
      valueName: "n"))
  var height: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "the pixels of a PNG for each pixel of --width and --height (default: 2)", valueName: "x"))
  var scale: Number?

  @Flag(help: "show the values of the best network instead of the last one's")
  var best = false

  @Flag(help: "show the values of the network before training, made again from the seed")
  var untrained = false

  @OptionGroup
  var python: PythonOption

  /// What is drawn.
  enum What: String, CaseIterable {
    case curve, loss, exploration, values, gradient, stability, profile, intervals, probability
    case policy
    case costToGo = "cost-to-go"
    case surface, all

    var summary: String {
      switch self {
      case .curve: "returns of training and evaluations, threshold and optimum"
      case .loss: "the loss of the updates"
      case .exploration: "ε, or the temperature"
      case .values: "action values, beside the bound that they cannot rightly exceed"
      case .gradient: "norm of the gradient, dead units, rank of the features"
      case .stability: "the share of seeds at the threshold, and that have reached it"
      case .profile: "the share of runs above each score"
      case .intervals: "final scores of all seeds, with intervals"
      case .probability: "how probably a setting is better than the first"
      case .policy: "the greedy action in every state of a map, beside the optimum's"
      case .costToGo: "−max q in every state of a map, beside the optimum's, and the difference"
      case .surface: "cost-to-go as a surface in three dimensions"
      case .all: "all that the paths have, into a folder"
      }
    }
  }

  /// A format of files.
  enum Format: String, CaseIterable {
    case svg, png, pdf, json
  }

  func run() throws {
    if paths.isEmpty {
      throw CommandError(missing: "a path", allowed: "folders of runs or experiments")
    }
    guard let what = What(rawValue: what) else {
      throw CommandError(flag: "--what", value: what, choices: What.allCases.map(\.rawValue))
    }
    if best && untrained { throw CommandError("--best and --untrained exclude each other") }
    TerminationSignals.installForCleanEnd()
    let format = try chosenFormat(for: what)
    let canvas = try Canvas(
      theme: dark ? .dark : .light, width: width?.count("--width", 100...10_000),
      height: height?.count("--height", 50...10_000),
      scale: scale?.real("--scale", 0.1...10) ?? 2)
    let plots = Plots(
      groups: try RunGroup.reading(joining: paths),
      network: untrained ? .untrained : best ? .best : .last, canvas: canvas, python: python)
    if what == .all { return try plots.writeAll(to: output, as: format) }
    try Files.replace(output, with: plots.file(of: what, as: format))
  }

  private func chosenFormat(for what: What) throws -> Format {
    if output.isEmpty {
      throw CommandError(flag: "--output", value: "", allowed: "a path")
    }
    if let format {
      guard let known = Format(rawValue: format) else {
        throw CommandError(
          flag: "--format", value: format, choices: Format.allCases.map(\.rawValue))
      }
      return known
    }
    if what == .all { return .svg }
    guard let known = Format.allCases.first(where: { output.hasFileEnding($0.rawValue) }) else {
      throw CommandError(
        flag: "--output", value: output,
        allowed: "with --format any path, otherwise one that ends in .svg, .png, .pdf or .json")
    }
    return known
  }

  /// How a picture is drawn.
  struct Canvas {
    var theme: ChartTheme
    var width: Int?
    var height: Int?
    var scale: Double
  }
}

/// The pictures of runs.
private struct Plots {
  let groups: [RunGroup]
  let network: ValueMaps.Network
  let canvas: PlotCommand.Canvas
  let python: PythonOption

  private static let usualHeight = 400

  /// A file with a picture, or its specification.
  func file(of what: PlotCommand.What, as format: PlotCommand.Format) throws -> [UInt8] {
    if what == .surface { return try surface(as: format) }
    let chart = try chart(of: what)
    let (width, height) = (canvas.width ?? chart.usualWidth, canvas.height ?? Self.usualHeight)
    guard let picture = ChartRenderer.Format(rawValue: format.rawValue) else {
      return Array(chart.json(in: canvas.theme, width: width, height: height).utf8)
    }
    return try python.renderer().picture(
      of: chart, as: picture, theme: canvas.theme, width: width, height: height,
      scale: picture == .png ? canvas.scale : 1)
  }

  /// Writes all charts that the runs have, and prints the paths.
  func writeAll(to folder: String, as format: PlotCommand.Format) throws {
    try Files.createDirectories(folder)
    for what in PlotCommand.What.allCases where what != .all {
      if what == .surface && format == .json { continue }
      let path = "\(folder)/\(what.rawValue).\(format.rawValue)"
      do {
        try Files.replace(path, with: file(of: what, as: format))
        try StandardStream.output.write(path + "\n")
      } catch let error as CommandError where error.exitCode == .badData {
        continue
      }
    }
  }

  private func chart(of what: PlotCommand.What) throws -> Chart {
    switch what {
    case .curve:
      try combined(what, "there is no evaluation and no finished episode yet", Chart.returns)
    case .loss: try combined(what, noColumn, Chart.loss)
    case .exploration: try combined(what, noColumn, Chart.exploration)
    case .values: try combined(what, noColumn, Chart.values)
    case .gradient: try combined(what, noColumn, Chart.gradient)
    case .stability:
      try comparison(what, "the environment has no threshold, or there are no evaluations") {
        .stability(of: $0.tasks[0])
      }
    case .profile: try comparison(what) { .profile(of: $0.tasks[0]) }
    case .intervals: try comparison(what) { .intervals(of: $0.tasks[0]) }
    case .probability:
      try comparison(what, "there is one setting; allowed: two or more") {
        .probability(of: $0.tasks[0], baseline: $0.baseline)
      }
    case .policy: .policy(of: try maps(what))
    case .costToGo: .costToGo(of: try maps(what))
    case .surface, .all: throw CommandError("\(what.rawValue) is no chart")
    }
  }

  private let noColumn = "learning.csv is not there, or does not have it"

  /// A chart of each task with the numbers of its comparison, side by side.
  private func comparison(
    _ what: PlotCommand.What, _ lack: String = "", _ make: (Comparison) -> Chart?
  ) throws -> Chart {
    try combined(what, lack) { groups in
      let results = groups.results
      let counts = results.flatMap(\.tasks).map { $0.runs.count(where: \.isOver) }
      guard counts.reduce(0, +) > 1 else {
        throw lacking(what, "it needs two runs or more that are over")
      }
      do throws(ComparisonError) {
        return make(try Comparison(of: results))
      } catch {
        throw lacking(what, "\(error)")
      }
    }
  }

  /// A chart of each task, side by side.
  private func combined(
    _ what: PlotCommand.What, _ lack: String, _ make: ([RunGroup]) throws -> Chart?
  ) throws -> Chart {
    let charts = try groups.byTask.compactMap(make)
    guard let first = charts.first else { throw lacking(what, lack) }
    if charts.count == 1 { return first }
    return .combined(
      charts, name: first.name,
      title: what.rawValue.prefix(1).uppercased() + what.rawValue.dropFirst(),
      // That of a task with a threshold says what its line is.
      caption: charts.map(\.caption).max { $0.count < $1.count } ?? "")
  }

  private func surface(as format: PlotCommand.Format) throws -> [UInt8] {
    guard let picture = ChartRenderer.Format(rawValue: format.rawValue) else {
      throw CommandError("surface is drawn by gnuplot, and has no json; allowed: svg, png, pdf")
    }
    let lack = "is no plane of two numbers; allowed: MountainCar"
    let maps = try maps(.surface, lack)
    guard let surface = Surface(of: maps) else {
      throw lacking(.surface, "\(maps.environment) \(lack)")
    }
    return try surface.picture(
      as: picture, theme: canvas.theme, width: canvas.width ?? 640, height: canvas.height ?? 480,
      scale: canvas.scale)
  }

  /// The maps of the single run, or the error of an environment that lacks something.
  private func maps(
    _ what: PlotCommand.What,
    _ lack: String = "is no map; allowed: MountainCar, FrozenLake, CliffWalking, Maze, Taxi"
  ) throws -> ValueMaps {
    let runs = groups.flatMap(\.runs)
    guard runs.count == 1, let run = runs.first else {
      throw lacking(
        what, "it is of one network, and there are \(runs.count) runs; allowed: a run folder")
    }
    guard let maps = try ValueMaps(of: run, network) else {
      throw lacking(what, "\(run.settings.environment) \(lack)")
    }
    return maps
  }

  private func lacking(_ what: PlotCommand.What, _ lack: String) -> CommandError {
    CommandError("--what \(what.rawValue): \(lack)", exitCode: .badData)
  }
}
