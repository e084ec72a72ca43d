internal import SARSAPreconditions

// A norm of a matrix without entries is 0; one of a matrix with a NaN is NaN.

extension Matrix {
  /// √Σ aᵢⱼ², without intermediate overflow.
  ///
  /// - Precondition: at most 2³¹ − 1 scalars.
  /// - Complexity: O(rows·columns), no allocation.
  public var frobeniusNorm: Element {
    require(
      scalars.count <= Int(Int32.max), "\(scalars.count) scalars are more than BLAS can count")
    BLAS.useOneThreadByDefault()
    return unsafe Element._nrm2(Int32(scalars.count), scalars)
  }

  /// The 1-norm: the largest sum of magnitudes in a column.
  ///
  /// - Complexity: O(rows·columns), one allocation.
  public var oneNorm: Element {
    @specialized(where Element == Float)
    @specialized(where Element == Double)
    get {
      var sums = [Element](repeating: 0, count: columns)
      for i in 0..<rows {
        for j in 0..<columns { sums[j] += scalars[i &* columns &+ j].magnitude }
      }
      return sums.reduce(0, largest)
    }
  }

  /// The ∞-norm: the largest sum of magnitudes in a row.
  ///
  /// - Complexity: O(rows·columns), no allocation.
  public var infinityNorm: Element {
    @specialized(where Element == Float)
    @specialized(where Element == Double)
    get {
      var result: Element = 0
      for i in 0..<rows {
        var sum: Element = 0
        for j in 0..<columns { sum += scalars[i &* columns &+ j].magnitude }
        result = largest(result, sum)
      }
      return result
    }
  }

  /// The largest magnitude of an entry.
  ///
  /// This norm is not submultiplicative: that of a product may exceed the product of the norms.
  ///
  /// - Complexity: O(rows·columns), no allocation.
  public var maximumNorm: Element {
    @specialized(where Element == Float)
    @specialized(where Element == Double)
    get {
      scalars.reduce(0) { largest($0, $1.magnitude) }
    }
  }
}

/// The larger of two numbers, or NaN if one of them is NaN; the standard library's `max` may drop a NaN.
private func largest<Element: Scalar>(_ a: Element, _ b: Element) -> Element {
  b > a || b.isNaN ? b : a
}
