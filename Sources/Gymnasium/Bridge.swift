internal import SARSAEnvironments
internal import SARSAFiles

/// A Python process with some environments of one kind: a request, a reply, in turn.
///
/// `bridge.py` is the other end, and says what a message holds. It is used by whoever holds the only
/// reference, and by nobody at the same time: hence `@unchecked`.
final class Bridge: @unchecked Sendable {
  let specification: EnvironmentSpecification
  /// Python's, Gymnasium's and NumPy's.
  let versions: String

  private let options: GymnasiumOptions
  private let count: Int
  private let conversation: Conversation

  /// The protocol that this end speaks.
  private static let version: UInt32 = 1
  /// An action takes two bytes of a history, and one of their values means none.
  private static let actionLimit = Int(UInt16.max)

  /// The byte that names a message.
  private enum Kind {
    static let make = UInt8(ascii: "M")
    static let reset = UInt8(ascii: "R")
    static let step = UInt8(ascii: "S")
    static let made = UInt8(ascii: "H")
    static let observed = UInt8(ascii: "O")
    static let stepped = UInt8(ascii: "T")
  }

  /// Starts a process that makes the environments.
  init(
    _ id: String, arguments: [String: ArgumentValue], count: Int, options: GymnasiumOptions
  ) throws(GymnasiumError) {
    let conversation = Conversation(
      about: id, with: try Self.start(id, options, isTrusted: options.trustsCode))
    let order = ArgumentValue.object([
      "id": .text(id), "arguments": .object(arguments), "count": .integer(count),
      "trusted": .boolean(options.trustsCode),
    ])
    let payload = try conversation.ask(
      .start, Kind.make, expecting: Kind.made, within: options.startTimeout
    ) { $0.append(order.description) }
    guard let greeting = try? Greeting(conversation.reply[payload]) else {
      throw conversation.failure(.start, .garbled("a greeting that makes no sense"))
    }
    guard greeting.protocolVersion == Self.version else {
      throw conversation.failure(
        .start,
        .garbled(
          "a greeting in version \(greeting.protocolVersion) of the protocol, not \(Self.version)"))
    }
    guard (1...Self.actionLimit).contains(greeting.actionCount) else {
      throw conversation.failure(
        .start, .badNumber("it has \(greeting.actionCount) actions, not 1 to \(Self.actionLimit)"))
    }
    let size = greeting.observationSpace.size
    guard size > 0, size <= Frame.limit / 16 / count else {
      throw conversation.failure(
        .start,
        .badNumber("\(count) observations of \(size) numbers each are no message of 64 MiB"))
    }
    self.options = options
    self.count = count
    self.conversation = conversation
    specification = EnvironmentSpecification(
      id: GymnasiumEnvironment.prefix + id, observationSpace: greeting.observationSpace,
      actionCount: greeting.actionCount, maximumEpisodeSteps: greeting.maximumEpisodeSteps,
      rewardThreshold: greeting.rewardThreshold)
    versions = greeting.versions
  }

