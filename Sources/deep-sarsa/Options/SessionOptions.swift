import ArgumentParser
import SARSAExperiments

/// How many runs are trained at a time.
struct JobOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      runs at a time, one thread each, up to \(jobLimit); never more than there are processors, whose number is \
      the default; results do not depend on it
      """,
      valueName: "n"))
  var jobs: Number?

  /// The number of threads for which Debian's OpenBLAS has buffers; with many more it ends the process.
  private static let jobLimit = 64

  /// The number of runs at a time, for a number of runs.
  func jobs(for runs: Int) throws -> Int {
    let jobs = try jobs?.count("--jobs", 1...Self.jobLimit) ?? Self.jobLimit
    return min(jobs, Machine.processorCount, runs)
  }
}

/// How runs are trained at a time, and what is printed.
struct SessionOptions: ParsableArguments {
  @OptionGroup
  var jobOptions: JobOptions

  @Flag(help: "print one line of JSON for each run instead of the summary")
  var json = false

  @Flag(help: "do not print progress")
  var quiet = false

  /// The number of runs at a time, for a number of runs.
  func jobs(for runs: Int) throws -> Int { try jobOptions.jobs(for: runs) }

  /// What trains, and prints.
  var session: TrainingSession { TrainingSession(isQuiet: quiet, isJSON: json) }
}
