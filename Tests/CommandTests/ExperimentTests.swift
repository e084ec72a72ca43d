import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa experiment")
struct ExperimentTests {
  /// Four runs of a fraction of a second each.
  private static let file = """
    environments: [MountainCar-v0]
    seeds: 2
    preset: general
    evaluation: {every: 1000, episodes: 1, finalEpisodes: 2}
    checkpoints: {every: 500}
    hyperparameters:
      budget: {steps: 3000}
      network: {hiddenSizes: [4]}
      replay: {batchSize: 16, learningStarts: 64}
    settings:
      one-step: {hyperparameters: {target: {steps: 1}}}
      three-steps: {hyperparameters: {target: {steps: 3}}}
    """

  private func write(_ text: String = file, in folder: TemporaryFolder) throws -> String {
    let path = folder.path("experiment.yaml")
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  /// What all runs wrote, but what has a clock or a path; and what follows from the results.
  private func files(of folder: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
    where !["summary.json", "config.yaml"].contains(URL(filePath: name).lastPathComponent)
      && !name.contains(".tfevents.deep-sarsa")
    {
      result[name] = FileManager.default.contents(atPath: folder + "/" + name)
    }
    return result
  }

  @Test("progress names the environment as the file does, and the number of runs that are over")
  func progress() throws {
    let folder = try TemporaryFolder()
    let named = Self.file.replacing(
      "[MountainCar-v0]", with: "[{environment: MountainCar-v0, name: the valley}]")
    let result = try Command.run(
      ["experiment", try write(named, in: folder), "-o", folder.path("e"), "--jobs", "1"])
    #expect(result.code == 0)
    let lines = result.error.split(separator: "\n").filter { $0.contains(" of 4: ") }
    #expect(lines.count == 4)
    for (index, line) in lines.enumerated() {
      #expect(line.hasPrefix("deep-sarsa: \(index + 1) of 4: '"), "\(line)")
      #expect(line.contains("' in the valley, seed ") && !line.contains("MountainCar"), "\(line)")
    }
  }

  @Test(
    "an experiment that signals stop goes on to the bytes of one that nothing stopped, in parts too"
  )
  func signals() throws {
    let folder = try TemporaryFolder()
    let file = try write(in: folder)
    let (whole, stopped) = (folder.path("whole"), folder.path("stopped"))
    let first = try Command.run(["experiment", file, "-o", whole, "--quiet"])
    #expect(first.code == 0 && first.error.isEmpty, "\(first.error)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: whole + "/runs").count == 4)

    var codes: [Int32] = []
    for signal in [SIGTERM, SIGKILL, SIGINT, SIGKILL] {
      let (output, error) = (Pipe(), Pipe())
      let process = try Command.start(
        ["experiment", file, "-o", stopped, "--jobs", "1"], output: output, error: error)
      while process.isRunning, try finished(in: stopped) <= codes.count { usleep(2_000) }
      kill(process.processIdentifier, signal)
      let messages = String(
        decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      codes.append(Command.code(of: process))
      if codes.last == 128 + signal {
        #expect(
          messages.hasSuffix(
            "interrupted; the same command goes on, and so does 'deep-sarsa experiment -o \(stopped)'\n"
          ),
          "\(messages)")
      }
    }
    #expect(codes.allSatisfy { [0, 128 + SIGTERM, 128 + SIGINT, -1 - SIGKILL].contains($0) })
    for part in ["2/2", "1/2"] {
      let result = try Command.run(["experiment", "-o", stopped, "--part", part, "--quiet"])
      #expect(result.code == 0 && result.output.isEmpty, "\(result.error)")
    }
    #expect(try Command.run(["experiment", "aggregate", stopped]).output == first.output)
    #expect(try files(of: stopped) == files(of: whole))
  }

  /// The number of runs that have a result.
  private func finished(in folder: String) throws -> Int {
    let runs = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/runs")) ?? []
    return runs.count {
      FileManager.default.fileExists(atPath: "\(folder)/runs/\($0)/summary.json")
    }
  }

  @Test(
    "results of an experiment have no seconds, which differ between equal runs; compare has them")
  func seconds() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("experiment")
    #expect(try Command.run(["experiment", write(in: folder), "-o", path, "--quiet"]).code == 0)
    // As if every run had reached the threshold.
    let evaluations =
      "step,mean,std,min,max,episodes\n0,-200,0,-200,-200,1\n1000,-100,0,-100,-100,1\n"
    for run in try FileManager.default.contentsOfDirectory(atPath: path + "/runs") {
      try Data(evaluations.utf8).write(to: URL(filePath: "\(path)/runs/\(run)/evaluations.csv"))
    }
    let aggregate = try Command.run(["experiment", "aggregate", path])
    #expect(aggregate.output.contains("2 of 2") && !aggregate.output.contains("seconds"))
    let results = try String(contentsOfFile: path + "/results.json", encoding: .utf8)
    #expect(
      results.contains(#""median_seconds":null"#) && results.contains(#""median_steps":1000"#))
    let compare = try Command.run(["compare", path])
    #expect(compare.output.contains("steps to it, median  seconds"), "\(compare.error)")
  }

  @Test("two processes share an experiment, and train no run twice")
  func twoProcesses() throws {
    let folder = try TemporaryFolder()
    let file = try write(in: folder)
    let path = folder.path("shared")
    let processes = try (0..<2).map { _ in
      let (output, error) = (Pipe(), Pipe())
      return (
        try Command.start(
          ["experiment", file, "-o", path, "--jobs", "1"], output: output, error: error), output,
        error
      )
    }
    var lines: [String] = []
    for (process, output, error) in processes {
      _ = output.fileHandleForReading.readDataToEndOfFile()
      lines += String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        .split(separator: "\n").map(String.init)
      process.waitUntilExit()
      #expect([0, 75].contains(Command.code(of: process)))
    }
    // A line for each run that was trained, by either; a run that was already done has one, too.
    let trained = try FileManager.default.contentsOfDirectory(atPath: path + "/runs").map { name in
      try JSONDecoder().decode(
        RunSummary.self,
        from: #require(FileManager.default.contents(atPath: "\(path)/runs/\(name)/summary.json")))
    }
    #expect(trained.count == 4 && trained.allSatisfy { $0.steps == 3_000 }, "\(lines)")
    let (whole, again) = (folder.path("whole"), try Command.run(["experiment", "-o", path]))
    #expect(again.code == 0 && again.error == "deep-sarsa: all 4 runs are over\n")
    #expect(try Command.run(["experiment", file, "-o", whole, "--quiet"]).output == again.output)
    #expect(try files(of: whole) == files(of: path))
  }

  @Test("status counts runs, and names those that failed")
  func status() throws {
    let folder = try TemporaryFolder()
    let file = try write(
      Self.file.replacing(
        "target: {steps: 3}",
        with: """
          optimizer: {method: {sgd: {}}, learningRate: 1e6, gradientNormLimit: null}, \
          network: {isNormalized: false}
          """), in: folder)
    let path = folder.path("e")
    let part = try Command.run(["experiment", file, "-o", path, "--part", "1/2", "--quiet"])
    #expect(part.code == 0 && part.error.isEmpty && part.output.isEmpty, "\(part.error)")
    let status = try Command.run(["experiment", "status", path])
    #expect(status.code == 0 && status.error.isEmpty)
    #expect(
      status.lines.map { $0.split(separator: " ").joined(separator: " ") }.prefix(3) == [
        "setting environment finished failed unfinished not begun",
        "one-step MountainCar-v0 1 0 0 1", "three-steps MountainCar-v0 0 1 0 1",
      ])
    #expect(
      status.lines.last?.hasPrefix(
        "'three-steps' in MountainCar-v0, seed 2: training diverged at step ") == true)
    let json = try Command.run(["experiment", "status", path, "--json"]).output
    #expect(json.hasPrefix(#"[{"failed":0,"failures":[],"finished":1,"not_begun":1,"#), "\(json)")

    // The other part; what has failed stays, as an untrained network.
    let rest = try Command.run(["experiment", file, "-o", path])
    #expect(rest.code == 0, "\(rest.error)")
    // Those that diverged are over, too.
    #expect(rest.error.contains("deep-sarsa: 2 of 4 runs are over\n"))
    #expect(rest.error.contains(": 3 of 4: ") && rest.error.contains(": 4 of 4: "), "\(rest.error)")
    #expect(rest.output.contains("three-steps"))
    #expect(
      try Command.run(["experiment", "-o", path]).error == "deep-sarsa: all 4 runs are over\n")
  }

  @Test("a wrong flag of the environment is told before any run is touched")
  func wrongFlag() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("e")
    let part = try Command.run([
      "experiment", try write(in: folder), "-o", path, "--part", "9/9", "--quiet",
    ])
    #expect(part.code == 0, "\(part.error)")
    let before = try FileManager.default.subpathsOfDirectory(atPath: path)
    let result = try Command.run(["experiment", "-o", path, "--env-restarts", "-1"])
    #expect(result.code == 64 && result.output.isEmpty)
    #expect(
      result.error.hasPrefix(
        "deep-sarsa: --env-restarts is '-1'; allowed: a whole number from 0 to 1000000"),
      "\(result.error)")
    #expect(result.error.count { $0 == "\n" } == 1)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: path) == before)
  }

  @Test("presets in environments need no file")
  func withoutFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("e")
    let result = try Command.run([
      "experiment", "bsuite/Catch-v0", "Maze-v0", "--preset", "general", "--preset", "parallel",
      "--seeds", "1", "--seed", "7", "--total-timesteps", "1200", "-o", path, "--part", "1/5",
      "--quiet",
    ])
    #expect(result.code == 0, "\(result.error)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path + "/runs") == [
        "general__bsuite-Catch-v0__7"
      ])
    let run = try Command.run(["inspect", path + "/runs/general__bsuite-Catch-v0__7", "--json"])
    #expect(run.output.contains(#""preset":"general""#), "\(run)")
    let status = try Command.run(["experiment", "status", path]).lines.dropFirst().map {
      $0.split(separator: " ").prefix(2).joined(separator: " ")
    }
    #expect(
      status == [
        "general bsuite/Catch-v0", "general Maze-v0", "parallel bsuite/Catch-v0",
        "parallel Maze-v0",
      ])
  }

  @Test(
    "what is wrong is told on one line",
    arguments: [
      (
        ["-o", "F"], 64,
        "an experiment is missing: a file, or environments; 'F' has none to go on with"
      ),
      (["none.yaml", "-o", "F"], 66, "cannot read 'none.yaml': No such file or directory"),
      (["E.yaml"], 64, "Missing expected argument '--output <folder>'"),
      (
        ["CartPol-v1", "-o", "F"], 64,
        "the environment is 'CartPol-v1' (did you mean 'CartPole-v1'?)"
      ),
      (
        ["CartPole-v1", "--preset", "tunde", "-o", "F"], 64,
        "--preset is 'tunde' (did you mean 'tuned'?); allowed: tuned, fast, general"
      ),
      (
        ["CartPole-v1", "Maze-v0", "--preset", "fast", "-o", "F"], 64,
        "--preset for Maze-v0 is 'fast'; allowed: general"
      ),
      (
        ["CartPole-v1", "--preset", "fast", "--preset", "fast", "-o", "F"], 64,
        "--preset is 'fast'; allowed: each name of a preset or of its file once"
      ),
      (
        ["CartPole-v1", "Maze-v0", "CartPole-v1", "-o", "F"], 64,
        "the environment is 'CartPole-v1'; allowed: each environment once"
      ),
      (
        ["CartPole-v1", "--seed", "18446744073709551615", "-o", "F"], 64,
        "--seeds is '10'; allowed: seeds up to 18446744073709551615"
      ),
      (
        ["CartPole-v1", "--preset", "general", "--total-timesteps", "5", "-o", "F"], 64,
        "'general' in 'CartPole-v1': "
      ),
      (
        ["E.yaml", "--seeds", "3", "-o", "F"], 64, "--seeds needs environments; a file has its own"
      ),
      (
        ["CartPole-v1", "--seeds", "0", "-o", "F"], 64,
        "--seeds is '0'; allowed: a whole number from 1 to 1000000"
      ),
      (
        ["CartPole-v1", "-o", "F", "--part", "0/3"], 64,
        "--part is '0/3'; allowed: k/n with k from 1 to n, or auto"
      ),
      (
        ["CartPole-v1", "-o", "F", "--part", "auto"], 64,
        "--part auto finds neither SLURM_ARRAY_TASK_ID, nor a rank"
      ),
      (["-o", "F", "E.yaml", "--bogus"], 64, "--bogus is not a flag of experiment"),
      (
        ["CartPole-v1", "-o", "F", "--evaluation-episodes", "1"], 64,
        "--evaluation-episodes is not a flag of experiment; it belongs to train"
      ),
      (["status", "F", "--part", "1/2"], 64, "--part is not a flag of experiment status"),
      (["status", "F"], 66, "'F' is not the folder of an experiment"),
      (["aggregate", "F"], 66, "'F' is not the folder of an experiment"),
    ] as [([String], Int32, String)])
  func mistakes(words: [String], code: Int32, message: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("F")
    let file = try write(in: folder)
    let result = try Command.run(
      ["experiment"] + words.map { $0 == "F" ? path : $0 == "E.yaml" ? file : $0 })
    #expect(result.code == code && result.output.isEmpty)
    #expect(
      result.error.replacing(path, with: "F").hasPrefix("deep-sarsa: " + message), "\(result.error)"
    )
    #expect(result.error.count { $0 == "\n" } == 1)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("a size beyond this machine's memory is the file's, and nothing is written")
  func memory() throws {
    let folder = try TemporaryFolder()
    let large = Self.file.replacing("batchSize: 16", with: "batchSize: 16, capacity: 2147483647")
    let file = try write(large, in: folder)
    let result = try Command.run(["experiment", file, "-o", folder.path("e")])
    #expect(result.code == 78)
    #expect(
      result.error.hasPrefix(
        "deep-sarsa: '\(file)': 'one-step' in 'MountainCar-v0': hyperparameters.replay.capacity is "
          + "2147483647; allowed: what fits into "), "\(result.error)")
    #expect(try folder.contents() == ["experiment.yaml"])
  }

  @Test("an experiment that has changed is refused, and more seeds are not")
  func changes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("e")
    let part = ["-o", path, "--part", "9/9", "--quiet"]
    #expect(try Command.run(["experiment", write(in: folder)] + part).code == 0)
    let changed = try Command.run(
      ["experiment", write(Self.file.replacing("3000", with: "4000"), in: folder)] + part)
    #expect(changed.code == 78)
    #expect(
      changed.error
        == "deep-sarsa: '\(path)/experiment.json': 'one-step' in 'MountainCar-v0': "
        + "settings.hyperparameters.budget.steps is 4000, and was 3000; allowed: more seeds, and no other change\n"
    )
    let more = try write(Self.file.replacing("seeds: 2", with: "seeds: 3"), in: folder)
    #expect(try Command.run(["experiment", more] + part).code == 0)
    #expect(try Command.run(["experiment", "status", path]).lines[1].hasSuffix(" 3"))
  }
}
