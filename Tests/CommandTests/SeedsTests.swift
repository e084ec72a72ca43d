import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("deep-sarsa train --seeds")
struct SeedsTests {
  private let short = [
    "train", "MountainCar-v0", "--hidden-sizes", "16,8", "--total-timesteps", "700",
    "--evaluation-every", "300", "--evaluation-episodes", "2", "--buffer-size", "1e3",
    "--learning-starts", "150", "--quiet",
    "--json",
  ]

  private func runs(_ arguments: [String], in folder: TemporaryFolder) throws -> [RunSummary] {
    let result = try Command.run(short + arguments + ["--output", folder.path])
    #expect(result.code == 0 && result.error.isEmpty)
    return try result.lines.map { try JSONDecoder().decode(RunSummary.self, from: Data($0.utf8)) }
  }

  @Test("every seed writes the bytes of a run of its own, however many run at a time")
  func reproducibility() throws {
    let folder = try TemporaryFolder()
    let several = try runs(["--seed", "3", "--seeds", "3", "--jobs", "3"], in: folder)
    let oneByOne = try runs(["--seed", "3", "--seeds", "3", "--jobs", "1"], in: folder)
    let alone = try (3..<6).flatMap { try runs(["--seed", "\($0)"], in: folder) }
    for all in [several, oneByOne, alone] { #expect(all.map(\.seed) == [3, 4, 5]) }
    for (one, other) in zip(several + oneByOne, alone + alone) {
      for file in RunFolder.File.allCases where ![.summary, .events].contains(file) {
        let (a, b) = try (
          #require(RunFolder(existing: one.run)), #require(RunFolder(existing: other.run))
        )
        #expect(
          try content(of: a, file) == content(of: b, file), "\(file) of seed \(one.seed)")
      }
      #expect(one.evaluation == other.evaluation && one.bestEvaluation == other.bestEvaluation)
    }
    #expect(try folder.contents().count == 9)
  }

  /// A file's bytes; of the config those before `origin`, which records the command line.
  private func content(of run: RunFolder, _ file: RunFolder.File) throws -> Data? {
    let data = FileManager.default.contents(atPath: run.path(of: file))
    guard file == .config, let data else { return data }
    let origin = try #require(data.range(of: Data("origin:\n".utf8)))
    return data[..<origin.lowerBound]
  }

  @Test("a table names every run, and the median, lowest and highest of all")
  func table() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(
      Array(short.dropLast(2)) + ["--seeds", "2", "--output", folder.path])
    #expect(result.code == 0)
    #expect(
      result.lines.dropFirst(2).map { $0.prefix { $0 != " " } }
        == ["training:", "seed", "1", "2", "median", "lowest", "highest", "runs"])
    // The last line has what all folders begin with, a row the rest.
    let root = try #require(result.lines.last).dropFirst("runs in ".count).dropLast()
    for line in result.lines[4...5] {
      #expect(RunFolder(existing: String(root + (line.split(separator: " ").last ?? ""))) != nil)
    }
    #expect(result.lines.dropFirst(3).dropLast().allSatisfy { $0.count <= 80 })
    // Progress: a line as each run ends, in whatever order they do.
    let progress = result.error.split(separator: "\n").map { $0.prefix(6) }
    #expect(Set(progress) == ["seed 1", "seed 2"] && progress.count == 2)
  }

  @Test("a run that fails leaves the others alone, and its code is the program's")
  func failure() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(
      short + [
        "--seeds", "2", "--jobs", "1", "--optimizer", "adamw", "--lr", "1e6", "--weight-decay",
        "1e6", "--output",
        folder.path,
      ])
    #expect(result.code == 70 && result.output.isEmpty)
    #expect(result.error.contains("2 of 2 runs failed; seed 1: training diverged at step"))
    #expect(result.error.split(separator: "\n").count == 1)
    #expect(try folder.contents().count == 2)
  }

  @Test("a signal ends all runs, with their models and logs written")
  func signal() throws {
    let folder = try TemporaryFolder()
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(
      [
        "train", "MountainCar-v0", "--total-timesteps", "1e9", "--evaluation-every", "1e9",
        "--evaluation-episodes", "1", "--hidden-sizes", "8", "--seeds", "3",
        "--json", "--output", folder.path,
      ], output: output, error: error)
    // The logs are there before the first step.
    while try !folder.contents().contains(where: {
      try folder.contents($0).contains("evaluations.csv")
    }) {
      usleep(10_000)
    }
    usleep(200_000)
    kill(process.processIdentifier, SIGINT)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let messages = String(
      decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(Command.code(of: process) == 130)
    #expect(messages.contains("interrupted; 0 of 3 runs are finished"))
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines {
      let summary = try JSONDecoder().decode(RunSummary.self, from: Data(line.utf8))
      let run = try #require(RunFolder(existing: summary.run))
      #expect(summary.evaluation == nil)
      let model = try Safetensors(decoding: bytes(of: run.path(of: .model)))
      #expect(model.metadata["step"] == "\(summary.steps)")
      #expect(try TestSupport.lines(of: run.path(of: .episodes)).count == 1 + summary.episodes)
    }
  }

  @Test("seeds beyond the last there is, and more memory than there is, are refused at once")
  func refusals() throws {
    let beyond = try Command.run(short + ["--seed", "18446744073709551615", "--seeds", "2"])
    #expect(beyond.code == 64 && beyond.error.contains("--seeds is '2'; allowed: seeds up to"))
    // More processors than one are needed to have more than one run at a time.
    let much = try Command.run(short + ["--seeds", "2", "--buffer-size", "1e9"])
    #expect(much.code == 64 && much.error.contains("allowed: what fits into"))
    let jobs = try Command.run(short + ["--seeds", "2", "--jobs", "65"])
    #expect(jobs.code == 64 && jobs.error.contains("--jobs is '65'"))
  }
}
