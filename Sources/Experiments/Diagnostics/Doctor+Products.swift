internal import DeepSARSA

extension Doctor {
  /// Checks matrix products in every layout against a loop, on one thread and on all threads.
  static func products() -> [Check] {
    settleThreads()
    let threads = BLAS.threadCount
    defer { BLAS.threadCount = threads }
    return Set([1, Machine.processorCount]).sorted().map { count in
      BLAS.threadCount = count
      let name = "products: \(count.counting("thread"))"
      return check(name, passing: "every layout, odd shapes, Float and Double") {
        try firstWrongProduct(Float.self) ?? firstWrongProduct(Double.self)
      }
    }
  }

  private static let layouts: [Transpositions] = [[], .first, .second, .both]

  private static func firstWrongProduct<Element: Scalar>(
    _ type: Element.Type
  ) throws(ArenaError) -> String? {
    // The sides include vectors, sizes that are not a multiple of any register width, and an inner side
    // of 0. The last product is large enough to be split among threads.
    var shapes = [1, 3, 17].flatMap { m in
      [1, 5, 19].flatMap { n in [0, 1, 8, 33].map { k in (m, n, k) } }
    }
    shapes.append((96, 40, 65))
    for (m, n, k) in shapes {
      for layout in layouts {
        // With a beta of 0 the destination is overwritten, even if it holds NaN.
        for (alpha, beta) in [(1, 0), (0.5, -2)] as [(Element, Element)] {
          let isRight = try isRightProduct(m, n, k, layout, alpha: alpha, beta: beta)
          if isRight { continue }
          let first = layout.contains(.first) ? "aᵀ" : "a"
          let second = layout.contains(.second) ? "bᵀ" : "b"
          return "\(alpha)·\(first)·\(second) + \(beta)·c is wrong in \(type), "
            + "with \(m)×\(k) and \(k)×\(n)"
        }
      }
    }
    return nil
  }

  private static func isRightProduct<Element: Scalar>(
    _ m: Int, _ n: Int, _ k: Int, _ layout: Transpositions, alpha: Element, beta: Element
  ) throws(ArenaError) -> Bool {
    let (isFirst, isSecond) = (layout.contains(.first), layout.contains(.second))
    var generator = PCG64(seed: UInt64(m * 10_000 + n * 100 + k))
    func draw(_ count: Int) -> [Element] {
      (0..<count).map { _ in Element(generator.uniform(-1, 1)) }
    }
    let (a, b) = (draw(m * k), draw(k * n))
    let c = beta == 0 ? Array(repeating: Element.nan, count: m * n) : draw(m * n)

    var memory = ArenaLayout()
    let first = try memory.reserve(rows: isFirst ? k : m, columns: isFirst ? m : k)
    let second = try memory.reserve(rows: isSecond ? n : k, columns: isSecond ? k : n)
    let result = try memory.reserve(rows: m, columns: n)
    var arena = try Arena<Element>(memory)
    arena.write(a, to: first)
    arena.write(b, to: second)
    arena.write(c, to: result)
    arena.product(first, second, into: result, transposing: layout, alpha: alpha, beta: beta)
    let found = arena.values(of: result)

    for i in 0..<m {
      for j in 0..<n {
        var (sum, size) = (0.0, 0.0)
        for l in 0..<k {
          let x = Double(a[isFirst ? l * m + i : i * k + l])
          let y = Double(b[isSecond ? j * k + l : l * n + j])
          sum += x * y
          size += abs(x * y)
        }
        let before = beta == 0 ? 0 : Double(beta) * Double(c[i * n + j])
        let expected = Double(alpha) * sum + before
        // The standard bound: one rounding per term, in any order of addition.
        let bound =
          Double(k + 3) * Double(Element.ulpOfOne) * (abs(Double(alpha)) * size + abs(before))
        if !(abs(Double(found[i * n + j]) - expected) <= bound) { return false }
      }
    }
    return true
  }
}
