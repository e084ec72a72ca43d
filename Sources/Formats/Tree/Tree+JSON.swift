// Trees as JSON, of which every number keeps its bits.
//
// A number of single precision is written as the number of double precision that it is; one that is not finite
// as "#inf", "#-inf" or "#nan". Text that begins with # gets another one. Other programs get plain JSON.

extension Tree {
  /// What JSON does for a number that is not finite.
  private enum Dialect {
    /// It becomes text, from which it is read again.
    case exact
    /// It becomes null, and text is what it is.
    case plain
  }

  /// The tree as JSON on one line, names in their order.
  package var json: String { text(.exact) }

  /// The tree as JSON for other programs, on one line: numbers that are not finite are null.
  ///
  /// The character < is written as `\u003c`. So no text ends the element of a web page that has the JSON in it.
  package var plainJSON: String { text(.plain) }

  private func text(_ dialect: Dialect) -> String {
    var text = ""
    write(to: &text, dialect)
    return text
  }

  private func write(to text: inout String, _ dialect: Dialect) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .unsigned(let value): text += "\(value)"
    case .number(let value): text += Self.json(value, dialect)
    case .single(let value): text += Self.json(Double(value), dialect)
    case .text(let value): text += Self.json(value, dialect)
    case .sequence(let elements):
      text += "["
      for (i, element) in elements.enumerated() {
        if i > 0 { text += "," }
        element.write(to: &text, dialect)
      }
      text += "]"
    case .mapping(let entries):
      text += "{"
      for (i, entry) in entries.enumerated() {
        if i > 0 { text += "," }
        text += Self.json(name: entry.key, dialect) + ":"
        entry.value.write(to: &text, dialect)
      }
      text += "}"
    }
  }

  /// The tree as JSON on several lines: what does not fit on one has a line for each of its parts.
  package var indentedJSON: String { lines(.exact, indent: "", column: 0) + "\n" }

  /// The same for other programs, as `plainJSON`.
  package var indentedPlainJSON: String { lines(.plain, indent: "", column: 0) + "\n" }

  /// The tree as JSON that begins in a column of a line with an indent.
  private func lines(_ dialect: Dialect, indent: String, column: Int) -> String {
    let line = line(dialect)
    if column + line.count <= 100 { return line }
    let inner = indent + "  "
    switch self {
    case .sequence(let elements):
      let lines = elements.map { inner + $0.lines(dialect, indent: inner, column: inner.count + 1) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    case .mapping(let entries):
      let lines = entries.map { entry in
        let name = inner + Self.json(name: entry.key, dialect) + ": "
        return name + entry.value.lines(dialect, indent: inner, column: name.count + 1)
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    default: return line
    }
  }

  /// The tree as JSON on one line, with a space after each colon and comma.
  private func line(_ dialect: Dialect) -> String {
    switch self {
    case .sequence(let elements):
      "[" + elements.map { $0.line(dialect) }.joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{"
        + entries.map { "\(Self.json(name: $0.key, dialect)): \($0.value.line(dialect))" }
        .joined(separator: ", ") + "}"
    default: text(dialect)
    }
  }

  private static func json(_ number: Double, _ dialect: Dialect) -> String {
    if number.isFinite { return "\(number)" }
    if dialect == .plain { return "null" }
    return number.isNaN ? "\"#nan\"" : "\"#\(number)\""
  }

  private static func json(_ text: String, _ dialect: Dialect) -> String {
    json(name: dialect == .exact && text.hasPrefix("#") ? "#" + text : text, dialect)
  }

  private static func json(name: String, _ dialect: Dialect) -> String {
    let quoted = name.quotedAsJSON
    return dialect == .plain ? quoted.replacing("<", with: "\\u003c") : quoted
  }

  /// Reads a tree from JSON.
  ///
  /// - Throws: `JSONError` for text that is not JSON, for a name that an object has twice, and for lists and objects
  ///   that are more than `JSONReader.depthLimit` deep.
  package init(json text: [UInt8]) throws(JSONError) {
    var reader = JSONReader(text)
    try self.init(reading: &reader)
    try reader.end()
  }

  private init(reading reader: inout JSONReader) throws(JSONError) {
    switch try reader.kind() {
    case .null:
      guard reader.takeNull() else { throw reader.error("expected null") }
      self = .null
    case .boolean: self = .boolean(try reader.boolean())
    case .text:
      switch try reader.text() {
      case "#inf": self = .number(.infinity)
      case "#-inf": self = .number(-.infinity)
      case "#nan": self = .number(.nan)
      case let text: self = .text(text.hasPrefix("##") ? String(text.dropFirst()) : text)
      }
    case .number:
      switch try reader.number() {
      case .integer(let value): self = .integer(value)
      case .unsigned(let value): self = .unsigned(value)
      case .floating(let value): self = .number(value)
      }
    case .list:
      var elements: [Tree] = []
      try reader.list { reader throws(JSONError) in
        elements.append(try Tree(reading: &reader))
      }
      self = .sequence(elements)
    case .object:
      var entries: [Entry] = []
      try reader.object { reader, name throws(JSONError) in
        entries.append(Entry(name, try Tree(reading: &reader)))
      }
      self = .mapping(entries)
    }
  }
}
