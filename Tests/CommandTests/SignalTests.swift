import Foundation
import SARSAExperiments
import TestSupport
import Testing

/// In an environment whose steps take 20 ms and whose episodes do not end, nothing but a signal ends a
/// verb within minutes.
@Suite("Signals")
struct SignalTests {
  private static let fake = Command.executable.deletingLastPathComponent()
    .appending(path: "fake-gymnasium").path()
  private static let slow = [
    "gymnasium:Fake-v0", "--python", fake, "--env-arg", "fault=\"slowAndEndless\"",
  ]

  private struct Ended {
    var code: Int32
    var output: String
    var error: String
  }

  /// Starts the program, waits for a condition, sends signals, and waits for the end.
  private func run(
    _ arguments: [String], signals: [Int32], when isReady: () throws -> Bool
  ) throws -> Ended {
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(arguments, output: output, error: error)
    while try process.isRunning && !isReady() { usleep(10_000) }
    // So that it is in the middle of whatever it does then.
    usleep(100_000)
    for signal in signals {
      kill(process.processIdentifier, signal)
      usleep(50_000)
    }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let messages = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Ended(
      code: Command.code(of: process), output: String(decoding: text, as: UTF8.self),
      error: String(decoding: messages, as: UTF8.self))
  }

  /// Whether a run has begun.
  private func hasLogs(_ folder: TemporaryFolder) throws -> Bool {
    try folder.contents().contains { try folder.contents($0).contains("evaluations.csv") }
  }

  @Test(
    "of children that the parent ignores are not ignored here, where their exit codes are needed")
  func ignoredChildren() throws {
    let folder = try TemporaryFolder()
    try WrittenRun(seed: 1, score: 9, evaluations: [(0, 9.25)]).write(to: folder.path("run"))
    let python = folder.path("python")
    try Data("#!/bin/sh\necho picture\n".utf8).write(to: URL(filePath: python))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
    let result = try Command.shell(
      "trap '' CHLD; exec \"$0\" plot \"$1/run\" -o \"$1/x.svg\" --python \"$1/python\"",
      folder.path)
    #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
    #expect(try lines(of: folder.path("x.svg")) == ["picture"])
  }

  @Test(
    "end training in its first evaluation, with whole files and the untrained network",
    arguments: [SIGINT, SIGTERM, SIGHUP])
  func firstEvaluation(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let result = try run(
      ["train"] + Self.slow + ["--output", folder.path], signals: [signal]
    ) { try hasLogs(folder) }
    #expect(result.code == 128 + signal)
    let name = try #require(try folder.contents().first)
    #expect(
      result.error == "deep-sarsa: interrupted after 0 steps; models and logs are written; "
        + "'deep-sarsa resume \(folder.path(name))' goes on\n")
    #expect(
      try folder.contents(name)
        == [
          "checkpoints", "config.yaml", "episodes.csv", "evaluations.csv",
          "events.out.tfevents.deep-sarsa", "learning.csv", "model.safetensors",
        ])
    #expect(try lines(of: folder.path(name + "/evaluations.csv")).count == 1)
    #expect(try lines(of: folder.path(name + "/episodes.csv")).count == 1)
    #expect(try ModelFile(reading: folder.path(name + "/model.safetensors")).environment != nil)
  }

  @Test("end all runs of several seeds")
  func seeds() throws {
    let folder = try TemporaryFolder()
    let result = try run(
      ["train"] + Self.slow + ["--seeds", "2", "--jobs", "1", "--output", folder.path],
      signals: [SIGINT]
    ) { try hasLogs(folder) }
    #expect(result.code == 130)
    #expect(result.error.contains("seed 1  interrupted after 0 steps\nseed 2  not begun\n"))
    let name = try #require(try folder.contents().first)
    #expect(try folder.contents(name).contains("model.safetensors"))
  }

  @Test("end training in its last evaluations")
  func lastEvaluations() throws {
    let folder = try TemporaryFolder()
    // A greedy policy that has hardly learned walks on to the limit: 1,000,000 steps of evaluations at the end.
    let result = try run(
      [
        "train", "CliffWalking-v1", "--env-arg", "max_episode_steps=5000", "--steps", "40",
        "--batch-size", "2", "--learning-starts", "2", "--evaluation-episodes", "1", "--quiet",
        "--hidden-sizes", "512,512", "--output", folder.path,
      ], signals: [SIGINT]
    ) {
      guard let name = try folder.contents().first else { return false }
      return (try? lines(of: folder.path(name + "/evaluations.csv")).count) == 3
    }
    #expect(result.code == 130 && result.error.contains("interrupted after 40 steps"))
    #expect(!result.output.contains("greedy return"))
  }

  @Test("a second one ends a program that the first cannot end: nobody reads what it prints")
  func second() throws {
    let (output, error) = (Pipe(), Pipe())
    let process = try Command.start(
      ["rollout", "CartPole-v1", "--random", "--steps", "1e7", "--json"], output: output,
      error: error)
    // A pipe holds 64 KiB: from then on, the program waits in its write.
    var count: Int32 = 0
    while count < 1 << 16 && process.isRunning {
      usleep(10_000)
      _ = unsafe ioctl(output.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &count)
    }
    kill(process.processIdentifier, SIGINT)
    usleep(300_000)
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(Command.code(of: process) == 130)
  }

  @Test("end evaluate and doctor at once", arguments: ["evaluate", "doctor"])
  func atOnce(verb: String) throws {
    let folder = try TemporaryFolder()
    let trained = try Command.run([
      "train", "gymnasium:Fake-v0", "--python", Self.fake, "--episodes", "1",
      "--evaluation-episodes", "1", "--quiet", "--output", folder.path,
    ])
    let mark = folder.path("hangs")
    let endless = [
      "--python", Self.fake, "--env-timeout", "1e4", "--env-arg", "fault=\"hangs\"", "--env-arg",
      "at=3",
      "--env-arg", "mark=\"\(mark)\"",
    ]
    let arguments =
      (verb == "doctor" ? ["gymnasium:Fake-v0"] : [trained.lines.last ?? ""]) + endless
    let result = try run([verb] + arguments, signals: [SIGINT]) {
      FileManager.default.fileExists(atPath: mark)
    }
    #expect(result.code == 130 && result.error.isEmpty && !result.output.contains("greedy return"))
  }
}
