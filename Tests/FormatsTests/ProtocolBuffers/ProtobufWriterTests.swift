import SARSAFormats
import Testing

@Suite("Messages of Protocol Buffers")
struct ProtobufWriterTests {
  private func bytes(_ fields: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var message = ProtobufWriter()
    fields(&message)
    return message.bytes
  }

  @Test("have the bytes of the examples in the format's documentation")
  func documentation() {
    #expect(bytes { $0.write(150, to: 1) } == [0x08, 0x96, 0x01])
    #expect(
      bytes { $0.write("testing", to: 2) }
        == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    #expect(
      bytes { $0.write(to: 3) { $0.write(150, to: 1) } } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  @Test("an integer takes as many bytes as its bits need, seven a byte, and a negative one ten")
  func integers() {
    for (value, expected) in [
      (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 0x01]), (16_383, [0xFF, 0x7F]),
      (16_384, [0x80, 0x80, 0x01]),
      (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
      (-1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ] as [(Int, [UInt8])] {
      #expect(bytes { $0.write(value, to: 3) } == [3 << 3] + expected, "\(value)")
    }
    // 20 · 8 = 160 = 32 + 128.
    #expect(bytes { $0.write(7, to: 20) } == [0xA0, 0x01, 7])
  }

  @Test("numbers of floating point are their bits, low byte first")
  func numbers() {
    #expect(bytes { $0.write(1.5 as Float, to: 2) } == [2 << 3 | 5, 0, 0, 0xC0, 0x3F])
    #expect(
      bytes { $0.write(-2.0 as Double, to: 1) } == [1 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0xC0])
  }

  @Test("a text, bytes and a message have their length before them, also if they are long or empty")
  func lengths() {
    #expect(bytes { $0.write("", to: 1) } == [0x0A, 0])
    #expect(bytes { $0.write("é", to: 1) } == [0x0A, 2, 0xC3, 0xA9])
    #expect(bytes { $0.write(to: 1) { _ in } } == [0x0A, 0])
    let long = [UInt8](repeating: 9, count: 300)
    #expect(bytes { $0.write(long, to: 1) } == [0x0A, 0xAC, 0x02] + long)
    #expect(
      bytes { $0.write(to: 2) { $0.write(long, to: 1) } }
        == [0x12, 0xAF, 0x02, 0x0A, 0xAC, 0x02] + long)
  }
}
