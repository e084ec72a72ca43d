// Trees as JSON, of which every number keeps its bits.
//
// A number of single precision is written as the number of double precision that it is; one that is not finite
// as "#inf", "#-inf" or "#nan". Text that begins with # gets another one.

extension Tree {
  /// The tree as JSON on one line, names in their order.
  package var json: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .unsigned(let value): text += "\(value)"
    case .number(let value): text += Self.json(value)
    case .single(let value): text += Self.json(Double(value))
    case .text(let value): text += (value.hasPrefix("#") ? "#" + value : value).quotedAsJSON
    case .sequence(let elements):
      text += "["
      for (i, element) in elements.enumerated() {
        if i > 0 { text += "," }
        element.write(to: &text)
      }
      text += "]"
    case .mapping(let entries):
      text += "{"
      for (i, entry) in entries.enumerated() {
        if i > 0 { text += "," }
        text += entry.key.quotedAsJSON + ":"
        entry.value.write(to: &text)
      }
      text += "}"
    }
  }

  /// The tree as JSON on several lines: what does not fit on one has a line for each of its parts.
  package var indentedJSON: String { lines(indent: "", column: 0) + "\n" }

  /// The tree as JSON that begins in a column of a line with an indent.
  private func lines(indent: String, column: Int) -> String {
    let line = lineOfJSON
    if column + line.count <= 100 { return line }
    let inner = indent + "  "
    switch self {
    case .sequence(let elements):
      let lines = elements.map { inner + $0.lines(indent: inner, column: inner.count + 1) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    case .mapping(let entries):
      let lines = entries.map { entry in
        let name = inner + entry.key.quotedAsJSON + ": "
        return name + entry.value.lines(indent: inner, column: name.count + 1)
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    default: return line
    }
  }

  /// The tree as JSON on one line, with a space after each colon and comma.
  private var lineOfJSON: String {
    switch self {
    case .sequence(let elements):
      "[" + elements.map(\.lineOfJSON).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{"
        + entries.map { "\($0.key.quotedAsJSON): \($0.value.lineOfJSON)" }.joined(separator: ", ")
        + "}"
    default: json
    }
  }

  private static func json(_ number: Double) -> String {
    number.isFinite ? "\(number)" : number.isNaN ? "\"#nan\"" : "\"#\(number)\""
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
