import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFormats
import Testing

@Suite("Recorded episodes")
struct PlayedEpisodeTests {
  /// A network of one layer, with weights that differ.
  static func policy(inputs: Int, outputs: Int) throws -> GreedyPolicy {
    let weights = (0..<inputs * outputs).map { (i: Int) -> Float in
      Float((i * 37 + 11) % 19) / 19 - 0.45
    }
    return try GreedyPolicy(
      Safetensors(
        tensors: [
          .init(name: "q_network.0.weight", shape: [outputs, inputs], values: weights),
          .init(name: "q_network.0.bias", shape: [outputs], values: weights.suffix(outputs)),
        ], metadata: [:]))
  }

  static func specification(_ id: String) throws -> EnvironmentSpecification {
    try EnvironmentRegistry.make(id).specification
  }

  static func play(
    _ id: String, arguments: [String: ArgumentValue] = [:], seed: UInt64 = 7,
    rewardFactor: Double = 1, stepLimit: Int? = nil
  ) throws -> PlayedEpisode {
    func play<World: Environment>(_ world: World) throws -> PlayedEpisode {
      let specification = world.specification
      var policy = try policy(
        inputs: specification.observationSize, outputs: specification.actionCount)
      return try PlayedEpisode(
        playing: world, by: &policy, seed: seed, rewardFactor: rewardFactor, stepLimit: stepLimit)
    }
    return try play(EnvironmentRegistry.make(id, arguments: arguments))
  }

