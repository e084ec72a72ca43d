internal import DeepSARSA
internal import Foundation

extension Double {
  /// The number with a number of decimals, independent of the locale; or `inf`, `-inf` or `NaN`.
  package func rounded(_ digits: Int) -> String {
    isFinite ? String(format: "%.\(digits)f", self) : plainText
  }

  /// The same, but integers have no decimals, and zero has no sign.
  package func shortened(_ digits: Int) -> String {
    self == rounded() ? (self + 0).rounded(0) : rounded(digits)
  }
}

extension String {
  /// The text with escaped control characters, truncated to a limit.
  package var onOneLine: String {
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
  package func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }

  /// The text preceded by spaces up to a width.
  func alignedRight(in width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }

  /// The text without the spaces at its end.
  package var trimmingTrailingSpace: String {
    String(reversed().drop { $0 == " " }.reversed())
  }

  /// The text as one word of a shell's command line.
  package var quotedForShell: String {
    let isPlain = utf8.allSatisfy { byte in
      Character(Unicode.Scalar(byte)).isASCII && !" \"'\\$`*?[]{}()<>|&;#~!\n\t".utf8.contains(byte)
    }
    return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
