import SARSAFormats
import TestSupport
import Testing

@Suite("Event files for TensorBoard")
struct EventRecordTests {
  private struct Fixture: Decodable {
    struct Event: Decodable {
      var step: Int
      var time: String
      var tags: [String]
      var values: [UInt32]

      private enum CodingKeys: String, CodingKey {
        case step, tags
        case time = "time_f64"
        case values = "values_f32"
      }
    }

    var events: [Event]
    var file: String
  }

  @Test("have the bytes of tensorboard's own writer")
  func library() throws {
    let fixture: Fixture = try fixture("tensorboard.json")
    var file = EventRecord.header(wallTime: fixture.events[0].time.double).encoded()
    for event in fixture.events {
      let values = zip(event.tags, event.values.floats).map { (tag: $0, value: $1) }
      file += EventRecord.scalars(values, step: event.step, wallTime: event.time.double)
        .encoded()
    }
    let digits = Array(fixture.file)
    let expected = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    #expect(file == expected && fixture.events.count == 4)
  }

  @Test("a record has the message's length and two masked checksums around it")
  func record() {
    let bytes = EventRecord.scalars([("a", 1)], step: 1, wallTime: 0).encoded()
    // Time, step, and a summary with one value of two fields.
    let message: [UInt8] =
      [0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0x2A, 10, 0x0A, 8] + [0x0A, 1, 0x61]
      + [0x15, 0, 0, 0x80, 0x3F]
    #expect(Array(bytes[12..<bytes.count - 4]) == message)
    #expect(Array(bytes[..<8]) == [UInt8(message.count), 0, 0, 0, 0, 0, 0, 0])
    for (place, data) in [(8, Array(bytes[..<8])), (bytes.count - 4, message)] {
      let mask: UInt32 = bytes.span.littleEndian(at: place)
      let turned = mask &- 0xA282_EAD8
      #expect(turned << 15 | turned >> 17 == CRC32.checksum(of: data, .castagnoli))
    }
  }
}
