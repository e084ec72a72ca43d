import Glibc
import SARSAFormats

/// A stand-in for Python with Gymnasium that can do everything wrong.
///
/// It is started as Python would be, takes no notice of the script that it is given, and reads from
/// the arguments of the environment what to do: `fault`, `at`, the step in which to do it, and `mark`, a
/// file to make before it hangs.
///
/// Its world: two numbers, the steps since the seed and the seed; three actions, the reward is the
/// action; every fifth step ends an episode, in turn as terminated and as truncated. A reset without
/// seeds goes on to the next fifth step. With seeds of episodes, an episode of seed s has 3 + s mod 5 steps.
struct Fake {
  private let socket: Int32 = 3
  private let parentDeath: Int32 = 4
  private let progress: Int32 = 5
  private var fault = Fault.none
  private var faultyStep = 0
  private var count = 1
  /// A file that is made before it hangs.
  private var mark = ""
  private var steps = 0
  private var resets = 0
  private var seeds: [UInt64] = []
  /// The steps of each environment's episode, if each has a seed; otherwise empty.
  private var lengths: [Int] = []
  private var isSeeded = false
  private var isDrawn = false

  /// Answers requests until there are no more.
  mutating func serve() -> Never {
    // As the real one has it: the kernel kills this group when the parent has gone.
    let setSignal: Int32 = 10
    _ = fcntl(parentDeath, F_SETOWN, -getpgrp())
    _ = fcntl(parentDeath, setSignal, SIGKILL)
    _ = fcntl(parentDeath, F_SETFL, fcntl(parentDeath, F_GETFL) | O_ASYNC)
    while true {
      let length = Int(read(4).span.littleEndian(at: 0, as: UInt32.self))
      let message = read(length)
      let payload = Array(message[1..<length - 4])
      switch message[0] {
      case UInt8(ascii: "M"): make(payload)
      case UInt8(ascii: "R"): reset(payload)
      case UInt8(ascii: "S"): step(payload)
      case UInt8(ascii: "P") where isDrawn: draw(payload)
      default: exit(8)
      }
    }
  }

