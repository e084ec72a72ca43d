/// A record of an event file, from which TensorBoard draws curves.
///
/// A file is a header and then any number of scalars, in the order of their steps. Its name must contain
/// `tfevents`. There is no clock here: the caller says when an event was.
///
/// ```swift
/// var bytes = EventRecord.header(wallTime: now).encoded()
/// bytes += EventRecord.scalars([("return", -98.5)], step: 5_000, wallTime: now).encoded()
/// ```
///
/// Sources: tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.h.
package struct EventRecord: Sendable {
  /// The `Event` message.
  private let message: ProtobufWriter

  /// The first record of a file, which gives the version of its format.
  ///
  /// - Parameter wallTime: seconds since 1970.
  /// - Returns: the record.
  package static func header(wallTime: Double) -> EventRecord {
    EventRecord(step: 0, wallTime: wallTime) { $0.write("brain.Event:2", to: Field.fileVersion) }
  }

  /// Numbers of one step, each the next point of the curve that its tag names.
  ///
  /// Tags with a common part before a slash are drawn in one group.
  ///
  /// - Parameters:
  ///   - values: a tag and its number; one that is not finite is written as it is.
  ///   - step: the place on the horizontal axis, 0 or more.
  ///   - wallTime: seconds since 1970.
  /// - Returns: the record.
  package static func scalars(
    _ values: [(tag: String, value: Float)], step: Int, wallTime: Double
  ) -> EventRecord {
    EventRecord(step: step, wallTime: wallTime) { event in
      event.write(to: Field.summary) { summary in
        for (tag, value) in values {
          summary.write(to: Field.summaryValue) {
            $0.write(tag, to: Field.tag)
            $0.write(value, to: Field.simpleValue)
          }
        }
      }
    }
  }

  private init(step: Int, wallTime: Double, _ content: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    message.write(wallTime, to: Field.wallTime)
    // Zero is the default, which is not written.
    if step != 0 { message.write(step, to: Field.step) }
    content(&message)
    self.message = message
  }

  /// The fields of `Event`, `Summary` and `Summary.Value`.
  private enum Field {
    static let wallTime = 1
    static let step = 2
    static let fileVersion = 3
    static let summary = 5
    static let summaryValue = 1
    static let tag = 1
    static let simpleValue = 2
  }

  /// The record: the message's length and the length's checksum, the message and its checksum.
  ///
  /// - Complexity: O(n), two arrays.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: message.bytes.count + 16)
    writer.append(UInt64(message.bytes.count))
    writer.append(Self.maskedChecksum(of: writer.bytes))
    writer.append(contentsOf: message.bytes)
    writer.append(Self.maskedChecksum(of: message.bytes))
    return writer.bytes
  }

  /// The CRC-32C of some bytes, turned and shifted, so that a checksum of data with checksums is not a
  /// constant.
  private static func maskedChecksum(of bytes: [UInt8]) -> UInt32 {
    let checksum = CRC32.checksum(of: bytes, .castagnoli)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}
