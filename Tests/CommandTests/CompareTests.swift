import DeepSARSA
import Foundation
import TestSupport
import Testing

@Suite("deep-sarsa compare")
struct CompareTests {
  private let folder: TemporaryFolder

  /// Two settings in CartPole-v1: four runs of `one`, and four better ones of `three`, of which one failed.
  init() throws {
    folder = try TemporaryFolder()
    for seed in 1...4 as ClosedRange<UInt64> {
      for (name, offset) in [("one", 100.0), ("three", 300)] {
        let score = offset + Double(seed)
        var run = WrittenRun(
          seed: seed, score: score, evaluations: [(0, 9), (500, score - 50), (1_000, score)])
        run.experimentName = name
        run.threshold = 302
        if name == "three" && seed == 4 {
          run.score = nil
          run.failure = "training diverged at step 700"
          run.evaluations = [(0, 9), (500, 20)]
        }
        try run.write(to: folder.path("runs/\(name)-\(seed)"))
      }
    }
  }

  private func compare(_ arguments: String...) throws -> Command.Result {
    try Command.run(["compare"] + arguments)
  }

  @Test("prints tables, the scores of few runs, and a verdict")
  func text() throws {
    let result = try compare(folder.path("runs"))
    #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
    #expect(
      result.lines == [
        "CartPole-v1: solved at 302; random 22.25, best 500",
        "setting  runs  failed  interquartile mean (95 % interval)  mean    median  worst   best network  "
          + "optimality gap  better than baseline  p",
        "one      4     0       102.50 (101.00 to 104.00)†          102.50  102.50  101.00  102.50        "
          + "0.832           –                     –",
        "three    4     1       301.50 (9.00 to 303.00)†            228.75  301.50  9.00    301.50        "
          + "0.568           0.75 (0.25 to 1.00)†  0.343",
        "† 'one': 101 (seed 1), 102 (seed 2), 103 (seed 3), 104 (seed 4)",
        "† 'three': 301 (seed 1), 302 (seed 2), 303 (seed 3), 9 (seed 4, failed)",
        "setting  reached 302  steps to it, median  seconds  share after  kept  worst after  collapses",
        "one      0 of 4       –                    –        –            0     –            0",
        "three    2 of 4       1000                 1.0      –            2     –            0",
        "Verdict",
        "The data do not decide between 'three' and 'one': a run of 'three' is better with probability "
          + "0.75 (95 % interval 0.25 to 1.00†, p = 0.343, 4 and 4 runs); if the probability is 0.75 as "
          + "seen, some 21 seeds a side would decide.",
        "† fewer than 10 runs: the interval is too narrow.",
      ])
  }

  @Test("of one setting there is no verdict, and scores beside each other have the same decimals")
  func oneSetting() throws {
    for (seed, score) in [(1, 34), (2, 12.5)] as [(UInt64, Double)] {
      try WrittenRun(seed: seed, score: score, evaluations: [(0, 9)]).write(
        to: folder.path("two/\(seed)"))
    }
    let result = try compare(folder.path("two"))
    #expect(!result.output.contains("Verdict"), "\(result)")
    #expect(result.lines.contains("† 'a': 34.00 (seed 1), 12.50 (seed 2)"))
    #expect(result.lines.last == "† fewer than 10 runs: the interval is too narrow.")
  }

  @Test("one run against one has no interval")
  func oneRunEach() throws {
    for (setting, score) in [("one", 101.5), ("two", 102)] {
      var run = WrittenRun(seed: 1, score: score, evaluations: [(0, 9)])
      run.experimentName = setting
      try run.write(to: folder.path("\(setting)/1"))
    }
    let result = try compare(folder.path("one"), folder.path("two"))
    #expect(result.output.contains("101.50†  "), "\(result)")
    #expect(result.output.contains("  1.00†  "), "\(result)")
    #expect(!result.output.contains(" to 1"), "\(result)")
    #expect(
      result.output.contains("1 run against 1 can never be significant"), "\(result)")
    #expect(
      result.lines.last
        == "† fewer than 10 runs: the interval is too narrow, and one run has none.")
  }

  @Test("prints the same as Markdown")
  func markdown() throws {
    let result = try compare(folder.path("runs"), "--markdown", "--baseline", "three")
    #expect(result.code == 0)
    #expect(result.lines.count == 14)
    #expect(result.lines[0] == "### CartPole-v1: solved at 302; random 22.25, best 500")
    #expect(
      result.lines[7...10] == [
        "| setting | reached 302 | steps to it, median | seconds | share after | kept | worst after "
          + "| collapses |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| one | 0 of 4 | – | – | – | 0 | – | 0 |",
        "| three | 2 of 4 | 1000 | 1.0 | – | 2 | – | 0 |",
      ])
    #expect(result.lines[12].hasPrefix("- The data do not decide between 'one' and 'three': "))
  }

  @Test("prints one JSON object with everything, the same at each call")
  func json() throws {
    let result = try compare(folder.path("runs"), "--json")
    guard case .object(let object) = try ArgumentValue(json: result.output),
      case .list(let tasks)? = object["tasks"], case .object(let task)? = tasks.first,
      case .list(let settings)? = task["settings"], case .object(let three)? = settings.last
    else {
      Issue.record("\(result.output)")
      return
    }
    #expect(
      object.keys.sorted() == [
        "baseline", "missing_overall", "notes", "overall", "tasks", "verdicts",
      ])
    #expect(
      task.keys.sorted() == [
        "curves", "name", "profile_thresholds", "profiles", "scale", "settings", "steps",
        "threshold",
      ])
    #expect(
      three.keys.sorted() == [
        "best_interquartile_mean", "failed", "improvement", "interquartile_mean", "mean", "median",
        "name", "optimality_gap", "runs", "stability", "worst",
      ])
    #expect(three["failed"] == .integer(1) && task["threshold"] == .integer(302))
    #expect(task["steps"] == .list([.integer(0), .integer(500), .integer(1_000)]))
    #expect(try compare(folder.path("runs"), "--json").output == result.output)
  }

  @Test("writes arrays and curves")
  func files() throws {
    let (arrays, curves) = (folder.path("scores.npz"), folder.path("curves"))
    let result = try compare(folder.path("runs"), "--npz", arrays, "--tensorboard", curves)
    #expect(result.code == 0, "\(result.error)")
    #expect(try bytes(of: arrays).starts(with: Array("PK".utf8)))
    #expect(try folder.contents("curves") == ["one", "three"])
    let points = try EventFile(
      bytes(of: curves + "/three/events.out.tfevents.deep-sarsa")
    ).points
    #expect(points.filter { $0.tag == "CartPole-v1/iqm" }.map(\.step) == [0, 500, 1_000])
  }

  @Test("chooses settings, and names runs that are not finished on standard error")
  func choice() throws {
    var run = WrittenRun(seed: 9, evaluations: [(0, 9)])
    run.experimentName = "three"
    try run.write(to: folder.path("runs/unfinished"))
    let result = try compare(
      folder.path("runs"), "--settings", "three", "--settings", "one", "--json")
    #expect(result.code == 0 && result.output.hasPrefix(#"{"baseline":"three","#))
    #expect(
      result.error
        == "deep-sarsa: 'three' on CartPole-v1: 1 of 5 runs are not finished, and are left out, which "
        + "biases its scores; seeds 9 (at step 0)\n")
    run.experimentName = "new"
    try run.write(to: folder.path("runs/new"))
    let refused = try compare(folder.path("runs"))
    #expect(
      refused.code == 65
        && refused.error.hasSuffix(
          "; 'deep-sarsa compare' with --settings compares those that have some\n"),
      "\(refused)")
    #expect(try !compare(folder.path("runs"), "--settings", "new").error.contains("--settings"))
    let one = try compare(folder.path("runs"), "--settings", "one")
    #expect(one.code == 0 && one.error.isEmpty && !one.output.contains("three"))
  }

  @Test(
    "wrong usage is 64, no runs 65, no folder 66, a folder that cannot be made 73, or read 74, and runs that differ 78"
  )
  func codes() throws {
    let runs = folder.path("runs")
    try FileManager.default.createDirectory(
      atPath: folder.path("empty"), withIntermediateDirectories: false)
    var twin = WrittenRun(seed: 1, score: 5, evaluations: [(0, 9)])
    twin.experimentName = "one"
    try twin.write(to: folder.path("twins/1"))
    try twin.write(to: folder.path("twins/2"))
    try WrittenRun(seed: 1, evaluations: [(0, 9)]).write(to: folder.path("waiting"))
    let circle = folder.path("unreadable/1/config.yaml")
    try FileManager.default.createDirectory(
      atPath: folder.path("unreadable/1"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: circle, withDestinationPath: circle)
    for (arguments, code, message) in [
      ([], 64, "a path is missing"),
      ([runs, "--json", "--markdown"], 64, "exclude each other"),
      (
        [runs, "--settings", "onee"], 64,
        "--settings is 'onee' (did you mean 'one'?); allowed: one, three"
      ),
      ([runs, "--baseline", "x"], 64, "--baseline is 'x'; allowed: one, three"),
      ([runs, runs], 64, "two settings are named 'runs/one'"),
      ([runs, "--npz", ""], 64, "--npz is ''; allowed: a path"),
      ([folder.path("empty")], 65, "it has no run folder, and is none"),
      ([folder.path("waiting")], 65, "there is no task of which every setting has a run"),
      (
        [circle.replacing("unreadable/1", with: "waiting")], 65, "it is a file; allowed: the folder"
      ),
      ([folder.path("nowhere")], 66, "nowhere"),
      ([folder.path("unreadable")], 74, "cannot read '\(circle)'"),
      ([runs, "--tensorboard", runs + "/one-1/config.yaml"], 73, "cannot create"),
      ([folder.path("twins")], 78, "'one' with seed 1"),
    ] as [([String], Int32, String)] {
      let result = try Command.run(["compare"] + arguments)
      #expect(result.code == code && result.output.isEmpty, "\(arguments): \(result)")
      #expect(result.error.contains(message), "\(arguments): \(result.error)")
    }
  }
}
