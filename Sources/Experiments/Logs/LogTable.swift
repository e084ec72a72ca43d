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
      throw .badFile(
        path, "line \(index + 1) has \(line.count.counting("field")); allowed: \(columns.count)")
    }
    rows = Array(lines.dropFirst())
    self.path = path
  }

  /// The numbers of a column.
  ///
  /// - Throws: `RunError.badFile` if there is no such column, or a field is not a number.
  func numbers(of column: String) throws(RunError) -> [Double] {
    let index = try index(of: column)
    var numbers: [Double] = []
    for (row, fields) in rows.enumerated() { numbers.append(try number(fields[index], row: row)) }
    return numbers
  }

  /// The numbers of a column of measures, `nil` for an empty field; `nil` if there is no such column.
  ///
  /// - Throws: `RunError.badFile` if a field is neither empty nor a number.
  func measures(of column: String) throws(RunError) -> [Double?]? {
    guard let index = columns.firstIndex(of: column) else { return nil }
    var measures: [Double?] = []
    for (row, fields) in rows.enumerated() {
      measures.append(fields[index].isEmpty ? nil : try number(fields[index], row: row))
    }
    return measures
  }

  /// The whole numbers of a column.
  ///
  /// - Throws: `RunError.badFile` if there is no such column, or a field is not a whole number, 0 or more.
  func counts(of column: String) throws(RunError) -> [Int] {
    let index = try index(of: column)
    var counts: [Int] = []
    for (row, fields) in rows.enumerated() { counts.append(try count(fields[index], row: row)) }
    return counts
  }

  /// The whole number in the last row of a column; `nil` without rows.
  ///
  /// - Throws: `RunError.badFile` if there is no such column, or the field is not a whole number, 0 or more.
  func lastCount(of column: String) throws(RunError) -> Int? {
    let index = try index(of: column)
    guard let fields = rows.last else { return nil }
    return try count(fields[index], row: rows.count - 1)
  }

  private func count(_ field: Substring, row: Int) throws(RunError) -> Int {
    guard let count = Int(field), count >= 0 else {
      throw wrong(field, row: row, allowed: "a whole number, 0 or more")
    }
    // Of larger counts, neither differences nor numbers of double precision could be taken.
    guard count <= Hyperparameters.Limit.steps else {
      throw wrong(field, row: row, allowed: "up to \(Hyperparameters.Limit.steps)")
    }
    return count
  }

  private func index(of column: String) throws(RunError) -> Int {
    guard let index = columns.firstIndex(of: column) else {
      throw .badFile(path, "column '\(column)' is missing")
    }
    return index
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
      throw wrong(field, row: row, allowed: "a number")
    }
    return number
  }

  /// The error of a row's field.
  func wrong(_ field: some StringProtocol, row: Int, allowed: String) -> RunError {
    .badFile(path, "line \(row + 2) has '\(field.prefix(50))'; allowed: \(allowed)")
  }
}