  private static func start(
    _ id: String, _ options: GymnasiumOptions, isTrusted: Bool
  ) throws(GymnasiumError) -> ChildProcess {
    let named = [options.python, Surroundings.variable(GymnasiumOptions.pythonVariable)]
    let name = named.compactMap { $0 }.first { !$0.isEmpty } ?? "python3"
    guard let python = Surroundings.path(of: name) else {
      throw GymnasiumError(
        id: id, request: .start, reason: .python("there is no program '\(name)' to run it with"))
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

  /// What the process is started with: one thread for its products, the same hashes every time, and
  /// nothing that makes Python import what the user did not ask for.
  private static func variables(isTrusted: Bool) -> [String] {
    let trusted = "DEEP_SARSA_TRUSTED"
    let replaced = ["PYTHONHASHSEED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", trusted]
    let kept = Surroundings.variables.filter { variable in
      let name = String(variable.prefix { $0 != "=" })
      return !replaced.contains(name) && (isTrusted || !name.hasPrefix("PYTHON"))
    }
    return kept + ["PYTHONHASHSEED=0", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"]
      + (isTrusted ? ["\(trusted)=1"] : [])
  }

  /// Begins an episode in each; without seeds their random streams go on.
  func reset(seeds: [UInt64]?, into result: inout VectorStep) throws(GymnasiumError) {
    let payload = try conversation.ask(
      .reset, Kind.reset, expecting: Kind.observed, within: options.resetTimeout
    ) { frame in
      for seed in seeds ?? [] { frame.append(seed) }
    }
    let numbers = count * specification.observationSize
    guard payload.count == 4 * numbers else { throw wrongLength(.reset) }
    try take(numbers, at: payload.lowerBound, into: &result.observations, from: 0, .reset)
  }

  /// Takes an action in each.
  func step(_ actions: [Int], into result: inout VectorStep) throws(GymnasiumError) {
    let payload = try conversation.ask(
      .step, Kind.step, expecting: Kind.stepped, within: options.stepTimeout
    ) { frame in
      for action in actions { frame.append(UInt32(action)) }
    }
    // Rewards, flags up to a multiple of four bytes, what to act upon, last ones where episodes ended.
    let size = specification.observationSize
    let flags = payload.lowerBound + 8 * count
    let observations = flags + (2 * count + 3) / 4 * 4
    let last = observations + 4 * count * size
    guard payload.upperBound >= last else { throw wrongLength(.step) }
    let ended = try takeRewardsAndFlags(at: payload.lowerBound, flags, into: &result)
    guard payload.upperBound == last + 4 * ended * size else { throw wrongLength(.step) }
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
  }

  /// - Returns: how many episodes ended.
  private func takeRewardsAndFlags(
    at rewards: Int, _ flags: Int, into result: inout VectorStep
  ) throws(GymnasiumError) -> Int {
    let bytes = conversation.reply
    var ended = 0
    for i in 0..<count {
      let reward = Double(
        bitPattern: bytes.littleEndian(at: rewards + 8 * i, as: UInt64.self))
      guard reward.isFinite else {
        throw conversation.failure(
          .step, .badNumber("the reward of environment \(i) is \(reward)"))
      }
      let (terminated, truncated) = (bytes[flags + i], bytes[flags + count + i])
      guard terminated <= 1, truncated <= 1 else {
        throw conversation.failure(.step, .garbled("flags that are neither true nor false"))
      }
      result.rewards[i] = reward
      result.isTerminated[i] = terminated == 1
      result.isTruncated[i] = truncated == 1
      if terminated + truncated > 0 { ended += 1 }
    }
    return ended
  }

  /// Copies so many numbers of the reply, row by row, and holds each against the bounds.
  private func take(
    _ numbers: Int, at place: Int, into rows: inout [Float], from start: Int,
    _ request: GymnasiumError.Request
  ) throws(GymnasiumError) {
    let bytes = conversation.reply
    for j in 0..<numbers {
      let number = Float(
        bitPattern: bytes.littleEndian(at: place + 4 * j, as: UInt32.self))
      rows[start + j] = number
      guard number.isFinite else { throw badNumber(number, at: start + j, request) }
    }
    guard options.checksBounds, case .box(let low, let high, _) = specification.observationSpace
    else { return }
    var j = 0
    for i in start..<start + numbers {
      guard low[j] <= rows[i], rows[i] <= high[j] else {
        throw badNumber(
          rows[i], at: i, request, bounds: "; its space has it from \(low[j]) to \(high[j])")
      }
      j = j + 1 == low.count ? 0 : j + 1
    }
  }

  private func badNumber(
    _ number: Float, at place: Int, _ request: GymnasiumError.Request, bounds: String = ""
  ) -> GymnasiumError {
    let (row, column) = place.quotientAndRemainder(dividingBy: specification.observationSize)
    return conversation.failure(
      request,
      .badNumber("number \(column) of the observation of environment \(row) is \(number)\(bounds)"))
  }

  private func wrongLength(_ request: GymnasiumError.Request) -> GymnasiumError {
    conversation.failure(request, .garbled("a reply of another length than its numbers have"))
  }
}
