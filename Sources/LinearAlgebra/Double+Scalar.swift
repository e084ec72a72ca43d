internal import CSARSAOpenBLAS
internal import CSARSAVectorKernels

extension Double: Scalar {
  public static func _product(
    _ transpositions: Transpositions, m: Int32, n: Int32, k: Int32, alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int32, _ b: UnsafePointer<Self>, _ ldb: Int32, beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int32
  ) {
    unsafe cblas_dgemm(
      CblasRowMajor, transpositions.contains(.first) ? CblasTrans : CblasNoTrans,
      transpositions.contains(.second) ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb,
      beta, c, ldc)
  }

  public static func _product(
    transposed: Bool, rows: Int32, columns: Int32, alpha: Self, _ a: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, beta: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    unsafe cblas_dgemv(
      CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, rows, columns, alpha, a, columns, x, 1,
      beta, y, 1)
  }

  public static func _combine(
    _ count: Int32, alpha: Self, _ x: UnsafePointer<Self>, beta: Self,
    _ y: UnsafeMutablePointer<Self>
  ) {
    unsafe cblas_daxpby(count, alpha, x, 1, beta, y, 1)
  }

  public static func _dot(
    _ count: Int32, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>
  ) -> Self {
    unsafe cblas_ddot(count, x, 1, y, 1)
  }

  public static func _norm(_ count: Int32, _ x: UnsafePointer<Self>) -> Self {
    unsafe cblas_dnrm2(count, x, 1)
  }

  public static func _addBias(
    _ tier: KernelTier, rows: Int, columns: Int, rectifying: Bool, _ bias: UnsafePointer<Self>,
    _ matrix: UnsafeMutablePointer<Self>
  ) {
    if rectifying {
      unsafe sarsa_add_bias_relu_f64(tier.rawValue, rows, columns, bias, matrix)
    } else {
      unsafe sarsa_add_bias_f64(tier.rawValue, rows, columns, bias, matrix)
    }
  }

  public static func _columnSums(
    _ tier: KernelTier, rows: Int, columns: Int, _ matrix: UnsafePointer<Self>,
    _ sums: UnsafeMutablePointer<Self>
  ) {
    unsafe sarsa_column_sums_f64(tier.rawValue, rows, columns, matrix, sums)
  }

  public static func _rectifierGradient(
    _ tier: KernelTier, rows: Int, columns: Int, activation: UnsafePointer<Self>,
    _ delta: UnsafeMutablePointer<Self>, _ sums: UnsafeMutablePointer<Self>
  ) {
    unsafe sarsa_relu_backward_f64(tier.rawValue, rows, columns, activation, delta, sums)
  }

  public static func _adamW(
    _ tier: KernelTier, _ count: Int, _ step: AdamWStep, gradient: UnsafePointer<Self>,
    parameter: UnsafeMutablePointer<Self>, first: UnsafeMutablePointer<Self>,
    second: UnsafeMutablePointer<Self>
  ) -> Bool {
    var scalars = sarsa_adamw_f64(
      decay: Self(step.decay), first_weight: Self(step.firstWeight), beta2: Self(step.beta2),
      second_weight: Self(step.secondWeight), step_size: Self(step.stepSize),
      inverse_root: Self(step.inverseRoot), epsilon: Self(step.epsilon))
    return unsafe sarsa_adamw_step_f64(
      tier.rawValue, count, &scalars, gradient, parameter, first, second) != 0
  }
}
