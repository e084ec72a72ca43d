public import DeepSARSA
internal import SARSAFiles

extension Report {
  /// Reads runs, and writes their page, whole or not at all.
  ///
  /// The library that draws the charts is fetched from its Python while episodes are played.
  ///
  /// - Parameters:
  ///   - paths: folders of runs or experiments.
  ///   - path: the file to write.
  ///   - renderer: where the library is from.
  ///   - makeEnvironment: makes the environment of a run's settings, on another thread.
  /// - Throws: `RunError`; `.program` without a Python that has the library.
  /// - Complexity: that of `init(of:in:)`, and a process of one and a half seconds beside it.
  public static func write(
    of paths: [String], to path: String, chartsBy renderer: ChartRenderer,
    in makeEnvironment: @escaping @Sendable (RunSettings) throws(RunError) -> any Environment
  ) throws(RunError) {
    let parts = try [Work.library, .report].concurrentMap(jobs: 2) { work in
      switch work {
      case .library: Part.library(Result { () throws(RunError) in try renderer.javaScriptBundle() })
      case .report:
        Part.report(
          Result { () throws(RunError) in try Report(of: paths, in: makeEnvironment) })
      }
    }
    guard case .library(let library) = parts[0], case .report(let report) = parts[1] else { return }
    // What is wrong with the paths is said first: it needs no installation.
    let page = try report.get().page(with: library.get())
    try converting(RunError.system) { () throws(SystemError) in try Files.replace(path, with: page)
    }
  }

  private enum Work { case library, report }

  private enum Part: Sendable {
    case library(Result<String, RunError>)
    case report(Result<Report, RunError>)
  }
}
