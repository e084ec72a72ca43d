import ArgumentParser
import SARSAExperiments

/// `deep-sarsa watch PATH…`.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Look at runs while they are trained, or afterwards.",
    discussion: """
      PATH is a run folder, a folder of runs, or the folder of an experiment. Of one run it shows the curves of \
      the greedy return, of the training episodes and of the loss; of several a line each; of an experiment a \
      line for each setting in each environment. It reads what the runs write after each evaluation, and writes \
      nothing. Steps per second and the time left are known after two evaluations.

      A run is 'running' while a process of this machine trains it, or its logs grow. On a terminal the picture \
      is redrawn twice a second until q or Ctrl-C. Otherwise, and with --once, one picture is printed.
      """)

  @Argument(
    help: ArgumentHelp("folders of runs or experiments", valueName: "path"), completion: .directory)
  var paths: [String]

  @Flag(help: "print one picture")
  var once = false

  func run() throws {
    var watch = try Watch(paths)
    watch.look()
    if !once, StandardStream.output.isLive, let keyboard = Keyboard() {
      return try show(&watch, keyboard)
    }
    let paint = Paint(on: .output)
    let columns = StandardStream.output.terminalSize?.columns ?? 80
    try StandardStream.output.write(
      watch.picture(columns: columns).map { paint($0) + "\n" }.joined())
  }

  /// Redraws the picture until it is ended by a key or a signal.
  private func show(_ watch: inout Watch, _ keyboard: consuming Keyboard) throws {
    TerminationSignals.install(endsAtSecond: false)
    // However the loop ends, the terminal gets its screen and its settings back.
    defer { try? StandardStream.output.write(Self.leave) }
    try StandardStream.output.write(Self.enter)
    while TerminationSignals.exitCode == nil {
      try draw(watch)
      switch keyboard.key(within: 0.5) {
      case UInt8(ascii: "q"), Self.control("c"), Self.control("d"), Self.control("\\"): return
      case Self.control("z"):
        try StandardStream.output.write(Self.leave)
        keyboard.release()
        Keyboard.stopProcess()
        keyboard.takeOver()
        try StandardStream.output.write(Self.enter)
      default: break
      }
      watch.look()
    }
    let interruption: Int32 = 130
    if let code = TerminationSignals.exitCode, code != interruption { throw ExitCode(code) }
  }

  private func draw(_ watch: Watch) throws {
    let size = StandardStream.output.terminalSize ?? (80, 24)
    let paint = Paint(on: .output)
    let rows = size.rows - 1
    let lines = watch.picture(columns: size.columns - 1, rows: rows).prefix(rows)
    try StandardStream.output.write(
      "\u{1B}[H" + lines.map { paint($0) + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
        + paint(TerminalLine("q ends", tint: .faint)))
  }

  /// The byte of a key with Ctrl.
  private static func control(_ key: Character) -> UInt8 { (key.asciiValue ?? 0) & 0x1F }

  /// To a screen of its own, without a cursor; and back.
  private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
  private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
}
