internal import SARSAEnvironments

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
  init(_ bytes: ArraySlice<UInt8>) throws(Payload.Unreadable) {
    var payload = Payload(bytes)
    guard try payload.take(4).elementsEqual("DSGB".utf8) else { throw Payload.Unreadable() }
    protocolVersion = try payload.integer(UInt32.self)
    actionCount = try payload.count()
    firstAction = Int(try payload.integer(Int64.self))
    let steps = try payload.count()
    maximumEpisodeSteps = steps == 0 ? nil : steps
    let threshold = Double(bitPattern: try payload.integer(UInt64.self))
    rewardThreshold = threshold.isFinite ? threshold : nil
    versions = try payload.text(Int(try payload.integer(UInt32.self)))
    let counts = try Self.sizes(&payload)
    if !counts.isEmpty {
      var starts: [Int] = []
      for count in counts {
        let start = Int(try payload.integer(Int64.self))
        guard !start.addingReportingOverflow(count).overflow else { throw Payload.Unreadable() }
        starts.append(start)
      }
      observationSpace = .categories(counts, starts: starts)
    } else {
      let shape = try Self.sizes(&payload)
      var size = 1
      for side in shape {
        // Neither factor exceeds the limit, so that their product cannot overflow.
        guard size * side <= Frame.limit / 4 else { throw Payload.Unreadable() }
        size *= side
      }
      let (low, high) = (try payload.floats(size), try payload.floats(size))
      guard zip(low, high).allSatisfy({ $0 <= $1 }) else { throw Payload.Unreadable() }
      observationSpace = .box(low: low, high: high, shape: shape)
    }
    guard payload.isAtEnd else { throw Payload.Unreadable() }
  }

  /// A list of positive numbers whose sum is at most the size of the largest observation.
  private static func sizes(_ payload: inout Payload) throws(Payload.Unreadable) -> [Int] {
    var result: [Int] = []
    for _ in 0..<(try payload.integer(UInt32.self)) {
      let size = try payload.count(atMost: Frame.limit / 4)
      guard size > 0 else { throw Payload.Unreadable() }
      result.append(size)
    }
    guard result.reduce(0, +) <= Frame.limit / 4 else { throw Payload.Unreadable() }
    return result
  }
}
