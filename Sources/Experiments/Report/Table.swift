/// Columns of text.
package struct Table: Hashable, Sendable {
  /// The heads of the columns.
  let columns: [String]
  /// The rows, with an entry for each column.
  let rows: [[String]]

  /// A table of rows with an entry for each column.
  package init(_ columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// Columns as wide as their widest entry.
  package var text: String {
    let all = [columns] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).map { $0.padded(to: $1 + 2) }.joined().trimmingTrailingSpace
    }.joined(separator: "\n")
  }

  /// A table of Markdown, without a line's end after it.
  package var markdown: String {
    ([columns, columns.map { _ in "---" }] + rows).map { row in
      "| " + row.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }
}
