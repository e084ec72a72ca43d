import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa render PATH -o FILE`.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Draw episodes of a trained network: a film, a picture, or in the terminal.",
    discussion: """
      PATH is a run folder or a model in safetensors format. The network plays greedy episodes, as 'evaluate' \
      does, and every step is a frame: what the environment shows, the return so far, and the value of every \
      action as a bar, in the units of returns. The bars go from the lowest value of the episode to the highest; \
      the action that is taken is blue. The last frame of an episode stays for a second.

      FILE's ending is the format. gif, mp4 and webp are films, made by ffmpeg; png (by rsvg-convert) and svg \
      (by no other program) are a picture of one frame. 'make pictures' installs both programs. The same run \
      gives the same bytes.

      With --terminal the episodes are played in the terminal, in blocks and braille dots, until their end, q or \
      Ctrl-C; NO_COLOR turns colours off. Where the terminal cannot redraw, one frame is printed.

      gymnasium: environments are drawn by their own render mode rgb_array.
      """)

  @Argument(
    help: ArgumentHelp("a run folder or a model file", valueName: "path"), completion: .file())
  var path: String

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp(
      "the file to write: \(FilmFormat.allCases.map { "." + $0.rawValue }.joined(separator: ", "))",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "play in the terminal instead of writing a file")
  var terminal = false

  @Flag(help: "use the best network of the run folder instead of the last one")
  var best = false

  @Option(
    name: [.customLong("environment"), .customLong("env-id")], parsing: .unconditional,
    help: ArgumentHelp("the environment, if the path does not name it", valueName: "id"),
    completion: .list(EnvironmentRegistry.ids))
  var environment: String?

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("seed of the environment (default: 0)", valueName: "n"))
  var seed: Number?

  @Option(parsing: .unconditional, help: ArgumentHelp("episodes (default: 1)", valueName: "n"))
  var episodes: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "the frame of a picture, from 0 for the first reset (default: the last)", valueName: "n"))
  var frame: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "frames per second (default: 30, 10 for boards, 4 for cells and cards)", valueName: "n"))
  var fps: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("width in pixels, an even number (default: 600)", valueName: "n"))
  var width: Number?

  @Flag(help: "draw in tones for a dark background")
  var dark = false

  func run() throws {
    let seed = try seed?.seed("--seed") ?? 0
    let episodes = try episodes?.count("--episodes", 1...10_000) ?? 1
    let rate = try fps?.count("--fps", 1...100)
    let width = try evenWidth()
    let format = try chosenFormat()
    let frame = try frame?.count("--frame", 0...Hyperparameters.Limit.steps)
    if frame != nil, format?.isPicture == false {
      throw CommandError(
        "--frame is for a picture, .png or .svg, and --terminal where it prints one")
    }
    // Before an episode is played.
    try format.map { try Film(format: $0).requireProgram() }

    let folder = RunFolder(existing: path)
    if best && folder == nil {
      throw CommandError("--best needs a run folder, and '\(path)' is not one")
    }
    let file = folder?.path(of: best ? .best : .model) ?? path
    let model = try ModelFile(reading: file)
    let world = try environmentOptions.make(
      named: environment, for: model, from: file, in: folder, isDrawn: true)
    try model.requireSizes(of: world.specification, path: file)
    let pictures = try play(world, by: model, episodes: episodes, seed: seed)
    let film = Film(
      format: format ?? .svg,
      framesPerSecond: rate ?? Self.framesPerSecond(of: world.specification.observationSpace),
      width: width, isDark: dark)
    guard format != nil, let output else { return try show(pictures, film, frame: frame) }
    TerminationSignals.install()
    if film.format.isPicture {
      try film.write([try scene(of: pictures, at: frame)], to: output)
    } else {
      try film.write(Self.frames(of: pictures, holding: film.framesPerSecond), to: output)
    }
  }

  /// The format of the file; `nil` for the terminal.
  private func chosenFormat() throws -> FilmFormat? {
    guard let output else {
      if terminal { return nil }
      throw CommandError("either -o FILE or --terminal is needed")
    }
    if terminal { throw CommandError("-o and --terminal are given; allowed: one of them") }
    guard let format = FilmFormat(ofFile: output) else {
      let endings = FilmFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
      throw CommandError(
        flag: "--output", value: output, allowed: "a file's path that ends in \(endings)")
    }
    return format
  }

  private func evenWidth() throws -> Int {
    guard let width else { return 600 }
    let count = try width.count("--width", 64...4096)
    guard count.isMultiple(of: 2) else {
      throw CommandError(
        flag: "--width", value: width.text, allowed: "an even number from 64 to 4096")
    }
    return count
  }

  /// A speed at which the steps of an environment can be followed.
  private static func framesPerSecond(of space: ObservationSpace) -> Int {
    switch space {
    case .categories: 4
    case .box(_, _, let shape): shape.count > 1 ? 10 : 30
    }
  }

  // MARK: Episodes

  private func play<World: Environment>(
    _ environment: World, by model: consuming ModelFile, episodes: Int, seed: UInt64
  ) throws -> [EpisodePictures] {
    let specification = environment.specification
    let factor = model.rewardFactor
    var rollout = try Rollout(environment, seed: seed)
    var result: [EpisodePictures] = []
    for episode in 0..<episodes {
      if episode > 0 { try rollout.reset() }
      let played = try PlayedEpisode(continuing: &rollout, by: &model.policy, rewardFactor: factor)
      guard let pictures = EpisodePictures(of: played, firstAction: specification.firstAction)
      else { throw RunError.environment("'\(specification.id)' cannot be drawn") }
      result.append(pictures)
    }
    return result
  }

  /// The scenes of all episodes; the last of each is held for a number of frames.
  private static func frames(
    of episodes: [EpisodePictures], holding count: Int
  ) -> some BidirectionalCollection<Scene> {
    let places = episodes.indices.flatMap { episode in
      let last = episodes[episode].count - 1
      return (0..<last + count).map { (episode: episode, frame: min($0, last)) }
    }
    return places.lazy.map { episodes[$0.episode][$0.frame] }
  }

  /// The scene of a frame, counted over all episodes; by default the last.
  private func scene(of episodes: [EpisodePictures], at frame: Int?) throws -> Scene {
    let count = episodes.reduce(0) { $0 + $1.count }
    var rest = frame ?? count - 1
    for episode in episodes {
      if rest < episode.count { return episode[rest] }
      rest -= episode.count
    }
    throw CommandError(
      flag: "--frame", value: "\(rest + count)", allowed: "0 to \(count - 1), the frames played")
  }

  // MARK: The terminal

  private func show(_ episodes: [EpisodePictures], _ film: Film, frame: Int?) throws {
    let stream = StandardStream.output
    guard frame == nil, stream.isLive, let keyboard = Keyboard() else {
      let size = stream.terminalSize ?? (80, 24)
      return try stream.write(
        lines(of: scene(of: episodes, at: frame), size).map { $0 + "\n" }.joined())
    }
    var frames = Array(Self.frames(of: episodes, holding: 1)).makeIterator()
    var last: [String] = []
    try FullScreen.show(every: 1 / Double(film.framesPerSecond), keyboard) {
      guard let scene = frames.next() else { return nil }
      last = lines(of: scene, FullScreen.size)
      return last
    }
    // What was seen last stays, where the screen was before.
    try stream.write(last.map { $0 + "\n" }.joined())
  }

  private func lines(of scene: Scene, _ size: (columns: Int, rows: Int)) -> [String] {
    scene.lines(
      columns: size.columns, rows: size.rows,
      colors: TerminalColors(on: .output), isDark: dark || !StandardStream.isLightTerminal)
  }
}
