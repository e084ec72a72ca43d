internal import Glibc

extension Matrix: CustomStringConvertible {
  /// The rows, one per line, as an array literal with aligned columns.
  ///
  /// Numbers have six significant digits. Of a side longer than twelve, the first and last five are
  /// shown, and the shape follows.
  public var description: String {
    if scalars.isEmpty { return "[] (\(rows)×\(columns))" }
    let shownRows = shown(of: rows)
    // One list of texts per shown column, because columns are aligned.
    let texts = shown(of: columns).map { column in
      aligned(
        shownRows.map { row in
          guard let row, let column else { return "…" }
          return text(self[row, column])
        })
    }
    let lines = shownRows.indices.map { i in
      (i == 0 ? "[[" : " [") + texts.map { $0[i] }.joined(separator: ", ") + "]"
    }
    let isWhole = shownRows.count == rows && texts.count == columns
    return lines.joined(separator: ",\n") + "]" + (isWhole ? "" : " (\(rows)×\(columns))")
  }
}

/// The indices of a side that are shown, `nil` where some are left out.
private func shown(of count: Int) -> [Int?] {
  count <= 12 ? Array(0..<count) : Array(0..<5) + [nil] + Array((count - 5)..<count)
}

/// Texts padded to one width, with aligned decimal points.
private func aligned(_ texts: [String]) -> [String] {
  let parts = texts.map { text in
    let point = text.firstIndex(of: ".") ?? text.endIndex
    return (whole: text[..<point].count, fraction: text[point...].count)
  }
  let whole = parts.map(\.whole).max() ?? 0
  let fraction = parts.map(\.fraction).max() ?? 0
  return zip(texts, parts).map { text, part in
    String(repeating: " ", count: whole - part.whole) + text
      + String(repeating: " ", count: fraction - part.fraction)
  }
}

/// The shortest text of a number rounded to six significant digits.
private func text<Element: Scalar>(_ value: Element) -> String {
  let value = Double(value)
  if !value.isFinite || value == 0 { return "\(value)" }
  let places = 5 - Int(log10(value.magnitude).rounded(.down))
  // Half the power, twice, because the full power overflows for a subnormal number.
  let half = places / 2
  let digits = (value * pow(10, Double(half)) * pow(10, Double(places - half))).rounded()
  return Double("\(Int(digits))e\(-places)").map { "\($0)" } ?? "\(value)"
}
