/// Text that is not YAML of the kind that `Tree.init(yaml:)` reads.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
  /// The line, from 1.
  package let line: Int
  /// What is wrong in it.
  package let problem: String

  /// One line with both.
  package var description: String { "line \(line): \(problem)" }
}

extension Tree {
  /// Reads one YAML document of mappings, sequences and scalars, in block or flow style; JSON is such a
  /// document too.
  ///
  /// Scalars are those of YAML 1.2's core schema, with decimal numbers only. Tags, anchors, aliases,
  /// directives, block scalars, and scalars over several lines are refused: nothing here needs them, and
  /// aliases can make a short file stand for a huge one.
  ///
  /// - Throws: `YAMLError`, also for a name that is given twice and for more than 64 levels.
  /// - Complexity: O(bytes), and O(names²) in each mapping.
  package init(yaml bytes: [UInt8]) throws(YAMLError) {
    var reader = try YAMLReader(bytes)
    self = try reader.document()
  }
}

/// A parser for block style by lines, and for flow style by bytes.
private struct YAMLReader {
  /// A line with content; the rest of one after `- ` counts as a line of its own.
  private struct Line {
    var indent: Int
    var start: Int
    let end: Int
    let number: Int
  }

  private let bytes: [UInt8]
  private var lines: [Line] = []
  /// The next line.
  private var next = 0
  private static let depthLimit = 64

