extension Seaquest.Channel {
  /// The colours of submarines, fish, divers and oxygen.
  public var color: Scene.Color {
    switch self {
    case .front: .yellow
    case .back: .olive
    case .bullet: .ink
    case .trail: .muted
    case .enemyBullet: .red
    case .fish: .green
    case .enemySubmarine: .purple
    case .oxygen: .blue
    case .diversAboard, .diver: .pink
    }
  }

  /// A full cell; bullets and trails are smaller.
  public var size: Double {
    switch self {
    case .bullet, .trail, .enemyBullet: 0.4
    default: 1
    }
  }
}
