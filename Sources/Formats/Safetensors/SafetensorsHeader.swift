/// What comes before the numbers of a safetensors file: which tensors it has, where they are, and the
/// metadata.
///
/// A header that exists is whole: names are unique, sizes fit the shapes, and the tensors lie one behind
/// the other, without gaps. So whoever reads or writes the numbers need not check that again.
package struct SafetensorsHeader: Hashable, Sendable {
  /// A tensor without its numbers.
  package struct Entry: Hashable, Sendable {
    /// Its name, unique in the file.
    package let name: String
    /// The type of its elements.
    package let type: TensorType
    /// Its shape; empty for a scalar.
    package let shape: [Int]
    /// The place of its elements, in bytes from the end of the header.
    package let bytes: Range<Int>

    /// The number of its elements: the product of the shape's sides.
    package var count: Int { bytes.count / type.size }
  }

  /// The tensors in the order of their numbers.
  package let entries: [Entry]
  /// The metadata: text by keys.
  package let metadata: [String: String]

  /// The bytes before the numbers.
  package var byteCount: Int { encoded().count }

  /// The bytes of all numbers.
  package var dataCount: Int { entries.last?.bytes.upperBound ?? 0 }

  /// The tensor with a name.
  package subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// The longest header that is read or written, in bytes.
  static let limit = 1 << 20
  /// The field that holds the metadata; no tensor may have this name.
  static let metadataKey = "__metadata__"

  /// The product of a shape's sides; `nil` if a side is negative or the product overflows.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for side in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: side)
      if overflow || side < 0 { return nil }
      count = product
    }
    return count
  }
}

// MARK: - Writing

extension SafetensorsHeader {
  /// Lays tensors out one behind the other.
  ///
  /// - Throws: `SafetensorsError` for a repeated name, a tensor named `__metadata__`, a shape whose bytes
  ///   cannot be counted, and more than 1 MiB of names, shapes and metadata.
  package init(
    _ tensors: [(name: String, type: TensorType, shape: [Int])], metadata: [String: String] = [:]
  ) throws(SafetensorsError) {
    var names: Set<String> = [Self.metadataKey]
    var entries: [Entry] = []
    var end = 0
    for (name, type, shape) in tensors {
      if name == Self.metadataKey {
        throw SafetensorsError("a tensor has the name of the metadata, '\(name)'")
      }
      guard names.insert(name).inserted else {
        throw SafetensorsError("two tensors are named '\(name)'")
      }
      let (size, isTooLarge) = (Self.count(of: shape) ?? .max)
        .multipliedReportingOverflow(by: type.size)
      let (next, overflow) = end.addingReportingOverflow(size)
      guard !isTooLarge, !overflow else {
        throw SafetensorsError("tensor '\(name)' has an impossible shape, \(shape)")
      }
      entries.append(Entry(name: name, type: type, shape: shape, bytes: end..<next))
      end = next
    }
    self.entries = entries
    self.metadata = metadata
    let length = byteCount - 8
    guard length <= Self.limit else {
      throw SafetensorsError(
        "names, shapes and metadata take \(length) bytes; allowed: \(Self.limit)")
    }
  }

  /// The bytes before the numbers: the length, and JSON that is padded with spaces to a multiple of eight.
  package func encoded() -> [UInt8] {
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
        .map { "\($0.quotedAsJSON):\($1.quotedAsJSON)" }
      fields.append("\(Self.metadataKey.quotedAsJSON):{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      let (start, end) = (entry.bytes.lowerBound, entry.bytes.upperBound)
      fields.append(
        "\(entry.name.quotedAsJSON):{\"dtype\":\"\(entry.type.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}")
    }
    let text = "{\(fields.joined(separator: ","))}"
    let padding = (8 - text.utf8.count % 8) % 8
    var writer = ByteWriter(capacity: 8 + text.utf8.count + padding)
    writer.append(UInt64(text.utf8.count + padding))
    writer.append(text)
    writer.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding))
    return writer.bytes
  }
}

