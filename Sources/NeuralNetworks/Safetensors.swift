internal import SARSAPreconditions

/// A file of named float32 arrays in the safetensors format, in memory.
///
/// The format: eight bytes with the header's length, a JSON header that gives each tensor's type,
/// shape and position, then the numbers, little-endian, row-major, without gaps. A file contains no
/// executable code. Source: https://huggingface.co/docs/safetensors
public struct Safetensors: Hashable, Sendable {
  /// One named array.
  public struct Tensor: Hashable, Sendable {
    /// Its name, unique in the file.
    public var name: String
    /// Its shape; empty for a scalar.
    public var shape: [Int]
    /// Its numbers, row-major.
    public var values: [Float]

    /// Makes a tensor.
    ///
    /// - Precondition: the number of values is the product of the shape.
    public init(name: String, shape: [Int], values: [Float]) {
      self.name = name
      self.shape = shape
      self.values = values
      require(isWhole, "\(error)")
    }

    /// Whether the number of values is the product of the shape.
    var isWhole: Bool { Safetensors.count(of: shape) == values.count }

    /// The error of a tensor with the wrong number of values.
    var error: SafetensorsError {
      SafetensorsError(
        "tensor '\(name)' has shape \(shape) and \(values.count) values; allowed: the product of the "
          + "shape's sides")
    }
  }

  /// The tensors, in the file's order.
  public var tensors: [Tensor]
  /// The metadata: text by keys.
  public var metadata: [String: String]

  /// Makes a file from its parts.
  public init(tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

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

  /// The tensor with a name.
  public subscript(name: String) -> Tensor? {
    tensors.first { $0.name == name }
  }
}

// MARK: - Writing

extension Safetensors {
  /// The file's bytes: tensors by name, header padded to a multiple of eight with spaces.
  ///
  /// Equal files give equal bytes.
  ///
  /// - Throws: `SafetensorsError` for content that readers refuse: two tensors with the same name, a tensor
  ///   named `__metadata__`, a number of values that does not fit the shape, a header longer than
  ///   `headerLimit`.
  public func encoded() throws(SafetensorsError) -> [UInt8] {
    var names: Set<String> = [Self.metadataKey]
    for tensor in tensors {
      if tensor.name == Self.metadataKey {
        throw SafetensorsError("a tensor has the name of the metadata, '\(tensor.name)'")
      }
      guard names.insert(tensor.name).inserted else {
        throw SafetensorsError("two tensors are named '\(tensor.name)'")
      }
      guard tensor.isWhole else { throw tensor.error }
    }
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
      entries.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    let sorted = tensors.sorted { $0.name < $1.name }
    var end = 0
    for tensor in sorted {
      let start = end
      end += tensor.values.count * 4
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(quoted(tensor.name)):"
          + "{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    guard header.count <= Self.headerLimit else {
      throw SafetensorsError(
        "names, shapes and metadata take \(header.count) bytes; allowed: \(Self.headerLimit)")
    }

    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: header.count >> shift))
    }
    bytes += header
    for tensor in sorted {
      for value in tensor.values {
        for shift in stride(from: 0, to: 32, by: 8) as StrideTo<UInt32> {
          bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
      }
    }
    return bytes
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

// MARK: - Reading

/// An error in a safetensors file that is read or written.
public struct SafetensorsError: Error, Hashable, CustomStringConvertible {
  /// One line that says what is wrong and where.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Safetensors {
  /// The longest header that is read or written, in bytes: 1 MiB; other readers allow 100 MB.
  public static let headerLimit = 1 << 20
  /// The header's field that holds the metadata; no tensor may have this name.
  static let metadataKey = "__metadata__"

  /// Parses a file's bytes strictly.
  ///
  /// It refuses truncated and trailing bytes, gaps, overlaps, duplicate names, inconsistent sizes, types
  /// other than F32, and headers longer than `headerLimit`.
  ///
  /// - Throws: `SafetensorsError` with one line that says what is wrong.
  /// - Complexity: O(n); memory for a tensor is allocated only after its bytes are known to exist.
  public init(decoding bytes: [UInt8]) throws(SafetensorsError) {
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard bytes.count >= 8, length <= Self.headerLimit else {
      throw SafetensorsError(notSafetensors: bytes, headerLength: length)
    }
    guard length <= bytes.count - 8 else {
      throw SafetensorsError(
        "the file ends within its header: the header has \(length) bytes, the file \(bytes.count - 8) of them"
      )
    }
    let dataStart = 8 + Int(length)
    let data = bytes[dataStart...]
    let header = try SafetensorsHeader(parsing: bytes[8..<dataStart])

    self.metadata = header.metadata
    self.tensors = []
    var position = 0
    for entry in header.entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      guard entry.start == position else {
        throw SafetensorsError("tensor '\(entry.name)' starts at \(entry.start), not \(position)")
      }
      guard let count = Self.count(of: entry.shape) else {
        throw SafetensorsError("tensor '\(entry.name)' has an impossible shape, \(entry.shape)")
      }
      guard entry.end >= entry.start, (entry.end - entry.start) % 4 == 0,
        count == (entry.end - entry.start) / 4
      else {
        throw SafetensorsError(
          "tensor '\(entry.name)' of shape \(entry.shape) has bytes \(entry.start)..<\(entry.end)")
      }
      guard entry.end <= data.count else {
        throw SafetensorsError(
          "tensor '\(entry.name)' ends at \(entry.end), and the file has \(data.count) bytes of data"
        )
      }
      let values = (0..<count).map { i in
        let at = dataStart + entry.start + 4 * i
        return Float(
          bitPattern: UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
            | UInt32(bytes[at + 3]) << 24)
      }
      tensors.append(Tensor(name: entry.name, shape: entry.shape, values: values))
      position = entry.end
    }
    guard position == data.count else {
      throw SafetensorsError("\(data.count - position) bytes follow the last tensor")
    }
  }
}
