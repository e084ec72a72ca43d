import DeepSARSA
import Foundation
import SARSAExperiments
import Testing

@Suite("The scales of built-in environments")
struct ScoreScaleTests {
  /// `make scales` measures them anew, with 10,000 episodes.
  private static let episodes = ProcessInfo.processInfo.environment["DEEP_SARSA_SCALES"]
    .flatMap(Int.init)

  /// The returns of random actions: of so many episodes, or of 200, or fewer if they are long.
  private func returns<World: Environment>(in world: World, episodes: Int?) throws -> [Double] {
    var world = world
    var random = PCG64(seed: 20_261_127)
    var (returns, steps) = ([Double](), 0)
    while returns.count < episodes ?? (steps < 50_000 ? 200 : 20) {
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
    func score(_ total: Int, _ hasAce: Bool) -> Int {
      hasAce && total <= 11 ? total + 10 : total
    }
    /// How often the dealer ends with each score, 0 for a bust hand.
    func dealer(_ total: Int, _ hasAce: Bool) -> [Int: Double] {
      let score = score(total, hasAce)
      if score >= 17 { return [score > 21 ? 0 : score: 1] }
      return cards.reduce(into: [:]) { result, card in
        for (end, share) in dealer(total + card.value, hasAce || card.value == 1) {
          result[end, default: 0] += card.share * share
        }
      }
    }
    /// The value of a hand against how the dealer ends, with the better of both actions.
    func value(_ total: Int, _ hasAce: Bool, _ ends: [Int: Double]) -> Double {
      if total > 21 { return -1 }
      let own = score(total, hasAce)
      let stick = ends.reduce(0) { $0 + $1.value * Double((own - $1.key).signum()) }
      return max(
        stick,
        cards.reduce(0) {
          $0 + $1.share * value(total + $1.value, hasAce || $1.value == 1, ends)
        })
    }
    var best = 0.0
    for shown in cards {
      let ends = cards.reduce(into: [Int: Double]()) { result, card in
        let hasAce = shown.value == 1 || card.value == 1
        for (end, share) in dealer(shown.value + card.value, hasAce) {
          result[end, default: 0] += card.share * share
        }
      }
      for first in cards {
        for second in cards {
          best +=
            shown.share * first.share * second.share
            * value(first.value + second.value, first.value == 1 || second.value == 1, ends)
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
