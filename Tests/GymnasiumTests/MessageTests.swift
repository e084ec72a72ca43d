import SARSAEnvironments
import SARSAFormats
import SARSAGymnasium
import Testing

@Suite("Messages of a process")
struct MessageTests {
  @Test("a length alone reserves no memory: the buffer grows with the bytes that arrive")
  func promisedLength() {
    // 64 MiB without the length, the kind H, and too few bytes.
    var message = ByteWriter()
    message.append(UInt32(64 << 20) - 4)
    message.append("H")
    message.append(contentsOf: repeatElement(0, count: 10_000))
    let process = OneMessage(message.bytes)
    #expect {
      _ = try Bridge("None-v0", arguments: [:], count: 1, options: GymnasiumOptions(), in: process)
    } throws: { ($0 as? GymnasiumError)?.reason == .ended("ended") }
    #expect(process.largestBuffer <= 4 * message.count)
  }
}

/// A process that answers the first request with some bytes, and ends.
private final class OneMessage: Connection {
  private var rest: ArraySlice<UInt8>
  /// The bytes of the largest buffer that was to be filled.
  private(set) var largestBuffer = 0
  var operation: UInt64 = 0
  let outputTail = ""

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func send(_ bytes: [UInt8], _ check: ChildProcess.Check) throws(ChildProcess.Failure) {
    _ = try check()
  }

  func receive(
    into bytes: inout [UInt8], behind count: Int, atLeast least: Int, _ check: ChildProcess.Check
  ) throws(ChildProcess.Failure) -> Int {
    largestBuffer = max(largestBuffer, bytes.count)
    let received = rest.prefix(bytes.count - count)
    guard count + received.count >= least else { throw .ended(.unknown) }
    bytes.replaceSubrange(count..<count + received.count, with: received)
    rest = rest.dropFirst(received.count)
    return count + received.count
  }

  func stop(within grace: Duration) {}
}
