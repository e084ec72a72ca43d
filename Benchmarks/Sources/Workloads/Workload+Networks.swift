internal import DeepSARSA

extension Workload {
  /// Passes through the notebook's network (2-128-64-3), a wider one (4-256-256-2), and one with a convolution.
  public static var passes: [Workload] {
    [
      Workload("act, 2-128-64-3") { try forward(notebookNetwork, rows: 1) },
      Workload("forward, 2-128-64-3, batch 32") { try forward(notebookNetwork, rows: 32) },
      Workload("backward, 2-128-64-3, batch 32") { try backward(notebookNetwork, rows: 32) },
      Workload("act, 4-256-256-2") { try forward(wideNetwork, rows: 1) },
      Workload("forward, 4-256-256-2, batch 128", repetitions: 1) {
        try forward(wideNetwork, rows: 128)
      },
      Workload("backward, 4-256-256-2, batch 128", repetitions: 1) {
        try backward(wideNetwork, rows: 128)
      },
      Workload("forward, convolution of 16 filters, batch 32", repetitions: 1) {
        try forward(convolutionalNetwork, rows: 32)
      },
      Workload("backward, convolution of 16 filters, batch 32", repetitions: 1) {
        try backward(convolutionalNetwork, rows: 32)
      },
    ]
  }

  static let notebookNetwork = Network(
    NetworkDescription(inputs: 2, hidden: [128, 64], outputs: 3))
  static let wideNetwork = Network(
    NetworkDescription(inputs: 4, hidden: [256, 256], outputs: 2))

  /// 16 filters of 3 by 3 cells over a board of MinAtar, 128 hidden units, 6 actions.
  static let convolutionalNetwork = Network(
    NetworkDescription(
      input: .board(height: 10, width: 10, channels: 4),
      layers: [
        .convolution(filters: 16, size: 3, activation: .relu),
        .dense(units: 128, activation: .relu), .dense(units: 6),
      ]))

  private static func forward(_ network: Network, rows: Int) throws -> Body {
    var layout = ArenaLayout()
    let parameters = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: network.description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    network.initialize(parameters, in: &arena, using: &generator)
    arena.fillWithDraws(inputs)
    return repeating(arena) { arena in
      network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    }
  }

  /// The gradient by the last outputs stays as it is: they have no activation.
  private static func backward(_ network: Network, rows: Int) throws -> Body {
    var layout = ArenaLayout()
    let parameters = try layout.reserve(count: network.parameterCount)
    let gradient = try layout.reserve(count: network.parameterCount)
    let inputs = try layout.reserve(rows: rows, columns: network.description.inputs)
    let outputs = try network.reserveOutputs(rows: rows, in: &layout)
    let deltas = try network.reserveDeltas(rows: rows, in: &layout)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    network.initialize(parameters, in: &arena, using: &generator)
    arena.fillWithDraws(inputs, deltas.last)
    network.forward(inputs, parameters: parameters, into: outputs, in: &arena)
    return repeating(arena) { arena in
      network.backward(
        inputs, parameters: parameters, outputs: outputs, deltas: deltas, gradient: gradient,
        in: &arena)
    }
  }
}
