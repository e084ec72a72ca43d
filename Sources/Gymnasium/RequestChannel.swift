internal import SARSAFormats

/// Sends requests to a process and receives a reply to each, as one frame each way.
final class RequestChannel {
  /// The id and the number of the environments, for error messages.
  private let id: String
  private let count: Int
  private let options: GymnasiumOptions
  private let process: any Connection
  private var frame = Frame()
  /// The last reply, from its length to its checksum.
  private(set) var reply = [UInt8](repeating: 0, count: 4096)

  /// The kind of a reply to a request that failed.
  private static let failed = UInt8(ascii: "E")

  init(about id: String, count: Int, options: GymnasiumOptions, process: any Connection) {
    self.id = id
    self.count = count
    self.options = options
    self.process = process
  }

  /// Sends a request and waits for its reply.
  ///
  /// - Returns: where the reply's payload is in `reply`.
  func ask(
    _ request: GymnasiumError.Request, _ kind: UInt8, expecting answer: UInt8,
    _ write: (inout Frame) -> Void
  ) throws(GymnasiumError) -> Range<Int> {
    frame.begin(kind)
    write(&frame)
    frame.end()
    process.operation = 0
    var timer = OperationTimer(request, count: count)
    let received: Int
    do throws(ChildProcess.Failure) {
      let check = { () throws(ChildProcess.Failure) -> Duration in
        if self.options.isCancelled() { throw .cancelled }
        timer.update(self.process.operation)
        let rest = timer.rest(of: self.options)
        if rest <= .zero { throw .late }
        return rest
      }
      try process.send(frame.bytes, check)
      received = try receive(check)
    } catch {
      if case .ended(let ending) = error {
        throw failureUnderWay(request, .ended(ending.description))
      }
      process.stop(within: .zero)
      throw failure(
        timer.operation, error == .late ? .late(options.limit(of: timer.operation)) : .cancelled,
        environment: timer.environment)
    }
    guard received > 0 else {
      throw failure(request, .garbled("a message of an impossible length"))
    }
    let payload = Frame.headerSize..<received - 4
    let checksum = CRC32.checksum(of: reply.span.extracting(4..<received - 4))
    guard checksum == reply.span.littleEndian(at: received - 4, as: UInt32.self) else {
      throw failure(request, .garbled("a message whose checksum is wrong"))
    }
    switch reply[4] {
    case answer: return payload
    case Self.failed:
      throw failureUnderWay(request, .raised(String(decoding: reply[payload], as: UTF8.self)))
    default: throw failure(request, .garbled("a message of another kind"))
    }
  }

  /// Receives a frame.
  ///
  /// - Returns: its number of bytes, including its length field, or zero if the length is impossible.
  private func receive(_ check: ChildProcess.Check) throws(ChildProcess.Failure) -> Int {
    let smallest = Frame.headerSize + 4
    var received = try process.receive(into: &reply, behind: 0, atLeast: smallest, check)
    let count = 4 + Int(reply.span.littleEndian(at: 0, as: UInt32.self))
    // One reply answers one request, so that no bytes can follow it.
    guard smallest...Frame.limit ~= count, received <= count else { return 0 }
    while received < count {
      // The buffer grows with the bytes that are there: a length alone reserves no memory.
      let room = min(count, max(2 * received, reply.count))
      if reply.count < room { reply += [UInt8](repeating: 0, count: room - reply.count) }
      received = try process.receive(into: &reply, behind: received, atLeast: room, check)
    }
    guard received == count else { return 0 }
    return count
  }

  /// The error of the operation at which the process stopped.
  ///
  /// A process that ended before it wrote a number may not have begun: then no environment is named.
  private func failureUnderWay(
    _ request: GymnasiumError.Request, _ reason: GymnasiumError.Reason
  ) -> GymnasiumError {
    var timer = OperationTimer(request, count: count)
    timer.update(process.operation)
    if case .ended = reason, timer.number == 0 { return failure(request, reason) }
    return failure(timer.operation, reason, environment: timer.environment)
  }

  /// The error of a request or an operation, with the end of what was printed.
  func failure(
    _ request: GymnasiumError.Request, _ reason: GymnasiumError.Reason, environment: Int? = nil
  ) -> GymnasiumError {
    GymnasiumError(
      id: id, request: request, reason: reason, environment: environment,
      environmentCount: count, outputTail: process.outputTail)
  }
}
