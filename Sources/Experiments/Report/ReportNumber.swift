// Numbers as the report's prose and tables have them.

extension Double {
  /// The number with two decimals, or four if it is below 1 and has them, and a minus sign as wide as a plus sign.
  ///
  /// Whole numbers have no decimals.
  var reported: String { reported(like: self) }

  /// The nearest whole number, with commas between thousands.
  var reportedWhole: String { Int(exactly: rounded()).map(\.reported) ?? reported }

  /// The number with as many decimals as another one has.
  func reported(like other: Double) -> String {
    let isShort = abs(other * 100 - (other * 100).rounded()) < 1e-9
    return shortened(abs(other) < 1 && !isShort ? 4 : 2).replacing("-", with: "−")
  }
}

extension Int {
  /// The number with commas between thousands: 120,000.
  var reported: String {
    let digits = String(magnitude)
    let groups = stride(from: digits.count, to: 0, by: -3).reversed().map { end in
      String(digits.dropLast(digits.count - end).suffix(Swift.min(3, end)))
    }
    return (self < 0 ? "−" : "") + groups.joined(separator: ",")
  }

  /// The number with a noun: 1 seed, 20 seeds.
  package func counting(_ noun: String) -> String { "\(reported) \(noun)\(self == 1 ? "" : "s")" }
}

extension Estimate {
  /// The number and its interval, such as `−97.62 (−97.72 to −97.56)`.
  var reported: String { "\(value.reported) \(interval)" }

  /// The interval in brackets.
  var interval: String {
    "(\(lower.reported(like: value)) to \(upper.reported(like: value)))"
  }
}
