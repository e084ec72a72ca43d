package import SARSAFormats
internal import Yams

/// Writes values as text that YAML 1.1 and YAML 1.2 parsers read identically.
///
/// Yams' own encoder is not sufficient. It writes numbers with 15 digits, and some of them in a form
/// that PyYAML reads as text. It writes keys without quotes, so that `1`, `no` or `2024-01-01` become
/// keys of other types. `Tree.init(yaml:)` reads what is written here.
package enum YAML {
  /// A value as YAML, with keys in the order in which the value encodes them.
  package static func text(_ value: some Encodable) -> String {
    do { return text(try Tree(encoding: value)) } catch {
      fatalError("a value that YAML cannot hold: \(error)")
    }
  }

  /// A tree as YAML.
  package static func text(_ tree: Tree) -> String {
    do {
      let text = try Yams.serialize(node: node(tree), width: -1, allowUnicode: true)
      // Only double quotes can contain this character here; `Tree.init(yaml:)` does not read it beside a *.
      return text.replacing("&", with: "\\x26")
    } catch {
      fatalError("a value that YAML cannot hold: \(error)")
    }
  }

  /// A value as a line of JSON that `Tree.init(yaml:)` reads.
  package static func json(_ value: some Encodable) -> String { escaped(JSON.text(value)) }

  /// JSON that `Tree.init(yaml:)` reads too.
  static func escaped(_ json: String) -> String {
    var text = json
    // Only text can contain these characters: they are not allowed in YAML, or not as they are.
    for character in ["&", "\u{7F}", "\u{85}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}"] {
      let code = character.unicodeScalars.first?.value ?? 0
      text = text.replacing(character, with: "\\u" + code.digits(4, radix: 16))
    }
    return text
  }

  private static func node(_ tree: Tree) -> Node {
    switch tree {
    case .null: Node("null", Tag(.null))
    case .boolean(let value): Node("\(value)", Tag(.bool))
    case .integer(let value): Node("\(value)", Tag(.int))
    case .unsigned(let value): Node("\(value)", Tag(.int))
    case .number(let value): number(value)
    case .single(let value): number(value)
    case .text(let text): scalar(text)
    case .sequence(let elements): Node(elements.map(node), Tag(.seq))
    case .mapping(let entries): Node(entries.map { (scalar($0.key), node($0.value)) }, Tag(.map))
    }
  }

  /// Text as a scalar, in quotes if a parser could read it as another type.
  private static func scalar(_ text: String) -> Node {
    .scalar(Node.Scalar(text, Tag(.str), isPlain(text) ? .plain : .doubleQuoted))
  }

  /// Whether text needs no quotes: a letter, then letters, digits and a few punctuation marks, and not a
  /// reserved word.
  ///
  /// In both versions, numbers and times do not begin with a letter.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.last != UInt8(ascii: ":") else {
      return false
    }
    let isSafe = text.utf8.allSatisfy {
      isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || "_./:-".utf8.contains($0)
    }
    return isSafe && !meaningful.contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// The words that are booleans or null in one of the versions.
  private static let meaningful: Set<String> = [
    "y", "yes", "true", "on", "n", "no", "false", "off", "null",
  ]

  /// The shortest form that reads back as the same number.
  ///
  /// It has a decimal point, because YAML 1.1 requires one before an exponent.
  private static func number(_ number: some BinaryFloatingPoint & LosslessStringConvertible) -> Node
  {
    if number.isNaN { return Node(".nan", Tag(.float)) }
    if number.isInfinite { return Node(number < 0 ? "-.inf" : ".inf", Tag(.float)) }
    let text = String(number)
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else {
      return Node(text, Tag(.float))
    }
    return Node(text[..<exponent] + ".0" + text[exponent...], Tag(.float))
  }
}
