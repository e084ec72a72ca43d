internal import SARSAPreconditions

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

  private(set) var source = Source.none
  /// What the settings ask for.
  private var kind = InputHyperparameters.Scaling.none
  /// One number for each column of an observation.
  private let offset: Region
  private let scale: Region

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

  private func write(offsets: [Float], scales: [Float], in arena: inout Arena<Float>) {
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
    } else if case .box(let low, let high, _) = space {
      (lows, highs) = (low.map(Double.init), high.map(Double.init))
    } else {
      return Array(repeating: nil, count: space.size)
    }
    return zip(lows, highs).map { low, high in
      // Some environments declare the largest number of a type, or infinity, where there is no bound.
      low < high && -low <= Self.largestBound && high <= Self.largestBound ? low...high : nil
    }
  }
}

// MARK: - Model files

extension InputScaling {
  /// The names of the offsets and the scales in a model file, and of the number of rows in its metadata.
  static let names = (
    offset: "input_scaling.offset", scale: "input_scaling.scale", count: "input_scaling.count"
  )

  /// Adds the offsets and scales to the file of a network.
  func add(to model: inout Safetensors, in arena: borrowing Arena<Float>) {
    if case .none = source { return }
    if case .running(let statistics) = source {
      model.metadata[Self.names.count] = String(statistics.count)
    }
    for (name, region) in [(Self.names.offset, offset), (Self.names.scale, scale)] {
      model.tensors.append(
        Safetensors.Tensor(name: name, shape: [region.count], values: arena.values(of: region)))
    }
  }

  /// The scaling of a model file, which `use` takes.
  struct Stored {
    let offsets: [Float]
    let scales: [Float]
    /// The number of rows of a running scaling.
    let count: Int?
  }

  /// Reads the scaling of a model file; `nil` if its network takes observations as they are.
  ///
  /// - Throws: `ModelError` if it is not one for this number of columns.
  func stored(in file: Safetensors) throws(ModelError) -> Stored? {
    guard file[Self.names.offset] != nil || file[Self.names.scale] != nil else { return nil }
    let columns = offset.count
    func values(_ name: String) throws(ModelError) -> [Float] {
      guard let tensor = file[name] else { throw .lacking(name, in: file) }
      guard tensor.shape == [columns] else {
        throw .wrongShape(name, found: tensor.shape, expected: [columns])
      }
      guard tensor.isWhole else { throw .incomplete(name, tensor.shape, tensor.values.count) }
      guard tensor.values.allSatisfy(\.isFinite) else { throw .notFinite(name) }
      return tensor.values
    }
    let (offsets, scales) = (try values(Self.names.offset), try values(Self.names.scale))
    guard scales.allSatisfy({ $0 > 0 }) else { throw .notPositive(Self.names.scale) }
    var count: Int?
    if let text = file.metadata[Self.names.count] {
      guard let number = Int(text), (0...Hyperparameters.Limit.steps).contains(number) else {
        throw .notACount(Self.names.count, text)
      }
      count = number
    }
    return Stored(offsets: offsets, scales: scales, count: count)
  }

  /// Checks that a file's scaling is of the kind that the settings ask for.
  ///
  /// Where there are no bounds, none is as good as `bounds`.
  ///
  /// - Throws: `ModelError.otherInputScaling` if it is not.
  func requireKind(of stored: Stored?) throws(ModelError) {
    let found = stored.kind
    if case (.none, .none) = (found, source) { return }
    if found != kind {
      throw .otherInputScaling(found: found.rawValue, expected: kind.rawValue)
    }
  }

  /// The kind of scaling that observations have now.
  var currentKind: InputHyperparameters.Scaling {
    switch source {
    case .none: .none
    case .fixed: .bounds
    case .running: .running
    }
  }

  /// Replaces the scaling by that of a file.
  mutating func use(_ stored: Stored?, in arena: inout Arena<Float>) {
    guard let stored else {
      source = .none
      return
    }
    write(offsets: stored.offsets, scales: stored.scales, in: &arena)
    source =
      stored.count.map {
        .running(RunningStatistics(count: $0, means: stored.offsets, scales: stored.scales))
      } ?? .fixed
  }

  /// Copies the offsets and scales into a policy's scaling, where they no longer change.
  func copy(
    from arena: borrowing Arena<Float>, into other: inout InputScaling,
    in otherArena: inout Arena<Float>
  ) {
    if case .none = source {
      other.source = .none
      return
    }
    other.source = .fixed
    for (source, destination) in [(offset, other.offset), (scale, other.scale)] {
      arena.withSpan(of: source) { source in
        otherArena.withMutableSpan(of: destination) { destination in
          for i in source.indices { destination[i] = source[i] }
        }
      }
    }
  }
}

extension InputScaling.Stored? {
  /// The kind of scaling in a file.
  fileprivate var kind: InputHyperparameters.Scaling {
    switch self {
    case .none: .none
    case .some(let stored): stored.count == nil ? .bounds : .running
    }
  }
}

extension Safetensors {
  /// The tensors of the network alone.
  var network: Safetensors {
    Safetensors(
      tensors: tensors.filter {
        ![InputScaling.names.offset, InputScaling.names.scale].contains($0.name)
      },
      metadata: metadata)
  }
}

extension RunningStatistics {
  /// The statistics of a model file: as many rows, with its means and scales.
  init(count: Int, means: [Float], scales: [Float]) {
    self.init(
      count: count, means: means.map(Double.init),
      squares: scales.map { scale in
        max(0, 1 / (Double(scale) * Double(scale)) - 1e-8) * Double(max(count - 1, 0))
      })
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
