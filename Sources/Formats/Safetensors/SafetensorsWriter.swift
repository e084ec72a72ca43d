internal import SARSAPreconditions

/// Writes a safetensors file tensor by tensor, so that the data is never in memory twice.
///
/// The header says first which tensors come; their numbers follow in that order, each in one piece or
/// several.
///
/// ```swift
/// let header = try SafetensorsHeader([("steps", .int64, []), ("ring", .float32, [rows, columns])])
/// var writer = try SafetensorsWriter(header, to: ReplacementFile(for: path))
/// try writer.write([steps].span, of: "steps")
/// try arena.withSpan(of: ring) { try writer.write($0, of: "ring") }
/// try writer.finish().commit()
/// ```
package struct SafetensorsWriter<Sink: ByteSink & ~Copyable>: ~Copyable {
  private let header: SafetensorsHeader
  private var sink: Sink
  /// The tensor that is being written, and the bytes of it that were.
  private var index = 0
  private var written = 0

  /// Writes a header to the beginning of a file or of memory.
  ///
  /// - Throws: the sink's error.
  package init(
    _ header: SafetensorsHeader, to sink: consuming Sink
  ) throws(Sink.Failure) {
    var sink = sink
    try sink.write(header.encoded())
    self.header = header
    self.sink = sink
  }

  /// Appends numbers of a tensor.
  ///
  /// - Precondition: the tensor is the one whose numbers come next; it has this type, and room for them.
  package mutating func write<Element: TensorElement>(
    _ values: Span<Element>, of name: String
  ) throws(Sink.Failure) {
    while index < header.entries.count, header.entries[index].name != name,
      header.entries[index].bytes.count == written
    {
      index += 1
      written = 0
    }
    let entry = index < header.entries.count ? header.entries[index] : nil
    require(
      entry?.name == name, "tensor '\(name)' is written; allowed: \(entry?.name ?? "none")")
    require(
      entry?.type == Element.tensorType,
      "'\(name)' is written as \(Element.tensorType.rawValue); allowed: its type in the header")
    written += values.count * Element.tensorType.size
    require(
      written <= entry?.bytes.count ?? 0,
      "\(written) bytes of '\(name)' are written; allowed: \(entry?.bytes.count ?? 0)")
    try sink.write(values)
  }

  /// The file or the memory, with everything in it.
  ///
  /// - Precondition: all numbers of all tensors were written.
  package consuming func finish() -> Sink {
    let rest = header.entries.dropFirst(index).reduce(0) { $0 + $1.bytes.count } - written
    require(rest == 0, "\(rest) bytes of the file's tensors are missing; allowed: 0")
    return sink
  }
}
