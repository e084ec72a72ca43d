import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa presets and settings")
struct PresetCommandTests {
  @Test("a preset that is shown is read as a file, and as flags, as the preset itself")
  func show() throws {
    let folder = try TemporaryFolder()
    for preset in stride(from: 0, to: Preset.all.count, by: thinning).map({ Preset.all[$0] }) {
      let id = preset.environments?.first ?? "CartPole-v1"
      guard EnvironmentRegistry.ids.contains(id) else { continue }
      let expected = try Command.run(["train", id, "--preset", preset.name, "--print-config"])
        .output
      let shown = try Command.run(["presets", "show", preset.name, id])
      #expect(shown.code == 0, "\(shown.error)")
      let path = folder.path("preset.yaml")
      try Data(shown.output.utf8).write(to: URL(filePath: path))
      #expect(try Command.run(["train", "--config", path, "--print-config"]).output == expected)
      let json = try Command.run(["presets", "show", preset.name, id, "--json"]).output
      try Data(json.utf8).write(to: URL(filePath: path))
      #expect(try Command.run(["train", "--config", path, "--print-config"]).output == expected)
      let flags = try Command.run(["presets", "show", preset.name, id, "--flags"]).output
      let words = flags.split(whereSeparator: \.isWhitespace).map(String.init)
      let given = try Command.run(
        ["train", id, "--preset", "general", "--print-config"] + words)
      #expect(given.output == expected, "\(preset.name) \(id): \(given.error)")
    }
  }

