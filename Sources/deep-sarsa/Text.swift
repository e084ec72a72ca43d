import Foundation

extension Double {
  /// The number with so many digits behind the point, whatever the locale.
  func rounded(_ digits: Int) -> String {
    String(format: "%.\(digits)f", self)
  }
}

extension String {
  /// The text with spaces behind it.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }

  /// The text with another character before it.
  func padded(to width: Int, with character: Character) -> String {
    String(repeating: character, count: max(0, width - count)) + self
  }

  /// The text without the spaces at its end.
  var trimmingTrailingSpace: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
