internal import Foundation

/// The colours that a terminal shows.
public enum TerminalColors: String, CaseIterable, Sendable {
  /// No colours.
  case none
  /// The 16 colours that every terminal with colours has.
  case sixteen
  /// 24 bits.
  case full

  /// The colours of a stream: none unless it is a terminal with control codes and without the variable `NO_COLOR`;
  /// 24 bits if the variable `COLORTERM` says so.
  public init(on stream: StandardStream) {
    let name = ProcessInfo.processInfo.environment["COLORTERM"] ?? ""
    self = !stream.isColored ? .none : ["truecolor", "24bit"].contains(name) ? .full : .sixteen
  }
}

extension StandardStream {
  /// Whether the variable `COLORFGBG`, which some terminals set, names a light background.
  public static var isLightTerminal: Bool {
    let colors = ProcessInfo.processInfo.environment["COLORFGBG"] ?? ""
    return ["7", "15"].contains(colors.split(separator: ";").last ?? "")
  }
}
