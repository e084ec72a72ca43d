package import SARSAFormats

// A state as a file: a tensor for each list of numbers, under its name, and one tensor `state` of JSON text with
// all other values by name.

extension MemoryArchive {
  /// The tensor of the values that are not lists of numbers.
  private static let valuesName = "state"

  /// The bytes of a safetensors file with all parts.
  ///
  /// Equal states give equal bytes.
  ///
  /// - Throws: `SafetensorsError` if the names are longer than a header may be.
  /// - Complexity: O(n), with the bytes in memory.
  package func encoded(metadata: [String: String] = [:]) throws(SafetensorsError) -> [UInt8] {
    var lists: [(name: String, numbers: Numbers)] = []
    var values: [Tree.Entry] = []
    for name in names {
      switch parts[name] {
      case .numbers(let numbers): lists.append((name, .floats(numbers)))
      case .value(let tree):
        if let numbers = Numbers(tree) {
          lists.append((name, numbers))
        } else {
          values.append(Tree.Entry(name, tree))
        }
      case nil: break
      }
    }
    lists.append((Self.valuesName, .bytes(Array(Tree.mapping(values).json.utf8))))
    let header = try SafetensorsHeader(
      lists.map { ($0.name, $0.numbers.type, [$0.numbers.count]) }, metadata: metadata)
    var writer = SafetensorsWriter(
      header, to: ByteWriter(capacity: header.byteCount + header.dataCount))
    for (name, numbers) in lists { numbers.write(as: name, to: &writer) }
    return writer.finish().bytes
  }

  /// Reads the parts of a file, which can then be read from the archive.
  ///
  /// - Throws: `SafetensorsError` for a file that was not written by `encoded(metadata:)`.
  package init(
    _ reader: borrowing SafetensorsReader<[UInt8]>
  ) throws(SafetensorsFailure<Never>) {
    self.init()
    for entry in reader.header.entries {
      if entry.name == Self.valuesName { continue }
      guard entry.shape.count == 1 else {
        throw .content(
          SafetensorsError("tensor '\(entry.name)' has shape \(entry.shape); allowed: one side"))
      }
      switch entry.type {
      case .float32: parts[entry.name] = .numbers(try reader.values(of: entry))
      default: parts[entry.name] = .value(try Numbers(entry, of: reader).tree)
      }
    }
    let text = try reader.values(of: Self.valuesName, as: UInt8.self)
    let tree: Tree
    do { tree = try Tree(json: text) } catch {
      throw .content(SafetensorsError("tensor '\(Self.valuesName)' is not JSON: \(error)"))
    }
    guard let entries = tree.entries else {
      throw .content(SafetensorsError("tensor '\(Self.valuesName)' is not an object of JSON"))
    }
    for entry in entries {
      guard parts[entry.key] == nil else {
        throw .content(
          SafetensorsError(
            "'\(entry.key)' is a tensor, and a value in '\(Self.valuesName)'; allowed: one of both")
        )
      }
      parts[entry.key] = .value(entry.value)
    }
    startReading()
  }
}

/// The numbers of a tensor.
private enum Numbers {
  case floats([Float])
  case doubles([Double])
  case integers([Int64])
  case words([UInt64])
  case bytes([UInt8])

  /// The numbers of a list that has no other elements; `nil` for another tree, and for an empty list, which has
  /// no type.
  init?(_ tree: Tree) {
    guard let elements = tree.elements, let first = elements.first else { return nil }
    func all<Value>(_ value: (Tree) -> Value?) -> [Value]? {
      let values = elements.compactMap(value)
      return values.count == elements.count ? values : nil
    }
    let numbers: Numbers? =
      switch first {
      case .number: all { if case .number(let value) = $0 { value } else { nil } }.map(Self.doubles)
      case .single: all { if case .single(let value) = $0 { value } else { nil } }.map(Self.floats)
      case .integer:
        all { if case .integer(let value) = $0 { Int64(value) } else { nil } }.map(Self.integers)
      case .unsigned:
        all { if case .unsigned(let value) = $0 { value } else { nil } }.map(Self.words)
      case .boolean:
        all { if case .boolean(let value) = $0 { value ? 1 : 0 } else { nil } }.map(Self.bytes)
      default: nil
      }
    guard let numbers else { return nil }
    self = numbers
  }

  init(
    _ entry: SafetensorsHeader.Entry, of reader: borrowing SafetensorsReader<[UInt8]>
  ) throws(SafetensorsFailure<Never>) {
    switch entry.type {
    case .float16, .bfloat16, .float32: self = .floats(try reader.values(of: entry))
    case .float64: self = .doubles(try reader.values(of: entry))
    case .int64: self = .integers(try reader.values(of: entry))
    case .uint64: self = .words(try reader.values(of: entry))
    case .uint8: self = .bytes(try reader.values(of: entry))
    }
  }

  /// The numbers as a list; bytes are true or false.
  var tree: Tree {
    switch self {
    case .floats(let values): .sequence(values.map(Tree.single))
    case .doubles(let values): .sequence(values.map(Tree.number))
    case .integers(let values): .sequence(values.map { .integer(Int($0)) })
    case .words(let values): .sequence(values.map(Tree.unsigned))
    case .bytes(let values):
      .sequence(values.map { $0 > 1 ? .integer(Int($0)) : .boolean($0 == 1) })
    }
  }

  var type: TensorType {
    switch self {
    case .floats: .float32
    case .doubles: .float64
    case .integers: .int64
    case .words: .uint64
    case .bytes: .uint8
    }
  }

  var count: Int {
    switch self {
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .integers(let values): values.count
    case .words(let values): values.count
    case .bytes(let values): values.count
    }
  }

  func write(as name: String, to writer: inout SafetensorsWriter<ByteWriter>) {
    switch self {
    case .floats(let values): writer.write(values.span, of: name)
    case .doubles(let values): writer.write(values.span, of: name)
    case .integers(let values): writer.write(values.span, of: name)
    case .words(let values): writer.write(values.span, of: name)
    case .bytes(let values): writer.write(values.span, of: name)
    }
  }
}
