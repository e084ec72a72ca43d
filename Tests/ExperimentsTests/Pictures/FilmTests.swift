import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Other programs, and files of pictures")
struct FilmTests {
  @Test("a program gets arguments and input, and its output is read")
  func output() throws {
    let shell = try Command("sh")
    let bytes = try shell.run(["-c", "cat; echo $0", "there"], input: Array("here ".utf8))
    #expect(String(decoding: bytes, as: UTF8.self) == "here there\n")
    // More than a pipe holds, both ways.
    let many = [UInt8](repeating: 7, count: 1 << 20)
    #expect(try shell.run(["-c", "cat"], input: many) == many)
  }

  @Test(
    "a program that fails is an error with its last line, its signal, or its length",
    arguments: [
      ("echo first >&2; echo '  last ' >&2; exit 3", "'sh' ended with exit code 3: last"),
      ("exit 4", "'sh' ended with exit code 4"), ("kill -9 $$", "'sh' was ended by signal 9"),
      ("yes", "'sh' wrote more than 1000 bytes"),
      ("echo; head -c 2000 /dev/zero", "'sh' wrote more than 1000 bytes"),
    ])
  func failure(script: String, message: String) throws {
    let shell = try Command("sh")
    let error = #expect(throws: RunError.self) { try shell.run(["-c", script], outputLimit: 1000) }
    #expect(error?.description == message)
  }

  @Test("a program is ended together with the processes that it has started")
  func group() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("number")
    #expect(throws: RunError.self) {
      try Command("sh").run(
        ["-c", "sleep 600 & echo $! > '\(file)'; yes"], outputLimit: 1000)
    }
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let process = try #require(pid_t(text.trimmingCharacters(in: .newlines)))
    // It is gone once the system has collected it.
    for _ in 0..<60_000 where kill(process, 0) == 0 { usleep(10_000) }
    #expect(kill(process, 0) != 0)
  }

  @Test("a program that is not there is an error that says how to get it")
  func missing() {
    let error = #expect(throws: RunError.self) {
      try Command("no-such-program")
    }
    #expect(error?.description == "'no-such-program' is not installed; 'make pictures' installs it")
    #expect(throws: RunError.self) { try Command("/etc/passwd") }
  }

  @Test("an ending selects the format, and SVG needs no program")
  func svg() throws {
    #expect(FilmFormat(ofFile: "a/b.GIF") == .gif && FilmFormat(ofFile: "b.mp4") == .mp4)
    #expect(FilmFormat(ofFile: "gif") == nil && FilmFormat(ofFile: "a.avi") == nil)
    let folder = try TemporaryFolder()
    let path = folder.path("picture.svg")
    let scenes = [Scene(x: 0...1, y: 0...1), Scene(x: 0...2, y: 0...1)]
    try Film(format: .svg, width: 100).write(scenes, to: path)
    #expect(try bytes(of: path) == Array(scenes[1].svg(width: 100).utf8))
  }
}
