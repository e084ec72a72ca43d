import ArgumentParser
import DeepSARSA
import SARSAExperiments
import SARSAGymnasium
import SARSALinearAlgebra

/// The command line: it runs a verb, and turns errors into messages and exit codes.
@main
struct DeepSARSACommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deep-sarsa",
    abstract: "Deep SARSA on OpenBLAS: train and evaluate a Q-network.",
    discussion: """
      Exit codes: 0 success, 64 wrong usage, 65 bad data, 66 no such input, 69 an environment or another program failed, \
      70 training diverged or a check failed, 71 the system refused memory or threads, 73 cannot create, \
      74 input or output failed, 75 another program trains in the folder, 78 a file of settings is not \
      allowed or disagrees with a checkpoint, 129, 130, 131, 143 and 152 ended by SIGHUP, SIGINT, \
      SIGQUIT, SIGTERM and SIGXCPU.

      The environment variable \(KernelTier.environmentVariable) names the instruction set of the \
      elementwise kernels (baseline, x86-64-v3, x86-64-v4); results do not depend on it.
      """,
    version: Machine.version,
    subcommands: [
      TrainCommand.self, ResumeCommand.self, ExperimentCommand.self, WatchCommand.self,
      EvaluateCommand.self, OptimumCommand.self, RolloutCommand.self, RenderCommand.self,
      PlotCommand.self, ReportCommand.self, ExportCommand.self, ImportCommand.self,
      InspectCommand.self, CompareCommand.self, EnvironmentsCommand.self, PresetsCommand.self,
      SettingsCommand.self, DoctorCommand.self,
    ])

  static func main() {
    MemoryLimits.leaveOneThreadToOpenBLAS()
    StandardStream.prepare()
    TerminationSignals.installForImmediateEnd()
    Paint.prepare()
    let words = Array(CommandLine.arguments.dropFirst())
    if let position = CommandLineWords.firstThatIsNotUTF8 {
      fail(
        "word \(position) of the command line is '\(words[position - 1])'; allowed: UTF-8",
        code: .usage)
    }
    do {
      try BLAS.prepareBuffer()
      // Swift ends the process where the system refuses memory, so this much must be there; what needs more asks again.
      try BLAS.requireMemory(bytes: 48 << 20)
      var command = try parseAsRoot()
      _ = try KernelTier.requested
      try command.run()
    } catch let error as CommandError {
      let isUsage = error.exitCode == .usage
      fail(error.message + (isUsage ? help(for: words) : ""), code: error.exitCode)
    } catch let error as RunError where error.isOfProcess && TerminationSignals.isEnding {
      // A signal ended the wait for another program before there was anything to save.
      fail("interrupted", code: ExitCode(TerminationSignals.exitCode ?? 1))
    } catch let error as RunError {
      fail(error.description, code: exitCode(of: error))
    } catch let error as SystemError where error.isBrokenPipe {
      // The reader closed the pipe, as `head` does: this needs no message.
      exit(withError: ExitCode.inputOutput)
    } catch let error as SystemError {
      fail(error.description, code: exitCode(of: error))
    } catch let error as ArenaError {
      fail(error.description, code: .refused)
    } catch let error as GymnasiumError {
      fail(error.description, code: .unavailable)
    } catch let error as KernelTier.UnavailableTier {
      fail(error.description, code: .usage)
    } catch {
      // The parser's errors: help, version, and arguments that it could not parse.
      let isUsage = exitCode(for: error) == .usage
      // For `help` with an unknown verb, the parser prints the general help.
      guard isUsage || words.first == "help" else { end(error) }
      if let mistake = Mistake(in: words).message { fail(mistake + help(for: words), code: .usage) }
      guard isUsage else { end(error) }
      let message = message(for: error)
      fail(
        (message.hasSuffix(".") ? String(message.dropLast()) : message) + help(for: words),
        code: .usage)
    }
  }

  /// The end of a usage error's message: a reference to the help.
  private static func help(for words: [String]) -> String {
    let isVerb = configuration.subcommands.contains { $0._commandName == words.first }
    return ". See 'deep-sarsa help\(isVerb ? " " + words[0] : "")'."
  }

  /// Prints what the parser was asked for, such as the help, and ends the program.
  private static func end(_ answer: any Error) -> Never {
    guard exitCode(for: answer).isSuccess else { exit(withError: answer) }
    do throws(SystemError) {
      try StandardStream.output.write(fullMessage(for: answer) + "\n")
    } catch {
      if error.isBrokenPipe { exit(withError: ExitCode.inputOutput) }
      fail(error.description, code: exitCode(of: error))
    }
    exit(withError: ExitCode.success)
  }

  private static func fail(_ message: String, code: ExitCode) -> Never {
    tell(message)
    exit(withError: code)
  }

  static func exitCode(of error: RunError) -> ExitCode {
    switch error {
    case .settings: .usage
    case .memory, .threads: .refused
    case .system(let error): exitCode(of: error)
    case .badFile: .badData
    case .locked: .temporary
    case .badSettings, .disagreement, .incomplete: .configuration
    case .environment, .program: .unavailable
    case .divergence: .software
    }
  }

  private static func exitCode(of error: SystemError) -> ExitCode {
    if error.isOutOfMemory { return .refused }
    return switch error.operation {
    case .create: .cannotCreate
    case .read: error.isMissing ? .noInput : .inputOutput
    case .write: .inputOutput
    }
  }
}

// The exit codes of `sysexits.h` that the program uses.
extension ExitCode {
  static let usage = ExitCode(64)
  static let badData = ExitCode(65)
  static let noInput = ExitCode(66)
  static let unavailable = ExitCode(69)
  static let software = ExitCode(70)
  static let refused = ExitCode(71)
  static let cannotCreate = ExitCode(73)
  static let inputOutput = ExitCode(74)
  static let temporary = ExitCode(75)
  static let configuration = ExitCode(78)
}

/// An error of a verb: a one-line message without a full stop, and an exit code.
struct CommandError: Error {
  var message: String
  var exitCode: ExitCode

  init(_ message: String, exitCode: ExitCode = .usage) {
    self.message = message
    self.exitCode = exitCode
  }

  /// Makes the error of a flag whose value is not allowed; the hint follows the value.
  init(flag: String, value: String, allowed: String, hint: String? = nil) {
    let shown = value.count <= 200 ? value : value.prefix(200) + "…"
    self.init("\(flag) is '\(shown)'\(hint ?? ""); allowed: \(allowed)")
  }

  /// Makes the error of a flag that is needed but was not given.
  init(missing flag: String, allowed: String) {
    self.init("\(flag) is missing; allowed: \(allowed)")
  }

  /// The hint at a suggested word.
  static func hint(_ suggestion: String?) -> String? {
    suggestion.map { " (did you mean '\($0)'?)" }
  }

  /// Makes the error of a flag whose value is not one of the choices.
  init(flag: String, value: String, choices: [String]) {
    self.init(
      flag: flag, value: value, allowed: choices.joined(separator: ", "),
      hint: Self.hint(nearest(value, among: choices)))
  }
}
