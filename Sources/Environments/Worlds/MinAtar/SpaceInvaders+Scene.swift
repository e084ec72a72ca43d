extension SpaceInvaders.Channel {
  /// The colours of cannon, aliens and bullets.
  public var color: Scene.Color {
    switch self {
    case .cannon: .blue
    case .alien: .green
    case .alienMovingLeft: .pink
    case .alienMovingRight: .cyan
    case .cannonBullet: .ink
    case .alienBullet: .red
    }
  }

  /// A full cell; bullets, and the marks of the aliens' direction, are smaller.
  public var size: Double {
    switch self {
    case .alienMovingLeft, .alienMovingRight: 0.3
    case .cannonBullet, .alienBullet: 0.4
    default: 1
    }
  }
}
