internal import SARSAFormats

/// A message to send: its length, kind, payload and checksum, in little-endian order.
struct Frame {
  private var writer = ByteWriter()

  /// The largest number of bytes of a message.
  static let limit = 64 << 20
  /// The number of bytes before the payload.
  static let headerSize = 5

  /// The whole message, after `end()`.
  var bytes: [UInt8] { writer.bytes }

  /// Begins a message of some kind.
  mutating func begin(_ kind: UInt8) {
    writer.removeAll()
    writer.append(0 as UInt32)
    writer.append(kind)
  }

  mutating func append(_ value: some FixedWidthInteger) { writer.append(value) }

  mutating func append(_ text: String) { writer.append(text) }

  /// Writes length and checksum.
  mutating func end() {
    writer.replace(at: 0, with: UInt32(writer.count))
    writer.append(writer.checksum(from: 4))
  }
}
