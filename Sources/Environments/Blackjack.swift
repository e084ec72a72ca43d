public import SARSARandomSources
internal import SARSAPreconditions

/// Twenty-one against a dealer: take another card, or leave it.
///
/// # Description
/// Cards come from a deck without end; picture cards count ten, an ace eleven as long as the hand is
/// not above 21 with it. The player sees one of the dealer's two cards. When the player sticks, the
/// dealer draws up to 17 or more, and the higher hand wins. Every trajectory equals Gymnasium's to the
/// bit.
///
/// # Action space
/// 0 sticks, 1 takes a card.
///
/// # Observation space
/// Three whole numbers, each one-hot: the player's sum (of 32), the dealer's card with the ace as 1
/// (of 11), and whether an ace counts eleven (of 2).
///
/// # Rewards
/// 1 for a win, −1 for a loss, 0 for a draw and for every card that leaves the hand at 21 or below.
/// With `Rules.book` a natural, an ace and a ten, wins unless the dealer has one too; with
/// `Rules.casino` a win with a natural is 1.5.
///
/// # Starting state
/// Two cards each.
///
/// # Episode end
/// Terminated when the player sticks, or goes beyond 21. There is no time limit.
///
/// # Version
/// `Blackjack-v1`, by the rules of the book.
///
/// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2018, example 5.1; Gymnasium's
/// `blackjack.py`.
public struct Blackjack: Environment {
  /// Both hands and the random stream.
  public struct State: Codable, Hashable, Sendable {
    /// The player's cards.
    public var player: Hand
    /// The dealer's cards.
    public var dealer: Hand
    /// The stream that cards are drawn from.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(player: Hand, dealer: Hand, random: PCG64) {
      self.player = player
      self.dealer = dealer
      self.random = random
    }
  }

  /// What is known of some cards.
  public struct Hand: Codable, Hashable, Sendable {
    /// The first card.
    public private(set) var first = 0
    /// How many there are.
    public private(set) var count = 0
    /// Their sum with every ace as 1.
    private var total = 0
    private var hasAce = false

    /// Makes a hand of cards from 1, the ace, to 10.
    ///
    /// - Precondition: no other cards.
    public init(_ cards: Int...) {
      for card in cards {
        require((1...10).contains(card), "a card is %; allowed: 1, the ace, to 10", card)
        add(card)
      }
    }

    mutating func add(_ card: Int) {
      if count == 0 { first = card }
      count += 1
      total += card
      hasAce = hasAce || card == 1
    }

    /// Whether an ace counts eleven.
    public var hasUsableAce: Bool { hasAce && total + 10 <= 21 }
    /// What they are worth.
    public var sum: Int { hasUsableAce ? total + 10 : total }
    /// Whether they are worth more than 21.
    public var isBust: Bool { sum > 21 }
    /// Whether they are an ace and a ten.
    public var isNatural: Bool { count == 2 && sum == 21 }
    /// What they win with: nothing above 21.
    var score: Int { isBust ? 0 : sum }
  }

  /// What a natural is worth.
  public enum Rules: Sendable {
    /// It wins unless the dealer has one too.
    case book
    /// A hand like any other.
    case plain
    /// A win with it is 1.5.
    case casino
  }

  /// Everything there is.
  public var state = State(player: Hand(1, 10), dealer: Hand(1, 10), random: PCG64(seed: 0))
  /// What a natural is worth.
  public let rules: Rules

  /// Makes a table; `reset(seed:)` deals the cards.
  public init(rules: Rules = .book) {
    self.rules = rules
  }

  private static let observationSpace = ObservationSpace.categories([32, 11, 2])

  /// Three whole numbers in, two actions.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Blackjack-v1", observationSpace: Self.observationSpace, actionCount: 2)
  }

  /// Deals two cards each.
  public mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.dealer = Hand()
    state.player = Hand()
    for _ in 0..<2 { state.dealer.add(draw()) }
    for _ in 0..<2 { state.player.add(draw()) }
    // Gymnasium draws a suit, and a picture for a ten, only to render them. The draws advance the
    // random stream, so they are made here too.
    _ = state.random.integer(below: 4)
    if state.dealer.first == 10 { _ = state.random.integer(below: 3) }
  }

  private mutating func draw() -> Int {
    min(state.random.integer(below: 13) + 1, 10)
  }

  /// Takes a card, or plays the dealer's hand to its end.
  public mutating func step(_ action: Int) -> Step {
    require(action >= 0 && action < 2, "action is %; allowed: 0 to 1", action)
    if action == 1 {
      state.player.add(draw())
      return Step(reward: state.player.isBust ? -1 : 0, isTerminated: state.player.isBust)
    }
    while state.dealer.sum < 17 { state.dealer.add(draw()) }
    return Step(reward: payment, isTerminated: true)
  }

  private var payment: Double {
    let (player, dealer) = (state.player, state.dealer)
    let isNatural = player.isNatural
    if rules == .book && isNatural && !dealer.isNatural { return 1 }
    if player.score > dealer.score { return rules == .casino && isNatural ? 1.5 : 1 }
    return player.score == dealer.score ? 0 : -1
  }

  /// Marks the sum, the dealer's card and the usable ace.
  public func observe(into observation: inout MutableSpan<Float>) {
    for i in observation.indices { observation[i] = 0 }
    // A hand that is played on beyond its end has no place of its own.
    observation[min(state.player.sum, 31)] = 1
    observation[32 + state.dealer.first] = 1
    observation[43 + (state.player.hasUsableAce ? 1 : 0)] = 1
  }
}
