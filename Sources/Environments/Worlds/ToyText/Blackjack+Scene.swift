extension Blackjack: Drawable {
  /// What the player sees: one of the dealer's cards, the own sum, and whether an ace counts eleven.
  public var scene: Scene {
    var scene = Scene(x: 0...8, y: 0...6)
    scene.backdrop = [
      .rectangle(x: 0...8, y: 0...6, .ground),
      .text("DEALER", at: [1.4, 4.4], height: 0.28, .muted),
      .text("PLAYER", at: [1.4, 1.6], height: 0.28, .muted),
    ]
    let hand = state.player
    let dealer = state.dealer
    // Narrower steps for many cards.
    let step = min(1.3, 3.2 / Double(max(1, dealer.count - 1)))
    scene.shapes = (1..<max(2, dealer.count)).reversed().flatMap { i in
      Self.card(at: [3.4 + step * Double(i), 4.4], .blue)
    }
    scene.shapes += Self.card(at: [3.4, 4.4], .paper)
    scene.shapes.append(
      .text(
        dealer.first == 1 ? "A" : "\(dealer.first)", at: [3.4, 4.4], height: 0.6, .ink))
    scene.shapes += Self.card(at: [3.4, 1.6], .paper)
    scene.shapes.append(
      .text("\(hand.sum)", at: [3.4, 1.6], height: 0.6, hand.isBust ? .red : .ink))
    if hand.hasUsableAce {
      scene.shapes.append(.text("ACE = 11", at: [5.6, 1.6], height: 0.28, .orange))
    }
    if hand.isBust { scene.shapes.append(.text("BUST", at: [5.6, 1.6], height: 0.28, .red)) }
    return scene
  }

  /// A card's face or back, with its edge.
  private static func card(at center: Scene.Point, _ color: Scene.Color) -> [Scene.Shape] {
    let (x, y) = (center.x - 0.7...center.x + 0.7, center.y - 1...center.y + 1)
    return [
      .rectangle(x: x, y: y, .ink),
      .rectangle(
        x: x.lowerBound + 0.05...x.upperBound - 0.05, y: y.lowerBound + 0.05...y.upperBound - 0.05,
        color),
    ]
  }
}
