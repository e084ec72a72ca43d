extension SpaceInvaders.Channel {
  /// The colours of cannon, aliens and bullets; aliens have that of their direction.
  public var color: Scene.Color {
    switch self {
    case .cannon: .blue
    case .alien, .alienMovingLeft: .green
    case .alienMovingRight: .purple
    case .cannonBullet: .ink
    case .alienBullet: .red
    }
  }

  /// A full cell; bullets are smaller, and an alien is drawn once, by its direction.
  public var size: Double {
    switch self {
    case .alien: 0
    case .cannonBullet, .alienBullet: 0.4
    default: 1
    }
  }
}
