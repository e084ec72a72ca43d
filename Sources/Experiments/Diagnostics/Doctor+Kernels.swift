internal import DeepSARSA

extension Doctor {
  /// Checks that the elementwise kernels of every tier return the bits of the baseline.
  static func kernels() -> Check {
    let names = KernelTier.available.map(\.name).joined(separator: ", ")
    return check("kernels: tiers", passing: "the same bits from \(names)") {
      try firstDifference(Float.self) ?? firstDifference(Double.self)
    }
  }

  /// Widths with every remainder after division by register widths of 4 to 16 numbers.
  private static let widths = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 50]

  private static func firstDifference<Element: Scalar>(
    _ type: Element.Type
  ) throws(ArenaError) -> String? {
    for width in widths {
      let baseline = try results(of: type, width: width, on: .baseline)
      for tier in KernelTier.available where tier != .baseline {
        let found = try results(of: type, width: width, on: tier)
        for ((name, expected), (_, values)) in zip(baseline, found)
        where !zip(expected, values).allSatisfy({ haveSameBits($0, $1) }) {
          return "\(name) of \(width) numbers differs in \(type) on \(tier.name)"
        }
      }
    }
    return nil
  }

  /// The results of every kernel for the same numbers, by name.
  private static func results<Element: Scalar>(
    of type: Element.Type, width: Int, on tier: KernelTier
  ) throws(ArenaError) -> [(name: String, values: [Element])] {
    let rows = 3
    var memory = ArenaLayout()
    let (z, y, delta, inputDelta, statistics, row, sums) = (
      try memory.reserve(rows: rows, columns: width),
      try memory.reserve(rows: rows, columns: width),
      try memory.reserve(rows: rows, columns: width),
      try memory.reserve(rows: rows, columns: width),
      try memory.reserve(rows: rows, columns: 2), try memory.reserve(count: width),
      try memory.reserve(count: width)
    )
    let head = try memory.reserve(rows: rows, columns: width + 1)
    let headDelta = try memory.reserve(rows: rows, columns: width + 1)
    var moments: [Region] = []
    for _ in 0..<3 { moments.append(try memory.reserve(rows: rows, columns: width)) }
    // A row of a patch has as many numbers as its width in channels.
    let patches = Patches(height: 3, width: 2, channels: width, size: 2)
    let board = try memory.reserve(rows: rows, columns: 6 * width)
    let columns = try memory.reserve(rows: rows * patches.count, columns: patches.area)
    var arena = try Arena<Element>(memory, kernels: tier)

    var generator = PCG64(seed: UInt64(width))
    func draw(_ region: Region, _ low: Double = -3, _ high: Double = 3) -> [Element] {
      (0..<region.count).map { _ in Element(generator.uniform(low, high)) }
    }
    // Special values are at the end, where elements do not fill a register.
    let special: [Element] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude]
    let (drawn, tame) = (draw(z), draw(z))
    let input =
      drawn.dropLast(min(special.count, width)) + special.suffix(min(special.count, width))
    let (gradient, bias, heads) = (draw(z), draw(row), draw(head))
    var result: [(name: String, values: [Element])] = []

    for activation in Activation.allCases {
      arena.write(Array(input), to: z)
      arena.write(bias, to: row)
      arena.addBias(row, to: z, activation: activation, into: y)
      arena.write(gradient, to: delta)
      arena.biasGradient(
        of: activation, at: activation.derivativeTakesInput ? z : y, delta: delta, into: sums)
      result.append((activation.rawValue, arena.values(of: y)))
      result.append(
        (
          "the derivative of \(activation.rawValue)",
          arena.values(of: delta) + arena.values(of: sums)
        ))
    }

    arena.write(tame, to: z)
    arena.write(gradient, to: delta)
    arena.normalize(z, gain: row, epsilon: 1e-5, into: y, statistics: statistics)
    arena.normalizationGradient(
      z, statistics: statistics, gain: row, delta: delta, intoGain: sums, intoInput: inputDelta)
    result.append(("layer normalisation", arena.values(of: y)))
    result.append(
      (
        "the gradient of layer normalisation",
        arena.values(of: sums) + arena.values(of: inputDelta)
      ))

    arena.write(heads, to: head)
    arena.dueling(head, into: y)
    arena.duelingGradient(delta: delta, into: headDelta)
    result.append(("the dueling head", arena.values(of: y) + arena.values(of: headDelta)))

    arena.write(draw(board), to: board)
    arena.copy(patches, of: board, into: columns)
    arena.add(patches, from: columns, into: board)
    result.append(("the patches", arena.values(of: columns) + arena.values(of: board)))

    func step(_ name: String, _ take: (inout Arena<Element>) -> Bool) {
      arena.write(tame, to: z)
      for moment in moments { arena.fill(moment, with: 0) }
      for _ in 0..<3 { _ = take(&arena) }
      result.append((name, ([z] + moments).flatMap { arena.values(of: $0) }))
    }
    step("AdamW") {
      $0.adamW(
        AdamWStep(
          decay: 1 - 1e-5, firstWeight: 0.1, beta2: 0.999, secondWeight: 1e-3, stepSize: 3e-3,
          inverseRoot: 10, epsilon: 1e-8), gradient: delta, parameters: z,
        firstMoment: moments[0], secondMoment: moments[1])
    }
    step("SGD") {
      $0.descend(
        gradient: delta, parameters: z, velocity: moments[0], learningRate: 0.1, momentum: 0.9,
        isNesterov: true, weightDecay: 1e-2)
    }
    step("RMSProp") {
      $0.rmsProp(
        gradient: delta, parameters: z, meanSquare: moments[0], mean: moments[1],
        velocity: moments[2], learningRate: 0.1, smoothing: 0.9, epsilon: 1e-8, momentum: 0.5,
        isCentered: true)
    }
    return result
  }

  private static func haveSameBits<Element: Scalar>(_ a: Element, _ b: Element) -> Bool {
    // IEEE 754 does not say which NaN the sum of two NaN is.
    a.isNaN && b.isNaN
      || a.sign == b.sign && a.exponentBitPattern == b.exponentBitPattern
        && a.significandBitPattern == b.significandBitPattern
  }
}
