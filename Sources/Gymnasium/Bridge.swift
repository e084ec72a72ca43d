package import SARSAEnvironments
internal import SARSAFiles
internal import SARSAFormats
internal import Synchronization

/// A Python process with environments of the same id and arguments, and the requests to it.
///
/// `bridge.py` runs in the process and describes the messages. The class is `@unchecked Sendable`,
/// because `GymnasiumVector` uses a bridge only while it holds the only reference to it: two threads
/// never use a bridge at the same time.
package final class Bridge: @unchecked Sendable {
  package let specification: EnvironmentSpecification
  /// The versions of Python, Gymnasium and NumPy.
  let versions: String
  /// Whether replies have action masks; `nil` until the first reset, which shows it.
  private(set) var hasActionMasks: Bool?

  private let options: GymnasiumOptions
  private let count: Int
  private let channel: RequestChannel
  private let drawing = Mutex(())

  /// The protocol's version.
  private static let version: UInt32 = 4
  /// The largest number of actions: one takes two bytes of a history, where `UInt16.max` stands for a reset.
  private static let actionLimit = Int(UInt16.max)

  /// Instead of an action: the environment is left as it is.
  static let noAction = Int(UInt32.max)

  /// The kinds of messages, one byte each.
  private enum Kind {
    static let make = UInt8(ascii: "M")
    static let reset = UInt8(ascii: "R")
    static let step = UInt8(ascii: "S")
    static let made = UInt8(ascii: "H")
    static let observed = UInt8(ascii: "O")
    static let stepped = UInt8(ascii: "T")
    static let draw = UInt8(ascii: "P")
    static let drawn = UInt8(ascii: "I")
  }

  /// Starts a process that makes the environments.
  convenience init(
    _ id: String, arguments: [String: ArgumentValue], count: Int, options: GymnasiumOptions
  ) throws(GymnasiumError) {
    try self.init(
      id, arguments: arguments, count: count, options: options,
      in: Self.start(id, options, isTrusted: options.trustsCode))
  }

  /// Makes the environments in a process.
  package init(
    _ id: String, arguments: [String: ArgumentValue], count: Int, options: GymnasiumOptions,
    in process: any Connection
  ) throws(GymnasiumError) {
    let channel = RequestChannel(about: id, count: count, options: options, process: process)
    var order: [String: ArgumentValue] = [
      "id": .text(id), "arguments": .object(arguments), "count": .integer(count),
      "trusted": .boolean(options.trustsCode), "masks": .boolean(options.usesActionMasks),
      "seeds": .boolean(options.seedsEpisodes),
    ]
    if options.drawsPictures { order["pictures"] = .boolean(true) }
    let text = ArgumentValue.object(order).description
    let payload = try channel.ask(.start, Kind.make, expecting: Kind.made) {
      $0.append(text)
    }
    let handshake: Handshake
    do {
      handshake = try Handshake(ByteReader(channel.reply, in: payload))
    } catch {
      throw channel.failure(.start, .garbled("a handshake that cannot be read: \(error)"))
    }
    guard handshake.protocolVersion == Self.version else {
      throw channel.failure(
        .start,
        .garbled(
          "a handshake in version \(handshake.protocolVersion) of the protocol, not \(Self.version)"
        ))
    }
    guard (1...Self.actionLimit).contains(handshake.actionCount),
      !handshake.firstAction.addingReportingOverflow(handshake.actionCount).overflow
    else {
      throw channel.failure(
        .start,
        .badNumber(
          "it has \(handshake.actionCount) actions from \(handshake.firstAction) on; "
            + "allowed: 1 to \(Self.actionLimit)"))
    }
    let size = handshake.observationSpace.size
    guard size > 0, size <= Frame.limit / 16 / count else {
      throw channel.failure(
        .start,
        .badNumber(
          "\(count) observations of \(size) numbers each do not fit into a message, "
            + "whose limit is 64 MiB"))
    }
    self.options = options
    self.count = count
    self.channel = channel
    specification = EnvironmentSpecification(
      id: GymnasiumEnvironment.prefix + id, observationSpace: handshake.observationSpace,
      actionCount: handshake.actionCount, firstAction: handshake.firstAction,
      maximumEpisodeSteps: handshake.maximumEpisodeSteps,
      rewardThreshold: handshake.rewardThreshold)
    versions = handshake.versions
  }

  private static func start(
    _ id: String, _ options: GymnasiumOptions, isTrusted: Bool
  ) throws(GymnasiumError) -> ChildProcess {
    let name = options.namedPython ?? "python3"
    guard let python = Files.program(name) else {
      throw GymnasiumError(
        id: id, request: .start, reason: .python("'\(name)' is not an executable program"))
    }
    let script = String(decoding: PackageResources.bridge_py, as: UTF8.self)
    do {
      return try ChildProcess(
        python, arguments: ["-u", "-c", script], environment: variables(isTrusted: isTrusted))
    } catch {
      throw GymnasiumError(
        id: id, request: .start,
        reason: .python("'\(python)' cannot be started: \(error.description)"))
    }
  }

  /// The environment variables of the child process.
  ///
  /// They are those of this process, with one thread for matrix products and a fixed seed of Python's
  /// hashes. Unless the code is trusted, those that change what Python imports are removed.
  private static func variables(isTrusted: Bool) -> [String] {
    let trusted = "DEEP_SARSA_TRUSTED"
    let replaced = ["PYTHONHASHSEED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", trusted]
    let kept = ProcessEnvironment.variables.filter { variable in
      let name = String(variable.prefix { $0 != "=" })
      return !replaced.contains(name) && (isTrusted || !name.hasPrefix("PYTHON"))
    }
    return kept + ["PYTHONHASHSEED=0", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"]
      + (isTrusted ? ["\(trusted)=1"] : [])
  }

  /// Starts an episode in each environment; without seeds the random streams continue.
  package func reset(seeds: [UInt64]?, into result: inout VectorStep) throws(GymnasiumError) {
    let payload = try channel.ask(.reset, Kind.reset, expecting: Kind.observed) { frame in
      for seed in seeds ?? [] { frame.append(seed) }
    }
    let numbers = count * specification.observationSize
    let masks = payload.lowerBound + 4 * numbers
    let isMasked = payload.upperBound == masks + count * specification.actionCount
    guard isMasked || payload.upperBound == masks, isMasked == hasActionMasks ?? isMasked else {
      throw wrongLength(.reset)
    }
    hasActionMasks = isMasked
    try take(numbers, at: payload.lowerBound, into: &result.observations, from: 0, .reset)
    if isMasked {
      result.prepareMasks(for: maskedSpecification)
      for i in 0..<count { try takeMask(i, at: masks, into: &result.masks, row: i, .reset) }
    }
  }

  /// Takes an action in each environment, or `noAction`, whose reward is 0.
  ///
  /// - Parameters:
  ///   - actions: an action for each environment.
  ///   - nextSeeds: the seeds with which environments are reset whose episodes end; given if and only if the options
  ///     ask for seeds of episodes.
  ///   - result: what is written.
  /// - Throws: `GymnasiumError`.
  package func step(
    _ actions: [Int], nextSeeds: [UInt64]? = nil, into result: inout VectorStep
  ) throws(GymnasiumError) {
    let payload = try channel.ask(.step, Kind.step, expecting: Kind.stepped) { frame in
      for action in actions { frame.append(UInt32(action)) }
      for seed in nextSeeds ?? [] { frame.append(seed) }
    }
    // Rewards, flags padded to a multiple of four bytes, the observations to act on next, and the last
    // observations of the episodes that ended; with masks, then those of both.
    let size = specification.observationSize
    let flags = payload.lowerBound + 8 * count
    let observations = flags + (2 * count + 3) / 4 * 4
    let last = observations + 4 * count * size
    guard payload.upperBound >= last else { throw wrongLength(.step) }
    let ended = try takeRewardsAndFlags(at: payload.lowerBound, flags, into: &result)
    let masks = last + 4 * ended * size
    let isMasked = hasActionMasks ?? false
    let maskSize = isMasked ? (count + ended) * specification.actionCount : 0
    guard payload.upperBound == masks + maskSize else { throw wrongLength(.step) }
    try take(count * size, at: observations, into: &result.observations, from: 0, .step)
    var next = last
    for i in 0..<count {
      let row = i * size..<(i + 1) * size
      if result.isTerminated[i] || result.isTruncated[i] {
        try take(size, at: next, into: &result.nextObservations, from: row.lowerBound, .step)
        next += 4 * size
      } else {
        for j in row { result.nextObservations[j] = result.observations[j] }
      }
    }
    if isMasked { try takeMasks(at: masks, into: &result) }
  }

  /// Draws the first environment.
  ///
  /// Copies of an environment share a process, so several threads may draw at a time.
  ///
  /// - Parameter isLast: whether the last state of the episode before is drawn instead of the current state.
  /// - Returns: the picture.
  /// - Throws: `GymnasiumError`.
  package func picture(ofLast isLast: Bool) throws(GymnasiumError) -> Picture {
    try drawing.withLock { _ throws(GymnasiumError) in
      let payload = try channel.ask(.draw, Kind.draw, expecting: Kind.drawn) { frame in
        frame.append(isLast ? 1 : 0 as UInt8)
      }
      guard let picture = Picture(Array(channel.reply[payload])) else {
        throw channel.failure(.draw, .garbled("a picture that is not a PNG"))
      }
      return picture
    }
  }

  /// The specification of environments with masks.
  private var maskedSpecification: EnvironmentSpecification {
    var result = specification
    result.hasActionMasks = true
    return result
  }

  /// Copies the masks to act by next, and those of the episodes that ended.
  private func takeMasks(at place: Int, into result: inout VectorStep) throws(GymnasiumError) {
    if result.masks.isEmpty { result.prepareMasks(for: maskedSpecification) }
    var ended = count
    for i in 0..<count {
      try takeMask(i, at: place, into: &result.masks, row: i, .step)
      if result.isTerminated[i] || result.isTruncated[i] {
        try takeMask(ended, at: place, into: &result.nextMasks, row: i, .step)
        ended += 1
      } else {
        try takeMask(i, at: place, into: &result.nextMasks, row: i, .step)
      }
    }
  }

  /// Copies a mask of the reply into a row, and checks that it allows an action.
  private func takeMask(
    _ index: Int, at place: Int, into rows: inout [Bool], row: Int,
    _ request: GymnasiumError.Request
  ) throws(GymnasiumError) {
    let (bytes, actions) = (channel.reply, specification.actionCount)
    var hasLegalAction = false
    for action in 0..<actions {
      let byte = bytes[place + index * actions + action]
      guard byte <= 1 else {
        throw channel.failure(request, .garbled("an action mask that is not of zeros and ones"))
      }
      rows[row * actions + action] = byte == 1
      if byte == 1 { hasLegalAction = true }
    }
    guard hasLegalAction else {
      throw channel.failure(
        request, .badNumber("the number of legal actions is 0; allowed: 1 or more"),
        environment: row)
    }
  }

  /// - Returns: the number of episodes that ended.
  private func takeRewardsAndFlags(
    at rewards: Int, _ flags: Int, into result: inout VectorStep
  ) throws(GymnasiumError) -> Int {
    let bytes = channel.reply
    var ended = 0
    for i in 0..<count {
      let reward = Double(
        bitPattern: bytes.span.littleEndian(at: rewards + 8 * i, as: UInt64.self))
      guard reward.isFinite else {
        throw channel.failure(
          .step, .badNumber("the reward is \(reward.plainText)"), environment: i)
      }
      let (terminated, truncated) = (bytes[flags + i], bytes[flags + count + i])
      guard terminated <= 1, truncated <= 1 else {
        throw channel.failure(.step, .garbled("flags that are neither true nor false"))
      }
      result.rewards[i] = reward
      result.isTerminated[i] = terminated == 1
      result.isTruncated[i] = truncated == 1
      if terminated + truncated > 0 { ended += 1 }
    }
    return ended
  }

  /// Copies numbers of the reply, row by row, and checks that each is finite and within its bounds.
  private func take(
    _ numbers: Int, at place: Int, into rows: inout [Float], from start: Int,
    _ request: GymnasiumError.Request
  ) throws(GymnasiumError) {
    let bytes = channel.reply
    for j in 0..<numbers {
      let number = Float(
        bitPattern: bytes.span.littleEndian(at: place + 4 * j, as: UInt32.self))
      rows[start + j] = number
      guard number.isFinite else { throw badNumber(number, at: start + j, request) }
    }
    switch specification.observationSpace {
    case .box(let low, let high, _) where options.checksBounds:
      var j = 0
      for i in start..<start + numbers {
        guard low[j] <= rows[i], rows[i] <= high[j] else {
          throw badNumber(
            rows[i], at: i, request, bounds: "; its space has it from \(low[j]) to \(high[j])")
        }
        j = j + 1 == low.count ? 0 : j + 1
      }
    case .binary:
      for i in start..<start + numbers where rows[i] != 0 && rows[i] != 1 {
        throw badNumber(rows[i], at: i, request, bounds: "; its space has 0 or 1")
      }
    default: break
    }
  }

  private func badNumber(
    _ number: Float, at place: Int, _ request: GymnasiumError.Request, bounds: String = ""
  ) -> GymnasiumError {
    let (row, column) = place.quotientAndRemainder(dividingBy: specification.observationSize)
    return channel.failure(
      request, .badNumber("number \(column) of the observation is \(number.plainText)\(bounds)"),
      environment: row)
  }

  private func wrongLength(_ request: GymnasiumError.Request) -> GymnasiumError {
    channel.failure(request, .garbled("a reply of the wrong length"))
  }
}
