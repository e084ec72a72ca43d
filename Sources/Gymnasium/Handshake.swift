internal import SARSAEnvironments
internal import SARSAFormats

/// The reply to the first request, which says what a process made.
///
/// `bridge.py` describes its format.
struct Handshake {
  var protocolVersion: UInt32
  var versions: String
  var observationSpace: ObservationSpace
  var actionCount: Int
  var firstAction: Int
  var maximumEpisodeSteps: Int?
  var rewardThreshold: Double?

  /// Reads a payload.
  init(_ reader: ByteReader) throws(ByteError) {
    var payload = reader
    guard try payload.bytes(4).elementsEqual("DSGB".utf8) else { throw reader.error("DSGB") }
    protocolVersion = try payload.integer()
    actionCount = try payload.count()
    firstAction = Int(try payload.integer(Int64.self))
    let steps = try payload.count()
    maximumEpisodeSteps = steps == 0 ? nil : steps
    let threshold = try payload.double()
    rewardThreshold = threshold.isFinite ? threshold : nil
    versions = try payload.text(Int(try payload.integer(UInt32.self)))
    let counts = try Self.sizes(&payload)
    if !counts.isEmpty {
      var starts: [Int] = []
      for count in counts {
        let before = payload
        let start = Int(try payload.integer(Int64.self))
        guard !start.addingReportingOverflow(count).overflow else {
          throw before.error("a start whose categories have 64 bits")
        }
        starts.append(start)
      }
      observationSpace = .categories(counts, starts: starts)
    } else {
      let shape = try Self.sizes(&payload)
      var size = 1
      for side in shape {
        // Neither factor exceeds the limit, so that their product cannot overflow.
        size *= side
        guard size <= Frame.limit / 4 else {
          throw payload.error("a shape of up to \(Frame.limit / 4) numbers before the bounds")
        }
      }
      let before = payload
      let (low, high) = (try payload.floats(size), try payload.floats(size))
      guard zip(low, high).allSatisfy({ $0 <= $1 }) else {
        throw before.error("lower bounds that are not above the upper ones")
      }
      observationSpace = .box(low: low, high: high, shape: shape)
      if !payload.isAtEnd {
        let end = payload
        guard try payload.integer(UInt8.self) == 1 else { throw end.error("the end") }
        guard low.allSatisfy({ $0 == 0 }), high.allSatisfy({ $0 == 1 }) else {
          throw before.error("bounds of 0 and 1")
        }
        observationSpace = .binary(shape: shape)
      }
    }
    guard payload.isAtEnd else { throw payload.error("the end") }
  }

  /// A list of positive numbers whose sum is at most the size of the largest observation.
  private static func sizes(_ payload: inout ByteReader) throws(ByteError) -> [Int] {
    let before = payload
    var result: [Int] = []
    for _ in 0..<(try payload.integer(UInt32.self)) {
      result.append(try payload.count(atMost: Frame.limit / 4))
    }
    guard result.allSatisfy({ $0 > 0 }), result.reduce(0, +) <= Frame.limit / 4 else {
      throw before.error("positive sizes, \(Frame.limit / 4) in all")
    }
    return result
  }
}
