/// The allowed values of a setting: as a check, in words, and as text of the command line.
///
/// Check and words are made from the same numbers, so that they cannot differ.
package struct AllowedValues<Value: Sendable>: Sendable {
  /// The allowed values in words, as error messages and documentation say them.
  package let words: String
  /// The same for a file, where a list is no text with commas.
  package let wordsInFile: String
  /// What stands for a value in help, such as `n`.
  package let placeholder: String
  /// The names, if the value is one of a few.
  package let names: [String]
  /// Whether a value is allowed.
  let contains: @Sendable (Value) -> Bool
  /// The value of a text; `nil` if it is none.
  let parse: @Sendable (String) -> Value?
  /// A value as text that `parse` reads.
  let text: @Sendable (Value) -> String
  /// The first part of a text, from 1, that cannot be read; `nil` if texts have no parts.
  let wrongPart: @Sendable (String) -> (number: Int, text: String)?

  package init(
    _ words: String, inFile wordsInFile: String? = nil, placeholder: String, names: [String] = [],
    contains: @escaping @Sendable (Value) -> Bool, parse: @escaping @Sendable (String) -> Value?,
    text: @escaping @Sendable (Value) -> String = { "\($0)" },
    wrongPart: @escaping @Sendable (String) -> (number: Int, text: String)? = { _ in nil }
  ) {
    self.words = words
    self.wordsInFile = wordsInFile ?? words
    self.placeholder = placeholder
    self.names = names
    self.contains = contains
    self.parse = parse
    self.text = text
    self.wrongPart = wrongPart
  }
}

extension AllowedValues<Int> {
  /// A whole number in a range, also written with an exponent, as in `5e4`.
  package static func count(_ range: ClosedRange<Int>) -> Self {
    Self(
      "a whole number from \(range.lowerBound) to \(range.upperBound)", placeholder: "n",
      contains: { range.contains($0) }, parse: { Int($0) ?? whole($0).flatMap { Int(exactly: $0) } }
    )
  }

  /// A whole number from 1 to a limit.
  package static func count(upTo limit: Int) -> Self { .count(1...limit) }
}

extension AllowedValues<UInt64> {
  /// Any unsigned number of 64 bits.
  package static var seed: Self {
    Self(
      "a whole number from 0 to \(UInt64.max)", placeholder: "n", contains: { _ in true },
      parse: { UInt64($0) ?? whole($0).flatMap { UInt64(exactly: $0) } })
  }
}

/// A number that is written with an exponent; `nil` for zero, because `1e-400` reads as zero.
private func whole(_ text: String) -> Double? { Double(text).flatMap { $0 == 0 ? nil : $0 } }

extension AllowedValues<Double> {
  /// A number in a range.
  package static func number(_ range: ClosedRange<Double>) -> Self {
    number("a number from \(shown(range.lowerBound)) to \(shown(range.upperBound))") {
      range.contains($0)
    }
  }

  /// A number in a range, or 0.
  package static func numberOrZero(_ range: ClosedRange<Double>) -> Self {
    number("0, or a number from \(shown(range.lowerBound)) to \(shown(range.upperBound))") {
      $0 == 0 || range.contains($0)
    }
  }

  /// A number from 0 to 1, 1 excluded.
  package static var share: Self {
    number("a number from 0 to 1, 1 excluded") { (0..<1).contains($0) }
  }

  /// A number from 0 to 1, 0 excluded.
  package static var positiveShare: Self {
    number("a number from 0 to 1, 0 excluded") { $0 > 0 && $0 <= 1 }
  }

  /// Any number that is finite.
  package static var finite: Self { number("a finite number") { $0.isFinite } }

  private static func number(
    _ words: String, contains: @escaping @Sendable (Double) -> Bool
  ) -> Self {
    Self(
      words, placeholder: "x", contains: contains, parse: { Double($0) }, text: { shown($0) })
  }

