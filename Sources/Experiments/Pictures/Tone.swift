public import DeepSARSA

/// A colour on a screen.
public struct Tone: Hashable, Sendable {
  /// The parts of red, green and blue, from 0 to 255.
  public var red: UInt8, green: UInt8, blue: UInt8

  /// Makes a colour of a number with two hexadecimal digits for each part, such as 0xFF8000.
  public init(_ number: UInt32) {
    red = UInt8(number >> 16 & 0xFF)
    green = UInt8(number >> 8 & 0xFF)
    blue = UInt8(number & 0xFF)
  }

  /// The colour as CSS and SVG write it, such as `#ff8000`.
  public var hexadecimal: String {
    "#" + [red, green, blue].map { $0.digits(2, radix: 16) }.joined()
  }
}

extension Scene.Color {
  /// The colour on a light or a dark background.
  public func tone(onDark isDark: Bool) -> Tone {
    // Ink, muted and the bright colours but yellow have a contrast of 3 or more with paper.
    let (light, dark): (UInt32, UInt32) =
      switch self {
      case .ink: (0x1F2328, 0xE6EDF3)
      case .muted: (0x7D858E, 0x7D8590)
      case .ground: (0xE9EDF1, 0x262C34)
      case .paper: (0xFFFFFF, 0x0D1117)
      case .blue: (0x2F6FDE, 0x539BF5)
      case .orange: (0xE2680A, 0xF69D50)
      case .green: (0x2A9D4A, 0x57AB5A)
      case .red: (0xD1342F, 0xF0605A)
      case .purple: (0x8250DF, 0xB083F0)
      case .brown: (0x9A6B3F, 0xA97C50)
      case .pink: (0xE0559D, 0xF778BA)
      case .olive: (0x7D8A1F, 0xA8B545)
      case .cyan: (0x1398AD, 0x39C5CF)
      case .yellow: (0xE0AC00, 0xE8C547)
      }
    return Tone(isDark ? dark : light)
  }
}
