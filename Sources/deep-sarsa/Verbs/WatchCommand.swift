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
    let paint = Paint(on: .output)
    if !once, StandardStream.output.isLive, let keyboard = Keyboard() {
      return try FullScreen.show(every: 0.5, keyboard) {
        watch.look()
        let (columns, rows) = FullScreen.size
        let picture = watch.picture(columns: columns, rows: rows - 1).prefix(max(0, rows - 1))
        return (picture + [TerminalLine("q ends", tint: .faint)]).map { paint($0) }
      }
    }
    watch.look()
    let columns = StandardStream.output.terminalSize?.columns ?? 80
    let picture = watch.picture(columns: columns)
    try StandardStream.output.write(picture.map { paint($0) + "\n" }.joined())
  }
}
