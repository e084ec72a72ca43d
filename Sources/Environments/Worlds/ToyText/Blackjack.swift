public import SARSARandomSources
internal import SARSAPreconditions

/// Blackjack against a dealer: take another card, or stick.
///
/// # Description
/// Cards are drawn with replacement from an infinite deck. Picture cards count ten; an ace counts eleven
/// if the hand is then not above 21, otherwise one. The player sees one of the dealer's two cards. When
/// the player sticks, the dealer draws cards up to a sum of 17 or more, and the higher hand wins. Every
/// trajectory equals Gymnasium's to the bit.
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
/// Terminated when the player sticks or exceeds 21. There is no time limit.
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
    /// The random stream of the cards.
    public var random: PCG64

    /// Makes a state, such as one to start an experiment from.
    public init(player: Hand, dealer: Hand, random: PCG64) {
      self.player = player
      self.dealer = dealer
      self.random = random
    }
  }

  /// The first card, the number and the sum of some cards.
  public struct Hand: Codable, Hashable, Sendable {
    /// The first card.
    public private(set) var first = 0
    /// The number of cards.
    public private(set) var count = 0
    /// Their sum with every ace as 1.
    private var total = 0
    private var hasAce = false

    /// Makes a hand of cards from 1, the ace, to 10.
    ///
    /// - Precondition: every card is from 1 to 10.
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
    /// The value of the hand.
    public var sum: Int { hasUsableAce ? total + 10 : total }
    /// Whether the value is above 21.
    public var isBust: Bool { sum > 21 }
    /// Whether the hand is an ace and a ten.
    public var isNatural: Bool { count == 2 && sum == 21 }
    /// Whether cards can have made the hand, of which none was drawn above 21.
    var isPossible: Bool {
      let limit = 31
      guard (1...10).contains(first), (1...limit).contains(count) else { return false }
      let totals = first + count - 1...first + 10 * (count - 1)
      return totals.contains(total) && total <= limit && (hasAce || first > 1)
    }
    /// The score of the hand: its value, or 0 above 21.
    var score: Int { isBust ? 0 : sum }
  }

  /// The rules for a natural.
  public enum Rules: Sendable {
    /// It wins unless the dealer has one too.
    case book
    /// It counts like any other hand.
    case plain
    /// A win with it is 1.5.
    case casino
  }

  /// The current state.
  public var state = State(player: Hand(1, 10), dealer: Hand(1, 10), random: PCG64(seed: 0))
  /// The rules for a natural.
  public let rules: Rules

  /// Makes a table; `reset(seed:)` deals the cards.
  public init(rules: Rules = .book) {
    self.rules = rules
  }

  private static let observationSpace = ObservationSpace.categories([32, 11, 2])

  /// Three integers and two actions.
  public var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Blackjack-v1", observationSpace: Self.observationSpace, actionCount: 2)
  }

  /// Whether cards can have made both hands.
  public func accepts(_ state: State) -> Bool {
    state.player.isPossible && state.dealer.isPossible
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
    // If steps follow the end of an episode, the sum can exceed the space; it is clipped.
    observation[min(state.player.sum, 31)] = 1
    observation[32 + state.dealer.first] = 1
    observation[43 + (state.player.hasUsableAce ? 1 : 0)] = 1
  }
}

extension Blackjack {
  /// Its entry in the registry.
  static var entries: [EnvironmentRegistry.Entry] {
    [
      .init("Blackjack-v1") { arguments throws(EnvironmentError) in
        let isBook = try arguments.boolean("sab", default: true)
        let isCasino = try arguments.boolean("natural", default: false)
        return Blackjack(rules: isBook ? .book : isCasino ? .casino : .plain)
      }
    ]
  }
}
