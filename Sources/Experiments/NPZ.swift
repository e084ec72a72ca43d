internal import DeepSARSA
internal import Foundation
internal import SARSAPreconditions

/// Writes arrays to a file that `numpy.load` reads without pickles: a zip archive of `.npy` files.
///
/// The members are stored without compression, with their checksums. The same arrays always give the
/// same bytes, because every member has the same date: 1 January 1980, the earliest that zip has.
///
/// Sources: numpy's `numpy.lib.format`, version 1.0; PKWARE's APPNOTE.TXT, 6.3.
enum NPZ {
  /// The type of an array's elements.
  enum Element: String, Sendable {
    case boolean = "|b1"
    case int64 = "<i8"
    case float32 = "<f4"
    case float64 = "<f8"

    /// The bytes of an element.
    var size: Int {
      switch self {
      case .boolean: 1
      case .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  /// An array that grows row by row.
  struct Array: Sendable {
    /// The name under which numpy loads it.
    let name: String
    /// The type of its elements.
    let element: Element
    /// The shape of a row; empty if a row is a single value.
    let rowShape: [Int]
    /// The values, little-endian.
    fileprivate var bytes: [UInt8] = []

    init(name: String, element: Element, rowShape: [Int] = []) {
      self.name = name
      self.element = element
      self.rowShape = rowShape
    }

    var bytesPerRow: Int { rowShape.reduce(element.size, *) }

    mutating func append(_ value: Bool) {
      requireElement(.boolean)
      bytes.append(value ? 1 : 0)
    }

    mutating func append(_ value: Int64) {
      requireElement(.int64)
      bytes.append(littleEndian: UInt64(bitPattern: value))
    }

    mutating func append(_ value: Float) {
      requireElement(.float32)
      bytes.append(littleEndian: value.bitPattern)
    }

    mutating func append(_ value: Double) {
      requireElement(.float64)
      bytes.append(littleEndian: value.bitPattern)
    }

    private func requireElement(_ given: Element) {
      require(given == element, "a \(given) for \(name), an array of \(element)")
    }

    /// The `.npy` header before the values, padded so that they start at a multiple of 64 bytes.
    fileprivate func header(rows: Int) -> [UInt8] {
      let shape = ([rows] + rowShape).map(String.init)
      let tuple = shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.joined(separator: ", ")))"
      var text = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': \(tuple), }"
      let prefix = 10
      let length = (prefix + text.utf8.count + 1 + 63) / 64 * 64
      text += String(repeating: " ", count: length - prefix - text.utf8.count - 1) + "\n"
      var result: [UInt8] = [0x93] + Swift.Array("NUMPY".utf8) + [1, 0]
      result.append(littleEndian: UInt16(length - prefix))
      return result + text.utf8
    }
  }

  /// The largest number of bytes of the arrays: zip's limit without zip64, minus the headers.
  static let limit = Int(UInt32.max) - 1 << 16

  /// Checks that a file can hold the rows.
  ///
  /// - Throws: `SystemError` with the code `EFBIG`.
  static func requireSize(_ rows: Int, rowsOf bytes: Int, path: String) throws(SystemError) {
    let (size, overflow) = rows.multipliedReportingOverflow(by: bytes)
    guard !overflow, size <= limit else { throw SystemError(.write, path, code: EFBIG) }
  }

  /// Writes arrays with a number of rows each.
  ///
  /// If that fails, an existing file is unchanged.
  ///
  /// - Precondition: every array has that many rows.
  /// - Throws: `SystemError`, with the code `EFBIG` for more than 4 GiB.
  static func write(_ arrays: [Array], rows: Int, to path: String) throws(SystemError) {
    try requireSize(rows, rowsOf: arrays.reduce(0) { $0 + $1.bytesPerRow }, path: path)
    var parts: [[UInt8]] = []
    var directory: [UInt8] = []
    var offset = 0
    for array in arrays {
      require(
        array.bytes.count == rows * array.bytesPerRow, "\(array.name) has not \(rows) rows")
      let name = Swift.Array("\(array.name).npy".utf8)
      let header = array.header(rows: rows)
      var checksum = CRC32()
      checksum.update(header)
      checksum.update(array.bytes)
      let common = entry(
        name: name, checksum: checksum.value, size: header.count + array.bytes.count)

      var local: [UInt8] = []
      local.append(littleEndian: 0x0403_4B50 as UInt32)
      local += common + name

      directory.append(littleEndian: 0x0201_4B50 as UInt32)
      directory.append(littleEndian: version)
      directory += common
      // No comment, disk number 0, no attributes.
      directory += Swift.Array(repeating: 0, count: 2 + 2 + 2 + 4)
      directory.append(littleEndian: UInt32(offset))
      directory += name

      parts += [local, header, array.bytes]
      offset += local.count + header.count + array.bytes.count
    }

    var end: [UInt8] = []
    end.append(littleEndian: 0x0605_4B50 as UInt32)
    end += [0, 0, 0, 0]
    for _ in 0..<2 { end.append(littleEndian: UInt16(arrays.count)) }
    end.append(littleEndian: UInt32(directory.count))
    end.append(littleEndian: UInt32(offset))
    end += [0, 0]
    try Files.replace(path, withParts: parts + [directory, end])
  }

  /// The version of zip that is needed to read the file: 2.0, for which no member is compressed.
  private static let version: UInt16 = 20

  /// The fields that a member's local header and its directory entry share.
  private static func entry(name: [UInt8], checksum: UInt32, size: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.append(littleEndian: version)
    // No flags, no compression, time 0:00.
    result += [0, 0, 0, 0, 0, 0]
    // 1 January 1980.
    result.append(littleEndian: 0x0021 as UInt16)
    result.append(littleEndian: checksum)
    for _ in 0..<2 { result.append(littleEndian: UInt32(size)) }
    result.append(littleEndian: UInt16(name.count))
    result.append(littleEndian: 0 as UInt16)
    return result
  }
}

extension [UInt8] {
  /// Appends a number in little-endian order.
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
