/// Reads a safetensors file tensor by tensor, each to where it is needed.
///
/// The header is read and judged first, by the file's length too: memory is only asked for numbers that
/// are there.
///
/// ```swift
/// let reader = try SafetensorsReader(InputFile(path))
/// try arena.withMutableSpan(of: ring) { try reader.read("ring", into: &$0) }
/// ```
package struct SafetensorsReader<Source: ByteSource & ~Copyable>: ~Copyable {
  /// What the file has.
  package let header: SafetensorsHeader
  private let source: Source
  /// The bytes before the numbers.
  private let dataStart: Int

  /// Reads the header.
  ///
  /// - Throws: the source's error, or `SafetensorsError` with one line that says what is wrong.
  /// - Complexity: O(n) for a header of n bytes, at most 1 MiB.
  package init(_ source: consuming Source) throws(SafetensorsFailure<Source.Failure>) {
    let start = try Self.bytes(0..<min(source.byteCount, 8), of: source)
    let length: UInt64 = start.count == 8 ? start.span.littleEndian(at: 0) : 0
    guard start.count == 8, length <= SafetensorsHeader.limit else {
      let first = try Self.bytes(0..<min(source.byteCount, 1_000), of: source)
      throw .content(SafetensorsError(notSafetensors: first, headerLength: length))
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= source.byteCount else {
      throw .content(
        SafetensorsError(
          "the file ends within its header: the header has \(length) bytes, the file "
            + "\(source.byteCount - 8) of them"))
    }
    let json = try Self.bytes(8..<dataStart, of: source)
    do {
      header = try SafetensorsHeader(parsing: json, dataCount: source.byteCount - dataStart)
    } catch {
      throw .content(error)
    }
    self.dataStart = dataStart
    self.source = source
  }

  private static func bytes(
    _ range: Range<Int>, of source: borrowing Source
  ) throws(SafetensorsFailure<Source.Failure>) -> [UInt8] {
    do { return try source.bytes(range) } catch { throw .access(error) }
  }

  /// Reads a tensor's numbers.
  ///
  /// F16 and BF16 are widened to `Float`, which is exact.
  ///
  /// - Throws: the source's error, or `SafetensorsError` if the file has no such tensor, or if its type or
  ///   number of elements is another one.
  package func read<Element: TensorElement>(
    _ name: String, into values: inout MutableSpan<Element>
  ) throws(SafetensorsFailure<Source.Failure>) {
    let entry = try entry(name)
    try requireReadable(entry, as: Element.self)
    guard entry.count == values.count else {
      throw .content(
        SafetensorsError(
          "tensor '\(name)' has \(entry.count) elements; allowed: \(values.count)"))
    }
    try read(entry, into: &values)
  }

  /// A tensor's numbers as an array, row-major.
  ///
  /// - Throws: as `read(_:into:)`, however many elements there are.
  package func values<Element: TensorElement>(
    of name: String, as type: Element.Type = Element.self
  ) throws(SafetensorsFailure<Source.Failure>) -> [Element] {
    try values(of: entry(name))
  }

  /// The numbers of one of the header's tensors.
  ///
  /// - Throws: as `values(of:as:)`.
  package func values<Element: TensorElement>(
    of entry: SafetensorsHeader.Entry, as type: Element.Type = Element.self
  ) throws(SafetensorsFailure<Source.Failure>) -> [Element] {
    try requireReadable(entry, as: type)
    var values = Array(repeating: Element(), count: entry.count)
    var span = values.mutableSpan
    try read(entry, into: &span)
    return values
  }

  private func entry(
    _ name: String
  ) throws(SafetensorsFailure<Source.Failure>) -> SafetensorsHeader.Entry {
    guard let entry = header[name] else {
      throw .content(SafetensorsError("tensor '\(name)' is missing"))
    }
    return entry
  }

  private func requireReadable<Element: TensorElement>(
    _ entry: SafetensorsHeader.Entry, as type: Element.Type
  ) throws(SafetensorsFailure<Source.Failure>) {
    let readable = [type.tensorType] + type.narrowerTypes
    guard readable.contains(entry.type) else {
      let allowed = readable.map(\.rawValue).joined(separator: ", ")
      throw .content(
        SafetensorsError(
          "tensor '\(entry.name)' has type \(entry.type.rawValue); allowed: \(allowed)"))
    }
  }

  private func read<Element: TensorElement>(
    _ entry: SafetensorsHeader.Entry, into values: inout MutableSpan<Element>
  ) throws(SafetensorsFailure<Source.Failure>) {
    let range = dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound
    var bytes = unsafe values.mutableBytes
    // Elements of half the size go to the upper half, and from there to their places: an element is
    // never written over one that was not read.
    let place = bytes.byteCount - range.count
    do { try source.read(range, into: &bytes, at: place) } catch { throw .access(error) }
    guard entry.type != Element.tensorType else { return }
    for i in 0..<entry.count {
      let bits = unsafe bytes.unsafeLoad(fromByteOffset: place + 2 * i, as: UInt16.self)
      bytes.storeBytes(of: entry.type.widened(bits), toByteOffset: 4 * i, as: Float.self)
    }
  }
}

/// Why a safetensors file could not be read: the file itself, or what is in it.
package enum SafetensorsFailure<Access: Error>: Error {
  /// The file or memory could not be read.
  case access(Access)
  /// The content is not allowed.
  case content(SafetensorsError)
}
