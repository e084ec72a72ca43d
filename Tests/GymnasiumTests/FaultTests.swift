import Foundation
import SARSAEnvironments
import SARSAGymnasium
import Testing

@Suite("Faults of a Gymnasium process")
struct FaultTests {
  /// What a fault comes to: the beginning of its reason, behind id and request.
  struct Case: CustomTestStringConvertible {
    var fault: String
    var request: GymnasiumError.Request
    var reason: GymnasiumError.Reason
    var words = ""
    var testDescription: String { fault }
  }

  private static func unreadable(_ offset: Int, _ expected: String) -> GymnasiumError.Reason {
    .garbled("a handshake that cannot be read: at byte \(offset), expected \(expected)")
  }

  static let cases = [
    Case(
      fault: "diesAtStart", request: .start, reason: .ended("ended with exit code 7"),
      words: "there is no hope\n"),
    Case(fault: "hangsAtStart", request: .start, reason: .late(.milliseconds(100))),
    Case(
      fault: "otherVersion", request: .start,
      reason: .garbled("a handshake in version 5 of the protocol, not 4")),
    Case(fault: "otherMagic", request: .start, reason: unreadable(5, "DSGB")),
    Case(
      fault: "shortHandshake", request: .start,
      reason: unreadable(77, "2 numbers of 4 bytes, not the end after 5 bytes")),
    Case(fault: "longHandshake", request: .start, reason: unreadable(85, "the end")),
    Case(
      fault: "hugeObservation", request: .start,
      reason: unreadable(69, "16777216 numbers of 4 bytes, not the end after 0 bytes")),
    Case(
      fault: "boundsUpsideDown", request: .start,
      reason: unreadable(69, "lower bounds that are not above the upper ones")),
    Case(
      fault: "noActions", request: .start,
      reason: .badNumber("it has 0 actions from 0 on; allowed: 1 to 65535")),
    Case(fault: "dies", request: .step, reason: .ended("ended with exit code 3")),
    Case(
      fault: "killsItself", request: .step, reason: .ended("was killed by signal 9 (Killed)")),
    Case(fault: "hangs", request: .step, reason: .late(.milliseconds(100))),
    Case(fault: "hangsAndIgnoresSignals", request: .step, reason: .late(.milliseconds(100))),
    Case(
      fault: "closesItsSocket", request: .step, reason: .ended("was killed by signal 9 (Killed)")),
    Case(fault: "leavesSomeoneBehind", request: .step, reason: .ended("ended with exit code 4")),
    Case(fault: "halfAFrame", request: .step, reason: .ended("ended with exit code 0")),
    Case(fault: "halfAFrameAndHangs", request: .step, reason: .late(.milliseconds(100))),
    Case(fault: "dribblesAndHangs", request: .step, reason: .late(.milliseconds(100))),
    Case(
      fault: "garbage", request: .step, reason: .garbled("a message of an impossible length")),
    Case(
      fault: "hugeLength", request: .step, reason: .garbled("a message of an impossible length")),
    Case(
      fault: "tinyLength", request: .step, reason: .garbled("a message of an impossible length")),
    Case(
      fault: "twoFrames", request: .step, reason: .garbled("a message of an impossible length")),
    Case(
      fault: "wrongChecksum", request: .step,
      reason: .garbled("a message whose checksum is wrong")),
    Case(fault: "otherKind", request: .step, reason: .garbled("a message of another kind")),
    Case(
      fault: "tooFewNumbers", request: .step,
      reason: .garbled("a reply of the wrong length")),
    Case(
      fault: "tooManyNumbers", request: .step,
      reason: .garbled("a reply of the wrong length")),
    Case(
      fault: "notANumber", request: .step,
      reason: .badNumber("number 1 of the observation is NaN")),
    Case(
      fault: "maskOfTwos", request: .step,
      reason: .garbled("an action mask that is not of zeros and ones")),
    Case(
      fault: "emptyMask", request: .step,
      reason: .badNumber("the number of legal actions is 0; allowed: 1 or more")),
    Case(fault: "shortMask", request: .step, reason: .garbled("a reply of the wrong length")),
    Case(
      fault: "infiniteReward", request: .step,
      reason: .badNumber("the reward is inf")),
    Case(fault: "nanReward", request: .step, reason: .badNumber("the reward is NaN")),
    Case(fault: "hangsWithNonsense", request: .step, reason: .late(.milliseconds(100))),
    Case(
      fault: "outOfBounds", request: .step,
      reason: .badNumber(
        "number 0 of the observation is 2e+09; "
          + "its space has it from -1e+09 to 1e+09"
      )),
    Case(
      fault: "flagOfTwo", request: .step,
      reason: .garbled("flags that are neither true nor false")),
    Case(
      fault: "raises", request: .step,
      reason: .raised("ValueError: the pole fell twice (pole.py:12)")),
    Case(
      fault: "raisesNonsense", request: .step, reason: .raised("\u{FFFD}\u{FFFD}\n\u{1B}[")),
    Case(
      fault: "printsAndDies", request: .step, reason: .ended("ended with exit code 1"),
      words: "Traceback of something\nRuntimeError: out of cheese\n\n"),
  ]

