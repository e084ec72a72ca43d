/// A line for a terminal: fields that are left out, the least important first, where there is no room for them.
package struct TerminalLine: Hashable, Sendable {
  /// What a colour says.
  package enum Tint: Hashable, Sendable {
    /// What was reached.
    case good
    /// What failed.
    case bad
    /// What matters less.
    case faint
    /// A title.
    case title
  }

  /// A piece of text in one colour.
  package struct Field: Hashable, Sendable {
    package var text: String
    package var tint: Tint?
    /// The importance: of two fields, that with the higher rank is left out first.
    package var rank: Int

    package init(_ text: String, rank: Int = 0, tint: Tint? = nil) {
      self.text = text
      self.tint = tint
      self.rank = rank
    }
  }

  package var fields: [Field]
  /// What is between two fields.
  package var separator: String

  package init(_ fields: [Field], separator: String = "  ") {
    self.fields = fields
    self.separator = separator
  }

  package init(_ text: String, tint: Tint? = nil) {
    self.init([Field(text, tint: tint)])
  }

  /// The columns that the line takes.
  package var columns: Int {
    fields.reduce(0) { $0 + $1.text.terminalColumns }
      + separator.terminalColumns * max(0, fields.count - 1)
  }

  /// The line with as many fields as fit; a single field that does not is cut.
  package func fitted(to columns: Int) -> TerminalLine {
    var line = self
    while line.columns > columns, line.fields.count > 1 {
      // Of fields of equal rank, the last one.
      guard let last = line.fields.indices.max(by: { line.fields[$0].rank <= line.fields[$1].rank })
      else { break }
      line.fields.remove(at: last)
    }
    if line.columns > columns, let only = line.fields.first {
      line.fields[0].text = only.text.cut(toTerminalColumns: columns)
    }
    return line
  }

  /// The line without colours.
  package var text: String { fields.map(\.text).joined(separator: separator) }
}

extension String {
  /// The columns that the text takes on a terminal: characters of East Asian scripts and emoji take two.
  package var terminalColumns: Int { reduce(0) { $0 + $1.terminalColumns } }

  /// The beginning of the text that fits, with an ellipsis if it is not all.
  package func cut(toTerminalColumns limit: Int) -> String {
    if terminalColumns <= limit { return self }
    var (text, columns) = ("", 0)
    for character in self {
      columns += character.terminalColumns
      if columns > limit - 1 { break }
      text.append(character)
    }
    return limit > 0 ? text + "…" : ""
  }

  /// The beginning and the end of the text, with an ellipsis between them, if it does not fit; the end has twice as
  /// much room.
  package func cutInside(toTerminalColumns limit: Int) -> String {
    if terminalColumns <= limit { return self }
    let beginning = cut(toTerminalColumns: (limit + 2) / 3)
    let end = String(reversed()).cut(toTerminalColumns: limit - beginning.terminalColumns + 1)
    return beginning + String(end.dropLast().reversed())
  }

  /// The text after a beginning, broken between words into lines that fit.
  ///
  /// Further lines begin below the text, or near the left edge if the beginning takes more than half of a line.
  /// A word that is longer than a line is broken.
  package func wrapped(after start: String, toTerminalColumns limit: Int) -> [String] {
    let below = start.terminalColumns
    let indent = String(repeating: " ", count: below <= limit / 2 ? below : min(8, limit / 2))
    var (lines, line, isEmpty) = ([String](), start, true)
    for word in split(separator: " ") {
      var word = String(word)
      while line.terminalColumns + (isEmpty ? 0 : 1) + word.terminalColumns > limit {
        if isEmpty && line == indent {
          let room = max(1, limit - line.terminalColumns)
          lines.append(line + word.prefix(room))
          word = String(word.dropFirst(room))
        } else {
          lines.append(line.trimmingTrailingSpace)
        }
        (line, isEmpty) = (indent, true)
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line.trimmingTrailingSpace]
  }
}

extension Character {
  fileprivate var terminalColumns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    // The blocks of wide characters of Unicode's East Asian Width, and of emoji.
    return switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }
}
