import DeepSARSA
import Foundation
import SARSAExperiments

extension EvaluationSummary {
  /// Mean, standard deviation and range as text.
  ///
  /// Numbers have two decimals, or two significant decimals if all returns are small. Bounds that are
  /// integers have no decimals.
  var text: String {
    let largest = Swift.max(abs(min), abs(max))
    let isSmall = largest > 0 && largest < 1
    let digits = isSmall ? Swift.min(1 - Int(log10(largest).rounded(.down)), 12) : 2
    return "\(mean.rounded(digits)) ± \(std.rounded(digits)), "
      + "from \(min.shortened(digits)) to \(max.shortened(digits))"
  }
}

extension Double {
  /// The number with a number of decimals, independent of the locale; or `inf`, `-inf` or `NaN`.
  func rounded(_ digits: Int) -> String {
    isFinite ? String(format: "%.\(digits)f", self) : plainText
  }

  /// The same, but integers have no decimals, and zero has no sign.
  func shortened(_ digits: Int) -> String {
    self == rounded() ? (self + 0).rounded(0) : rounded(digits)
  }
}

extension String {
  /// The text with escaped control characters, truncated to a limit.
  var onOneLine: String {
    let limit = 2_000
    let scalars = unicodeScalars.map { scalar -> String in
      switch scalar.value {
      case 0x0A: "\\n"
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: "\\u{\(String(scalar.value, radix: 16))}"
      default: String(scalar)
      }
    }
    return scalars.count <= limit ? scalars.joined() : scalars.prefix(limit).joined() + "…"
  }

  /// The text followed by spaces up to a width, at least one.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }

  /// The text preceded by a character up to a width.
  func padded(to width: Int, with character: Character) -> String {
    String(repeating: character, count: max(0, width - count)) + self
  }

  /// The text without the spaces at its end.
  var trimmingTrailingSpace: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}

/// Columns of text, as wide as their widest entry.
struct Table {
  let text: String

  init(_ columns: [String], rows: [[String]]) {
    let all = [columns] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    text = all.map { row in
      zip(row, widths).map { $0.padded(to: $1 + 2) }.joined().trimmingTrailingSpace
    }.joined(separator: "\n")
  }
}

extension String {
  /// The text as one word of a shell's command line.
  var quotedForShell: String {
    let isPlain = utf8.allSatisfy { byte in
      Character(Unicode.Scalar(byte)).isASCII && !" \"'\\$`*?[]{}()<>|&;#~!\n\t".utf8.contains(byte)
    }
    return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
