import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Lines of charts")
struct SeriesTests {
  /// A curve of drawn numbers, of which each is a step of a walk.
  private func walk(_ count: Int, seed: Int = 1, every interval: Int = 1) -> Series {
    var generator = PCG64(seed: UInt64(seed))
    var value = 0.0
    return Series(
      (0..<count).map { index in
        value += generator.random() - 0.5
        return Series.Point(step: index * interval, value: value)
      })
  }

  @Test(
    "a thinned line is short, and has the ends, the lowest and the highest point", arguments: 1...20
  )
  func thinning(seed: Int) {
    let line = walk(10_000 + seed * 37, seed: seed, every: 3)
    let thin = line.thinned()
    #expect(thin.points.count <= 500 && thin.points.count > 300)
    #expect(thin.points.first == line.points.first && thin.points.last == line.points.last)
    let (values, kept) = (line.points.map(\.value), thin.points.map(\.value))
    #expect(kept.min() == values.min() && kept.max() == values.max())
    #expect(Set(thin.points).isSubset(of: Set(line.points)))
    #expect(thin.points.map(\.step) == thin.points.map(\.step).sorted())
    #expect(line.thinned() == thin)
  }

  @Test("each part of the steps keeps its own extremes")
  func parts() {
    // A single peak in every hundredth of the steps.
    let line = Series(
      (0..<10_000).map { .init(step: $0, value: $0 % 100 == 37 ? Double($0) : 0) })
    let peaks = line.points.filter { $0.value > 0 }
    #expect(Set(peaks).isSubset(of: Set(line.thinned(to: 202).points)))
  }

  @Test("a short line is as it was, and points that are not even in steps count by their steps")
  func short() {
    let line = walk(500)
    #expect(line.thinned() == line && Series([]).thinned() == Series([]))
    // Nearly all points are in the first of many parts.
    let uneven = Series(
      (0..<1_000).map { .init(step: $0, value: Double($0 % 7)) } + [
        .init(step: 1_000_000, value: 3)
      ])
    #expect(uneven.thinned().points.count == 3)
    #expect(uneven.thinned().points.last?.step == 1_000_000)
  }

  @Test(
    "a line whose last point has a step before the first, as a changed file may, is thinned too")
  func disordered() {
    let line = Series((1...600).map { .init(step: $0, value: 1) } + [.init(step: 0, value: 2)])
    #expect(line.thinned().points.last == .init(step: 0, value: 2))
  }

  @Test("a running mean begins with the points that there are")
  func runningMean() {
    let line = Series([1, 2, 3, 4, 10].enumerated().map { .init(step: $0, value: $1) })
    #expect(line.runningMean(over: 3).points.map(\.value) == [1, 1.5, 2, 3, 17.0 / 3])
    #expect(line.runningMean(over: 1) == line)
  }

  @Test("a band is the bootstrap of the statistics at each step that all lines have")
  func band() throws {
    let lines = (0..<8).map { seed in
      Series(walk(40, seed: seed, every: 10).points.filter { seed != 3 || $0.step != 50 })
    }
    let band = try #require(Band(of: lines))
    #expect(band.steps == (0..<40).map { $0 * 10 }.filter { $0 != 50 })
    for (step, estimate) in zip(band.steps, band.estimates) {
      let values = lines.compactMap { $0.points.first { $0.step == step }?.value }
      #expect(values.count == 8)
      let scores = try Scores([values])
      #expect(estimate.value == scores.value(of: .interquartileMean))
      #expect(estimate.lower <= estimate.value && estimate.value <= estimate.upper)
      #expect(values.min() ?? 0 <= estimate.lower && estimate.upper <= values.max() ?? 0)
    }
    let scores = try band.steps.map { step in
      try Scores([lines.compactMap { $0.points.first { $0.step == step }?.value }])
    }
    #expect(band.estimates == Bootstrap.curves.estimates(.interquartileMean, along: scores))
    #expect(Band(of: [lines[0]]) == nil)
    #expect(Band(of: [walk(2), Series([.init(step: 7, value: 1)])]) == nil)
  }
}

