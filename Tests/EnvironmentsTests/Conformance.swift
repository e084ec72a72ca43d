import Foundation
import SARSAEnvironments
import SARSARandomSources

/// A promise of `Environment` that an environment does not keep.
enum BrokenPromise: Hashable {
  /// `observe` leaves a number unwritten, or writes one that is not finite.
  case observation
  /// A reward is not finite.
  case reward
  /// After `reset(seed:)` the same actions do not lead to the same steps.
  case seed
  /// A state that was written down and restored has another future.
  case state
  /// What one copy does is seen by another.
  case copies
  /// An episode goes on beyond the limit of the specification, or is not truncated there.
  case limit
}

/// The promises that an environment does not keep when it is played by random actions.
func brokenPromises<World: Environment>(of world: World) throws -> Set<BrokenPromise> {
  var broken: Set<BrokenPromise> = []
  for seed in 0..<3 as Range<UInt64> {
    // The same seed, whatever was played before: the same future.
    var player = Player(world)
    let record = try player.play(157, from: seed)
    if try player.play(157, from: seed) != record { broken.insert(.seed) }

    // The state is all: another value that is given it goes on as the first does.
    let text = try JSONEncoder().encode(player.world.state)
    var restored = player
    restored.world = world
    restored.world.state = try JSONDecoder().decode(World.State.self, from: text)
    let copy = player
    let future = try player.play(300)
    if try restored.play(300) != future { broken.insert(.state) }

    // A copy is not moved by what the original did.
    var other = copy
    if try other.play(300) != future { broken.insert(.copies) }

    let all = record + future
    if all.contains(where: { !$0.observation.allSatisfy(\.isFinite) }) {
      broken.insert(.observation)
    }
    if all.contains(where: { !$0.step.reward.isFinite }) { broken.insert(.reward) }
    if let limit = world.specification.maximumEpisodeSteps,
      all.contains(where: { $0.length >= limit && !$0.step.isTruncated })
    {
      broken.insert(.limit)
    }
  }
  return broken
}

/// What a player saw of a step.
private struct Moment: Equatable {
  var step: Step
  var observation: [Float]
  /// The steps of the episode so far.
  var length: Int

  static func == (a: Moment, b: Moment) -> Bool {
    // Numbers that are not finite are reported as such, not as a difference.
    a.step.isTerminated == b.step.isTerminated && a.step.isTruncated == b.step.isTruncated
      && a.step.reward.bitPattern == b.step.reward.bitPattern && a.length == b.length
      && a.observation.map(\.bitPattern) == b.observation.map(\.bitPattern)
  }
}

/// An environment, and the random actions that it is played by.
private struct Player<World: Environment> {
  var world: World
  var actions = PCG64(seed: 0)
  var length = 0

  init(_ world: World) {
    self.world = world
  }

  mutating func play(_ steps: Int, from seed: UInt64) throws -> [Moment] {
    actions = PCG64(seed: seed)
    length = 0
    try world.reset(seed: seed)
    return try play(steps)
  }

  mutating func play(_ steps: Int) throws -> [Moment] {
    var moments: [Moment] = []
    for _ in 0..<steps {
      let step = try world.step(actions.integer(below: world.specification.actionCount))
      length += 1
      moments.append(Moment(step: step, observation: observation, length: length))
      if step.isLast {
        try world.reset(seed: nil)
        length = 0
      }
    }
    return moments
  }

  /// What the environment writes over numbers that are none.
  private var observation: [Float] {
    var result = [Float](repeating: .nan, count: world.specification.observationSize)
    var span = result.mutableSpan
    world.observe(into: &span)
    return result
  }
}
