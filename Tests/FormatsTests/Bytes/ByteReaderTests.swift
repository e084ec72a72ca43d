import SARSAFormats
import Testing

@Suite("Reading and writing bytes")
struct ByteReaderTests {
  private func written() -> ByteWriter {
    var writer = ByteWriter()
    writer.append(0x0102_0304 as UInt32)
    writer.append(-2 as Int64)
    writer.append(0xFE as UInt8)
    writer.append(-0.0 as Float)
    writer.append(Double.pi)
    writer.append("né")
    writer.append(7 as UInt64)
    return writer
  }

  @Test("what is written is read again, and the lowest byte is the first")
  func roundTrip() throws {
    let writer = written()
    #expect(writer.bytes.prefix(4) == [4, 3, 2, 1] && writer.count == 36)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.integer(UInt32.self) == 0x0102_0304)
    #expect(try reader.integer(Int64.self) == -2)
    #expect(try reader.integer(UInt8.self) == 0xFE)
    #expect(try reader.floats(1).map(\.bitPattern) == [(-0.0 as Float).bitPattern])
    #expect(try reader.double() == .pi)
    #expect(try reader.text(3) == "né")
    #expect(try reader.count() == 7)
    #expect(reader.isAtEnd)
    #expect(writer.bytes.span.littleEndian(at: 1, as: UInt16.self) == 0x0203)
  }

  @Test("a length that is known at the end takes its place, and bytes are used again")
  func replace() {
    var writer = written()
    writer.replace(at: 1, with: 0xA1A2 as UInt16)
    #expect(writer.bytes.prefix(5) == [4, 0xA2, 0xA1, 1, 0xFE])
    #expect(writer.checksum(from: 2) == CRC32.checksum(of: Array(writer.bytes[2...])))
    writer.removeAll()
    #expect(writer.bytes.isEmpty)
  }

  @Test("every prefix is an error that names the place and what is expected there")
  func prefixes() throws {
    func read(_ reader: inout ByteReader) throws(ByteError) {
      _ = try reader.integer(UInt32.self)
      _ = try reader.integer(Int64.self)
      _ = try reader.integer(UInt8.self)
      _ = try reader.floats(1)
      _ = try reader.double()
      _ = try reader.text(3)
      _ = try reader.count()
    }
    let bytes = written().bytes
    for count in bytes.indices {
      var reader = ByteReader(bytes, in: 0..<count)
      let error = #expect(throws: ByteError.self) { try read(&reader) }
      #expect(error?.offset == reader.offset && reader.offset <= count)
    }
    var reader = ByteReader(bytes, in: 4..<6)
    let error = #expect(throws: ByteError.self) { try reader.integer(Int64.self) }
    #expect(error?.description == "at byte 4, expected 8 bytes of Int64, not the end after 2")
    #expect(reader.remainingCount == 2)
    var text = ByteReader([0x41, 0xFF])
    #expect(throws: ByteError(offset: 0, expected: "text in UTF-8")) { try text.text(2) }
  }

  @Test("counts that are not true are errors, and reserve no memory")
  func lies() {
    let reader = ByteReader([UInt8](repeating: 0xFF, count: 8))
    func refuses(_ read: (inout ByteReader) throws(ByteError) -> Void) {
      var copy = reader
      #expect(throws: ByteError.self) { try read(&copy) }
      #expect(copy.offset == 0)
    }
    refuses { reader throws(ByteError) in _ = try reader.count() }
    refuses { reader throws(ByteError) in _ = try reader.count(atMost: 5) }
    refuses { reader throws(ByteError) in _ = try reader.floats(.max) }
    refuses { reader throws(ByteError) in _ = try reader.floats(-1) }
    refuses { reader throws(ByteError) in _ = try reader.bytes(-1) }
    refuses { reader throws(ByteError) in _ = try reader.bytes(9) }
  }
}
