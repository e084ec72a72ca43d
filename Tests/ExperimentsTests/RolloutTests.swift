import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

/// Counts up to three, and observes the count in a space of one's choice, or something that is not in
/// it.
private struct Wheel: Environment {
  enum Flaw {
    case none, infinity, twoOnes, halfOnes, nothing, reward
  }

  struct State: Codable, Sendable {
    var count = 0
    var seeds: [UInt64?] = []
  }

  struct Broken: Error, CustomStringConvertible {
    let description = "the wheel is broken"
  }

  var state = State()
  var space: ObservationSpace
  var flaw = Flaw.none
  var breaks = false
  var firstAction = 0

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      id: "Wheel", observationSpace: space, actionCount: 2, firstAction: firstAction)
  }

  mutating func reset(seed: UInt64?) throws(Broken) {
    state.count = 0
    state.seeds.append(seed)
  }

  mutating func step(_ action: Int) throws(Broken) -> Step {
    if breaks { throw Broken() }
    state.count += 1
    return Step(
      reward: flaw == .reward ? .nan : Double(action) / 10,
      isTerminated: state.count == 3 && action == 1, isTruncated: state.count == 3 && action == 0)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    for i in observation.indices { observation[i] = 0 }
    switch space {
    case .box, .binary:
      observation[0] = Float(state.count) / 10
      observation[1] = flaw == .infinity && state.count > 0 ? .infinity : -1e-20
    case .categories(let counts, _):
      var start = 0
      for count in counts {
        observation[start + state.count % count] = 1
        start += count
      }
      guard state.count > 0 else { return }
      switch flaw {
      case .twoOnes: observation[0] = 1
      case .halfOnes: observation[state.count] = 0.5
      case .nothing: observation[state.count] = 0
      default: break
      }
    }
  }
}

@Suite("Rollouts")
struct RolloutTests {
  private let spaces: [ObservationSpace] = [.box(shape: [2]), .category(4), .categories([4, 3])]

  private func play<World: Environment>(
    _ world: World, actions: [Int], see: (Rollout<World>) throws -> Void
  ) throws {
    var rollout = try Rollout(world, seed: 7)
    try see(rollout)
    for action in actions {
      if rollout.record.isLast {
        try rollout.reset()
        try see(rollout)
      }
      try rollout.step(action)
      try see(rollout)
    }
  }