@Suite("Charts")
struct ChartTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func json(_ chart: Chart?, _ theme: ChartTheme = .light) throws -> [String: Any] {
    let text = try #require(chart).json(in: theme, width: 600, height: 400)
    return try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The data of the layers, row by row.
  private func data(_ chart: Chart?) throws -> [[[String: Any]]] {
    let layers = try #require(json(chart)["layer"] as? [[String: Any]])
    return layers.map { layer in
      ((layer["data"] as? [String: Any])?["values"] as? [[String: Any]]) ?? []
    }
  }

  private func write(
    _ name: String, seed: UInt64, setting: String = "a", score: Double? = 100,
    _ means: [Double] = [10, 50, 100], _ change: (inout WrittenRun) -> Void = { _ in }
  ) throws {
    var run = WrittenRun(
      seed: seed, score: score, evaluations: means.enumerated().map { ($0 * 1_000, $1) })
    run.experimentName = setting
    change(&run)
    let path = try run.write(to: folder.path("runs/" + name))
    let episodes = (1...250).map { "\($0 * 10),\($0),\($0 % 5),10,terminated\n" }
    try Data(("step,episode,return,length,end\n" + episodes.joined()).utf8)
      .write(to: URL(filePath: path + "/episodes.csv"))
    try Data(
      """
      step,update,loss,mean_q,largest_q,q_bound,epsilon,temperature
      100,10,0.5,1,2,,0.9,
      200,20,,1.5,2.5,100,0.5,
      300,30,0.001,2,3,100,0.1,

      """.utf8
    ).write(to: URL(filePath: path + "/learning.csv"))
  }

  private func groups() throws -> [RunGroup] { try RunGroup.reading([folder.path("runs")]) }

