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
    package var isWhole: Bool { SafetensorsHeader.count(of: shape) == values.count }

    /// The error of a tensor with the wrong number of values.
    package var error: SafetensorsError {
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

  /// The tensor with a name.
  public subscript(name: String) -> Tensor? {
    tensors.first { $0.name == name }
  }

  /// The longest header that is read or written, in bytes: 1 MiB; other readers allow 100 MB.
  public static let headerLimit = SafetensorsHeader.limit
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
    let header = try header()
    return write(header, to: ByteWriter(capacity: header.byteCount + header.dataCount)).bytes
  }

  /// The header of the file.
  ///
  /// - Throws: as `encoded()`.
  package func header() throws(SafetensorsError) -> SafetensorsHeader {
    for tensor in tensors where !tensor.isWhole { throw tensor.error }
    return try SafetensorsHeader(
      sorted.map { ($0.name, .float32, $0.shape) }, metadata: metadata)
  }

  /// Writes the file, which has this header.
  func write<Sink: ByteSink & ~Copyable>(
    _ header: SafetensorsHeader, to sink: consuming Sink
  ) throws(Sink.Failure) -> Sink {
    var writer = try SafetensorsWriter(header, to: sink)
    for tensor in sorted { try writer.write(tensor.values.span, of: tensor.name) }
    return writer.finish()
  }

  private var sorted: [Tensor] { tensors.sorted { $0.name < $1.name } }
}

// MARK: - Reading

extension Safetensors {
  /// Parses a file's bytes strictly.
  ///
  /// It refuses truncated and trailing bytes, gaps, overlaps, duplicate names, inconsistent sizes, types
  /// other than F32, F16 and BF16, and headers longer than `headerLimit`. F16 and BF16 are widened, which
  /// is exact.
  ///
  /// - Throws: `SafetensorsError` with one line that says what is wrong.
  /// - Complexity: O(n); memory for a tensor is allocated only after its bytes are known to exist.
  public init(decoding bytes: [UInt8]) throws(SafetensorsError) {
    do {
      try self.init(SafetensorsReader(bytes))
    } catch {
      switch error {
      case .content(let error): throw error
      }
    }
  }

  /// Reads all tensors of a file.
  init<Source: ByteSource & ~Copyable>(
    _ reader: consuming SafetensorsReader<Source>
  ) throws(SafetensorsFailure<Source.Failure>) {
    var tensors: [Tensor] = []
    for entry in reader.header.entries {
      tensors.append(
        Tensor(
          name: entry.name, shape: entry.shape, values: try reader.values(of: entry)))
    }
    self.init(tensors: tensors, metadata: reader.header.metadata)
  }
}
