import Foundation
import TestSupport
import Testing

@Suite("deep-sarsa under limits of the system")
struct LimitTests {
  private static let train =
    "train CartPole-v1 --preset general --hidden-sizes 8 --total-timesteps 1100 --evaluation-episodes 1 "
    + "--quiet --output \"$1\""

  @Test("data of less than OpenBLAS's buffer are refused at once, whatever the verb is")
  func tooLittle() throws {
    for verb in ["--help", Self.train] {
      let result = try Command.shell("ulimit -d 50000; exec \"$0\" \(verb)")
      #expect(result.code == 71)
      #expect(result.error == "deep-sarsa: the system refused 134217728 bytes of memory\n")
    }
  }

  @Test(
    "what needs much memory asks for it before it begins, and ends with one line, not for want of it"
  )
  func asking() throws {
    let optimum = try Command.shell("ulimit -d 250000; exec \"$0\" optimum MountainCar-v0")
    #expect(optimum.code == 71)
    #expect(
      optimum.error.hasPrefix("deep-sarsa: the system refused ")
        && optimum.error.split(separator: "\n").count == 1, "\(optimum.error)")
    let small = "ulimit -d 250000; exec \"$0\" optimum MountainCar-v0 --grid 50x50"
    #expect(try Command.shell(small).code == 0)
    // Two threads of OpenBLAS need two buffers.
    let doctor = try Command.shell("ulimit -d 230000; exec \"$0\" doctor")
    #expect(doctor.code == 70 && doctor.output.contains("the system refused "), "\(doctor.output)")
    // Room for OpenBLAS's buffer alone.
    let settings = try Command.shell("ulimit -d 140000; exec \"$0\" settings")
    #expect(settings.code == 71 && settings.error.contains("refused 50331648 bytes"))
  }

  @Test(
    "one job trains where there is memory for one buffer, and two are refused before they begin")
  func oneBuffer() throws {
    let folder = try TemporaryFolder()
    let limited = "ulimit -d 200000; exec \"$0\" "
    #expect(try Command.shell(limited + Self.train, folder.path("one")).code == 0)
    let two = try Command.shell(limited + Self.train + " --seeds 2 --jobs 2", folder.path("two"))
    #expect(
      two.code == 71 && two.error.hasPrefix("deep-sarsa: the system refused "), "\(two.error)")
    for run in try folder.contents("two") {
      #expect(try folder.contents("two/" + run) == ["config.yaml"])
    }
    #expect(
      try Command.shell(limited + Self.train + " --seeds 2 --jobs 1", folder.path("three")).code
        == 0)
  }

  @Test(
    "a replay memory that is larger than a limit is refused under its flag, whichever limit it is",
    arguments: ["-d", "-v"])
  func replayMemory(limit: String) throws {
    let folder = try TemporaryFolder()
    let result = try Command.shell(
      "ulimit \(limit) 2000000; exec \"$0\" \(Self.train) --buffer-size 40000000", folder.path)
    #expect(
      result.code == 64
        && result.error.hasPrefix(
          "deep-sarsa: --buffer-size is '40000000'; allowed: what fits into 2048000000 bytes"),
      "\(result.error)")
    #expect(try folder.contents().isEmpty)
  }

  @Test(
    "rows of a rollout for which there is no memory end it with one line, and those before are written"
  )
  func rolloutArrays() throws {
    let folder = try TemporaryFolder()
    let result = try Command.shell(
      "ulimit -d 190000; exec \"$0\" rollout MinAtar/Breakout-v1 --random --episodes 1000000 --npz \"$1/o.npz\"",
      folder.path)
    #expect(result.code == 71)
    #expect(
      result.error.wholeMatch(
        of:
          /deep-sarsa: the system refused \d+ bytes of memory for --npz after \d+ rows, which are written\n/
      )
        != nil, "\(result.error)")
    #expect(try bytes(of: folder.path("o.npz")).count > 1 << 20)
  }

  @Test("a thread that the system refuses is an error, before any run begins")
  func threads() throws {
    let folder = try TemporaryFolder()
    // A thread's stack is as large as the limit of the first one's.
    let result = try Command.shell(
      "ulimit -s 4194304; ulimit -d 3000000; export OPENBLAS_NUM_THREADS=1; exec \"$0\" "
        + Self.train + " --seeds 2 --jobs 2", folder.path)
    #expect(result.code == 71)
    #expect(
      result.error
        == "deep-sarsa: the system refused to start 2 threads; with --jobs 1, where there is such a flag, none is needed\n"
    )
    for run in try folder.contents() { #expect(try folder.contents(run) == ["config.yaml"]) }
  }

  @Test("a file for whose numbers there is no memory is refused")
  func largeFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("large.safetensors")
    let count = 75 << 20
    let header =
      #"{"network.0.weight":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(4 * count)]}}"#
    var bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
    bytes += Data(header.utf8)
    try bytes.write(to: URL(filePath: file))
    // The rest is a hole, which takes no place on the disk.
    try FileHandle(forWritingTo: URL(filePath: file)).truncate(
      atOffset: UInt64(bytes.count + 4 * count))
    for verb in [
      "inspect \"$1\"", "evaluate \"$1\" --environment CartPole-v1", "import \"$1\" -o \"$1.out\"",
      "export \"$1\" --format c -o \"$1.out\"",
    ] {
      let result = try Command.shell("ulimit -d 400000; exec \"$0\" " + verb, file)
      #expect(
        result.code == 71
          && result.error == "deep-sarsa: cannot read '\(file)': Cannot allocate memory\n",
        "\(verb): \(result.error)")
    }
  }

  @Test("the help to a full output is an error, and a file's name that is not UTF-8")
  func outputAndWords() throws {
    for words in ["--help", "help train", "train --help", "--version", "presets", "settings"] {
      let result = try Command.shell("exec \"$0\" \(words) > /dev/full")
      #expect(result.code == 74, "\(words)")
      #expect(
        result.error == "deep-sarsa: cannot write 'standard output': No space left on device\n",
        "\(words)")
    }
    let result = try Command.shell(#"exec "$0" inspect "$(printf 'a\377b')""#)
    #expect(result.code == 64)
    #expect(
      result.error == "deep-sarsa: word 2 of the command line is 'a\u{FFFD}b'; allowed: UTF-8\n")
  }
}
