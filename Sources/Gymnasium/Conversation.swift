internal import SARSAFiles

/// Requests to a child process and its replies, each as one frame, in turn.
final class Conversation {
  private let id: String
  private let process: ChildProcess
  private var frame = Frame()
  /// The last reply, from its length to its checksum.
  private(set) var reply = [UInt8](repeating: 0, count: 4096)

  /// The reply to a request that failed.
  private static let failed = UInt8(ascii: "E")

  init(about id: String, with process: ChildProcess) {
    self.id = id
    self.process = process
  }

  /// Sends a request and waits for its reply.
  ///
  /// - Returns: where its payload is in `reply`.
  func ask(
    _ request: GymnasiumError.Request, _ kind: UInt8, expecting answer: UInt8,
    within limit: Duration,
    _ write: (inout Frame) -> Void
  ) throws(GymnasiumError) -> Range<Int> {
    frame.begin(kind)
    write(&frame)
    frame.end()
    let deadline = ContinuousClock.now + limit
    let count: Int
    do throws(ChildProcess.Failure) {
      try process.send(frame.bytes, until: deadline)
      count = try receive(until: deadline)
    } catch {
      switch error {
      case .ended(let how): throw failure(request, .ended(how.description))
      case .late:
        process.stop(within: .zero)
        throw failure(request, .late(limit))
      }
    }
    guard count > 0 else { throw failure(request, .garbled("a message of an impossible length")) }
    let payload = Frame.headerSize..<count - 4
    let checksum = CRC32.checksum(of: reply.span.extracting(4..<count - 4))
    guard checksum == reply.littleEndian(at: count - 4, as: UInt32.self) else {
      throw failure(request, .garbled("a message whose checksum is wrong"))
    }
    switch reply[4] {
    case answer: return payload
    case Self.failed:
      throw failure(request, .raised(String(decoding: reply[payload], as: UTF8.self)))
    default: throw failure(request, .garbled("a message of another kind"))
    }
  }

  /// Receives a frame.
  ///
  /// - Returns: its bytes, those of its length included, or zero if that is impossible.
  private func receive(until deadline: ContinuousClock.Instant) throws(ChildProcess.Failure) -> Int
  {
    let smallest = Frame.headerSize + 4
    let received = try process.receive(
      into: &reply, behind: 0, atLeast: smallest, until: deadline)
    let count = 4 + Int(reply.littleEndian(at: 0, as: UInt32.self))
    // One reply answers one request: nothing can have come behind it.
    guard smallest...Frame.limit ~= count, received <= count else { return 0 }
    if reply.count < count { reply += [UInt8](repeating: 0, count: count - reply.count) }
    if received < count {
      let all = try process.receive(
        into: &reply, behind: received, atLeast: count, until: deadline)
      guard all == count else { return 0 }
    }
    return count
  }

  /// The error of a request, with what was printed last.
  func failure(
    _ request: GymnasiumError.Request, _ reason: GymnasiumError.Reason
  ) -> GymnasiumError {
    GymnasiumError(id: id, request: request, reason: reason, lastWords: process.lastWords)
  }
}

extension [UInt8] {
  /// The number that begins at a byte.
  func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    at place: Int, as type: Value.Type
  ) -> Value {
    Value(littleEndian: unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: type))
  }
}