  @Test("a line for every reset and every step, in the shortest numbers that read back")
  func lines() throws {
    var texts: [[String]] = []
    for space in spaces {
      var lines = RolloutLines()
      try play(Wheel(space: space), actions: [0, 1, 1, 0]) { lines.append($0) }
      texts.append(
        String(decoding: lines.bytes, as: UTF8.self).split(separator: "\n").map(String.init))
      lines.removeAll()
      #expect(lines.bytes.isEmpty)
    }
    let start = #""action":null,"reward":null,"terminated":false,"truncated":false}"#
    #expect(
      texts[0] == [
        #"{"step":0,"episode":0,"observation":[0.0,-1e-20],"# + start,
        #"{"step":1,"episode":0,"observation":[0.1,-1e-20],"action":0,"reward":0.0,"#
          + #""terminated":false,"truncated":false}"#,
        #"{"step":2,"episode":0,"observation":[0.2,-1e-20],"action":1,"reward":0.1,"#
          + #""terminated":false,"truncated":false}"#,
        #"{"step":3,"episode":0,"observation":[0.3,-1e-20],"action":1,"reward":0.1,"#
          + #""terminated":true,"truncated":false}"#,
        #"{"step":0,"episode":1,"observation":[0.0,-1e-20],"# + start,
        #"{"step":1,"episode":1,"observation":[0.1,-1e-20],"action":0,"reward":0.0,"#
          + #""terminated":false,"truncated":false}"#,
      ])
    #expect(texts[1][3].hasPrefix(#"{"step":3,"episode":0,"observation":3,"action":1,"#))
    #expect(texts[2][3].hasPrefix(#"{"step":3,"episode":0,"observation":[3,0],"action":1,"#))
    #expect(texts.allSatisfy { $0.count == 6 })
  }

  @Test("actions and whole numbers are shown as Gymnasium numbers them, from their space's start")
  func starts() throws {
    let folder = try TemporaryFolder()
    let world = Wheel(space: .categories([4, 3], starts: [-2, 10]), firstAction: -1)
    var lines = RolloutLines()
    var arrays = RolloutArrays(for: world.specification, path: folder.path("rollout.npz"))
    try play(world, actions: [0, 1]) {
      lines.append($0)
      try arrays.append($0)
    }
    try arrays.write()
    #expect(
      String(decoding: lines.bytes, as: UTF8.self).split(separator: "\n").map { $0.prefix(61) } == [
        #"{"step":0,"episode":0,"observation":[-2,10],"action":null,"re"#,
        #"{"step":1,"episode":0,"observation":[-1,11],"action":-1,"rewa"#,
        #"{"step":2,"episode":0,"observation":[0,12],"action":0,"reward"#,
      ])
    let archive = try Archive(bytes(of: folder.path("rollout.npz")))
    func int64(_ values: [Int]) -> [UInt8] {
      values.flatMap { littleEndian(UInt64(bitPattern: Int64($0))) }
    }
    #expect(archive.members["observation"]?.values == int64([-2, 10, -1, 11, 0, 12]))
    #expect(archive.members["action"]?.values == int64([-1, -1, 0]))
    let one = try Rollout(Wheel(space: .categories([4], starts: [-2])), seed: 0)
    #expect(one.categories == [-2])
    let written = try JSONEncoder().encode(world.specification)
    #expect(
      try JSONDecoder().decode(EnvironmentSpecification.self, from: written)
        == world.specification)
  }

  @Test("no episode is started that no action follows, and only the first has the seed")
  func resets() throws {
    var rollout = try Rollout(Wheel(space: .box(shape: [2])), seed: 7)
    for _ in 0..<3 { try rollout.step(0) }
    #expect(rollout.record.isTruncated && rollout.record.episode == 0 && rollout.steps == 3)
    try rollout.reset()
    #expect(rollout.record.episode == 1 && rollout.record.action == nil && rollout.steps == 3)
    // A seed restarts the car's stream, so that the same one gives the same start; without, it goes on.
    var cars = try Rollout(TimeLimit(MountainCar(), maximumSteps: 1), seed: 7)
    let start = cars.observation
    try cars.step(1)
    try cars.reset()
    #expect(try cars.observation != start && Rollout(MountainCar(), seed: 7).observation == start)
  }

  @Test("what no number or no name is says so, with its place, and so does a world that fails")
  func flaws() throws {
    func message(_ wheel: Wheel) -> String {
      do throws(RunError) {
        var rollout = try Rollout(wheel, seed: 0)
        try rollout.step(1)
        return ""
      } catch {
        return error.description
      }
    }
    let prefix = "the environment failed: "
    #expect(
      message(Wheel(space: spaces[0], flaw: .infinity)) == prefix
        + "number 1 of the observation is inf at step 1 of episode 0")
    for flaw in [Wheel.Flaw.twoOnes, .halfOnes, .nothing] {
      for space in spaces[1...] {
        #expect(
          message(Wheel(space: space, flaw: flaw)) == prefix
            + "the observation is not one-hot at step 1 of episode 0")
      }
    }
    #expect(
      message(Wheel(space: spaces[0], flaw: .reward)) == prefix
        + "the reward is NaN at step 1 of episode 0")
    #expect(message(Wheel(space: spaces[0], breaks: true)) == prefix + "the wheel is broken")
    for space in spaces { #expect(message(Wheel(space: space)).isEmpty) }
  }

  @Test("arrays are written as numpy and zip have them, byte by byte")
  func arrays() throws {
    let folder = try TemporaryFolder()
    for space in spaces {
      let world = Wheel(space: space)
      var arrays = RolloutArrays(for: world.specification, path: folder.path("rollout.npz"))
      try play(world, actions: [0, 1, 1, 0]) { try arrays.append($0) }
      try arrays.write()
      let archive = try Archive(bytes(of: folder.path("rollout.npz")))
      #expect(
        archive.names == [
          "episode", "step", "action", "observation", "reward", "terminated", "truncated",
        ])
      func expect(_ name: String, _ type: String, _ shape: String, _ values: [UInt8]) {
        let member = archive.members[name]
        #expect(
          member?.description == "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
        )
        #expect(member?.values == values, "\(name)")
      }
      func int64(_ values: [Int]) -> [UInt8] {
        values.flatMap { littleEndian(UInt64(bitPattern: Int64($0))) }
      }
      expect("episode", "<i8", "(6,)", int64([0, 0, 0, 0, 1, 1]))
      expect("step", "<i8", "(6,)", int64([0, 1, 2, 3, 0, 1]))
      expect("action", "<i8", "(6,)", int64([-1, 0, 1, 1, -1, 0]))
      expect(
        "reward", "<f8", "(6,)",
        [0, 0, 0.1, 0.1, 0, 0].flatMap { littleEndian(($0 as Double).bitPattern) })
      expect("terminated", "|b1", "(6,)", [0, 0, 0, 1, 0, 0])
      expect("truncated", "|b1", "(6,)", [0, 0, 0, 0, 0, 0])
      let counts = [0, 1, 2, 3, 0, 1]
      switch space {
      case .box, .binary:
        expect(
          "observation", "<f4", "(6, 2)",
          counts.flatMap {
            littleEndian((Float($0) / 10).bitPattern) + littleEndian((-1e-20 as Float).bitPattern)
          })
      case .categories(let sizes, _) where sizes.count == 1:
        expect("observation", "<i8", "(6,)", int64(counts))
      case .categories:
        expect("observation", "<i8", "(6, 2)", int64(counts.flatMap { [$0, $0 % 3] }))
      }
    }
    #expect(try folder.contents() == ["rollout.npz"])
  }

  private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// A zip archive of `.npy` files, taken apart by the letter.
