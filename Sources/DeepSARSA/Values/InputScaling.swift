/// The scaling of observations before they enter a network: x̂ = (x − offset)·scale, column by column.
///
/// It is part of the agent and of its model file, not of the environment: whatever uses the network later gives
/// it the same inputs. An agent stores observations as they are, and scales them in its arena.
///
/// Source of the running form: Welford's statistics, as in M. Elsayed, G. Vasan, A. R. Mahmood 2024,
/// https://doi.org/10.48550/arXiv.2410.14606, algorithm 5.
struct InputScaling: Sendable {
  /// Where the offsets and scales come from.
  enum Source: Sendable {
    /// Observations are not scaled.
    case none
    /// Fixed numbers.
    case fixed
    /// The observations seen so far.
    case running(RunningStatistics)
  }

  var source = Source.none
  /// What the settings ask for.
  private(set) var kind = InputHyperparameters.Scaling.none
  /// One number for each column of an observation.
  let offset: Region
  let scale: Region

  /// Reserves the offsets and scales; observations are not scaled until `start` or `load`.
  init(columns: Int, in layout: inout ArenaLayout) throws(ArenaError) {
    offset = try layout.reserve(count: columns)
    scale = try layout.reserve(count: columns)
  }

  /// Begins to scale as the settings say.
  mutating func start(
    _ settings: InputHyperparameters, for space: ObservationSpace, in arena: inout Arena<Float>
  ) {
    kind = settings.scaling
    switch kind {
    case .none: source = .none
    case .running:
      source = .running(RunningStatistics(columns: space.size))
      follow(in: &arena)
    case .bounds:
      let bounds = settings.bounds(for: space)
      source = bounds.contains { $0 != nil } ? .fixed : .none
      write(
        offsets: bounds.map { $0.map { Float(($0.lowerBound + $0.upperBound) / 2) } ?? 0 },
        scales: bounds.map { $0.map { Float(2 / ($0.upperBound - $0.lowerBound)) } ?? 1 },
        in: &arena)
    }
  }

  /// Updates a running scaling by observations that are seen for the first time.
  ///
  /// - Parameters:
  ///   - observations: rows of one number for each column.
  ///   - arena: the arena of offsets and scales.
  /// - Complexity: O(numbers), no allocation.
  mutating func observe(_ observations: [Float], in arena: inout Arena<Float>) {
    guard case .running(var statistics) = source else { return }
    source = .none  // So that the statistics have one owner, and are not copied.
    let columns = offset.count
    for row in 0..<observations.count / columns {
      statistics.add { Double(observations[row * columns + $0]) }
    }
    source = .running(statistics)
    follow(in: &arena)
  }

  /// Scales rows in place.
  ///
  /// - Complexity: O(numbers), no allocation.
  @inline(__always)
  func apply(to rows: Region, in arena: inout Arena<Float>) {
    if case .none = source { return }
    arena.scaleColumns(of: rows, offset: offset, scale: scale)
  }

  /// Writes the offsets and scales of a running scaling.
  private func follow(in arena: inout Arena<Float>) {
    guard case .running(let statistics) = source else { return }
    arena.withMutableSpan(of: offset) { offset in
      for i in offset.indices { offset[i] = Float(statistics.means[i]) }
    }
    arena.withMutableSpan(of: scale) { scale in
      for i in scale.indices { scale[i] = Float(statistics.scale(of: i)) }
    }
  }

  func write(offsets: [Float], scales: [Float], in arena: inout Arena<Float>) {
    arena.write(offsets, to: offset)
    arena.write(scales, to: scale)
  }
}

extension InputHyperparameters {
  /// The bounds of every column; `nil` for one that is not scaled.
  func bounds(for space: ObservationSpace) -> [ClosedRange<Double>?] {
    let (lows, highs): ([Double], [Double])
    if let low, let high {
      (lows, highs) = (low, high)
    } else if case .categories = space {
      return Array(repeating: nil, count: space.size)
    } else {
      let (low, high) = space.bounds
      (lows, highs) = (low.map(Double.init), high.map(Double.init))
    }
    return zip(lows, highs).map { low, high in
      // Some environments declare the largest number of a type, or infinity, where there is no bound.
      Self.bounds.contains(low) && Self.bounds.contains(high) && high - low >= Self.leastWidth
        ? low...high : nil
    }
  }
}

// MARK: - The state

extension InputScaling {
  /// Writes the offsets and scales, or the statistics that give them, or replaces them.
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String, arena: inout Arena<Float>
  ) throws(ArchiveError) {
    switch source {
    case .none: break
    case .fixed:
      try archive.finiteNumbers(name + ".offset", of: offset, in: &arena)
      try archive.finiteNumbers(name + ".scale", of: scale, in: &arena)
    case .running(var statistics):
      try statistics.archive(in: &archive, as: name)
      source = .running(statistics)
      follow(in: &arena)
    }
  }
}
