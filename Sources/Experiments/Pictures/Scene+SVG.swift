public import DeepSARSA
internal import Foundation

extension Scene {
  /// The picture as a file in SVG.
  ///
  /// Numbers are hundredths of a pixel, so that equal pictures are equal bytes on every machine.
  ///
  /// - Parameters:
  ///   - width: the width in pixels; the height follows, rounded to an even number.
  ///   - isDark: whether it has the tones for a dark background, and that background.
  /// - Returns: the text of the file.
  /// - Precondition: the width is positive.
  /// - Complexity: O(shapes).
  public func svg(width: Int, isDark: Bool = false) -> String {
    let height = height(ofWidth: width)
    let page = Page(of: self, width: width, isDark: isDark)
    let paper = Color.paper.tone(onDark: isDark).hexadecimal
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\">",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"\(paper)\"/>",
    ]
    lines += (backdrop + shapes).map(page.element)
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  /// The height in pixels that fits a width: even, as films need it.
  public func height(ofWidth width: Int) -> Int {
    let share = (y.upperBound - y.lowerBound) / (x.upperBound - x.lowerBound)
    let height = (Double(width) * share / 2).rounded() * 2
    return height.isFinite ? Int(min(max(height, 2), 1e6)) : 2
  }
}

/// A page of pixels for a scene.
private struct Page {
  private let left: Double
  private let top: Double
  private let perUnit: Double
  private let isDark: Bool

  init(of scene: Scene, width: Int, isDark: Bool) {
    perUnit = Double(width) / (scene.x.upperBound - scene.x.lowerBound)
    (left, top) = (scene.x.lowerBound, scene.y.upperBound)
    self.isDark = isDark
  }

  func element(_ shape: Scene.Shape) -> String {
    switch shape {
    case .line(let points, let color, let width):
      return "<polyline points=\"\(places(points))\" fill=\"none\" stroke=\"\(tone(color))\" "
        + "stroke-width=\"\(length(width))\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"
    case .polygon(let points, let color):
      return "<polygon points=\"\(places(points))\" fill=\"\(tone(color))\"/>"
    case .circle(let center, let radius, let color):
      let place = place(center)
      return "<circle cx=\"\(place.x)\" cy=\"\(place.y)\" r=\"\(length(radius))\" "
        + "fill=\"\(tone(color))\"/>"
    case .text(let text, let point, let height, let color):
      // Capital letters of DejaVu Sans are 0.729 of the size.
      let place = place(point - [0, height / 2])
      return "<text x=\"\(place.x)\" y=\"\(place.y)\" text-anchor=\"middle\" "
        + "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"\(length(height / 0.729))\" "
        + "fill=\"\(tone(color))\">\(text.escapedAsXML)</text>"
    case .image(let png, let x, let y):
      let corner = place([x.lowerBound, y.upperBound])
      let width = length(x.upperBound - x.lowerBound)
      let height = length(y.upperBound - y.lowerBound)
      return "<image x=\"\(corner.x)\" y=\"\(corner.y)\" width=\"\(width)\" height=\"\(height)\" "
        + "preserveAspectRatio=\"none\" "
        + "href=\"data:image/png;base64,\(Data(png).base64EncodedString())\"/>"
    }
  }

  private func tone(_ color: Scene.Color) -> String { color.tone(onDark: isDark).hexadecimal }

  private func length(_ length: Double) -> String { Self.text(length * perUnit) }

  private func place(_ point: Scene.Point) -> (x: String, y: String) {
    (length(point.x - left), length(top - point.y))
  }

  private func places(_ points: [Scene.Point]) -> String {
    points.map { point in
      let place = place(point)
      return "\(place.x),\(place.y)"
    }.joined(separator: " ")
  }

  /// A number in hundredths, within a million, which is out of sight.
  private static func text(_ number: Double) -> String {
    let hundredths = number.isNaN ? 0 : Int((min(max(number, -1e6), 1e6) * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let fraction =
      rest == 0 ? "" : rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)"
    return (hundredths < 0 ? "-" : "") + "\(whole)" + fraction
  }
}

extension String {
  /// The text as XML has it between tags and within quotation marks, without the characters that XML does not have.
  fileprivate var escapedAsXML: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{0}"..<"\u{9}", "\u{B}"..<"\u{D}", "\u{E}"..<" ", "\u{FFFE}"..."\u{FFFF}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
