import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Drawn episodes on the command line")
struct RenderTests {
  /// A folder with a run of a few steps.
  private func run(_ environment: String, _ more: String..., in folder: TemporaryFolder) throws
    -> String
  {
    let result = try Command.run(
      [
        "train", environment, "--total-timesteps", "2000", "--quiet", "--output", folder.path,
      ] + more)
    return try #require(result.lines.last)
  }

  @Test("a picture shows the frame that is asked for, and is the same bytes when made twice")
  func picture() throws {
    let folder = try TemporaryFolder()
    let run = try run("CartPole-v1", in: folder)
    let paths = ["a.svg", "b.svg", "c.svg"].map { folder.path($0) }
    for (path, frame) in zip(paths, ["3", "3", "0"]) {
      let result = try Command.run(["render", run, "-o", path, "--frame", frame, "--seed", "5"])
      #expect(result.code == 0 && result.output.isEmpty && result.error.isEmpty)
    }
    #expect(try bytes(of: paths[0]) == bytes(of: paths[1]))
    let (first, second) = (try lines(of: paths[0]), try lines(of: paths[2]))
    #expect(
      first.contains { $0.contains(">step 3<") } && first.contains { $0.contains(">return 3<") })
    #expect(second.contains { $0.contains(">step 0<") })
  }

  @Test("not on a terminal, --terminal prints one frame as plain text")
  func terminal() throws {
    let folder = try TemporaryFolder()
    let run = try run("MountainCar-v0", in: folder)
    let result = try Command.run([
      "render", run + "/model.safetensors", "--terminal", "--frame", "2",
    ])
    #expect(result.code == 0 && result.output.contains("step 2   return -2\n"))
    #expect(!result.output.contains("\u{1B}") && result.lines.count == 24)
  }

  @Test(
    "a wrong flag is one line with what is allowed, and a missing program says what installs it")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    let run = try run("CartPole-v1", in: folder)
    let (gif, svg) = (folder.path("a.gif"), folder.path("a.svg"))
    for (arguments, code, text) in [
      (["render", run], 64, "either -o FILE or --terminal is needed"),
      (["render", run, "-o", svg, "--terminal"], 64, "allowed: one of them"),
      (["render", run, "-o", folder.path("a.avi")], 64, "ends in .gif, .mp4, .webp, .png, .svg"),
      (["render", run, "-o", svg, "--frame", "9999"], 64, "--frame is '9999'; allowed: 0 to "),
      (["render", run, "-o", gif, "--frame", "1"], 64, "--frame is for a picture"),
      (
        ["render", run, "-o", svg, "--width", "101"], 64,
        "--width is '101'; allowed: an even number"
      ),
      (
        ["render", run + "/model.safetensors", "-o", svg, "--best"], 64, "--best needs a run folder"
      ),
      (
        ["render", run, "-o", svg, "--env-arg", "max_episode_steps=-1", "--steps", "100001"], 64,
        "--steps is '100001'; allowed: up to 100000 with 1 episode, for 100000 frames in all"
      ),
      (
        ["render", run, "-o", svg, "--env-arg", "max_episode_steps=-1", "--episodes", "34"], 64,
        "--episodes is '34'; allowed: up to 33 of 3000 steps, for 100000 frames in all"
      ),
      (["render", folder.path("none"), "-o", svg], 66, "cannot read"),
      (["render", run, "-o", folder.path("none/a.svg")], 73, "cannot create"),
    ] as [([String], Int32, String)] {
      let result = try Command.run(arguments)
      #expect(result.code == code && result.error.contains(text), "\(result)")
      #expect(result.error.split(separator: "\n").count == 1)
    }
    let result = try Command.run(["render", run, "-o", gif], environment: ["PATH": "/nowhere"])
    #expect(result.code == 69)
    #expect(
      result.error == "deep-sarsa: 'ffmpeg' is not installed; 'make pictures' installs it\n")
    let missing = try Command.run(
      ["render", folder.path("none"), "-o", gif], environment: ["PATH": "/nowhere"])
    #expect(missing.code == 66, "\(missing)")
    #expect(try !folder.contents().contains { $0.hasPrefix("a.") })
  }

  @Test(
    "frames lie in TMPDIR, also if its name has a space, and a missing one is named with the reason"
  )
  func temporaryFolder() throws {
    let folder = try TemporaryFolder()
    let run = try run("CartPole-v1", in: folder)
    let (program, film) = (folder.path("ffmpeg"), folder.path("a.gif"))
    try Data("#!/bin/sh\nfor file; do :; done\necho film > \"$file\"\n".utf8).write(
      to: URL(filePath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    try FileManager.default.createDirectory(
      atPath: folder.path("a b"), withIntermediateDirectories: false)
    let path = folder.path + ":/usr/bin:/bin"
    let words = ["render", run, "-o", film, "--steps", "3"]
    let missing = try Command.run(
      words, environment: ["PATH": path, "TMPDIR": folder.path("none")])
    #expect(missing.code == 73 && missing.error.contains("No such file"), "\(missing.error)")
    let result = try Command.run(words, environment: ["PATH": path, "TMPDIR": folder.path("a b")])
    #expect(result.code == 0, "\(result.error)")
    #expect(try String(contentsOfFile: film, encoding: .utf8) == "film\n")
    #expect(try folder.contents("a b").isEmpty)
  }

  @Test("an environment of Gymnasium is drawn by its own frames, and one that cannot be says so")
  func gymnasium() throws {
    let folder = try TemporaryFolder()
    let bridge = ["--python", BridgeTests.fake]
    let run = try run("gymnasium:Fake-v0", bridge[0], bridge[1], in: folder)
    let path = folder.path("a.svg")
    let result = try Command.run(["render", run, "-o", path, "--frame", "1"] + bridge)
    #expect(result.code == 0, "\(result)")
    #expect(
      try lines(of: path).contains { $0.contains("href=\"data:image/png;base64,iVBORw0KGgo") })
    let failed = try Command.run(
      ["render", run, "-o", path, "--env-arg", "fault=\"drawsNothing\""] + bridge)
    #expect(failed.code == 69)
    #expect(
      failed.error.contains("gymnasium:Fake-v0, drawing: it cannot be drawn"), "\(failed.error)")
  }
}
