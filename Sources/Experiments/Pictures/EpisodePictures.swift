public import DeepSARSA

/// The frames of an episode as pictures: what the environment shows, and below it every action's value as a bar.
///
/// The bars of all frames have one axis, from the episode's lowest value to its highest. The action that is taken is
/// blue; an illegal one has no bar.
///
/// ```swift
/// let pictures = EpisodePictures(of: episode)
/// let svg = pictures?[0].svg(width: 600)
/// ```
public struct EpisodePictures: RandomAccessCollection, Sendable {
  private let episode: PlayedEpisode
  private let firstAction: Int
  private let lowest: Double
  private let highest: Double
  /// The sum of the rewards before each frame.
  private let returns: [Double]

  /// The actions that are shown: those of the highest values, if there are more.
  private static let actionLimit = 12

  /// Makes pictures of an episode; `nil` if its environment cannot be drawn.
  ///
  /// - Parameters:
  ///   - episode: the episode.
  ///   - firstAction: the number that is shown for the first action, `EnvironmentSpecification.firstAction`.
  public init?(of episode: PlayedEpisode, firstAction: Int = 0) {
    guard episode.frames.first?.scene != nil else { return nil }
    self.episode = episode
    self.firstAction = firstAction
    let values = episode.frames.flatMap(\.values).filter(\.isFinite)
    lowest = Double(values.min() ?? 0)
    highest = Double(values.max() ?? 0)
    returns = episode.frames.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.reward) }
  }

  /// 0.
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

  private static let lineHeight = 5.0
  private static let letterHeight = 2.1

  private func caption(of position: Int) -> [Scene.Shape] {
    let y = -Self.lineHeight * 0.7 - 1
    func text(_ text: String, x: Double) -> Scene.Shape {
      .text(text, at: [x, y], height: Self.letterHeight, .ink)
    }
    return [
      text("step \(position)", x: 20),
      text("return \(returns[position].shortened(2))", x: 50),
      text("action values", x: 80),
    ]
  }

  private func shownActions(of frame: PlayedEpisode.Frame) -> [Int] {
    let values = frame.values
    guard values.count > Self.actionLimit else { return Array(values.indices) }
    let ranked = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
    return ranked.prefix(Self.actionLimit).sorted()
  }

  /// An action's number, its bar and its value, in a line around a height.
  private func bar(
    of action: Int, in frame: PlayedEpisode.Frame, y: Double
  ) -> [Scene.Shape] {
    let isLegal = frame.mask.isEmpty || frame.mask[action]
    let isTaken = frame.action == action
    let value = Double(frame.values[action])
    let color: Scene.Color = isTaken ? .blue : .muted
    var shapes: [Scene.Shape] = [
      .text(
        "\(firstAction + action)", at: [5, y], height: Self.letterHeight, isTaken ? .blue : .ink),
      .rectangle(x: 10...80, y: y - 1.6...y + 1.6, .ground),
    ]
    if isLegal && value.isFinite {
      let share = highest > lowest ? (value - lowest) / (highest - lowest) : 1
      // Never without a trace.
      shapes.append(.rectangle(x: 10...10.6 + 69.4 * share, y: y - 1.6...y + 1.6, color))
    }
    shapes.append(
      .text(
        isLegal ? value.rounded(digits) : "illegal", at: [90, y], height: Self.letterHeight,
        isTaken ? .blue : .ink))
    return shapes
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