  @Test("every fault becomes one error that says what, where, and the last words", arguments: cases)
  func fault(each: Case) throws {
    let error = #expect(throws: GymnasiumError.self) {
      var world = try fake(each.fault)
      try world.reset(seed: 1)
      for _ in 0..<3 { _ = try world.step(1) }
    }
    #expect(error?.id == "Fake-v0" && error?.request == each.request)
    #expect(error?.reason == each.reason)
    #expect(error?.outputTail == each.words)
    #expect(
      error?.description.hasPrefix("gymnasium:Fake-v0, \(each.request.rawValue): ") == true)
    if each.words.contains("cheese") {
      #expect(
        error?.description.hasSuffix("; it printed last: RuntimeError: out of cheese") == true)
    }
  }

  @Test("each step and each reset has a limit of its own, however many a message has")
  func ownLimits() throws {
    // Four steps, or four resets, of 0.4 s in one message are beyond either limit together.
    for (fault, step, reset) in [("slowSteps", 1.5, 30), ("slowReset", 0.3, 1.5)] {
      var vector = try fake(fault, at: 5) {
        $0.stepTimeout = .seconds(step)
        $0.resetTimeout = .seconds(reset)
      }.vector(count: 4)
      var result = VectorStep(for: vector)
      try vector.reset(seeds: [1, 2, 3, 4], into: &result)
      for _ in 0..<5 { try vector.step([1, 1, 1, 1], into: &result) }
      #expect(result.isTerminated == [true, true, true, true])
    }
  }

  @Test("an error names the operation, its limit, and the environment")
  func places() throws {
    for (fault, request, what) in [
      (
        "hangsInLastStep", .step,
        "stepping environment 3 of 3: it took longer than 0.1 seconds, the limit for a step"
      ),
      (
        "hangsInReset", .reset,
        "resetting environment 3 of 3: it took longer than 0.2 seconds, the limit for a reset"
      ),
      ("raisesInLast", .step, "stepping environment 3 of 3: ValueError: no (world.py:3)"),
      ("infiniteReward", .step, "stepping environment 3 of 3: the reward is inf"),
      ("notANumber", .step, "stepping environment 1 of 3: number 1 of the observation is NaN"),
    ] as [(String, GymnasiumError.Request, String)] {
      var vector = try fake(fault) { $0.resetTimeout = .milliseconds(200) }.vector(count: 3)
      var result = VectorStep(for: vector)
      try vector.reset(seeds: [1, 2, 3], into: &result)
      let error = #expect(throws: GymnasiumError.self) {
        for _ in 0..<5 { try vector.step([1, 1, 1], into: &result) }
      }
      #expect(error?.request == request)
      #expect(error?.description == "gymnasium:Fake-v0, \(what)")
    }
  }

  @Test(
    "a wait that is cancelled ends at once, and no other process is tried")
  func cancellation() throws {
    for fault in ["hangsAtStart", "hangs", "hangsAndIgnoresSignals"] {
      var world: GymnasiumEnvironment?
      let error = #expect(throws: GymnasiumError.self) {
        let start = ContinuousClock.now
        world = try fake(fault) {
          $0.startTimeout = .seconds(3000)
          $0.stepTimeout = .seconds(3000)
          $0.restarts = 5
          $0.isCancelled = { .now - start > .milliseconds(300) }
        }
        try world?.reset(seed: 1)
        for _ in 0..<3 { _ = try world?.step(1) }
      }
      #expect(error?.reason == .cancelled && world?.restarts ?? 0 == 0)
      #expect(error?.description.hasSuffix("ing: it was cancelled") == true)
    }
  }

  @Test("what was printed last is a message, not the line of code below a warning")
  func warning() throws {
    var world = try fake("warnsAndDies")
    try world.reset(seed: 1)
    let error = #expect(throws: GymnasiumError.self) { for _ in 0..<3 { _ = try world.step(1) } }
    #expect(
      error?.description.hasSuffix(
        "; it printed last: /lib/world.py:7: UserWarning: WARN: the wheel is loose") == true)
  }

  @Test(
    "whatever is printed, replies are not touched", arguments: ["printsMuch", "closesItsOutput"])
  func printing(fault: String) throws {
    var world = try fake(fault)
    try world.reset(seed: 1)
    for i in 1...9 {
      #expect(try world.step(2).reward == 2)
      #expect(world.observation == [Float(i), 1])
      if i == 5 { try world.reset(seed: nil) }
    }
  }

  @Test("a process that never stops printing is late like any other")
  func printsForever() throws {
    var world = try fake("printsForever") { $0.stepTimeout = .milliseconds(200) }
    try world.reset(seed: 1)
    _ = try world.step(0)
    _ = try world.step(0)
    let error = #expect(throws: GymnasiumError.self) { try world.step(0) }
    #expect(error?.reason == .late(.milliseconds(200)))
    #expect(error?.outputTail.utf8.count == 4096)
    #expect(error?.description.hasSuffix("and another one") == true)
  }

  @Test("no Python, and one that cannot be run, are named")
  func noPython() {
    for (python, reason) in [
      ("/nowhere/python3", "'/nowhere/python3' is not an executable program"),
      ("no-such-python", "'no-such-python' is not an executable program"),
      ("/", "'/' is not an executable program"),
      ("/etc/passwd", "'/etc/passwd' is not an executable program"),
    ] {
      let error = #expect(throws: GymnasiumError.self) { try fake { $0.python = python } }
      #expect(error?.reason == .python(reason))
    }
  }

  @Test("bounds are not held against an environment if one does not want it")
  func loose() throws {
    var world = try fake("outOfBounds") { $0.checksBounds = false }
    try world.reset(seed: 1)
    for _ in 0..<3 { _ = try world.step(1) }
    #expect(world.observation == [2e9, 1])
  }

  @Test("after a fault the same steps are taken again in a new process, as often as is allowed")
  func restarts() throws {
    var world = try fake("dies", at: 4) { $0.restarts = 2 }
    try world.reset(seed: 5)
    for _ in 0..<3 { _ = try world.step(1) }
    let error = #expect(throws: GymnasiumError.self) { try world.step(1) }
    #expect(world.restarts == 2)
    #expect(error?.reason == .ended("ended with exit code 3"))
    // Once it does not die there any more, it goes on where it was.
    var other = try fake(at: 4)
    other.state = world.state
    #expect(try other.step(2).reward == 2)
    #expect(other.observation == [4, 5])
  }

  @Test("an environment that is not the same after the same steps is found out")
  func notReproducible() throws {
    var world = try fake("forgets")
    try world.reset(seed: 5)
    _ = try world.step(1)
    var copy = world
    #expect(throws: GymnasiumError.self) { try copy.step(1) }
    let error = #expect(throws: GymnasiumError.self) { try copy.step(1) }
    #expect(error?.reason == .notReproducible)
  }

  @Test("starts, faults and stops leave no process and no descriptor")
  func leaks() async {
    await #expect(processExitsWith: .success) {
      let rounds =
        ProcessInfo.processInfo.environment["DEEP_SARSA_FAULTS"].flatMap { Int($0) } ?? 150
      // The first of everything may keep something for good.
      try leave(FaultTests.cases.map(\.fault) + ["none"])
      let before = openDescriptors
      let faults = FaultTests.cases.map(\.fault) + ["none", "none", "printsMuch"]
      try leave((0..<rounds).map { faults[$0 % faults.count] })
      precondition(openDescriptors == before, "\(openDescriptors) descriptors instead of \(before)")
      precondition(childProcesses.isEmpty, "processes \(childProcesses) are left")
    }
  }

  @Test("nobody is left when the parent is killed, whatever the process is doing")
  func orphans() async throws {
    // The parent is this test program once more, which prints its children and then kills itself.
    let result = await #expect(
      processExitsWith: .signal(SIGKILL), observing: [\.standardErrorContent]
    ) {
      var idle = try fake()
      try idle.reset(seed: 1)
      let thread = Thread {
        var busy = try? fake("hangsAndIgnoresSignals", at: 1) { $0.stepTimeout = .seconds(60) }
        try? busy?.reset(seed: 1)
        _ = try? busy?.step(0)
      }
      thread.start()
      while childProcesses.count < 2 { usleep(10_000) }
      usleep(200_000)
      FileHandle.standardError.write(
        Data(childProcesses.map { "child \($0)\n" }.joined().utf8))
      kill(getpid(), SIGKILL)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let children = text.split(separator: "\n").filter { $0.hasPrefix("child ") }
      .compactMap { Int($0.dropFirst(6)) }
    #expect(children.count == 2)
    for _ in 0..<30_000 where children.contains(where: { parent(of: $0) != nil }) { usleep(20_000) }
    #expect(children.allSatisfy { parent(of: $0) == nil })
  }
}

/// Starts a fake for each fault, runs into it, and drops what is left.
private func leave(_ faults: [String]) throws {
  for fault in faults {
    do throws(GymnasiumError) {
      var world = try fake(fault) {
        if fault.lowercased().contains("hangs") {
          $0.startTimeout = .milliseconds(20)
          $0.stepTimeout = .milliseconds(20)
        }
      }
      try world.reset(seed: 1)
      for _ in 0..<3 { _ = try world.step(1) }
    } catch {
      // It is another test that asks which error it is.
    }
  }
}