  @Test(
    "a single run shows the running mean of its episodes, its evaluations, and the best of them")
  func single() throws {
    try write("one", seed: 1, [10, 100, 60, 100])
    let chart = try Chart.returns(of: groups())
    let layers = try data(chart)
    let lines = layers[0]
    #expect(
      lines.map { $0["name"] as? String } == ["training, mean of 100 episodes", "evaluation"])
    #expect(lines[1]["step"] as? [Int] == [0, 1_000, 2_000, 3_000])
    #expect(lines[1]["value"] as? [Double] == [10, 100, 60, 100])
    #expect((lines[0]["value"] as? [Double])?.last == 2)
    // The threshold and the optimum of CartPole, and the first of two equal evaluations.
    let values = layers.dropFirst().compactMap { $0.first?["value"] as? Double }
    #expect(values == [475, 475, 500, 500, 100])
    #expect(layers.last?.first?["step"] as? Int == 1_000)
    #expect(chart?.title == "Return in CartPole-v1")
  }

  @Test("several seeds are a band and thin lines, and each setting has its own")
  func several() throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      try write("a\(seed)", seed: seed, [10, 50, Double(100 * seed)])
      try write("b\(seed)", seed: seed, setting: "b", [20, 60, Double(10 * seed)])
    }
    let layers = try data(try Chart.returns(of: groups()))
    #expect(layers[0].map { $0["name"] as? String } == ["a", "b"])
    #expect(layers[1].count == 8 && layers[2].count == 2)
    #expect(layers[2].map { $0["value"] as? [Double] } == [[10, 50, 250], [20, 60, 25]])
    #expect((layers[0][0]["upper"] as? [Double])?.last ?? 0 > 250)
  }

  @Test(
    "a failed run has its untrained network's return after its end, and one that goes on is a thin line only"
  )
  func failed() throws {
    try write("a1", seed: 1)
    try write("a2", seed: 2)
    try write("a3", seed: 3, score: nil, [10]) { $0.failure = "no" }
    try write("a4", seed: 4, score: nil, [10, 500])
    let layers = try data(try Chart.returns(of: groups()))
    #expect(
      layers[1].map { $0["value"] as? [Double] }
        == [[10, 50, 100], [10, 50, 100], [10, 10, 10], [10, 500]])
    let middle = try Scores([[100, 100, 10]]).value(of: .interquartileMean)
    #expect((layers[2][0]["value"] as? [Double])?.last == middle)
  }

  @Test("measures leave out empty fields, and a column that no run has is no chart")
  func measures() throws {
    try write("one", seed: 1)
    let groups = try groups()
    let loss = try data(try Chart.loss(of: groups))
    #expect(loss[0][0]["step"] as? [Int] == [100, 300])
    let values = try data(try Chart.values(of: groups))
    #expect(values[0].map { ($0["step"] as? [Int])?.count } == [3, 3, 2])
    #expect(try Chart.exploration(of: groups)?.title == "Exploration in CartPole-v1")
    #expect(try Chart.gradient(of: groups) == nil)
    let axis = try #require(
      String(
        data: JSONSerialization.data(withJSONObject: json(try Chart.loss(of: groups))),
        encoding: .utf8))
    #expect(axis.contains("\"type\":\"log\""))
  }

  @Test("an axis reaches 0 only if all numbers are equal")
  func constantNumbers() throws {
    for (epsilons, reaches) in [("0.9 0.5 0.1", false), ("0.1 0.1 0.1", true)] {
      try write("one", seed: 1)
      let lines = epsilons.split(separator: " ").enumerated().map { "\($0)00,\($1)\n" }
      try Data(("step,epsilon\n" + lines.joined()).utf8)
        .write(to: URL(filePath: folder.path("runs/one/learning.csv")))
      let layers = try #require(
        json(try Chart.exploration(of: groups()))["layer"] as? [[String: Any]])
      let encoding = layers[0]["encoding"] as? [String: [String: Any]]
      let scale = encoding?["y"]?["scale"] as? [String: Any]
      #expect(scale?["zero"] as? Bool == reaches)
    }
  }

  @Test("runs that have not begun, and folders without evaluations, are no chart")
  func nothing() throws {
    try WrittenRun(seed: 1).write(to: folder.path("runs/one"))
    #expect(try Chart.returns(of: groups()) == nil && Chart.loss(of: groups()) == nil)
  }

  @Test("charts of a comparison have its numbers")
  func comparison() throws {
    let comparison = try compare(
      setting("a", [1, 2, 3, 4], threshold: 3), setting("b", [3, 4, 5, 6]))
    let task = comparison.tasks[0]
    let intervals = try data(.intervals(of: task))
    #expect(intervals[0][0]["score"] as? Double == 3 && intervals[1].count == 8)
    #expect(
      intervals[2].map { $0["lower"] as? Double }
        == task.sides.map { $0.summary.interquartileMean.lower })
    let probability = try data(Chart.probability(of: task, baseline: "a"))
    #expect(probability[1].count == 1 && probability[1][0]["setting"] as? String == "b")
    #expect(
      probability[1][0]["probability"] as? Double
        == task.sides[1].improvement?.probability.value)
    let profile = try json(.profile(of: task))
    let rows = try #require((profile["data"] as? [String: Any])?["values"] as? [[String: Any]])
    #expect(rows.map { ($0["share"] as? [Double])?.count } == [101, 101])
    #expect(rows[0]["share"] as? [Double] == task.profile(of: task.sides[0]).map(\.value))
    // Of the last evaluations 3 and 4 of a, and all of b, are at the threshold.
    let stability = try data(Chart.stability(of: task))
    #expect(stability[1].map { $0["now"] as? [Double] } == [[0, 0.5], [0, 1]])
    #expect(stability[2].count == 6)
    let single = try compare(setting("a", [1, 2])).tasks[0]
    #expect(
      Chart.probability(of: single, baseline: "a") == nil && Chart.stability(of: single) == nil)
  }

  @Test("a theme adds colours, and a specification has none")
  func themes() throws {
    try write("one", seed: 1)
    let chart = try Chart.returns(of: groups())
    let (light, dark) = (try json(chart), try json(chart, .dark))
    #expect((light["config"] as? [String: Any])?["background"] as? String == "#ffffff")
    #expect(light["width"] as? Int == 600 && light["height"] as? Int == 400)
    var others = (light, dark)
    others.0["config"] = nil
    others.1["config"] = nil
    #expect(NSDictionary(dictionary: others.0) == NSDictionary(dictionary: others.1))
    let text = String(data: try JSONSerialization.data(withJSONObject: others.0), encoding: .utf8)
    #expect(text?.contains("\"#") == false)
  }

  @Test("text of a user cannot end the element of a page that has the chart in it")
  func escaping() throws {
    let name = "</script><b> & \"'"
    let task = try compare(setting(name, [1, 2]), setting("a", [3, 4], task: "task")).tasks[0]
    let chart = Chart.intervals(of: task)
    #expect(!chart.json(in: .light, width: 600, height: 400).contains("<"))
    #expect(try data(chart)[1].map { $0["setting"] as? String } == [name, "a"])
  }
}