  private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(value)
    return writer.bytes
  }

  private func write(_ data: [UInt8], to file: Int32 = 3) {
    var rest = data[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if sent <= 0 { exit(9) }
      rest = rest.dropFirst(sent)
    }
  }

  private func print(_ text: String) { write(Array(text.utf8), to: 2) }

  private func frame(_ kind: Character, _ payload: [UInt8]) -> [UInt8] {
    let body = [kind.asciiValue ?? 0] + payload
    return bytes(UInt32(body.count + 4)) + body + bytes(CRC32.checksum(of: body))
  }

  private func read(_ count: Int) -> [UInt8] {
    var data = [UInt8](repeating: 0, count: count)
    var got = 0
    while got < count {
      let step = unsafe data.withUnsafeMutableBytes {
        unsafe Glibc.read(socket, $0.baseAddress?.advanced(by: got), count - got)
      }
      if step <= 0 { exit(0) }
      got += step
    }
    return data
  }

  /// The word behind a name in JSON.
  private func value(of name: String, in text: String) -> String? {
    guard let key = text.firstRange(of: "\"\(name)\":") else { return nil }
    return text[key.upperBound...].prefix { !",}".contains($0) }.filter { $0 != "\"" }
  }

  /// Says which operation of the request is under way, as `bridge.py` numbers them.
  private func note(_ operation: UInt64) {
    let number = bytes(operation)
    _ = unsafe number.withUnsafeBytes { unsafe pwrite(progress, $0.baseAddress, $0.count, 0) }
  }

  /// Sleeps for so many milliseconds.
  private func pause(_ milliseconds: UInt32) { usleep(1_000 * milliseconds) }

  private func sleepForever() -> Never {
    if !mark.isEmpty { close(unsafe open(mark, O_CREAT | O_WRONLY, 0o600)) }
    while true { sleep(1000) }
  }

  private func observation(_ i: Int) -> [UInt8] {
    let first =
      switch fault {
      case .forgets: Float(getpid())
      case .remembers: Float(steps + resets)
      case .zerosAndOnes: Float(steps == faultyStep ? 2 : steps % 2)
      default: Float(isSeeded ? lengths[i] : steps)
      }
    let second = Float(seeds[i] % (fault == .zerosAndOnes ? 2 : 1000))
    return bytes(first.bitPattern) + bytes(second.bitPattern)
  }

  private func shakeHands() {
    let size = fault == .hugeObservation ? 1 << 24 : 2
    let limits: [Float] =
      switch fault {
      case .boundsUpsideDown: [1, -1]
      case .zerosAndOnes: [0, 1]
      default: [-1e9, 1e9]
      }
    var handshake = Array((fault == .otherMagic ? "GIF8" : "DSGB").utf8)
    handshake += bytes(UInt32(fault == .otherVersion ? 5 : 4))
    handshake += bytes(UInt64(fault == .noActions ? 0 : 3)) + bytes(Int64(0))
    handshake += bytes(UInt64(0))
    handshake += bytes(Double.nan.bitPattern)
    handshake += bytes(UInt32(4)) + Array("fake".utf8)
    handshake += bytes(UInt32(0)) + bytes(UInt32(1)) + bytes(UInt64(size))
    if fault != .hugeObservation {
      for limit in limits { for _ in 0..<size { handshake += bytes(limit.bitPattern) } }
    }
    if fault == .zerosAndOnes { handshake.append(1) }
    if fault == .shortHandshake { handshake.removeLast(3) }
    if fault == .longHandshake { handshake.append(0) }
    write(frame("H", handshake))
  }

  private mutating func make(_ request: [UInt8]) {
    let text = String(decoding: request, as: UTF8.self)
    fault = value(of: "fault", in: text).flatMap(Fault.init) ?? .none
    faultyStep = value(of: "at", in: text).flatMap { Int($0) } ?? 0
    count = value(of: "count", in: text).flatMap { Int($0) } ?? 1
    mark = value(of: "mark", in: text) ?? ""
    isSeeded = value(of: "seeds", in: text) == "true"
    isDrawn = value(of: "pictures", in: text) == "true"
    switch fault {
    case .diesAtStart:
      print("there is no hope\n")
      exit(7)
    case .hangsAtStart: sleepForever()
    default: shakeHands()
    }
  }

  private mutating func reset(_ request: [UInt8]) {
    resets += 1
    if !request.isEmpty {
      seeds = (0..<count).map { request.span.littleEndian(at: 8 * $0) }
      lengths = Array(repeating: 0, count: count)
      steps = 0
    } else {
      steps += 5 - steps % 5
    }
    var payload = (0..<count).flatMap(observation)
    if isMasked { payload += masks() }
    write(frame("O", payload))
  }

  /// The head of a PNG, as high as the steps and one more, and twice as wide for the last state of an episode.
  private func draw(_ request: [UInt8]) {
    switch fault {
    case .drawsNothing: write(frame("E", Array("it cannot be drawn".utf8)))
    case .drawsGarbage: write(frame("I", Array("GIF89a".utf8)))
    default:
      let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
      let sides: [UInt8] = [0, 0, 0, request == [1] ? 2 : 1, 0, 0, 0, UInt8(steps % 200 + 1)]
      write(frame("I", head + Array("IHDR".utf8) + sides))
    }
  }

  private var isMasked: Bool {
    switch fault {
    case .masked, .maskOfTwos, .emptyMask, .shortMask: true
    default: false
    }
  }

  /// A mask for each environment: the action that is one less than the steps, modulo three, is illegal.
  private func masks() -> [UInt8] {
    let mask = (0..<3).map { UInt8((steps + $0) % 3 == 1 ? 0 : 1) }
    return (0..<count).flatMap { _ in mask }
  }

  /// A step whose episodes each have a seed, in which an environment without an action stays as it is.
  private mutating func seededStep(_ request: [UInt8]) {
    let actions = (0..<count).map { request.span.littleEndian(at: 4 * $0, as: UInt32.self) }
    var (flags, last) = ([UInt8](repeating: 0, count: 2 * count), [UInt8]())
    for i in actions.indices where actions[i] != UInt32.max {
      lengths[i] += 1
      guard lengths[i] == 3 + Int(seeds[i] % 5) else { continue }
      flags[seeds[i] % 2 == 0 ? i : count + i] = 1
      last += observation(i)
      (lengths[i], seeds[i]) = (0, request.span.littleEndian(at: 4 * count + 8 * i))
    }
    let rewards = actions.flatMap { bytes(($0 == UInt32.max ? 0 : Double($0)).bitPattern) }
    let padding = [UInt8](repeating: 0, count: (4 - 2 * count % 4) % 4)
    write(frame("T", rewards + flags + padding + (0..<count).flatMap(observation) + last))
  }

  private mutating func step(_ request: [UInt8]) {
    if isSeeded { return seededStep(request) }
    steps += 1
    let isFaulty = steps == faultyStep
    if isFaulty { misbehave() }
    if fault == .slowAndEndless { usleep(20_000) }
    let isLast = steps % 5 == 0 && fault != .slowAndEndless
    if isLast { resetSlowly() }
    let (terminated, truncated) = (isLast && steps % 2 == 1, isLast && steps % 2 == 0)
    var rewards = (0..<count).map { Double(request.span.littleEndian(at: 4 * $0, as: UInt32.self)) }
    if fault == .hugeReward { rewards[0] = .greatestFiniteMagnitude }
    var flags = [UInt8](repeating: terminated ? 1 : 0, count: count)
    flags += [UInt8](repeating: truncated ? 1 : 0, count: count)
    var observations = (0..<count).flatMap(observation)
    if isLast { observations += observations }
    if isMasked {
      // The last mask of a truncated episode allows the last action alone; that of a terminal state, all.
      let last: [UInt8] = terminated ? [1, 1, 1] : [0, 0, 1]
      observations += masks() + (isLast ? (0..<count).flatMap { _ in last } : [])
    }
    if isFaulty {
      switch fault {
      case .infiniteReward: rewards[count - 1] = .infinity
      case .nanReward: rewards[0] = -.nan
      case .flagOfTwo: flags[0] = 2
      case .notANumber: observations.replaceSubrange(4..<8, with: bytes(Float.nan.bitPattern))
      case .outOfBounds: observations.replaceSubrange(0..<4, with: bytes(Float(2e9).bitPattern))
      case .maskOfTwos: observations[observations.count - 1] = 2
      case .emptyMask:
        observations.replaceSubrange(observations.count - 3..<observations.count, with: [0, 0, 0])
      case .shortMask: observations.removeLast()
      case .tooFewNumbers: observations.removeLast(4)
      case .tooManyNumbers: observations += observations
      default: break
      }
    }
    let padding = [UInt8](repeating: 0, count: (4 - 2 * count % 4) % 4)
    let payload = rewards.flatMap { bytes($0.bitPattern) } + flags + padding + observations
    var reply = frame(isFaulty && fault == .otherKind ? "X" : "T", payload)
    if isFaulty {
      switch fault {
      case .wrongChecksum: reply[reply.count - 1] ^= 1
      case .twoFrames: reply += reply
      case .halfAFrame, .halfAFrameAndHangs: reply.removeLast(reply.count / 2)
      case .hugeLength: reply.replaceSubrange(0..<4, with: bytes(UInt32.max))
      case .tinyLength: reply.replaceSubrange(0..<4, with: bytes(UInt32(2)))
      case .garbage: reply = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 37) }
      default: break
      }
    }
    if isFaulty && fault == .dribblesAndHangs {
      for byte in reply.dropLast() {
        write([byte])
        usleep(20_000)
      }
      sleepForever()
    }
    write(reply)
    if isFaulty && fault == .halfAFrame { exit(0) }
    if isFaulty && fault == .halfAFrameAndHangs { sleepForever() }
  }

  /// What takes long, or for ever, in the reset of each environment at an episode's end.
  private func resetSlowly() {
    guard fault == .slowReset || fault == .hangsInReset else { return }
    for i in 0..<UInt64(count) {
      note(2 * i + 1)
      if fault == .hangsInReset && i == count - 1 { sleepForever() }
      if fault == .slowReset { pause(400) }
    }
  }

  private func misbehave() {
    switch fault {
    case .slowSteps, .hangsInLastStep:
      for i in 0..<UInt64(count) {
        note(2 * i)
        if fault == .hangsInLastStep && i == count - 1 { sleepForever() }
        if fault == .slowSteps { pause(400) }
      }
    case .hangsWithNonsense:
      // Beyond the last environment, and then back: neither is progress.
      note(UInt64.max)
      pause(250)
      note(0)
      sleepForever()
    case .raisesInLast:
      note(2 * UInt64(count - 1))
      write(frame("E", Array("ValueError: no (world.py:3)".utf8)))
      exit(0)
    case .warnsAndDies:
      print(
        "/lib/world.py:7: UserWarning: \u{1B}[33mWARN: the wheel is loose\u{1B}[0m\n  logger.warn(\n"
      )
      exit(6)
    case .dies: exit(3)
    case .killsItself: kill(getpid(), SIGKILL)
    case .hangs: sleepForever()
    case .hangsAndIgnoresSignals:
      for number in 1..<32 as Range<Int32> { signal(number, SIG_IGN) }
      sleepForever()
    case .closesItsSocket:
      close(socket)
      sleepForever()
    case .leavesSomeoneBehind:
      var someone: pid_t = 0
      var words: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("sleep"), strdup("1000"), nil]
      unsafe posix_spawn(&someone, "/bin/sleep", nil, nil, &words, environ)
      exit(4)
    case .raises:
      write(frame("E", Array("ValueError: the pole fell twice (pole.py:12)".utf8)))
      exit(0)
    case .raisesNonsense:
      write(frame("E", [0xFF, 0xFE, 0x0A, 0x1B, 0x5B]))
      exit(0)
    case .printsMuch:
      for i in 0..<20_000 { print("line \(i) of a great many lines that nobody will ever read\n") }
    case .printsForever:
      while true { print("and another one\n") }
    case .printsAndDies:
      print("Traceback of something\nRuntimeError: out of cheese\n\n")
      exit(1)
    case .closesItsOutput:
      close(1)
      close(2)
    default: break
    }
  }
}
