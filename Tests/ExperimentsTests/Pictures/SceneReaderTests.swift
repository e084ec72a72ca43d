import DeepSARSA
import Foundation
import FoundationXML
import SARSAExperiments
import Testing

@Suite("Scenes as SVG and as text")
struct SceneReaderTests {
  private static let scene = Scene(
    x: 0...4, y: 0...2,
    backdrop: [.rectangle(x: 0...4, y: 0...1, .ground)],
    shapes: [
      .line([[0, 0], [4, 2]], .red, width: 0.1), .circle(center: [1, 1.5], radius: 0.25, .blue),
      .text("<a> & \"b\"\u{1}", at: [2, 1], height: 0.2, .ink),
      .image(png: [1, 2, 3], x: 3...4, y: 0...1),
    ])

  /// The elements of a file by their names, with attributes and text.
  private final class Elements: NSObject, XMLParserDelegate {
    var found: [(name: String, attributes: [String: String])] = []
    var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      found.append((name, attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  private func elements(of svg: String) throws -> Elements {
    let elements = Elements()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = elements
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    return elements
  }

  @Test("SVG is XML with an element for each shape, in pixels from the upper left corner")
  func svg() throws {
    let elements = try elements(of: Self.scene.svg(width: 400))
    #expect(
      elements.found.map(\.name)
        == ["svg", "rect", "polygon", "polyline", "circle", "text", "image"])
    #expect(elements.found[0].attributes["width"] == "400")
    #expect(elements.found[0].attributes["height"] == "200")
    #expect(elements.found[2].attributes["points"] == "0,200 400,200 400,100 0,100")
    #expect(elements.found[3].attributes["points"] == "0,200 400,0")
    let circle = elements.found[4].attributes
    #expect(circle["cx"] == "100" && circle["cy"] == "50" && circle["r"] == "25")
    #expect(circle["fill"] == Scene.Color.blue.tone(onDark: false).hexadecimal)
    #expect(elements.text.contains("<a> & \"b\"\u{FFFD}"))
    #expect(elements.found[6].attributes["href"] == "data:image/png;base64,AQID")
  }

  @Test("the height is even, and a dark picture has a dark background")
  func dark() throws {
    let scene = Scene(x: 0...3, y: 0...1)
    #expect(scene.height(ofWidth: 100) == 34)
    let elements = try elements(of: scene.svg(width: 100, isDark: true))
    #expect(elements.found[1].attributes["fill"] == "#0d1117")
  }

  @Test("numbers that are out of sight or none are still SVG, JSON and text")
  func strange() throws {
    for number in [Double.nan, .infinity, -.infinity, 1e300] {
      let scene = Scene(
        x: 0...1, y: 0...1,
        shapes: [
          .circle(center: [number, 0], radius: 1, .red),
          .line([[0, number], [1, 1]], .red, width: 1),
          .polygon([[number, number], [0, 0], [1, 0]], .red),
          .text("a", at: [number, 0], height: 0.1, .red),
        ])
      #expect(try elements(of: scene.svg(width: 64)).found.count == 6)
      #expect(scene.lines(columns: 10, rows: 5, colors: .full).count == 5)
      let frame = PlayedEpisode.Frame(scene: scene, values: [])
      let json = PlayedEpisode(seed: 0, frames: [frame], isTerminated: true).json
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
    }
  }

  @Test("ink, muted and the bright colours but yellow have a contrast of 3 with paper")
  func contrast() {
    func luminance(_ color: Scene.Color, _ isDark: Bool) -> Double {
      let tone = color.tone(onDark: isDark)
      let parts = [tone.red, tone.green, tone.blue].map { part in
        let share = Double(part) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    for isDark in [false, true] {
      let paper = luminance(.paper, isDark)
      for color in Scene.Color.allCases where ![.paper, .ground, .yellow].contains(color) {
        let two = [luminance(color, isDark), paper].sorted()
        #expect((two[1] + 0.05) / (two[0] + 0.05) >= 3, "\(color), dark: \(isDark)")
      }
      #expect(Set(Scene.Color.allCases.map { $0.tone(onDark: isDark) }).count == 14)
    }
  }

  @Test("as plain text, lines are dots of braille, ground is left out, and text lies over both")
  func plain() {
    var scene = Scene(x: 0...8, y: 0...4)
    scene.backdrop = [.rectangle(x: 0...8, y: 0...4, .ground)]
    scene.shapes = [.line([[0, 0.5], [8, 0.5]], .red, width: 0.1)]
    #expect(scene.lines(columns: 4, rows: 1, colors: .none) == ["⣀⣀⣀⣀"])
    scene.shapes.append(.text("ab", at: [4, 0.5], height: 1, .ink))
    #expect(scene.lines(columns: 4, rows: 1, colors: .none) == ["⣀ab⣀"])
  }

  @Test("with colours, areas are blocks, and a line ends with a reset")
  func colors() {
    let scene = Scene(x: 0...4, y: 0...4, shapes: [.rectangle(x: 0...4, y: 2...4, .blue)])
    #expect(scene.lines(columns: 2, rows: 1, colors: .sixteen) == ["\u{1B}[0;34m▀▀\u{1B}[0m"])
    let tone = Scene.Color.blue.tone(onDark: false)
    #expect(
      scene.lines(columns: 2, rows: 1, colors: .full, isDark: false)
        == ["\u{1B}[0;38;2;\(tone.red);\(tone.green);\(tone.blue)m▀▀\u{1B}[0m"])
  }

  @Test(
    "a picture fits its columns and rows, in lines of the same length",
    arguments: [(80, 24), (40, 60), (3, 1), (1, 1)])
  func size(columns: Int, rows: Int) throws {
    for id in ["CartPole-v1", "bsuite/Catch-v0", "CliffWalking-v1"] {
      let episode = try PlayedEpisodeTests.play(id, stepLimit: 2)
      let scene = try #require(
        EpisodePictures(of: episode, in: PlayedEpisodeTests.specification(id))?[1])
      let lines = scene.lines(columns: columns, rows: rows, colors: .none)
      #expect(
        lines.count <= rows
          && lines.allSatisfy { $0.count == lines[0].count && $0.count <= columns })
      #expect(lines == scene.lines(columns: columns, rows: rows, colors: .none))
    }
  }

