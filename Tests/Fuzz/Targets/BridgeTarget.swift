import SARSAEnvironments
import SARSAFormats
import SARSAGymnasium

/// The messages of a Python process with environments.
///
/// The first byte of an input says what is asked for: the number of environments, whether bounds are checked, and
/// whether pictures are drawn. The rest are the replies: to the request to make the environments, then to resets and
/// steps in turn, each with a picture after it if there are any.
struct BridgeTarget: FuzzTarget {
  static let name = "bridge"

  init() throws {}

  func seeds() throws -> [String: [UInt8]] {
    let box = handshake { frame in
      frame.append(UInt32(0))
      frame.append(UInt32(1))
      frame.append(UInt64(2))
      for bound in [-9, -9, 9, 9] as [Float] { frame.append(bound) }
    }
    let categories = handshake { frame in
      frame.append(UInt32(2))
      for count in [2, 3] as [UInt64] { frame.append(count) }
      for start in [0, -1] as [Int64] { frame.append(start) }
    }
    // Of one environment with two numbers and three actions.
    let observed = numbers([1, 2])
    let stepped = Array(repeating: UInt8(0), count: 12)
    return [
      "box": [0] + box + frame("O", observed) + frame("T", stepped + observed)
        + frame("T", numbers([0, 0]) + [1, 0, 0, 0] + observed + observed),
      "masks": [4] + box + frame("O", observed + [0, 1, 1])
        + frame("T", stepped + observed + [1, 0, 0]),
      "vector": [1] + box + frame("O", observed + observed),
      "categories": [0] + categories + frame("O", numbers([1, 0, 0, 1, 0])),
      "picture": [8] + box + frame("O", observed)
        + frame(
          "I",
          [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
            + [0, 0, 0, 2, 0, 0, 0, 1]),
      "error": [0] + box + frame("E", Array("ValueError: no".utf8)),
    ]
  }

  private func numbers(_ values: [Float]) -> [UInt8] {
    var writer = ByteWriter()
    for value in values { writer.append(value) }
    return writer.bytes
  }

  private func frame(_ kind: Character, _ payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(UInt32(payload.count + 5))
    writer.append("\(kind)")
    writer.append(contentsOf: payload)
    writer.append(writer.checksum(from: 4))
    return writer.bytes
  }

  /// The reply to the first request, with a space.
  private func handshake(_ space: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    writer.append("DSGB")
    writer.append(UInt32(4))
    writer.append(UInt64(3))
    writer.append(Int64(0))
    writer.append(UInt64(500))
    writer.append(475.0)
    writer.append(UInt32(4))
    writer.append("fuzz")
    space(&writer)
    return frame("H", writer.bytes)
  }

  /// Every message with a length that ends within the input, and its checksum.
  func repaired(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = bytes.first else { return bytes }
    var (result, rest) = ([first], bytes.dropFirst())
    while rest.count >= Replies.smallest {
      let promised = Replies.length(of: rest)
      let count = (Replies.smallest...rest.count).contains(promised) ? promised : rest.count
      var writer = ByteWriter()
      writer.append(UInt32(count - 4))
      writer.append(contentsOf: rest.prefix(count - 4).dropFirst(4))
      writer.append(writer.checksum(from: 4))
      result += writer.bytes
      rest = rest.dropFirst(count)
    }
    return result
  }

  func read(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let count = 1 + Int(first & 3)
    var options = GymnasiumOptions()
    options.checksBounds = first & 4 != 0
    options.drawsPictures = first & 8 != 0
    let replies = Replies(bytes.dropFirst())
    do throws(GymnasiumError) {
      let bridge = try Bridge(
        "Fuzz-v0", arguments: [:], count: count, options: options, in: replies)
      var result = VectorStep(
        count: count, observationSize: bridge.specification.observationSize)
      while true {
        try bridge.reset(seeds: Array(repeating: 7, count: count), into: &result)
        requirePossible(result, of: bridge)
        if options.drawsPictures { try requirePicture(of: bridge) }
        for _ in 0..<3 {
          try bridge.step(Array(repeating: 0, count: count), into: &result)
          requirePossible(result, of: bridge)
          if options.drawsPictures { try requirePicture(of: bridge) }
        }
      }
    } catch {
      _ = error.description
    }
  }

  private func requirePicture(of bridge: Bridge) throws(GymnasiumError) {
    let picture = try bridge.picture(ofLast: false)
    guard picture.width > 0, picture.height > 0 else { fail("a picture has no pixel") }
  }

  private func requirePossible(_ result: VectorStep, of bridge: Bridge) {
    let numbers = result.observations + result.nextObservations
    guard numbers.allSatisfy(\.isFinite), result.rewards.allSatisfy(\.isFinite) else {
      fail("a number is not finite")
    }
    for masks in [result.masks, result.nextMasks] {
      let actions = bridge.specification.actionCount
      for row in stride(from: 0, to: masks.count, by: actions)
      where !masks[row..<row + actions].contains(true) { fail("no action is legal") }
    }
  }
}

/// Replies that are known before the requests, one for each.
private final class Replies: Connection {
  /// The bytes of the smallest message.
  static let smallest = 9

  private var rest: ArraySlice<UInt8>
  /// The bytes of the reply to the last request that were not received.
  private var reply: ArraySlice<UInt8> = []
  var operation: UInt64 = 0
  let outputTail = "a line\n"

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The length that a message promises, with the four bytes of it.
  static func length(of message: ArraySlice<UInt8>) -> Int {
    4 + message.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  func send(_ bytes: [UInt8], _ check: ChildProcess.Check) throws(ChildProcess.Failure) {
    _ = try check()
    reply = rest.prefix(rest.count < 4 ? rest.count : Self.length(of: rest))
    rest = rest.dropFirst(reply.count)
    operation = UInt64(reply.last ?? 0)
  }

  func receive(
    into bytes: inout [UInt8], behind count: Int, atLeast least: Int, _ check: ChildProcess.Check
  ) throws(ChildProcess.Failure) -> Int {
    if least > bytes.count { fail("\(least) bytes are asked for, with room for \(bytes.count)") }
    let received = reply.prefix(bytes.count - count)
    guard count + received.count >= least else { throw .ended(.unknown) }
    for (place, byte) in zip(count..., received) { bytes[place] = byte }
    reply = reply.dropFirst(received.count)
    return count + received.count
  }

  func stop(within grace: Duration) {}
}
