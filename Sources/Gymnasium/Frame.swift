internal import SARSAFiles

/// A message to send: its length, kind, payload and checksum, in little-endian order.
struct Frame {
  private(set) var bytes: [UInt8] = []

  /// The largest number of bytes of a message.
  static let limit = 64 << 20
  /// The number of bytes before the payload.
  static let headerSize = 5

  /// Begins a message of some kind.
  mutating func begin(_ kind: UInt8) {
    bytes.removeAll(keepingCapacity: true)
    bytes += [0, 0, 0, 0, kind]
  }

  mutating func append(_ value: some FixedWidthInteger) {
    let count = value.bitWidth / 8
    for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }

  mutating func append(_ text: String) { bytes += Array(text.utf8) }

  /// Writes length and checksum.
  mutating func end() {
    let length = UInt32(bytes.count)
    for i in 0..<4 { bytes[i] = UInt8(truncatingIfNeeded: length >> (8 * i)) }
    append(CRC32.checksum(of: bytes.span.extracting(4..<bytes.count)))
  }
}

/// The payload of a message that was received, read from its beginning.
struct Payload {
  private var rest: ArraySlice<UInt8>

  /// There are fewer bytes than the format has, or they have values that it does not allow.
  struct Unreadable: Error {}

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) throws(Unreadable) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Unreadable() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type
  ) throws(Unreadable) -> Value {
    try take(Value.bitWidth / 8).reversed().reduce(0) { $0 << 8 | Value($1) }
  }

  /// An unsigned number of 64 bits that fits into an `Int`.
  mutating func count(atMost limit: Int = .max) throws(Unreadable) -> Int {
    guard let value = Int(exactly: try integer(UInt64.self)), value <= limit else {
      throw Unreadable()
    }
    return value
  }

  mutating func floats(_ count: Int) throws(Unreadable) -> [Float] {
    guard count <= rest.count / 4 else { throw Unreadable() }
    var result: [Float] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(Float(bitPattern: try integer(UInt32.self))) }
    return result
  }

  mutating func text(_ count: Int) throws(Unreadable) -> String {
    String(decoding: try take(count), as: UTF8.self)
  }
}