  @Test("an image in a terminal is said to be one")
  func image() {
    let scene = Scene(x: 0...80, y: 0...20, shapes: [.image(png: [], x: 0...80, y: 0...20)])
    #expect(scene.lines(columns: 60, rows: 20, colors: .none).joined().contains("an image"))
  }
}

@Suite("Pictures of an episode's frames")
struct EpisodePicturesTests {
  @Test("the bars are as long as the values, and the taken action is blue")
  func bars() throws {
    let episode = try PlayedEpisodeTests.play("CartPole-v1")
    let pictures = try #require(EpisodePictures(of: episode, in: CartPole().specification))
    #expect(pictures.count == episode.frames.count)
    let all = episode.frames.flatMap(\.values)
    let (low, high) = (Double(all.min() ?? 0), Double(all.max() ?? 0))
    for position in [0, 3] {
      let frame = episode.frames[position]
      let bars: [(Scene.Color, Double)] = pictures[position].shapes.compactMap { shape in
        guard case .polygon(let points, let color) = shape, [.blue, .muted].contains(color),
          points[0].x == 24, points[0].y < 0
        else { return nil }
        return (color, points[1].x - 24)
      }
      #expect(bars.count == 2)
      for (action, bar) in bars.enumerated() {
        let share = (Double(frame.values[action]) - low) / (high - low)
        #expect(abs(bar.1 - 0.58 - 57.42 * share) < 1e-9)
        #expect(bar.0 == (action == frame.action ? .blue : .muted))
      }
    }
  }

  @Test("an illegal action has no bar, and says so")
  func illegal() throws {
    let episode = try PlayedEpisodeTests.play("Taxi-v4", stepLimit: 1)
    let pictures = try #require(EpisodePictures(of: episode, in: Taxi().specification))
    let count = episode.frames[0].mask.count { !$0 }
    let texts = pictures[0].shapes.filter {
      if case .text("illegal", _, _, _) = $0 { true } else { false }
    }
    #expect(count > 0 && texts.count == count)
  }

  @Test(
    "in a terminal, the picture and a line for each action fit the rows", arguments: [24, 12, 4, 1])
  func terminal(rows: Int) throws {
    let episode = try PlayedEpisodeTests.play("CartPole-v1")
    let pictures = try #require(EpisodePictures(of: episode, in: CartPole().specification))
    for colors in TerminalColors.allCases {
      let lines = pictures.lines(ofFrame: 3, columns: 40, rows: rows, colors: colors)
      #expect(lines.count <= rows)
      if rows > 2 {
        let taken = try #require(episode.frames[3].action)
        #expect(lines.suffix(3).first?.hasPrefix("step 3   return 3") == true)
        #expect(lines.suffix(2).map { $0.contains(">") } == [taken == 0, taken == 1])
      }
      if colors == .none { #expect(!lines.joined().contains("\u{1B}")) }
    }
  }

  @Test("actions have their names, also those of an environment behind the bridge")
  func names() throws {
    let frame = PlayedEpisode.Frame(scene: Scene(x: 0...1, y: 0...1), values: [1, 2, 3, 4])
    let episode = PlayedEpisode(seed: 0, frames: [frame], isTerminated: true)
    for (id, name) in [("gymnasium:LunarLander-v3", "main engine"), ("Other-v0", "action 2")] {
      let specification = EnvironmentSpecification(id: id, observationSize: 8, actionCount: 4)
      let pictures = try #require(EpisodePictures(of: episode, in: specification))
      #expect(
        pictures[0].shapes.contains { if case .text(name, _, _, _) = $0 { true } else { false } })
    }
  }

  @Test("an environment that cannot be drawn has no pictures")
  func none() {
    let frame = PlayedEpisode.Frame(scene: nil, values: [1])
    let episode = PlayedEpisode(seed: 0, frames: [frame], isTerminated: true)
    #expect(EpisodePictures(of: episode, in: CartPole().specification) == nil)
  }
}
