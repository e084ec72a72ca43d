public import DeepSARSA

/// The frames of an episode as pictures: what the environment shows, and below it every action's value as a bar.
///
/// The bars of all frames have one axis, from the episode's lowest value to its highest. The action that is taken is
/// blue; an illegal one has no bar.
///
/// ```swift
/// let pictures = EpisodePictures(of: episode, in: environment.specification)
/// let svg = pictures?[0].svg(width: 600)
/// ```
public struct EpisodePictures: RandomAccessCollection, Sendable {
  let episode: PlayedEpisode
  let actionNames: [String]
  private let lowest: Double
  private let highest: Double
  /// The sum of the rewards before each frame.
  let returns: [Double]

  /// The actions that are shown: those of the highest values, if there are more.
  private static let actionLimit = 12

  /// Makes pictures of an episode; `nil` if its environment cannot be drawn.
  ///
  /// - Parameters:
  ///   - episode: the episode.
  ///   - specification: its environment's, which says how the actions are called.
  public init?(of episode: PlayedEpisode, in specification: EnvironmentSpecification) {
    guard episode.frames.first?.scene != nil else { return nil }
    self.episode = episode
    actionNames = ActionNames.names(of: specification)
    let values = episode.frames.flatMap(\.values).filter(\.isFinite)
    lowest = Double(values.min() ?? 0)
    highest = Double(values.max() ?? 0)
    returns = episode.frames.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.reward) }
  }

  /// The first frame, 0.
  public var startIndex: Int { 0 }
  /// The number of frames.
  public var endIndex: Int { episode.frames.count }

  /// The picture of a frame.
  ///
  /// - Precondition: the episode has the frame, counted from 0.
  /// - Complexity: O(shapes).
  public subscript(position: Int) -> Scene {
    let frame = episode.frames[position]
    guard let world = frame.scene else { return Scene(x: 0...1, y: 0...1) }
    let actions = shownActions(of: frame)
    let panel = Self.lineHeight * Double(actions.count + 1) + 2
    let (width, height) = (
      world.x.upperBound - world.x.lowerBound, world.y.upperBound - world.y.lowerBound
    )
    // As wide as the page, unless it would be higher than three quarters of that.
    let scale = Swift.min(100 / width, 75 / height)
    let left = (100 - width * scale) / 2
    var scene = Scene(x: 0...100, y: -panel...height * scale)
    func moved(_ shape: Scene.Shape) -> Scene.Shape {
      shape.scaled(
        by: scale, from: [world.x.lowerBound, world.y.lowerBound], to: [left, 0])
    }
    scene.backdrop = world.backdrop.map(moved)
    // What leaves the environment's picture would lie over the margin.
    scene.shapes = world.shapes.map(moved)
    scene.shapes.append(.rectangle(x: 0...100, y: -panel...0, .paper))
    scene.shapes += caption(of: position)
    for (line, action) in actions.enumerated() {
      scene.shapes += bar(of: action, in: frame, y: -Self.lineHeight * (Double(line) + 1.7) - 1)
    }
    return scene
  }

  private static let lineHeight = 5.4
  private static let letterHeight = 2.5

  private func caption(of position: Int) -> [Scene.Shape] {
    let y = -Self.lineHeight * 0.7 - 1
    func text(_ text: String, x: Double) -> Scene.Shape {
      .text(text, at: [x, y], height: Self.letterHeight, .ink)
    }
    return [
      text("step \(position)", x: 12),
      text("return \(Self.text(returns[position]))", x: 53),
      text("value", x: 91),
    ]
  }

  /// A return with two decimals, or three if it is small.
  static func text(_ value: Double) -> String {
    let text = value.shortened(abs(value) < 1 ? 3 : 2)
    return text == "-0.000" ? "0" : text
  }

  func shownActions(of frame: PlayedEpisode.Frame) -> [Int] {
    let values = frame.values
    guard values.count > Self.actionLimit else { return Array(values.indices) }
    let ranked = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
    return ranked.prefix(Self.actionLimit).sorted()
  }

  /// An action's number, its bar and its value, in a line around a height.
  private func bar(
    of action: Int, in frame: PlayedEpisode.Frame, y: Double
  ) -> [Scene.Shape] {
    let isTaken = frame.action == action
    let color: Scene.Color = isTaken ? .blue : .ink
    func text(_ text: String, x: Double) -> Scene.Shape {
      .text(text, at: [x, y], height: Self.letterHeight, color)
    }
    func bar(_ length: Double, _ color: Scene.Color) -> Scene.Shape {
      .rectangle(x: 24...24 + length, y: y - 1.8...y + 1.8, color)
    }
    let length = 58 * share(of: action, in: frame)
    return [text(actionNames[action], x: 12), bar(58, .ground)]
      + (length > 0 ? [bar(length, isTaken ? .blue : .muted)] : [])
      + [text(valueText(of: action, in: frame), x: 91)]
  }

  /// The length of an action's bar: a hundredth for the lowest value of the episode, 1 for the highest; 0 for an
  /// illegal action.
  func share(of action: Int, in frame: PlayedEpisode.Frame) -> Double {
    let value = Double(frame.values[action])
    guard isLegal(action, in: frame), value.isFinite else { return 0 }
    return highest > lowest ? 0.01 + 0.99 * (value - lowest) / (highest - lowest) : 1
  }

  func valueText(of action: Int, in frame: PlayedEpisode.Frame) -> String {
    isLegal(action, in: frame) ? Double(frame.values[action]).rounded(digits) : "illegal"
  }

  private func isLegal(_ action: Int, in frame: PlayedEpisode.Frame) -> Bool {
    frame.mask.isEmpty || frame.mask[action]
  }

  /// The decimals that tell values apart: about four digits in all.
  private var digits: Int {
    let largest = Swift.max(abs(lowest), abs(highest))
    return largest >= 100 ? 1 : largest >= 10 ? 2 : 3
  }
}

extension Scene.Shape {
  /// The shape in other units, so that one point comes to lie on another.
  func scaled(by scale: Double, from origin: Scene.Point, to target: Scene.Point) -> Scene.Shape {
    func place(_ point: Scene.Point) -> Scene.Point { target + scale * (point - origin) }
    func range(_ range: ClosedRange<Double>, _ axis: Int) -> ClosedRange<Double> {
      func place(_ bound: Double) -> Double { target[axis] + scale * (bound - origin[axis]) }
      return place(range.lowerBound)...place(range.upperBound)
    }
    return switch self {
    case .line(let points, let color, let width):
      .line(points.map(place), color, width: scale * width)
    case .polygon(let points, let color): .polygon(points.map(place), color)
    case .circle(let center, let radius, let color):
      .circle(center: place(center), radius: scale * radius, color)
    case .text(let text, let point, let height, let color):
      .text(text, at: place(point), height: scale * height, color)
    case .image(let png, let x, let y): .image(png: png, x: range(x, 0), y: range(y, 1))
    }
  }
}
