extension Freeway.Channel {
  /// The colours of chicken and cars.
  public var color: Scene.Color {
    switch self {
    case .chicken: .orange
    case .car: .blue
    case .rests1, .rests2, .rests3, .rests4, .rests5: .muted
    }
  }

  /// A full cell; the trails are longer behind faster cars.
  public var size: Double {
    switch self {
    case .chicken, .car: 1
    case .rests1, .rests2, .rests3, .rests4, .rests5:
      0.6 - 0.1 * Double(rawValue - Self.rests1.rawValue)
    }
  }
}
