internal import DeepSARSA
internal import SARSAFiles

/// A log of a run: a line with the names of columns, and rows of numbers.
///
/// A last line without its end is left out: a run that goes on may have written a part of it.
struct LogTable: Sendable {
  private let path: String
  private let columns: [String]
  private let rows: [[Substring]]

  /// Reads a file; `nil` if there is none, or not yet its first line.
  ///
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badFile` for a row with too few or too many
  ///   fields.
  /// - Complexity: O(n), the file in memory.
  init?(reading path: String) throws(RunError) {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: Machine.availableMemory)
    } catch {
      if error.isMissing { return nil }
      throw .system(error)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    guard let names = lines.first else { return nil }
    columns = names.map(String.init)
    for (index, line) in lines.enumerated() where line.count != columns.count {
      throw .badFile(path, "line \(index + 1) has \(line.count) fields; allowed: \(columns.count)")
    }
    rows = Array(lines.dropFirst())
    self.path = path
  }

  /// The numbers of a column.
  ///
  /// - Throws: `RunError.badFile` if there is no such column, or a field is not a number.
  func numbers(of column: String) throws(RunError) -> [Double] {
    guard let index = columns.firstIndex(of: column) else {
      throw .badFile(path, "column '\(column)' is missing")
    }
    var numbers: [Double] = []
    for (row, fields) in rows.enumerated() { numbers.append(try number(fields[index], row: row)) }
    return numbers
  }

  /// A row's numbers by column; `nil` without an index.
  ///
  /// - Throws: `RunError.badFile` if a field is not a number.
  func object(at row: Int?) throws(RunError) -> ArgumentValue? {
    guard let row else { return nil }
    var values: [String: ArgumentValue] = [:]
    for (column, field) in zip(columns, rows[row]) {
      let number = try number(field, row: row)
      values[column] = Int(field).map(ArgumentValue.integer) ?? .number(number)
    }
    return .object(values)
  }

  private func number(_ field: Substring, row: Int) throws(RunError) -> Double {
    guard let number = Double(field) else {
      throw .badFile(path, "line \(row + 2) has '\(field.prefix(50))'; allowed: a number")
    }
    return number
  }
}
