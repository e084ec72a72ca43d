// Two settings of Rainbow are global variables, which Swift's checks of data races refuse; `prepare` sets them
// once, before there is a second thread.
@unsafe @preconcurrency import Rainbow
import SARSAExperiments

/// Colours for one stream.
///
/// Rainbow decides by standard output alone whether there are colours. Progress is on standard error, so the
/// decision is made here, for each stream.
struct Paint: Sendable {
  private let isOn: Bool

  /// Colours, if the stream may have them.
  init(on stream: StandardStream) { isOn = stream.isColored }

  /// Lets Rainbow write colours wherever it is asked to.
  static func prepare() {
    Rainbow.enabled = true
    Rainbow.outputTarget = .console
  }

  /// The text of a line with its colours.
  func callAsFunction(_ line: TerminalLine) -> String {
    guard isOn else { return line.text }
    return line.fields.map { field in
      if field.text.isEmpty { return "" }
      return switch field.tint {
      case .good: field.text.green
      case .bad: field.text.red
      case .faint: field.text.dim
      case .title: field.text.bold
      case nil: field.text
      }
    }.joined(separator: line.separator)
  }
}
