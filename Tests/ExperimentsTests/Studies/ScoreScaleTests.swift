import DeepSARSA
import Foundation
import SARSAExperiments
import Testing

@Suite("The scales of built-in environments")
struct ScoreScaleTests {
  /// `make scales` measures them anew, with 10,000 episodes.
  private static let episodes = ProcessInfo.processInfo.environment["DEEP_SARSA_SCALES"]
    .flatMap(Int.init)

  /// The returns of random actions: of so many episodes, or of 200; fewer if they are long, more until two
  /// differ.
  private func returns<World: Environment>(in world: World, episodes: Int?) throws -> [Double] {
    var world = world
    var random = PCG64(seed: 20_261_127)
    var (returns, steps) = ([Double](), 0)
    func limit() -> Int {
      if Set(returns).count < 2 { return 500 }
      return steps < 50_000 ? 200 : 20
    }
    while returns.count < episodes ?? limit() {
      var total = 0.0
      try world.reset(seed: returns.isEmpty ? 1 : nil)
      for _ in 0..<Evaluation<World>.stepLimit {
        let step = try world.step(random.integer(below: world.specification.actionCount))
        total += step.reward
        steps += 1
        if step.isTerminated || step.isTruncated { break }
      }
      returns.append(total)
    }
    return returns
  }

  @Test(
    "each has the mean return of random actions, within four standard errors",
    arguments: EnvironmentRegistry.ids)
  func randomReturns(id: String) throws {
    let scale = try #require(ScoreScale.known(of: id))
    let returns = try returns(in: EnvironmentRegistry.make(id), episodes: Self.episodes)
    let mean = returns.reduce(0, +) / Double(returns.count)
    let variance = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count - 1)
    // Both means have an error; that of the scale is of 10,000 episodes, and it is rounded.
    let error = (variance / Double(returns.count) + variance / 10_000).squareRoot()
    if Self.episodes != nil { print("\(id): \(mean) ± \(error)") }
    #expect(abs(mean - scale.random) <= 4 * error + 0.005, "\(mean) ± \(error)")
    #expect(scale.best > scale.random)
  }

  @Test(
    "where the optimum is computed from tables, it is the best",
    arguments: EnvironmentRegistry.ids.filter {
      (try? EnvironmentRegistry.make($0)) is any FiniteEnvironment
    })
  func tables(id: String) throws {
    func optimum(of world: some FiniteEnvironment) -> Double? {
      FiniteKnownOptimum(world)?.returns.mean
    }
    guard let world = try EnvironmentRegistry.make(id) as? any FiniteEnvironment else { return }
    let computed = optimum(of: world)
    let best = try #require(computed)
    #expect(abs(best - (ScoreScale.known(of: id)?.best ?? 0)) < 0.01 * max(abs(best), 0.01))
  }

  @Test("the best of Blackjack is what dynamic programming over all hands gives")
  func blackjack() throws {
    let cards = (1...10).map { (value: $0, share: $0 == 10 ? 4.0 / 13 : 1.0 / 13) }
    struct Hand: Hashable {
      var total = 0
      var hasAce = false

      var score: Int { hasAce && total <= 11 ? total + 10 : total }

      func with(_ card: Int) -> Hand { Hand(total: total + card, hasAce: hasAce || card == 1) }
    }
    // A hand only grows, so that the highest totals come first.
    let hands = (0...31).reversed().flatMap { total in
      [false, true].map { Hand(total: total, hasAce: $0) }
    }
    // How often the dealer ends with each score, where 0 is a hand above 21.
    var ends: [Hand: [Int: Double]] = [:]
    for hand in hands {
      ends[hand] =
        hand.score >= 17
        ? [hand.score > 21 ? 0 : hand.score: 1]
        : cards.reduce(into: [:]) { result, card in
          for (end, share) in ends[hand.with(card.value)] ?? [:] {
            result[end, default: 0] += card.share * share
          }
        }
    }
    var best = 0.0
    for shown in cards {
      let dealer = ends[Hand().with(shown.value)] ?? [:]
      // The value of each hand of the player, with the better of both actions.
      var values: [Hand: Double] = [:]
      for hand in hands {
        let stick = dealer.reduce(0) { $0 + $1.value * Double((hand.score - $1.key).signum()) }
        let hit = cards.reduce(0) { $0 + $1.share * (values[hand.with($1.value)] ?? -1) }
        values[hand] = hand.total > 21 ? -1 : max(stick, hit)
      }
      for first in cards {
        for second in cards {
          let hand = Hand().with(first.value).with(second.value)
          best += shown.share * first.share * second.share * (values[hand] ?? 0)
        }
      }
    }
    #expect(abs(best - (ScoreScale.known(of: "Blackjack-v1")?.best ?? 0)) < 5e-5)
  }

  @Test("no scale is known with arguments, or of other environments")
  func unknown() {
    #expect(
      ScoreScale.known(of: "Acrobot-v1", arguments: ["max_episode_steps": .integer(9)]) == nil)
    #expect(ScoreScale.known(of: "LunarLander-v3") == nil)
  }
}
