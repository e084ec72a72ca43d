/// A table for a terminal: the least important columns are left out, and wide ones made narrower, until it
/// fits.
package struct TerminalTable: Hashable, Sendable {
  /// A column.
  package struct Column: Hashable, Sendable {
    package var title: String
    /// The importance: of two columns, that with the higher rank is left out first.
    package var rank: Int
    /// The columns of text that it can be cut to; `nil` if it is not cut.
    package var narrowest: Int?
    /// Whether an entry is cut inside, not at its end: runs have the environment first, seed and time last.
    package var isCutInside: Bool
    /// Whether entries are aligned at the right, as numbers are.
    package var isNumeric: Bool

    package init(
      _ title: String, rank: Int, narrowest: Int? = nil, isCutInside: Bool = false,
      isNumeric: Bool = false
    ) {
      self.title = title
      self.rank = rank
      self.narrowest = narrowest
      self.isCutInside = isCutInside
      self.isNumeric = isNumeric
    }
  }

  private let columns: [Column]
  private let rows: [[TerminalLine.Field]]

  package init(_ columns: [Column], rows: [[TerminalLine.Field]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The titles, and a line for each row.
  package func lines(columns limit: Int) -> [TerminalLine] {
    let titles = columns.map { TerminalLine.Field($0.title, tint: .faint) }
    let all = [titles] + rows
    var widths = columns.indices.map { column in
      all.map { $0[column].text.terminalColumns }.max() ?? 0
    }
    func narrowest(_ column: Int) -> Int {
      min(widths[column], columns[column].narrowest ?? widths[column])
    }
    func total(_ kept: [Int], _ width: (Int) -> Int) -> Int {
      kept.reduce(0) { $0 + width($1) } + 2 * max(0, kept.count - 1)
    }
    var kept = Array(columns.indices)
    while kept.count > 1, total(kept, narrowest) > limit {
      guard let last = kept.max(by: { columns[$0].rank <= columns[$1].rank }) else { break }
      kept.removeAll { $0 == last }
    }
    while total(kept, { widths[$0] }) > limit,
      let widest = kept.filter({ widths[$0] > narrowest($0) }).max(by: { widths[$0] < widths[$1] })
    {
      widths[widest] -= 1
    }
    return all.map { row in
      TerminalLine(
        kept.map { column in
          var field = row[column]
          let width = widths[column]
          let text =
            columns[column].isCutInside
            ? field.text.cutInside(toTerminalColumns: width)
            : field.text.cut(toTerminalColumns: width)
          let space = String(repeating: " ", count: widths[column] - text.terminalColumns)
          // Nothing after the last column: a copied line has no spaces at its end.
          let isLast = column == kept.last
          field.text = columns[column].isNumeric ? space + text : isLast ? text : text + space
          return field
        }
      ).fitted(to: limit)
    }
  }
}