private struct Archive {
  struct Member {
    /// The dictionary, without the spaces behind it.
    var description: String
    var values: [UInt8]
  }

  var names: [String] = []
  var members: [String: Member] = [:]

  init(_ bytes: [UInt8]) throws {
    func number(_ place: Int, _ count: Int) -> Int {
      bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // The end record is the last 22 bytes of an archive without a comment.
    let end = bytes.count - 22
    #expect(number(end, 4) == 0x0605_4B50 && number(end + 20, 2) == 0)
    let count = number(end + 10, 2)
    #expect(number(end + 8, 2) == count && number(end + 4, 4) == 0)
    var entry = number(end + 16, 4)
    #expect(entry + number(end + 12, 4) == end)
    var offset = 0
    for _ in 0..<count {
      #expect(number(entry, 4) == 0x0201_4B50 && number(entry + 42, 4) == offset)
      let nameLength = number(entry + 28, 2)
      #expect(number(entry + 30, 4) == 0)
      let name = String(decoding: bytes[entry + 46..<entry + 46 + nameLength], as: UTF8.self)

      // A member's own header says what the directory says.
      #expect(number(offset, 4) == 0x0403_4B50)
      #expect(Array(bytes[offset + 4..<offset + 30]) == Array(bytes[entry + 6..<entry + 32]))
      #expect(number(offset + 8, 2) == 0, "compressed")
      let start = offset + 30 + nameLength
      #expect(String(decoding: bytes[offset + 30..<start], as: UTF8.self) == name)
      let size = number(offset + 18, 4)
      #expect(number(offset + 22, 4) == size)
      let file = Array(bytes[start..<start + size])
      #expect(CRC32.checksum(of: file) == UInt32(number(offset + 14, 4)))

      #expect(Array(file[..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
      let header = 10 + Int(file[8]) + Int(file[9]) << 8
      #expect(header % 64 == 0 && file[header - 1] == UInt8(ascii: "\n"))
      let text = String(decoding: file[10..<header - 1], as: UTF8.self)
      let key = try #require(name.hasSuffix(".npy") ? String(name.dropLast(4)) : nil)
      names.append(key)
      members[key] = Member(
        description: text.trimmingCharacters(in: [" "]), values: Array(file[header...]))
      offset = start + size
      entry += 46 + nameLength
    }
    #expect(entry == end && offset == number(end + 16, 4))
  }
}