  /// The number without a decimal point if it is whole, and with an exponent if it ends in many zeros.
  private static func shown(_ number: Double) -> String {
    guard abs(number) < 1e16, let whole = Int(exactly: number) else { return number.plainText }
    let digits = String(whole)
    let zeros = digits.reversed().prefix { $0 == "0" }.count
    return zeros < 6 || whole == 0 ? digits : "\(digits.dropLast(zeros))e\(zeros)"
  }
}

extension AllowedValues<Bool> {
  /// On or off: a flag and its opposite on the command line.
  package static var either: Self {
    Self("true or false", placeholder: "", contains: { _ in true }, parse: { Bool($0) })
  }
}

extension AllowedValues
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the type's names.
  package static var choice: Self {
    let names = Value.allCases.map(\.rawValue)
    return Self(
      names.joined(separator: ", "), placeholder: "name", names: names, contains: { _ in true },
      parse: { Value(rawValue: $0) }, text: { $0.rawValue })
  }
}

extension AllowedValues<[Int]> {
  /// Whole numbers, separated by commas; `none` for an empty list.
  package static func counts(upTo limit: Int, atMost length: Int) -> Self {
    let numbers = "up to \(length) whole numbers from 1 to \(limit)"
    return Self(
      "\(numbers), separated by commas, or 'none'", inFile: "a list in brackets: \(numbers), or []",
      placeholder: "n,n,…",
      contains: { $0.count <= length && $0.allSatisfy { (1...limit).contains($0) } },
      parse: { text in
        if text == "none" { return [] }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int($0) }
        return numbers.count == words.count ? numbers : nil
      },
      text: { $0.isEmpty ? "none" : $0.map(String.init).joined(separator: ",") })
  }
}

extension AllowedValues<[Double]> {
  /// Numbers in a range, separated by commas.
  package static func numbers(_ range: ClosedRange<Double>, atMost length: Int) -> Self {
    let each = "each \(AllowedValues<Double>.number(range).words)"
    return Self(
      "1 to \(length) numbers, separated by commas, \(each)",
      inFile: "a list in brackets: 1 to \(length) numbers, \(each)", placeholder: "x,x,…",
      contains: { (1...length).contains($0.count) && $0.allSatisfy(range.contains) },
      parse: { text in
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Double($0) }
        return numbers.count == words.count ? numbers : nil
      },
      text: { $0.map(\.plainText).joined(separator: ",") })
  }
}

extension AllowedValues<NetworkDescription> {
  /// A network as text.
  package static var network: Self {
    Self(
      """
      the inputs, then layers after '>': \(LayerDescription.forms.joined(separator: ", ")); ACTIVATION is \
      \(Activation.allCases.map(\.rawValue).joined(separator: ", ")), or left out, as 'stride STRIDE' and \
      'by-cell' may be; \
      \(NetworkDescription.allowed)
      """, placeholder: "text", contains: { $0.isValid }, parse: { NetworkDescription($0) },
      wrongPart: { text in
        // The first part after which the text so far is not a network; the input alone is none.
        let parts = text.split(separator: ">", omittingEmptySubsequences: false)
        let wrong = parts.indices.first { last in
          let start = parts[...last].joined(separator: ">")
          return NetworkDescription(last == 0 ? start + "> dense 1" : start) == nil
        }
        return wrong.map { ($0 + 1, parts[$0].split(separator: " ").joined(separator: " ")) }
      })
  }
}

extension AllowedValues<String> {
  /// Text that is not empty.
  package static var path: Self {
    Self("a path", placeholder: "path", contains: { !$0.isEmpty }, parse: { $0 })
  }

  /// A part of a file's name.
  package static func name(upTo limit: Int) -> Self {
    Self(
      "1 to \(limit) letters, digits, '-', '_' and '.', not starting with '.'", placeholder: "name",
      contains: { name in
        (1...limit).contains(name.utf8.count) && !name.hasPrefix(".")
          && name.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
              || ["-", "_", "."].contains($0)
          }
      }, parse: { $0 })
  }
}