// MARK: - Reading

extension SafetensorsHeader {
  /// Reads the JSON of a header strictly, and judges it by the number of bytes behind it.
  ///
  /// It refuses gaps, overlaps, trailing bytes, duplicate names, unknown fields and types, and sizes that
  /// do not fit the shape.
  ///
  /// - Throws: `SafetensorsError` with one line that says what is wrong.
  package init(parsing json: [UInt8], dataCount: Int) throws(SafetensorsError) {
    var found: [Found] = []
    var metadata: [String: String] = [:]
    do throws(JSONError) {
      var reader = JSONReader(json)
      try reader.object { reader, name throws(JSONError) in
        guard name == Self.metadataKey else {
          return found.append(try Found(name, reading: &reader))
        }
        // The Rust library, which most programs use, accepts null for missing metadata.
        if reader.takeNull() { return }
        try reader.object { reader, key throws(JSONError) in metadata[key] = try reader.text() }
      }
      try reader.end()
    } catch {
      throw SafetensorsError("header: \(error)")
    }
    var entries: [Entry] = []
    var position = 0
    for tensor in found.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      entries.append(try tensor.entry(startingAt: position, dataCount: dataCount))
      position = tensor.end
    }
    guard position == dataCount else {
      throw SafetensorsError("\(dataCount - position) bytes follow the last tensor")
    }
    self.entries = entries
    self.metadata = metadata
  }

  /// A tensor as a header describes it, true or not.
  private struct Found {
    var name: String
    var type = TensorType.float32
    var shape: [Int] = []
    var start = 0
    var end = 0

    init(_ name: String, reading reader: inout JSONReader) throws(JSONError) {
      self.name = name
      var fields = 0
      let before = reader
      try reader.object { reader, field throws(JSONError) in
        fields += 1
        switch field {
        case "dtype":
          let before = reader
          let text = try reader.text()
          guard let known = TensorType(rawValue: text) else {
            let allowed = TensorType.allCases.map(\.rawValue).joined(separator: ", ")
            throw before.error("tensor '\(name)' has type '\(text)'; allowed: \(allowed)")
          }
          type = known
        case "shape": shape = try Self.integers(&reader)
        case "data_offsets":
          let offsets = try Self.integers(&reader)
          guard offsets.count == 2 else {
            throw reader.error("tensor '\(name)' needs two data_offsets")
          }
          (start, end) = (offsets[0], offsets[1])
        default: throw reader.error("tensor '\(name)' has an unknown field '\(field)'")
        }
      }
      guard fields == 3 else {
        throw before.error("tensor '\(name)' needs dtype, shape and data_offsets")
      }
    }

    private static func integers(_ reader: inout JSONReader) throws(JSONError) -> [Int] {
      var result: [Int] = []
      try reader.list { reader throws(JSONError) in
        result.append(try reader.integer(in: 0 ... .max))
      }
      return result
    }

    /// The tensor, if it starts where the last one ends, has the size of its shape, and is in the file.
    func entry(startingAt position: Int, dataCount: Int) throws(SafetensorsError) -> Entry {
      guard start == position else {
        throw SafetensorsError("tensor '\(name)' starts at \(start), not \(position)")
      }
      guard let count = SafetensorsHeader.count(of: shape) else {
        throw SafetensorsError("tensor '\(name)' has an impossible shape, \(shape)")
      }
      guard end >= start, (end - start) % type.size == 0, count == (end - start) / type.size
      else {
        throw SafetensorsError("tensor '\(name)' of shape \(shape) has bytes \(start)..<\(end)")
      }
      guard end <= dataCount else {
        throw SafetensorsError(
          "tensor '\(name)' ends at \(end), and the file has \(dataCount) bytes of data")
      }
      return Entry(name: name, type: type, shape: shape, bytes: start..<end)
    }
  }
}
