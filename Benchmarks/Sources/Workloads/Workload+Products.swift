internal import DeepSARSA

extension Workload {
  /// Matrix products c[m, n] = op(a)[m, k]·op(b)[k, n] in every layout.
  ///
  /// The shapes are the notebook's (2-128-64-3, a minibatch of 32, s and s′ together 64), and one that
  /// is beyond a first-level cache.
  public static var products: [Workload] {
    let shapes = [
      (1, 128, 2), (1, 64, 128), (1, 3, 64),
      (64, 128, 2), (64, 64, 128), (64, 3, 64),
      (32, 64, 128), (32, 128, 64), (32, 64, 3),
      (64, 3, 32), (128, 64, 32), (2, 128, 32), (3, 64, 64),
      (128, 256, 256),
    ]
    let layouts: [(String, Transpositions)] = [
      ("NN", []), ("TN", .first), ("NT", .second), ("TT", [.first, .second]),
    ]
    return shapes.flatMap { m, n, k in
      layouts.map { name, transpositions in
        Workload("product \(name) \(m)×\(n)×\(k)", repetitions: m * n * k < 1 << 20 ? 1_000 : 1) {
          try product(m, n, k, transpositions)
        }
      }
    }
  }

  private static func product(
    _ m: Int, _ n: Int, _ k: Int, _ transpositions: Transpositions
  ) throws -> Body {
    var layout = ArenaLayout()
    let a =
      transpositions.contains(.first)
      ? try layout.reserve(rows: k, columns: m) : try layout.reserve(rows: m, columns: k)
    let b =
      transpositions.contains(.second)
      ? try layout.reserve(rows: n, columns: k) : try layout.reserve(rows: k, columns: n)
    let c = try layout.reserve(rows: m, columns: n)
    var arena = try Arena<Float>(layout)
    arena.fillWithDraws(a, b)
    return repeating(arena) { arena in arena.product(a, b, into: c, transposing: transpositions) }
  }
}

extension Arena<Float> {
  /// Fills regions with numbers from −1 to 1, the same each time.
  mutating func fillWithDraws(_ regions: Region...) {
    var generator = PCG64(seed: 1)
    for region in regions {
      withMutableSpan(of: region) { scalars in
        for i in scalars.indices { scalars[i] = Float(generator.uniform(-1, 1)) }
      }
    }
  }
}
