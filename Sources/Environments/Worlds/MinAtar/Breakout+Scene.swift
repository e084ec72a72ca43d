extension Breakout.Channel {
  /// The colours of paddle, ball and bricks.
  public var color: Scene.Color {
    switch self {
    case .paddle: .blue
    case .ball: .orange
    case .trail: .muted
    case .brick: .red
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
