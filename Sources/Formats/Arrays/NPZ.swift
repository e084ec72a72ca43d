internal import Glibc
package import SARSAFiles
internal import SARSAPreconditions

/// Writes arrays to a file that `numpy.load` reads without pickles: a zip archive of `.npy` files.
///
/// The members are stored without compression, with their checksums. The same arrays always give the
/// same bytes, because every member has the same date: 1 January 1980, the earliest that zip has.
///
/// Sources: numpy's `numpy.lib.format`, version 1.0; PKWARE's APPNOTE.TXT, 6.3.
package enum NPZ {
  /// The type of an array's elements.
  package enum Element: Hashable, Sendable {
    /// `Bool`.
    case boolean
    /// `Int64`.
    case int64
    /// `Float`.
    case float32
    /// `Double`.
    case float64
    /// Text of a number of Unicode scalars.
    case text(Int)

    /// The bytes of an element.
    package var size: Int {
      switch self {
      case .boolean: 1
      case .float32: 4
      case .int64, .float64: 8
      case .text(let count): 4 * count
      }
    }

    /// The type in numpy's notation.
    fileprivate var descriptor: String {
      switch self {
      case .boolean: "|b1"
      case .int64: "<i8"
      case .float32: "<f4"
      case .float64: "<f8"
      case .text(let count): "<U\(count)"
      }
    }
  }

  /// An array that grows row by row.
  package struct Array: Sendable {
    /// The name under which numpy loads it.
    package let name: String
    /// The type of its elements.
    package let element: Element
    /// The shape of a row; empty if a row is a single value.
    package let rowShape: [Int]
    /// The values, little-endian.
    fileprivate var values = ByteWriter()

    /// An array without rows.
    package init(name: String, element: Element, rowShape: [Int] = []) {
      self.name = name
      self.element = element
      self.rowShape = rowShape
    }

    /// The bytes of a row.
    package var bytesPerRow: Int { rowShape.reduce(element.size, *) }

    /// Appends a value of a row.
    ///
    /// - Precondition: the array is of booleans.
    package mutating func append(_ value: Bool) {
      requireElement(.boolean)
      values.append(value ? 1 : 0 as UInt8)
    }

    /// Appends a value of a row.
    ///
    /// - Precondition: the array is of integers.
    package mutating func append(_ value: Int64) {
      requireElement(.int64)
      values.append(value)
    }

    /// Appends a value of a row.
    ///
    /// - Precondition: the array is of single precision.
    package mutating func append(_ value: Float) {
      requireElement(.float32)
      values.append(value)
    }

    /// Appends a value of a row.
    ///
    /// - Precondition: the array is of double precision.
    package mutating func append(_ value: Double) {
      requireElement(.float64)
      values.append(value)
    }

    /// Appends a value of a row.
    ///
    /// - Precondition: the array is of texts of this number of scalars.
    package mutating func append(_ value: String) {
      requireElement(.text(value.unicodeScalars.count))
      for scalar in value.unicodeScalars { values.append(scalar.value) }
    }

    private func requireElement(_ given: Element) {
      require(given == element, "a \(given) for \(name), an array of \(element)")
    }

    /// The name of its member in the archive.
    fileprivate var fileName: String { "\(name).npy" }

    /// The `.npy` header before the values, padded so that they start at a multiple of 64 bytes.
    fileprivate func header(rows: Int?) -> [UInt8] {
      let shape = ((rows.map { [$0] } ?? []) + rowShape).map(String.init)
      let tuple = shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.joined(separator: ", ")))"
      var text =
        "{'descr': '\(element.descriptor)', 'fortran_order': False, 'shape': \(tuple), }"
      let prefix = 10
      let length = (prefix + text.utf8.count + 1 + 63) / 64 * 64
      text += String(repeating: " ", count: length - prefix - text.utf8.count - 1) + "\n"
      var result = ByteWriter(capacity: length)
      result.append(contentsOf: [0x93] + Swift.Array("NUMPY".utf8) + [1, 0])
      result.append(UInt16(length - prefix))
      result.append(text)
      return result.bytes
    }
  }

  /// The largest number of bytes of the arrays: zip's limit without zip64, minus the headers.
  package static let limit = Int(UInt32.max) - 1 << 16

  /// Checks that a file can hold the rows.
  ///
  /// - Throws: `SystemError` with the code `EFBIG`.
  package static func requireSize(_ rows: Int, rowsOf bytes: Int, path: String) throws(SystemError)
  {
    let (size, overflow) = rows.multipliedReportingOverflow(by: bytes)
    guard !overflow, size <= limit else { throw SystemError(.write, path, code: EFBIG) }
  }

  /// Writes arrays with a number of rows each.
  ///
  /// If that fails, an existing file is unchanged.
  ///
  /// - Precondition: every array has that many rows.
  /// - Throws: `SystemError`, with the code `EFBIG` for more than zip can hold: 4 GiB, 65,535 arrays, or names of
  ///   65,531 bytes.
  package static func write(_ arrays: [Array], rows: Int, to path: String) throws(SystemError) {
    try requireSize(rows, rowsOf: arrays.reduce(0) { $0 + $1.bytesPerRow }, path: path)
    try write(arrays.map { ($0, rows) }, to: path)
  }

  /// Writes arrays with a single row each, which is not a side of their shape in numpy.
  ///
  /// If that fails, an existing file is unchanged.
  ///
  /// - Precondition: every array has one row.
  /// - Throws: `SystemError`, as `write(_:rows:to:)`.
  package static func write(_ arrays: [Array], to path: String) throws(SystemError) {
    try requireSize(1, rowsOf: arrays.reduce(0) { $0 + $1.bytesPerRow }, path: path)
    try write(arrays.map { ($0, nil) }, to: path)
  }

  private static func write(
    _ members: [(array: Array, rows: Int?)], to path: String
  ) throws(SystemError) {
    guard isArchive(members) else { throw SystemError(.write, path, code: EFBIG) }
    var file = try ReplacementFile(for: path)
    var directory = ByteWriter()
    var offset = 0
    for (array, rows) in members {
      require(
        array.values.count == (rows ?? 1) * array.bytesPerRow,
        "\(array.name) has not \(rows ?? 1) rows")
      let name = array.fileName
      let header = array.header(rows: rows)
      var checksum = CRC32()
      checksum.update(header)
      checksum.update(array.values.bytes)
      let size = header.count + array.values.count

      var local = ByteWriter()
      local.append(0x0403_4B50 as UInt32)
      append(name, checksum: checksum.value, size: size, to: &local)
      local.append(name)
      local.append(contentsOf: header)

      directory.append(0x0201_4B50 as UInt32)
      directory.append(version)
      append(name, checksum: checksum.value, size: size, to: &directory)
      // No comment, disk number 0, no attributes.
      directory.append(contentsOf: repeatElement(0, count: 2 + 2 + 2 + 4))
      directory.append(UInt32(offset))
      directory.append(name)

      try file.write(local.bytes)
      try file.write(array.values.bytes)
      offset += local.count + array.values.count
    }

    let directoryCount = directory.count
    directory.append(0x0605_4B50 as UInt32)
    directory.append(0 as UInt32)
    for _ in 0..<2 { directory.append(UInt16(members.count)) }
    directory.append(UInt32(directoryCount))
    directory.append(UInt32(offset))
    directory.append(0 as UInt16)
    try file.write(directory.bytes)
    try file.commit()
  }

  /// Whether zip's fields can hold the members: 16 bits for their number and for the bytes of a name, 32 for a place.
  private static func isArchive(_ members: [(array: Array, rows: Int?)]) -> Bool {
    var size = 0
    for (array, rows) in members {
      let name = array.fileName.utf8.count
      guard name <= Int(UInt16.max) else { return false }
      // Beside its name, a member's header has 30 bytes, and its entry in the directory 46.
      size += 30 + 46 + 2 * name + array.header(rows: rows).count + array.values.count
    }
    return members.count <= Int(UInt16.max) && size <= Int(UInt32.max)
  }

  /// The version of zip that is needed to read the file: 2.0, for which no member is compressed.
  private static let version: UInt16 = 20

  /// Appends the fields that a member's local header and its directory entry share.
  private static func append(
    _ name: String, checksum: UInt32, size: Int, to writer: inout ByteWriter
  ) {
    writer.append(version)
    // A flag for a name that is not ASCII: it is UTF-8.
    writer.append((name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 0x0800) as UInt16)
    // No compression, time 0:00.
    for _ in 0..<2 { writer.append(0 as UInt16) }
    // 1 January 1980.
    writer.append(0x0021 as UInt16)
    writer.append(checksum)
    for _ in 0..<2 { writer.append(UInt32(size)) }
    writer.append(UInt16(name.utf8.count))
    writer.append(0 as UInt16)
  }
}
