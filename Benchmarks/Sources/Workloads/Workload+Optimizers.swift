internal import DeepSARSA

extension Workload {
  /// A step of every method, over the parameters of both networks.
  public static var optimizers: [Workload] {
    updates(of: notebookNetwork.parameterCount) + updates(of: wideNetwork.parameterCount)
  }

  /// A step of every method over so many parameters, on the tier that arenas take unless one is named.
  static func updates(of count: Int, on tier: KernelTier? = nil) -> [Workload] {
    let methods: [(String, Optimizer.Method)] = [
      ("SGD", .sgd()),
      ("SGD with momentum", .sgd(momentum: 0.9)),
      ("RMSProp", .rmsProp()),
      ("centred RMSProp with momentum", .rmsProp(momentum: 0.9, isCentered: true)),
      ("Adam", .adam()),
      ("RAdam", .rAdam()),
      ("AdamW", .adamW()),
    ]
    return methods.map { name, method in
      Workload("\(name) over \(count) parameters" + (tier.map { ", \($0.name)" } ?? "")) {
        try update(method, count: count, on: tier ?? .preferred)
      }
    }
  }

  /// The gradient stays the same, and the learning rate is low: parameters must not reach infinity.
  private static func update(
    _ method: Optimizer.Method, count: Int, on tier: KernelTier
  ) throws -> Body {
    var layout = ArenaLayout()
    let parameters = try layout.reserve(count: count)
    let gradient = try layout.reserve(count: count)
    let optimizer = try Optimizer(method, parameterCount: count, in: &layout)
    var arena = try Arena<Float>(layout, kernels: tier)
    arena.fillWithDraws(parameters, gradient)
    return repeating(Descent(optimizer: optimizer, arena: arena)) { descent in
      _ = descent.optimizer.update(
        parameters, gradient: gradient, learningRate: 1e-6, in: &descent.arena)
    }
  }
}

private struct Descent: ~Copyable {
  var optimizer: Optimizer
  var arena: Arena<Float>
}
