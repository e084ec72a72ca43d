extension Asterix.Channel {
  /// The colours of player, enemies and gold.
  public var color: Scene.Color {
    switch self {
    case .player: .green
    case .enemy: .red
    case .trail: .muted
    case .gold: .yellow
    }
  }

  /// A full cell; trails are smaller.
  public var size: Double {
    switch self {
    case .trail: 0.4
    default: 1
    }
  }
}
