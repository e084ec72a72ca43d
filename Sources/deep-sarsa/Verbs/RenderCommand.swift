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

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp(
      "the file to write: \(FilmFormat.allCases.map { "." + $0.rawValue }.joined(separator: ", "))",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "play in the terminal instead of writing a file")
  var terminal = false

  @OptionGroup
  var player: PlayerOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("episodes (default: 1)", valueName: "n"))
  var episodes: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      steps after which an episode is left\(Defaults.fixed(stepLimit)); with all episodes, up to \(frameLimit)
      """, valueName: "n"))
  var steps: Number?

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

  /// So many steps make a film of two minutes at the most, with 30 frames a second.
  private static let stepLimit = 3_000

  /// The most frames of all episodes, which are in memory until the last one is written.
  private static let frameLimit = 100_000

  func run() throws {
    let seed = try player.seed()
    let episodes = try episodes?.count("--episodes", 1...100) ?? 1
    let steps = try steps?.count("--steps", 1...Hyperparameters.Limit.steps) ?? Self.stepLimit
    let rate = try fps?.count("--fps", 1...100)
    let width = try evenWidth()
    let format = try chosenFormat()
    let frame = try frame?.count("--frame", 0...Hyperparameters.Limit.steps)
    if frame != nil, format?.isPicture == false {
      throw CommandError(
        "--frame is for a picture, .png or .svg, and --terminal where it prints one")
    }
    let network = try player.network.named()
    let model = try network.model()
    // Before an episode is played.
    try format.map { try Film(format: $0).requireProgram() }
    let world = try player.environmentOptions.make(
      named: player.environment, for: model, in: network.folder, isDrawn: true)
    let pictures = try play(world, by: model, episodes: episodes, steps: steps, seed: seed)
    let film = Film(
      format: format ?? .svg,
      framesPerSecond: rate ?? Self.framesPerSecond(of: world.specification.observationSpace),
      width: width, isDark: dark)
    guard format != nil, let output else { return try show(pictures, film, frame: frame) }
    TerminationSignals.installForCleanEnd()
    let places =
      film.format.isPicture
      ? [try place(of: frame, in: pictures)]
      : Self.places(of: pictures, holding: film.framesPerSecond)
    try film.write(places.lazy.map { pictures[$0.episode][$0.frame] }, to: output)
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
    if case .categories = space { return 4 }
    return space.shape.count > 1 ? 10 : 30
  }

  // MARK: Episodes

  private func play<World: Environment>(
    _ environment: World, by model: consuming ModelFile, episodes: Int, steps: Int,
    seed: UInt64
  ) throws -> [EpisodePictures] {
    let specification = environment.specification
    let factor = model.rewardFactor
    let limit = min(steps, specification.maximumEpisodeSteps ?? steps)
    try requireFrames(of: episodes, steps: limit)
    var rollout = try Rollout(environment, seed: seed)
    var result: [EpisodePictures] = []
    for episode in 0..<episodes {
      if episode > 0 { try rollout.reset() }
      let played = try PlayedEpisode(
        continuing: &rollout, by: &model.policy, rewardFactor: factor, stepLimit: limit)
      if !rollout.record.isLast, self.steps == nil {
        tell("episode \(episode) was left after \(limit) steps; --steps takes more")
      }
      guard let pictures = EpisodePictures(of: played, in: specification)
      else { throw RunError.environment("'\(specification.id)' cannot be drawn") }
      result.append(pictures)
    }
    return result
  }

  /// Throws if episodes of so many steps may have too many frames.
  private func requireFrames(of episodes: Int, steps: Int) throws {
    guard steps > Self.frameLimit / episodes else { return }
    let all = "for \(Self.frameLimit) frames in all"
    if let given = self.steps {
      throw CommandError(
        flag: "--steps", value: given.text,
        allowed: "up to \(Self.frameLimit / episodes) with \(episodes.counting("episode")), \(all)")
    }
    throw CommandError(
      flag: "--episodes", value: "\(episodes)",
      allowed: "up to \(Self.frameLimit / steps) of \(steps) steps, \(all)")
  }

  private typealias Place = (episode: Int, frame: Int)

  /// The frames of all episodes; the last of each is held for a number of frames.
  private static func places(of episodes: [EpisodePictures], holding count: Int) -> [Place] {
    episodes.indices.flatMap { episode in
      let last = episodes[episode].count - 1
      return (0..<last + count).map { (episode, min($0, last)) }
    }
  }

  /// A frame, counted over all episodes; by default the last.
  private func place(of frame: Int?, in episodes: [EpisodePictures]) throws -> Place {
    let all = Self.places(of: episodes, holding: 1)
    let frame = frame ?? all.count - 1
    guard all.indices.contains(frame) else {
      throw CommandError(
        flag: "--frame", value: "\(frame)", allowed: "0 to \(all.count - 1), the frames played")
    }
    return all[frame]
  }

  // MARK: The terminal

  private func show(_ episodes: [EpisodePictures], _ film: Film, frame: Int?) throws {
    let stream = StandardStream.output
    guard frame == nil, stream.isLive, let keyboard = Keyboard() else {
      let place = try place(of: frame, in: episodes)
      return try stream.write(
        text(of: lines(of: episodes, at: place, stream.terminalSize ?? (80, 24))))
    }
    var places = Self.places(of: episodes, holding: 1)[...]
    var last: [String] = []
    try FullScreen.show(every: 1 / Double(film.framesPerSecond), keyboard) {
      guard let place = places.popFirst() else { return nil }
      last = lines(of: episodes, at: place, FullScreen.size)
      return last
    }
    // What was seen last stays, where the screen was before.
    try stream.write(text(of: last))
  }

  private func lines(
    of episodes: [EpisodePictures], at place: Place, _ size: (columns: Int, rows: Int)
  ) -> [String] {
    episodes[place.episode].lines(
      ofFrame: place.frame, columns: size.columns, rows: size.rows,
      colors: TerminalColors(on: .output), isDark: dark || !StandardStream.isLightTerminal)
  }

  private func text(of lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
