import ArgumentParser

/// A number on the command line, as it was typed.
///
/// Parsing accepts any text, so that `--learning-rate -1` reaches the check whose message names the
/// flag, the value and the allowed values.
struct Number: ExpressibleByArgument {
  let text: String

  init(argument: String) {
    text = argument
  }

  /// The text as an integer, also in the form `5e4`.
  func count(_ flag: String, _ allowed: ClosedRange<Int>) throws -> Int {
    let value = Int(text) ?? whole.flatMap { Int(exactly: $0) }
    guard let value, allowed.contains(value) else {
      throw CommandError(
        flag: flag, value: text,
        allowed: "a whole number from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return value
  }

  /// The text as an unsigned 64-bit integer.
  func seed(_ flag: String) throws -> UInt64 {
    guard let value = UInt64(text) ?? whole.flatMap({ UInt64(exactly: $0) }) else {
      throw CommandError(
        flag: flag, value: text, allowed: "a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  /// The number if it has an exponent; `nil` for zero, because `1e-400` reads as zero.
  private var whole: Double? {
    Double(text).flatMap { $0 == 0 ? nil : $0 }
  }

  /// The text as a finite number, within a range if there is one.
  func real(_ flag: String, _ range: ClosedRange<Double>? = nil) throws -> Double {
    let allowed = range.map { "a number from \($0.lowerBound) to \($0.upperBound)" }
    guard let value = Double(text), value.isFinite, range?.contains(value) ?? true else {
      throw CommandError(flag: flag, value: text, allowed: allowed ?? "a finite number")
    }
    return value
  }
}
