internal import SARSAFiles

/// A log of a run that is read while it grows: each look reads only what was appended since the last one.
///
/// A log is a line with the names of columns, and rows of numbers, as `episodes.csv`, `evaluations.csv` and
/// `learning.csv` in a run folder. It is read without a lock, so a line without its end waits for the next
/// look. A run that goes on from a checkpoint cuts its logs; then the log is read from its beginning.
///
/// ```swift
/// var log = GrowingLog(folder.path(of: .evaluations), columns: ["step", "mean"])
/// while true {
///   try log.look()
///   print(log["mean"].last ?? .nan)
/// }
/// ```
public struct GrowingLog: Sendable {
  /// The file.
  public let path: String
  /// The columns that are kept.
  public let columns: [String]
  /// The numbers of each kept column.
  private var numbers: [[Double]]
  /// The place of each kept column in a row, and the number of fields in it; `nil` before the first line.
  private var layout: (places: [Int], count: Int)?
  /// The bytes that have been read.
  private var byteCount = 0
  /// The beginning of the line whose end is not there yet.
  private var rest: [UInt8] = []
  /// The lines that have been read.
  private var lineCount = 0

  /// The log of a file, which need not exist yet, of which some columns are kept.
  public init(_ path: String, columns: [String]) {
    self.path = path
    self.columns = columns
    numbers = Array(repeating: [], count: columns.count)
  }

  /// The numbers of a kept column so far; an empty field is NaN.
  ///
  /// Of a column that is not kept there are none.
  public subscript(column: String) -> [Double] {
    columns.firstIndex(of: column).map { numbers[$0] } ?? []
  }

  /// Reads what was appended since the last look.
  ///
  /// - Returns: whether anything changed.
  /// - Throws: `RunError.system` if the file cannot be read, `.badFile` for a row with too few or too many
  ///   fields, one that is not a number, or without a column that is kept. After an error the log begins anew.
  /// - Complexity: O(n) for n new bytes.
  @discardableResult
  public mutating func look() throws(RunError) -> Bool {
    do throws(RunError) {
      return try readNew()
    } catch {
      self = GrowingLog(path, columns: columns)
      throw error
    }
  }

  private mutating func readNew() throws(RunError) -> Bool {
    let file: InputFile
    do {
      file = try InputFile(path)
    } catch {
      guard error.isMissing else { throw .system(error) }
      let isChanged = byteCount > 0
      self = GrowingLog(path, columns: columns)
      return isChanged
    }
    let isCut = file.byteCount < byteCount
    if isCut { self = GrowingLog(path, columns: columns) }
    guard file.byteCount > byteCount else { return isCut }
    while byteCount < file.byteCount {
      let end = min(file.byteCount, byteCount + Self.chunkSize)
      let bytes: [UInt8]
      do {
        bytes = try file.bytes(byteCount..<end)
      } catch {
        // It was cut while it was read; the next look finds that.
        guard error.code == SystemError.shortenedFile else { throw .system(error) }
        return true
      }
      try append(bytes)
      byteCount = end
    }
    return true
  }

  /// The bytes that are read at a time.
  private static let chunkSize = 1 << 20
  /// The largest number of bytes of a line.
  private static let lineLimit = 1 << 16

  private mutating func append(_ bytes: [UInt8]) throws(RunError) {
    let newline = UInt8(ascii: "\n")
    var start = 0
    while let end = bytes[start...].firstIndex(of: newline) {
      let line = rest + bytes[start..<end]
      rest = []
      start = end + 1
      lineCount += 1
      try append(String(decoding: line, as: UTF8.self))
    }
    rest += bytes[start...]
    guard rest.count <= Self.lineLimit else {
      throw .badFile(path, "line \(lineCount + 1) has more than \(Self.lineLimit) bytes")
    }
  }

  private mutating func append(_ line: String) throws(RunError) {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard let layout else {
      var places: [Int] = []
      for column in columns {
        guard let place = fields.firstIndex(of: column[...]) else {
          throw .badFile(path, "column '\(column)' is missing")
        }
        places.append(place)
      }
      self.layout = (places, fields.count)
      return
    }
    guard fields.count == layout.count else {
      throw .badFile(
        path, "line \(lineCount) has \(fields.count.counting("field")); allowed: \(layout.count)")
    }
    for (index, place) in layout.places.enumerated() {
      let field = fields[place]
      guard let number = field.isEmpty ? .nan : Double(field) else {
        throw .badFile(path, "line \(lineCount) has '\(field.prefix(50))'; allowed: a number")
      }
      numbers[index].append(number)
    }
  }
}
