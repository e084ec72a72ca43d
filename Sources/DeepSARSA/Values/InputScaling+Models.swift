// How the scaling of inputs is stored in a model file, beside the network.

extension InputScaling {
  /// The names of the offsets and the scales in a model file, and of the number of rows in its metadata.
  static let names = (
    offset: "input_scaling.offset", scale: "input_scaling.scale", count: "input_scaling.count"
  )

  /// The file of a network, with the scalings of its inputs and of the rewards it was trained on.
  func model(
    of network: Network, _ parameters: Region, rewards: RewardScaling,
    in arena: borrowing Arena<Float>
  ) -> Safetensors {
    var model = network.model(of: parameters, in: arena)
    add(to: &model, in: arena)
    rewards.add(to: &model)
    return model
  }

  /// Replaces a network's parameters, and the scaling of its inputs, by those of a file.
  ///
  /// - Throws: `ModelError` if the file's network is another one, or its inputs are scaled otherwise; then
  ///   nothing has changed.
  mutating func load(
    _ model: Safetensors, of network: Network, into parameters: Region, in arena: inout Arena<Float>
  ) throws(ModelError) {
    let stored = try stored(in: model)
    try requireKind(of: stored)
    try network.load(model.network, into: parameters, in: &arena)
    use(stored, in: &arena)
  }

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
  /// If the environment declares no bounds, the setting `bounds` scales nothing, so that a file without scaling fits.
  ///
  /// - Throws: `ModelError.otherInputScaling` if it is not.
  private func requireKind(of stored: Stored?) throws(ModelError) {
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
