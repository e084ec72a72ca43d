internal import SARSAEnvironments
internal import SARSARandomSources

/// The episodes under way of environments that are reset with a drawn seed after each episode.
///
/// An episode depends on its seed and its actions alone, so that earlier episodes can be forgotten.
struct SeededEpisodes: Codable, Hashable, Sendable {
  /// The actions of each environment since its episode began.
  private(set) var actions: [[UInt16]]
  /// The seed of each environment's next episode.
  private(set) var nextSeeds: [UInt64]
  /// The stream from which an environment's seeds are drawn.
  private var streams: [PCG64]

  /// The episodes that begin with these seeds, from which all later ones follow.
  init(after seeds: [UInt64]) {
    actions = Array(repeating: [], count: seeds.count)
    streams = seeds.map(PCG64.init(seed:))
    nextSeeds = []
    for i in streams.indices { nextSeeds.append(Self.draw(&streams[i])) }
  }

  /// The steps of the longest episode under way.
  var longest: Int { actions.map(\.count).max() ?? 0 }

  /// Notes a step; where an episode ended, the process has begun the next one.
  mutating func note(_ actions: [Int], _ result: VectorStep, seeds: inout [UInt64]) {
    for i in actions.indices {
      if result.isTerminated[i] || result.isTruncated[i] {
        begin(i, seeds: &seeds)
      } else {
        self.actions[i].append(UInt16(actions[i]))
      }
    }
  }

  /// Notes that an environment was reset with its next seed.
  mutating func begin(_ i: Int, seeds: inout [UInt64]) {
    seeds[i] = nextSeeds[i]
    nextSeeds[i] = Self.draw(&streams[i])
    actions[i].removeAll(keepingCapacity: true)
  }

  /// Whether they can be those of a number of environments.
  func isPossible(count: Int, actionCount: Int) -> Bool {
    actions.count == count && nextSeeds.count == count && streams.count == count
      && nextSeeds.allSatisfy { $0 < Self.bound }
      && actions.allSatisfy { $0.allSatisfy { $0 < actionCount } }
  }

  /// Some environments take seeds of 32 bits only.
  private static let bound: UInt64 = 1 << 32

  private static func draw(_ stream: inout PCG64) -> UInt64 {
    UInt64(stream.integer(below: Int(bound)))
  }
}
