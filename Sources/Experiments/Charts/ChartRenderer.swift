internal import SARSAFormats

/// Draws charts by Vega-Lite, in a Python that has the package `vl-convert-python`.
///
/// ```swift
/// let renderer = try ChartRenderer(python: "python3")
/// let svg = try renderer.picture(of: chart, as: .svg)
/// ```
public struct ChartRenderer: Sendable {
  /// A format of pictures.
  public enum Format: String, CaseIterable, Sendable {
    /// Vector graphics for pages; the same chart gives the same bytes.
    case svg
    /// Pixels; the same chart gives the same bytes.
    case png
    /// Vector graphics for papers; its bytes differ from time to time.
    case pdf
  }

  private let python: Command

  /// The path of the Python with the package that `make pictures` installs, in the folder that it is run in.
  public static let localPython = ".venv-pictures/bin/python"

  /// Looks for a Python.
  ///
  /// - Parameters:
  ///   - python: a path, or a name that is looked up in PATH; `nil` for `localPython` if there is one.
  ///   - fallback: the one without either, such as that of Gymnasium, which need not have the package.
  /// - Throws: `RunError.program` if there is none.
  public init(python: String? = nil, otherwise fallback: String = "python3") throws(RunError) {
    if python == nil, let local = try? Command(Self.localPython) {
      self.python = local
    } else {
      self.python = try Command(python ?? fallback)
    }
  }

  /// Draws a chart.
  ///
  /// - Parameters:
  ///   - chart: the chart.
  ///   - format: the format.
  ///   - theme: the colours.
  ///   - width: the width in pixels.
  ///   - height: the height in pixels.
  ///   - scale: the pixels of a PNG for each of these; of a PDF, its size.
  /// - Returns: the bytes of the picture.
  /// - Throws: `RunError.program` if the Python does not have the package, or cannot draw the chart.
  /// - Complexity: a process of half a second.
  public func picture(
    of chart: Chart, as format: Format, theme: ChartTheme = .light, width: Int = 640,
    height: Int = 400, scale: Double = 1
  ) throws(RunError) -> [UInt8] {
    let document = chart.document(in: theme, width: width, height: height)
    return try run(
      [format.rawValue, "--scale", "\(scale)"], input: Array(document.plainJSON.utf8))
  }

  /// Vega, Vega-Lite and vega-embed as one JavaScript module, which declares names at its top level.
  ///
  /// - Throws: `RunError.program` if the Python does not have the package.
  /// - Complexity: a process of one and a half seconds; 0.9 MB.
  func javaScriptBundle() throws(RunError) -> String {
    String(decoding: try run(["bundle"], input: []), as: UTF8.self)
  }

  /// Checks that the Python has the package.
  ///
  /// - Throws: `RunError.program` if it does not.
  /// - Complexity: a process of a tenth of a second.
  public func requirePackage() throws(RunError) { _ = try run(["check"], input: []) }

  private func run(_ arguments: [String], input: [UInt8]) throws(RunError) -> [UInt8] {
    let script = String(decoding: PackageResources.vega_py, as: UTF8.self)
    // -I: neither the user's folder nor variables change what is imported.
    return try python.run(["-I", "-c", script] + arguments, input: input)
  }
}