  @Test("every frame has the network's values, the greedy action, its reward, and the picture")
  func frames() throws {
    let episode = try Self.play("CartPole-v1")
    var environment = TimeLimit(CartPole(), maximumSteps: 500)
    var policy = try Self.policy(inputs: 4, outputs: 2)
    environment.reset(seed: 7)
    for frame in episode.frames {
      #expect(frame.values == policy.values(for: environment.observation))
      // A getter whose error is Never, within a macro, makes the compiler crash.
      let scene = environment.scene
      #expect(frame.scene == scene)
      guard let action = frame.action else { break }
      #expect(action == policy.action(for: environment.observation))
      #expect(environment.step(action).reward == frame.reward)
    }
    #expect(episode.seed == 7 && episode.episode == 0 && episode.isTerminated)
    #expect(
      episode.frames.last?.action == nil
        && episode.frames.dropLast().allSatisfy { $0.action != nil })
    #expect(episode.total == Double(episode.frames.count - 1))
  }

  @Test(
    "the beginning of an episode is the episode that is left there",
    arguments: ["CartPole-v1", "Taxi-v4"], [0, 1, 5])
  func beginning(id: String, steps: Int) throws {
    let whole = try Self.play(id)
    #expect(whole.frames.count > 6)
    #expect(try whole.prefix(steps: steps) == Self.play(id, stepLimit: steps))
    #expect(whole.prefix(steps: whole.frames.count - 1) == whole)
    #expect(whole.prefix(steps: .max) == whole)
  }

  @Test("an episode is left at a limit of steps, and values are in the units of returns")
  func limits() throws {
    let whole = try Self.play("MountainCar-v0")
    #expect(whole.frames.count == 201 && !whole.isTerminated)
    let part = try Self.play("MountainCar-v0", rewardFactor: 4, stepLimit: 3)
    #expect(part.frames.count == 4 && part.frames[3].action == nil)
    #expect(part.frames[0].values == whole.frames[0].values.map { $0 / 4 })
  }

  @Test("the next episode of a rollout is recorded too, with its number")
  func next() throws {
    var policy = try Self.policy(inputs: 4, outputs: 2)
    var rollout = try Rollout(CartPole(), seed: 7)
    let first = try PlayedEpisode(continuing: &rollout, by: &policy)
    try rollout.reset()
    let second = try PlayedEpisode(continuing: &rollout, by: &policy)
    #expect(first == (try Self.play("CartPole-v1")))
    #expect(second.episode == 1 && second.frames[0].values != first.frames[0].values)
  }

  @Test("actions are legal where there are masks, which the record has")
  func masks() throws {
    let episode = try Self.play("Taxi-v4")
    for frame in episode.frames.dropLast() {
      let action = try #require(frame.action)
      #expect(frame.mask.count == 6 && frame.mask[action])
    }
  }

  // MARK: JSON

  @Test(
    "an episode is read back from its JSON, to a thousandth of its size",
    arguments: [
      "CartPole-v1", "Taxi-v4", "Blackjack-v1", "MinAtar/Breakout-v1", "MinAtar/Freeway-v1",
    ])
  func json(id: String) throws {
    let episode = try Self.play(id, stepLimit: 300)
    let text = episode.json
    #expect(text == (try Self.play(id, stepLimit: 300)).json)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["actions"] as? [Int] == episode.frames.compactMap(\.action))
    #expect(object["rewards"] as? [Double] == episode.frames.dropLast().map(\.reward))

    let unit = try #require(object["valueUnit"] as? Double)
    let changes = try #require(object["values"] as? [[Double]])
    #expect(changes.count == episode.frames.count)
    var values = [Double](repeating: 0, count: changes[0].count)
    for (change, frame) in zip(changes, episode.frames) {
      for i in values.indices {
        values[i] += change[i]
        #expect(abs(values[i] * unit - Double(frame.values[i])) < 0.6 * unit)
      }
    }
    let masks = episode.frames.map { $0.mask.map { $0 ? "1" : "0" }.joined() }
    #expect(object["masks"] as? [String] == (masks[0].isEmpty ? nil : masks))

    let scene = try #require(episode.frames[0].scene)
    let size = try #require(object["size"] as? [Double])
    #expect(size.max() == 2000)
    let page = Page(scene, perUnit: size[0] / (scene.x.upperBound - scene.x.lowerBound))
    let backdrop = try #require(object["backdrop"] as? [[Any]])
    try page.expect(backdrop, scene.backdrop)
    let shapes = try #require(object["shapes"] as? [[Any]])
    var list: [Int] = []
    for (change, frame) in zip(try #require(object["frames"] as? [[Int]]), episode.frames) {
      list = list.prefix(change[0]) + change.dropFirst(2) + list.suffix(change[1])
      try page.expect(list.map { shapes[$0] }, frame.scene?.shapes ?? [])
    }
  }

  /// The units of a scene as those of the page.
  private struct Page {
    let scene: Scene
    let perUnit: Double

    init(_ scene: Scene, perUnit: Double) {
      self.scene = scene
      self.perUnit = perUnit
    }

    private func numbers(_ points: [Scene.Point]) -> [Double] {
      points.flatMap { point in
        [(point.x - scene.x.lowerBound) * perUnit, (scene.y.upperBound - point.y) * perUnit]
      }
    }

    /// Expects as many lists as shapes, with the shapes' numbers.
    func expect(_ lists: [[Any]], _ shapes: [Scene.Shape]) throws {
      #expect(lists.count == shapes.count)
      for (list, shape) in zip(lists, shapes) {
        let (kind, rest) = (try #require(list[0] as? Int), list.dropFirst(2))
        var expected: [Double]
        var color: Scene.Color
        switch shape {
        case .line(let points, let tone, let width):
          (color, expected) = (tone, [width * perUnit] + numbers(points))
          #expect(kind == 0)
        case .polygon(let points, let tone):
          let all = numbers(points)
          (color, expected) = (tone, all)
          if kind == 4 {
            let (x, y) = (
              stride(from: 0, to: 8, by: 2).map { all[$0] },
              stride(from: 1, to: 8, by: 2).map { all[$0] }
            )
            let corner = [x.min() ?? 0, y.min() ?? 0]
            expected = corner + [(x.max() ?? 0) - corner[0], (y.max() ?? 0) - corner[1]]
          } else {
            #expect(kind == 1)
          }
        case .circle(let center, let radius, let tone):
          (color, expected) = (tone, numbers([center]) + [radius * perUnit])
          #expect(kind == 2)
        case .text(let text, let point, let height, let tone):
          (color, expected) = (tone, numbers([point]) + [height * perUnit])
          #expect(kind == 3 && list.last as? String == text)
        case .image: continue
        }
        #expect(list[1] as? Int == Scene.Color.allCases.firstIndex(of: color))
        let found = rest.compactMap { $0 as? Double }
        #expect(found.count == expected.count)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1 }, "\(found) \(expected)")
      }
    }
  }

  @Test("values that are no numbers are null, and count as no change")
  func nulls() {
    let frames = [[1, .nan], [.infinity, 2], [0.5, 2]].map { (values: [Float]) in
      PlayedEpisode.Frame(scene: nil, values: values)
    }
    let episode = PlayedEpisode(seed: 1, frames: frames, isTerminated: false)
    #expect(episode.json.contains("\"values\":[[100000,null],[null,200000],[-50000,0]]"))
    #expect(!episode.json.contains("size"))
  }

  @Test("a text within a scene cannot leave its JSON, and an image is its base64")
  func text() throws {
    var scene = Scene(x: 0...1, y: 0...1)
    scene.shapes = [
      .text("\"]</script>", at: [0.5, 0.5], height: 0.1, .ink),
      .image(png: [1, 2, 255], x: 0...0.5, y: 0.5...1),
    ]
    let frame = PlayedEpisode.Frame(scene: scene, values: [])
    let episode = PlayedEpisode(seed: 1, frames: [frame], isTerminated: false)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(episode.json.utf8)) as? [String: Any])
    let shapes = try #require(object["shapes"] as? [[Any]])
    #expect(shapes[0].last as? String == "\"]</script>")
    #expect(
      shapes[1][1] as? String == "AQL/"
        && shapes[1][2...].compactMap { $0 as? Int } == [0, 0, 1000, 1000])
  }
}