  @Test("a preset's file trains as the preset itself, is shown like it, and its name is recorded")
  func files() throws {
    let folder = try TemporaryFolder()
    for words in [["tuned", "CartPole-v1"], ["notebook"]] {
      let id = words.last == "notebook" ? "Taxi-v4" : "CartPole-v1"
      let expected = try Command.run(["train", id, "--preset", words[0], "--print-config"]).output
      for (name, flags) in [("p.yaml", []), ("p.json", ["--json"]), ("p", [])] {
        let path = folder.path(name)
        let shown = try Command.run(["presets", "show"] + words + ["--as-preset"] + flags)
        try Data(shown.output.utf8).write(to: URL(filePath: path))
        let given = try Command.run(["train", id, "--preset", path, "--print-config"])
        #expect(given.output == expected && given.code == 0, "\(given.error)")
        // A file of the folder itself, which no slash tells from a name.
        let near = try Command.shell(
          "cd \"$1\" && \"$0\" train \(id) --preset \(name) --print-config", folder.path)
        #expect(near.output == expected)
        #expect(
          try Command.run(["presets", "show", path, id]).output
            == Command.run(["presets", "show", words[0], id]).output)
      }
    }
    // Without an environment, the settings alone; flags override the file.
    let path = folder.path("mine.yml")
    try Data("name: mine.1\nhyperparameters: {replay: {batchSize: 7}}\n".utf8)
      .write(to: URL(filePath: path))
    let shown = try Command.run(["presets", "show", path]).output
    #expect(shown.hasPrefix("hyperparameters:\n") && shown.contains("batchSize: 7\n"))
    let printed = try Command.run(
      ["train", "CartPole-v1", "--preset", path, "--batch-size", "8", "--print-config"])
    #expect(printed.output.contains("batchSize: 8\n"), "\(printed.error)")
    let run = try Command.run(
      [
        "train", "CartPole-v1", "--preset", path, "--steps", "1100", "--evaluation-episodes", "1",
        "--quiet", "--output", folder.path("runs"),
      ])
    #expect(run.code == 0, "\(run.error)")
    let config = try String(
      contentsOfFile: (run.lines.last ?? "") + "/config.yaml", encoding: .utf8)
    #expect(config.contains("\n  preset: mine.1\n") && config.contains("batchSize: 7\n"))
  }

  @Test("a file that is no preset, or not one for the environment, is refused by its name")
  func badFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("mine.yaml")
    for (text, part) in [
      ("name: x\nhyperparameters: {replay: {bachSize: 1}}", "(did you mean 'batchSize'?)"),
      ("name: x\nhyperparameters: {target: {discount: 2}}", "target.discount is 2; allowed: "),
      ("name: x\nhyperparameters: {replay: {batchSize: 5000}}", "learningStarts is 1000; "),
      (
        "name: x\nhyperparameters: {network: {description: 3 > dense 2}}", "network.description"
      ),
      ("name: x\nenvironments: [Taxi-v4]", "the preset is for Taxi-v4, not for CartPole-v1"),
      ("seed: 1", "'seed' is not a setting"),
    ] {
      try Data(text.utf8).write(to: URL(filePath: path))
      let result = try Command.run(["train", "CartPole-v1", "--preset", path, "--print-config"])
      #expect(result.code == 78 && result.error.hasPrefix("deep-sarsa: '\(path)': "))
      #expect(result.error.contains(part), "\(result.error)")
      #expect(result.error.count { $0 == "\n" } == 1)
    }
    for word in [folder.path("none"), "none.json", "none.yml"] {
      for verb in [["train", "CartPole-v1", "--preset"], ["presets", "show"]] {
        let result = try Command.run(verb + [word])
        #expect(result.code == 66 && result.error.contains("none"), "\(result.error)")
      }
    }
    // A word without a slash and an ending is a file only if there is one.
    let word = try Command.run(["train", "CartPole-v1", "--preset", "none"])
    #expect(word.code == 64 && word.error.contains("allowed: tuned, fast, general, "))
  }

  @Test("presets are listed with their environments, a line for each")
  func list() throws {
    let table = try Command.run(["presets"])
    let count = Preset.all.map { $0.environments?.count ?? 1 }.reduce(0, +)
    #expect(table.code == 0 && table.lines.count == 1 + count)
    let rows = try JSONDecoder().decode(
      [Row].self, from: Data(try Command.run(["presets", "--json"]).output.utf8))
    #expect(rows.map(\.name) == Preset.all.map(\.name))
    #expect(
      rows.map(\.environments)
        == Preset.all.map {
          $0.environments?.map { $0 == "LunarLander-v3" ? "gymnasium:LunarLander-v3" : $0 }
        })
    #expect(rows.map(\.search) == Preset.all.map(\.search))
    #expect(rows.map(\.report) == Preset.all.map(\.report))
    let shown = try Command.run(
      ["presets", "show", "general", "FrozenLake-v1", "--env-arg", "is_slippery=false", "--json"])
    #expect(shown.output.contains("\"environmentArguments\":{\"is_slippery\":false}"))
    #expect(shown.output.hasPrefix("{") && shown.lines.count == 1)
    // Without an environment, a file without one.
    #expect(try Command.run(["presets", "show", "general"]).output.hasPrefix("hyperparameters:\n"))
  }

  private struct Row: Decodable {
    let name: String
    let environments: [String]?
    let search: Preset.Search?
    let report: Preset.Report?
  }

  @Test("a wrong name is refused with the nearest one")
  func mistakes() throws {
    for (words, part) in [
      (
        ["show", "genral"],
        "the preset is 'genral' (did you mean 'general'?); allowed: tuned, fast, "
      ),
      (
        ["show", "fast", "Taxi-v4"],
        "the preset for Taxi-v4 is 'fast'; allowed: tuned, general, notebook, parallel"
      ),
      (
        ["show", "tuned", "CartPol-v1"],
        "the environment is 'CartPol-v1' (did you mean 'CartPole-v1'?); allowed: Acrobot-v1, "
      ),
      (["show", "tuned"], "an environment is missing after 'tuned'; allowed: MountainCar-v0, "),
      (["shwo"], "'shwo' is not a verb of presets (did you mean 'show'?); allowed: list, show"),
      (["show", "fast", "--jsn"], "--jsn is not a flag of presets show (did you mean '--json'?)"),
      (["show"], "Missing expected argument '<name>'"),
    ] {
      let result = try Command.run(["presets"] + words)
      #expect(result.code == 64 && result.output.isEmpty, "\(words)")
      #expect(result.error.hasPrefix("deep-sarsa: " + part), "\(result.error)")
    }
  }

  @Test(
    "pages of docs are what the program prints",
    arguments: [(["settings"], "settings.md"), (["presets", "--markdown"], "presets.md")])
  func page(arguments: [String], name: String) throws {
    let path = fixtures.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/\(name)")
    let result = try Command.run(arguments)
    let page = try String(contentsOf: path, encoding: .utf8)
    #expect(
      result.output == page,
      "write it with: deep-sarsa \(arguments.joined(separator: " ")) > docs/\(name)")
    #expect(try Command.run(["settings", "--json"]).output.hasPrefix("[{"))
  }
}
