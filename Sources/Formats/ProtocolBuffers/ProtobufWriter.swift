/// Writes a message of Protocol Buffers to bytes in memory, field by field.
///
/// A field is a tag, which has its number and how its value is written, and the value. There is no schema
/// here: whoever writes a message knows its fields. A field that is not written has its default, and a
/// repeated one is written once for each element.
///
/// ```swift
/// var message = ProtobufWriter()
/// message.write(7, to: 1)
/// message.write("observations", to: 2)
/// message.write(to: 3) { $0.write(1.5 as Float, to: 1) }
/// ```
///
/// Source: https://protobuf.dev/programming-guides/encoding/
package struct ProtobufWriter: Sendable {
  private var writer = ByteWriter()

  /// An empty message.
  package init() {}

  /// The message so far.
  package var bytes: [UInt8] { writer.bytes }

  /// How a value is written.
  private enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case lengthDelimited = 2
    case fourBytes = 5
  }

  /// Writes an integer: `int32`, `int64`, or the number of an enumeration's case.
  ///
  /// A negative one takes ten bytes.
  package mutating func write(_ value: Int, to field: Int) {
    tag(field, .varint)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  /// Writes a `float`.
  package mutating func write(_ value: Float, to field: Int) {
    tag(field, .fourBytes)
    writer.append(value)
  }

  /// Writes a `double`.
  package mutating func write(_ value: Double, to field: Int) {
    tag(field, .eightBytes)
    writer.append(value)
  }

  /// Writes a `string`.
  package mutating func write(_ text: String, to field: Int) {
    write(Array(text.utf8), to: field)
  }

  /// Writes `bytes`.
  package mutating func write(_ bytes: [UInt8], to field: Int) {
    tag(field, .lengthDelimited)
    append(varint: UInt64(bytes.count))
    writer.append(contentsOf: bytes)
  }

  /// Writes a message within this one.
  ///
  /// - Complexity: O(n) for n bytes: the inner message is copied, because its length comes before it.
  package mutating func write(to field: Int, _ fields: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    fields(&message)
    write(message.bytes, to: field)
  }

  private mutating func tag(_ field: Int, _ type: WireType) {
    append(varint: UInt64(field) << 3 | type.rawValue)
  }

  /// Appends seven bits a byte, the lowest first; the eighth says that more bytes follow.
  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      writer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    writer.append(UInt8(rest))
  }
}
