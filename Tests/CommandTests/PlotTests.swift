import Foundation
import TestSupport
import Testing

@Suite("deep-sarsa plot")
struct PlotTests {
  private func trained(in folder: TemporaryFolder) throws -> String {
    let run = try Command.run([
      "train", "Maze-v0", "--total-timesteps", "1200", "--evaluation-episodes", "1",
      "--hidden-sizes",
      "8", "--output", folder.path("runs"), "--quiet",
      "--learning-starts", "500", "--learning-interval", "50",
    ])
    return try #require(run.lines.last)
  }

  @Test("writes a specification without any other program, and the same one again")
  func specification() throws {
    let folder = try TemporaryFolder()
    let run = try trained(in: folder)
    for what in ["curve", "values", "policy", "cost-to-go"] {
      let files = [1, 2].map { folder.path("\(what)-\($0).json") }
      for file in files {
        let result = try Command.run([
          "plot", run, "--what", what, "-o", file, "--python", "/nowhere",
        ])
        #expect(
          result.code == 0 && result.output.isEmpty && result.error.isEmpty, "\(result.error)")
      }
      #expect(try bytes(of: files[0]) == bytes(of: files[1]))
      let object = try JSONSerialization.jsonObject(with: Data(bytes(of: files[0])))
      let chart = try #require(object as? [String: Any])
      #expect((chart["$schema"] as? String)?.contains("vega-lite") == true)
    }
    let capitals = folder.path("CURVE.JSON")
    #expect(try Command.run(["plot", run, "-o", capitals]).code == 0)
    #expect(try bytes(of: capitals) == bytes(of: folder.path("curve-1.json")))
    let (last, untrained) = (folder.path("policy-1.json"), folder.path("untrained.json"))
    #expect(
      try Command.run(["plot", run, "--what", "policy", "--untrained", "-o", untrained]).code == 0)
    #expect(try bytes(of: last) != bytes(of: untrained))
  }

  @Test("writes all that a run has into a folder")
  func all() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run([
      "plot", trained(in: folder), "--what", "all", "--format", "json", "-o", folder.path("all"),
    ])
    #expect(result.code == 0, "\(result.error)")
    #expect(
      Set(["curve.json", "loss.json", "policy.json", "cost-to-go.json"])
        .isSubset(of: Set(try folder.contents("all"))))
    #expect(result.lines.count == (try folder.contents("all").count))
    #expect(!(try folder.contents("all").contains("surface.json")))
  }

  @Test("refuses what the runs do not have, and what it does not know, with one line")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let run = try trained(in: folder)
    let other = try WrittenRun(seed: 1, score: 9).write(to: folder.path("runs/other"))
    let file = folder.path("x.json")
    let cases: [(code: Int32, words: [String], text: String)] = [
      (65, [run, "--what", "profile", "-o", file], "two runs or more"),
      (65, [run, "--what", "probability", "-o", file], "two runs or more"),
      (
        65, [run, "--what", "surface", "-o", folder.path("x.svg")],
        "Maze-v0 is no plane of two numbers; allowed: MountainCar\n"
      ),
      (
        65, [other, "--what", "surface", "--untrained", "-o", folder.path("x.svg")],
        "CartPole-v1 is no plane of two numbers; allowed: MountainCar\n"
      ),
      (
        65, [other, "--what", "policy", "--untrained", "-o", file],
        "CartPole-v1 is no map; allowed: MountainCar, "
      ),
      (65, [run + "/model.safetensors", "-o", file], "it is a file; allowed: the folder of a run"),
      (64, [run, "--what", "surface", "-o", file], "json"),
      (64, [run, "--what", "curves", "-o", file], "did you mean 'curve'"),
      (64, [run, "-o", folder.path("x.gif")], "allowed"),
      (64, [run, "--best", "--untrained", "-o", file], "exclude"),
      (64, [run, "--scale", "0", "-o", file], "--scale"),
      (64, ["-o", file], "path"),
      (66, [folder.path("nowhere"), "-o", file], "nowhere"),
      (69, [run, "-o", folder.path("x.svg"), "--python", "/nowhere"], "make pictures"),
      (73, [run, "-o", folder.path("nowhere/x.json")], "nowhere"),
    ]
    for (code, words, text) in cases {
      let result = try Command.run(["plot"] + words)
      #expect(result.code == code, "\(words): \(result.error)")
      #expect(result.error.contains(text) && result.error.split(separator: "\n").count == 1)
    }
    #expect(try folder.contents() == ["runs"])
  }
}
