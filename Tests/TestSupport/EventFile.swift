/// What an event file has, read independently of its writer.
public struct EventFile: Hashable {
  /// A point of a curve.
  public struct Point: Hashable {
    /// The curve's name.
    public let tag: String
    /// The place on the horizontal axis.
    public let step: Int
    /// The place on the vertical axis.
    public let value: Float
  }

  /// The points in their order.
  public private(set) var points: [Point] = []
  /// The version that the first record gives.
  public private(set) var version: String?

  /// Reads all records, and leaves their checksums aside.
  public init(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let length = Int(try Self.number(rest.prefix(8)))
      rest = rest.dropFirst(12)
      try readEvent(rest.prefix(length))
      rest = rest.dropFirst(length + 4)
    }
  }

  private mutating func readEvent(_ bytes: ArraySlice<UInt8>) throws {
    var (step, values) = (0, [ArraySlice<UInt8>]())
    try Self.readFields(bytes) { field, content in
      switch (field, content) {
      case (2, .number(let number)): step = Int(number)
      case (3, .bytes(let text)): version = String(decoding: text, as: UTF8.self)
      case (5, .bytes(let summary)):
        try Self.readFields(summary) { _, value in
          if case .bytes(let value) = value { values.append(value) }
        }
      default: break
      }
    }
    for value in values {
      var (tag, number) = ("", Float.nan)
      try Self.readFields(value) { field, content in
        switch (field, content) {
        case (1, .bytes(let text)): tag = String(decoding: text, as: UTF8.self)
        case (2, .number(let bits)): number = Float(bitPattern: UInt32(bits))
        default: break
        }
      }
      points.append(Point(tag: tag, step: step, value: number))
    }
  }

  private enum Content {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private struct Malformed: Error {}

  private static func readFields(
    _ bytes: ArraySlice<UInt8>, _ body: (Int, Content) throws -> Void
  ) throws {
    var rest = bytes
    func variable() throws -> UInt64 {
      var (result, shift) = (UInt64(0), 0)
      while let byte = rest.popFirst() {
        result |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return result }
        shift += 7
      }
      throw Malformed()
    }
    while !rest.isEmpty {
      let key = try variable()
      switch key & 7 {
      case 0: try body(Int(key >> 3), .number(try variable()))
      case 1:
        try body(Int(key >> 3), .number(number(rest.prefix(8))))
        rest = rest.dropFirst(8)
      case 2:
        let length = Int(try variable())
        guard rest.count >= length else { throw Malformed() }
        try body(Int(key >> 3), .bytes(rest.prefix(length)))
        rest = rest.dropFirst(length)
      case 5:
        try body(Int(key >> 3), .number(number(rest.prefix(4))))
        rest = rest.dropFirst(4)
      default: throw Malformed()
      }
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) throws -> UInt64 {
    guard bytes.count == 4 || bytes.count == 8 else { throw Malformed() }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