  init(_ bytes: [UInt8]) throws(YAMLError) {
    self.bytes = bytes
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw YAMLError(line: 1, problem: "it is not UTF-8")
    }
    try findLines()
  }

  private mutating func findLines() throws(YAMLError) {
    var (start, number) = (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0, 1)
    while start < bytes.count {
      var end = start
      while end < bytes.count && bytes[end] != UInt8(ascii: "\n") { end += 1 }
      let following = end + 1
      if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      var first = start
      while first < end && bytes[first] == UInt8(ascii: " ") { first += 1 }
      if let byte = bytes[start..<end].first(where: { $0 < 0x20 && $0 != 0x09 }) {
        throw YAMLError(line: number, problem: "it has the control character \(byte)")
      }
      let isBlank = bytes[first..<end].allSatisfy { $0 == 0x20 || $0 == 0x09 }
      if !isBlank && bytes[first] != UInt8(ascii: "#") {
        lines.append(Line(indent: first - start, start: first, end: end, number: number))
      }
      (start, number) = (following, number + 1)
    }
  }

  mutating func document() throws(YAMLError) -> Tree {
    if next < lines.count, isMarker("---", lines[0]) { next = 1 }
    if let last = lines.last, next < lines.count, isMarker("...", last) { lines.removeLast() }
    guard let first = lines.dropFirst(next).first else { return .null }
    let tree = try block(indent: first.indent, depth: Self.depthLimit)
    if next < lines.count { throw error("it does not belong to what is above it") }
    return tree
  }

  private func isMarker(_ marker: String, _ line: Line) -> Bool {
    line.indent == 0 && bytes[line.start..<line.end].elementsEqual(marker.utf8)
  }

  private func error(_ problem: String) -> YAMLError {
    YAMLError(line: next < lines.count ? lines[next].number : 1, problem: problem)
  }

  /// Whether the next line starts with an indicator and a space, or is only the indicator.
  private func starts(with indicator: Character) -> Bool {
    let line = lines[next]
    guard bytes[line.start] == indicator.asciiValue else { return false }
    return line.start + 1 == line.end || bytes[line.start + 1] == 0x20
  }

  // MARK: - Block style

  /// The value that begins with the next line.
  private mutating func block(indent: Int, depth: Int) throws(YAMLError) -> Tree {
    guard depth > 0 else { throw error("it is nested more than \(Self.depthLimit) deep") }
    if starts(with: "-") { return try blockSequence(indent: indent, depth: depth) }
    if starts(with: "?") { return try blockMapping(indent: indent, depth: depth) }
    var cursor = lines[next].start
    let tree = try flow(&cursor, isFlow: false, depth: depth)
    switch tree {
    case .mapping, .sequence: break
    default: if isKey(at: cursor) { return try blockMapping(indent: indent, depth: depth) }
    }
    try finishLine(at: cursor)
    return tree
  }

  private mutating func blockSequence(indent: Int, depth: Int) throws(YAMLError) -> Tree {
    var elements: [Tree] = []
    while next < lines.count, lines[next].indent == indent, starts(with: "-") {
      elements.append(try rest(after: 1, indent: indent, depth: depth, allowsSameIndent: false))
    }
    try requireEnd(ofBlockWithIndent: indent)
    return .sequence(elements)
  }

  private mutating func blockMapping(indent: Int, depth: Int) throws(YAMLError) -> Tree {
    var entries: [Tree.Entry] = []
    var names: Set<String> = []
    while next < lines.count, lines[next].indent == indent, !starts(with: "-") {
      let isExplicit = starts(with: "?")
      var cursor = lines[next].start
      if isExplicit {
        cursor += 1
        skipSpaces(&cursor, to: lines[next].end)
      }
      let name = try key(&cursor)
      guard names.insert(name).inserted else { throw error("'\(name)' is given twice") }
      if isExplicit {
        try finishLine(at: cursor)
        guard next < lines.count, lines[next].indent == indent, starts(with: ":") else {
          throw error("a value is missing after '? '")
        }
        cursor = lines[next].start
      } else if !isKey(at: cursor) {
        throw error("'\(name)' is not followed by ': '")
      }
      let length = cursor + 1 - lines[next].start
      entries.append(
        Tree.Entry(
          name, try rest(after: length, indent: indent, depth: depth, allowsSameIndent: !isExplicit)
        ))
    }
    try requireEnd(ofBlockWithIndent: indent)
    return .mapping(entries)
  }

  private func requireEnd(ofBlockWithIndent indent: Int) throws(YAMLError) {
    guard next < lines.count, lines[next].indent >= indent else { return }
    // A sequence may have the indentation of the name it belongs to.
    if lines[next].indent == indent { return }
    throw error("its indentation is that of no line above it")
  }

  /// The value after an indicator or a name: on the same line, or in the lines below.
  private mutating func rest(
    after length: Int, indent: Int, depth: Int, allowsSameIndent: Bool
  ) throws(YAMLError) -> Tree {
    let line = lines[next]
    var cursor = line.start + length
    skipSpaces(&cursor, to: line.end)
    if cursor < line.end && bytes[cursor] != UInt8(ascii: "#") {
      let isName = bytes[line.start + length - 1] == UInt8(ascii: ":") && allowsSameIndent
      if isName {
        let tree = try flow(&cursor, isFlow: false, depth: depth - 1)
        try finishLine(at: cursor)
        return tree
      }
      // What follows `- ` is a block of its own, whose first line begins there.
      lines[next].indent += cursor - line.start
      lines[next].start = cursor
      return try block(indent: lines[next].indent, depth: depth - 1)
    }
    next += 1
    guard next < lines.count else { return .null }
    let isBelow = lines[next].indent > indent
    let isList = allowsSameIndent && lines[next].indent == indent && starts(with: "-")
    return isBelow || isList ? try block(indent: lines[next].indent, depth: depth - 1) : .null
  }

  /// Goes to the line after a value that ends at the cursor, perhaps in a later line than it began.
  private mutating func finishLine(at cursor: Int) throws(YAMLError) {
    while next + 1 < lines.count, lines[next].end < cursor { next += 1 }
    var cursor = cursor
    let end = lines[next].end
    let hasSpace = cursor < end && (bytes[cursor] == 0x20 || bytes[cursor] == 0x09)
    skipSpaces(&cursor, to: end)
    guard cursor >= end || (hasSpace && bytes[cursor] == UInt8(ascii: "#")) else {
      throw error("'\(text(cursor..<end).prefix(40))' does not belong here")
    }
    next += 1
  }

  private func isKey(at cursor: Int) -> Bool {
    let end = next < lines.count ? lines[next].end : bytes.count
    guard cursor < end, bytes[cursor] == UInt8(ascii: ":") else { return false }
    return cursor + 1 == end || bytes[cursor + 1] == 0x20 || bytes[cursor + 1] == 0x09
  }

  // MARK: - Flow style and scalars

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func skipSpaces(_ cursor: inout Int, to end: Int) {
    while cursor < end && (bytes[cursor] == 0x20 || bytes[cursor] == 0x09) { cursor += 1 }
  }

  /// Skips spaces, line ends and comments within a collection.
  private func skipLines(_ cursor: inout Int) {
    while cursor < bytes.count {
      switch bytes[cursor] {
      case 0x20, 0x09, 0x0A, 0x0D: cursor += 1
      case UInt8(ascii: "#") where [0x20, 0x09, 0x0A].contains(bytes[cursor - 1]):
        while cursor < bytes.count && bytes[cursor] != 0x0A { cursor += 1 }
      default: return
      }
    }
  }

  private func endOfLine(_ cursor: Int) -> Int {
    var end = cursor
    while end < bytes.count && bytes[end] != 0x0A { end += 1 }
    return end > cursor && bytes[end - 1] == 0x0D ? end - 1 : end
  }

  /// The name of an entry.
  private func key(_ cursor: inout Int) throws(YAMLError) -> String {
    guard let (text, _) = try scalar(&cursor, isFlow: false) else {
      throw error("a name is missing")
    }
    return text
  }

  /// A collection in brackets, or a scalar.
  private func flow(_ cursor: inout Int, isFlow: Bool, depth: Int) throws(YAMLError) -> Tree {
    guard depth > 0 else { throw error("it is nested more than \(Self.depthLimit) deep") }
    switch bytes[cursor] {
    case UInt8(ascii: "["): return try flowSequence(&cursor, depth: depth)
    case UInt8(ascii: "{"): return try flowMapping(&cursor, depth: depth)
    default:
      guard let (text, isQuoted) = try scalar(&cursor, isFlow: isFlow) else { return .null }
      return isQuoted ? .text(text) : Tree(plain: text)
    }
  }

  private func flowSequence(_ cursor: inout Int, depth: Int) throws(YAMLError) -> Tree {
    var elements: [Tree] = []
    cursor += 1
    while true {
      skipLines(&cursor)
      guard cursor < bytes.count else { throw error("']' is missing") }
      if bytes[cursor] == UInt8(ascii: "]") { break }
      elements.append(try flow(&cursor, isFlow: true, depth: depth - 1))
      try separator(&cursor, end: "]")
    }
    cursor += 1
    return .sequence(elements)
  }

  private func flowMapping(_ cursor: inout Int, depth: Int) throws(YAMLError) -> Tree {
    var entries: [Tree.Entry] = []
    var names: Set<String> = []
    cursor += 1
    while true {
      skipLines(&cursor)
      guard cursor < bytes.count else { throw error("'}' is missing") }
      if bytes[cursor] == UInt8(ascii: "}") { break }
      guard let (name, _) = try scalar(&cursor, isFlow: true) else {
        throw error("a name is missing")
      }
      guard names.insert(name).inserted else { throw error("'\(name)' is given twice") }
      skipLines(&cursor)
      guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: ":") else {
        throw error("'\(name)' is not followed by ': '")
      }
      cursor += 1
      skipLines(&cursor)
      guard cursor < bytes.count else { throw error("'}' is missing") }
      let isEmpty = bytes[cursor] == UInt8(ascii: ",") || bytes[cursor] == UInt8(ascii: "}")
      let value = isEmpty ? Tree.null : try flow(&cursor, isFlow: true, depth: depth - 1)
      entries.append(Tree.Entry(name, value))
      try separator(&cursor, end: "}")
    }
    cursor += 1
    return .mapping(entries)
  }

  /// Skips a comma; the end of the collection may follow instead.
  private func separator(_ cursor: inout Int, end: Character) throws(YAMLError) {
    skipLines(&cursor)
    if cursor < bytes.count, bytes[cursor] == UInt8(ascii: ",") {
      cursor += 1
    } else if cursor >= bytes.count || bytes[cursor] != end.asciiValue {
      throw error("',' or '\(end)' is missing")
    }
  }

  /// A scalar within a line, and whether it is in quotes; `nil` if there is none.
  private func scalar(
    _ cursor: inout Int, isFlow: Bool
  ) throws(YAMLError) -> (text: String, isQuoted: Bool)? {
    let end = endOfLine(cursor)
    guard cursor < end else { return nil }
    switch bytes[cursor] {
    case UInt8(ascii: "\""): return (try doubleQuoted(&cursor, end), true)
    case UInt8(ascii: "'"): return (try singleQuoted(&cursor, end), true)
    default: break
    }
    let start = cursor
    let first = Character(Unicode.Scalar(bytes[start]))
    let followsText = start + 1 < end && bytes[start + 1] != 0x20
    if "&*!".contains(first) {
      throw error(
        "anchors, aliases and tags ('&', '*', '!') are not allowed; write such text in quotes")
    }
    if ",[]{}|>%@`\u{9}".contains(first) || ("-?:".contains(first) && !followsText) {
      throw error("'\(first)' does not belong here; write such text in quotes")
    }
    while cursor < end {
      let byte = bytes[cursor]
      if byte == UInt8(ascii: "#") && cursor > start && bytes[cursor - 1] == 0x20 { break }
      if isFlow && ",[]{}".utf8.contains(byte) { break }
      if byte == UInt8(ascii: ":") {
        let isLast = cursor + 1 == end || bytes[cursor + 1] == 0x20 || bytes[cursor + 1] == 0x09
        if isLast || (isFlow && ",[]{}".utf8.contains(bytes[cursor + 1])) { break }
      }
      cursor += 1
    }
    var last = cursor
    while last > start && (bytes[last - 1] == 0x20 || bytes[last - 1] == 0x09) { last -= 1 }
    // The separator of a name directly follows it; spaces before it are skipped.
    if cursor == end || bytes[cursor] != UInt8(ascii: ":") { cursor = last }
    return last == start ? nil : (text(start..<last), false)
  }

  private func singleQuoted(_ cursor: inout Int, _ end: Int) throws(YAMLError) -> String {
    var content: [UInt8] = []
    cursor += 1
    while cursor < end {
      if bytes[cursor] == UInt8(ascii: "'") {
        guard cursor + 1 < end, bytes[cursor + 1] == UInt8(ascii: "'") else {
          cursor += 1
          return String(decoding: content, as: UTF8.self)
        }
        cursor += 1
      }
      content.append(bytes[cursor])
      cursor += 1
    }
    throw error("a closing ' is missing in the line")
  }

  private func doubleQuoted(_ cursor: inout Int, _ end: Int) throws(YAMLError) -> String {
    var content: [UInt8] = []
    cursor += 1
    while cursor < end {
      switch bytes[cursor] {
      case UInt8(ascii: "\""):
        cursor += 1
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escaped(&cursor, end) else {
          throw error("an escape sequence is unknown")
        }
        content += Array(String(scalar).utf8)
      case let byte:
        content.append(byte)
        cursor += 1
      }
    }
    throw error("a closing \" is missing in the line")
  }

  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}",
    UInt8(ascii: "t"): "\t", UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{B}",
    UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "r"): "\r", UInt8(ascii: "e"): "\u{1B}",
    UInt8(ascii: " "): " ", UInt8(ascii: "\""): "\"", UInt8(ascii: "/"): "/",
    UInt8(ascii: "\\"): "\\", UInt8(ascii: "N"): "\u{85}", UInt8(ascii: "_"): "\u{A0}",
    UInt8(ascii: "L"): "\u{2028}", UInt8(ascii: "P"): "\u{2029}",
  ]

  /// The character of an escape sequence that begins at the cursor.
  private func escaped(_ cursor: inout Int, _ end: Int) -> Unicode.Scalar? {
    guard cursor + 1 < end else { return nil }
    let kind = bytes[cursor + 1]
    cursor += 2
    let lengths: [UInt8: Int] = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]
    guard let length = lengths[kind] else { return Self.escapes[kind] }
    guard cursor + length <= end, bytes[cursor] != UInt8(ascii: "+") else { return nil }
    defer { cursor += length }
    return UInt32(text(cursor..<cursor + length), radix: 16).flatMap(Unicode.Scalar.init)
  }
}

extension Tree {
  /// The value of a scalar without quotes.
  fileprivate init(plain text: String) {
    switch text {
    case "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .boolean(true)
    case "false", "False", "FALSE": self = .boolean(false)
    case ".nan", ".NaN", ".NAN": self = .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
    default:
      let isNumeric =
        text.utf8.allSatisfy { "+-.eE0123456789".utf8.contains($0) }
        && text.utf8.contains { "0123456789".utf8.contains($0) }
        && !"eE".contains(text.first ?? "e")
      if isNumeric, let value = Int(text) {
        self = .integer(value)
      } else if isNumeric, let value = UInt64(text) {
        self = .unsigned(value)
      } else if isNumeric, let value = Double(text), value.isFinite {
        self = .number(value)
      } else {
        self = .text(text)
      }
    }
  }
}
