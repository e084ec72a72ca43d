import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa doctor [ENV]`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the installation: what it computes, and its environments.",
    discussion: """
      Prints a line for each check, or a few. The checks are: the installation, matrix products against a loop, \
      the kernels of all instruction sets against each other, gradients against finite differences, \
      targets against exact values, and the requirements of environments: of all environments in short, \
      or of ENV in detail.

      The exit code is 0 if all checks passed and 70 if one failed.
      """)

  @OptionGroup
  var environment: EnvironmentName

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Flag(help: "print one JSON array")
  var json = false

  func run() throws {
    let id = try environment.optional()
    if id == nil, let (key, value) = try environmentOptions.values().min(by: { $0.key < $1.key }) {
      throw CommandError(
        flag: "--env-arg", value: "\(key)=\(value)", allowed: "only with an environment's id")
    }
    // Made first, so that a wrong id is reported immediately.
    let world = try id.map { try environmentOptions.make($0) }
    var all: [Check] = []
    let columns = min(100, StandardStream.output.terminalSize?.columns ?? 80)
    func report(_ title: String, _ checks: [Check]) throws {
      all += checks
      if json || checks.isEmpty { return }
      let width = checks.map(\.check.count).max() ?? 0
      let lines = checks.flatMap { check in
        let mark = check.isAbsent ? "–   " : check.passed ? "ok  " : "FAIL"
        let start = "  \(mark)  \(check.check.padded(to: width + 2))"
        return check.detail.onOneLine.wrapped(after: start, toTerminalColumns: columns)
      }
      try StandardStream.output.write(([title] + lines).map { $0 + "\n" }.joined())
    }
    try report("installed", Doctor.installation())
    try report("bridge", try bridge())
    try report("numerics", Doctor.numerics())
    try report("environments", world.map { Doctor.environment($0) } ?? registered())
    if json { try StandardStream.output.write(JSON.text(all) + "\n") }

    let failed = all.count { !$0.passed }
    guard failed == 0 else {
      throw CommandError("\(failed) of \(all.count) checks failed", exitCode: .software)
    }
    if !json {
      try StandardStream.output.write("\(all.count { !$0.isAbsent }) checks, all passed\n")
    }
  }

  /// The short checks of every environment in the registry.
  private func registered() -> [Check] {
    EnvironmentRegistry.ids.map { id in
      do {
        return Doctor.summary(of: try EnvironmentRegistry.make(id))
      } catch {
        return Check(id, passed: false, detail: "\(error)")
      }
    }
  }
}
