internal import CSARSAOpenBLAS
internal import CSARSAVectorKernels

/// The C functions for `Float`.
extension Float: Scalar {
  // MARK: BLAS

  /// C ← alpha·op(A)·op(B) + beta·C.
  @unsafe public static func _gemm(
    _ transposesA: Bool, _ transposesB: Bool, _ m: Int32, _ n: Int32, _ k: Int32, _ alpha: Float,
    _ a: _Input, _ lda: Int32, _ b: _Input, _ ldb: Int32, _ beta: Float, _ c: _Output, _ ldc: Int32
  ) {
    unsafe cblas_sgemm(
      CblasRowMajor, operation(transposesA), operation(transposesB), m, n, k, alpha, a, lda, b, ldb,
      beta, c, ldc)
  }

  /// y ← alpha·op(A)·x + beta·y.
  @unsafe public static func _gemv(
    _ transposes: Bool, _ rows: Int32, _ columns: Int32, _ alpha: Float, _ a: _Input, _ lda: Int32,
    _ x: _Input, _ beta: Float, _ y: _Output
  ) {
    unsafe cblas_sgemv(
      CblasRowMajor, operation(transposes), rows, columns, alpha, a, lda, x, 1, beta, y, 1)
  }

  /// B ← Aᵀ.
  @unsafe public static func _transpose(
    _ rows: Int32, _ columns: Int32, _ a: _Input, _ lda: Int32, _ b: _Output, _ ldb: Int32
  ) {
    unsafe cblas_somatcopy(CblasRowMajor, CblasTrans, rows, columns, 1, a, lda, b, ldb)
  }

  /// y ← alpha·x + beta·y.
  @unsafe public static func _axpby(
    _ n: Int32, _ alpha: Float, _ x: _Input, _ beta: Float, _ y: _Output
  ) {
    unsafe cblas_saxpby(n, alpha, x, 1, beta, y, 1)
  }

  /// x ← alpha·x.
  @unsafe public static func _scal(_ n: Int32, _ alpha: Float, _ x: _Output) {
    unsafe cblas_sscal(n, alpha, x, 1)
  }

  /// Σ x·y.
  @unsafe public static func _dot(_ n: Int32, _ x: _Input, _ y: _Input) -> Float {
    unsafe cblas_sdot(n, x, 1, y, 1)
  }

  /// √Σ x².
  @unsafe public static func _nrm2(_ n: Int32, _ x: _Input) -> Float {
    unsafe cblas_snrm2(n, x, 1)
  }

  // MARK: LAPACK, whose functions return a status and allocate their work memory

  /// A → R and reflections.
  @unsafe public static func _geqrf(
    _ m: Int32, _ n: Int32, _ a: _Output, _ lda: Int32, _ tau: _Output
  ) -> Int32 {
    unsafe LAPACKE_sgeqrf(LAPACK_COL_MAJOR, m, n, a, lda, tau)
  }

  /// Reflections → Q.
  @unsafe public static func _orgqr(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: _Output, _ lda: Int32, _ tau: _Input
  ) -> Int32 {
    unsafe LAPACKE_sorgqr(LAPACK_COL_MAJOR, m, n, k, a, lda, tau)
  }

  /// A → L·U with row exchanges.
  @unsafe public static func _getrf(
    _ m: Int32, _ n: Int32, _ a: _Output, _ lda: Int32, _ exchanges: UnsafeMutablePointer<Int32>
  ) -> Int32 {
    unsafe LAPACKE_sgetrf(LAPACK_COL_MAJOR, m, n, a, lda, exchanges)
  }

  /// B → X with A·X = B.
  @unsafe public static func _getrs(
    _ n: Int32, _ columns: Int32, _ factors: _Input, _ lda: Int32,
    _ exchanges: UnsafePointer<Int32>, _ b: _Output, _ ldb: Int32
  ) -> Int32 {
    unsafe LAPACKE_sgetrs(
      LAPACK_COL_MAJOR, letter("N"), n, columns, factors, lda, exchanges, b, ldb)
  }

  /// The reciprocal condition number in the 1-norm.
  @unsafe public static func _gecon(
    _ n: Int32, _ factors: _Input, _ lda: Int32, _ norm: Float, _ result: _Output
  ) -> Int32 {
    unsafe LAPACKE_sgecon(LAPACK_COL_MAJOR, letter("1"), n, factors, lda, norm, result)
  }

  /// B → X with the least ‖A·X − B‖, singular values, and rank.
  @unsafe public static func _gelsd(
    _ m: Int32, _ n: Int32, _ columns: Int32, _ a: _Output, _ lda: Int32, _ b: _Output,
    _ ldb: Int32, _ singularValues: _Output, _ tolerance: Float, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int32 {
    unsafe LAPACKE_sgelsd(
      LAPACK_COL_MAJOR, m, n, columns, a, lda, b, ldb, singularValues, tolerance, rank)
  }

  /// A → thin U, singular values, thin Vᵀ.
  @unsafe public static func _gesdd(
    _ m: Int32, _ n: Int32, _ a: _Output, _ lda: Int32, _ singularValues: _Output, _ u: _Output,
    _ ldu: Int32, _ vt: _Output, _ ldvt: Int32
  ) -> Int32 {
    unsafe LAPACKE_sgesdd(
      LAPACK_COL_MAJOR, letter("S"), m, n, a, lda, singularValues, u, ldu, vt, ldvt)
  }

  // MARK: The kernels of CVectorKernels, whose first parameter is the tier

  /// z ← z + bias, y ← activation(z).
  @unsafe public static func _activate(
    _ tier: Int32, _ kind: Int32, _ rows: Int, _ columns: Int, _ bias: _Input, _ z: _Output,
    _ y: _Output
  ) {
    unsafe sarsa_activate_f32(tier, kind, rows, columns, bias, z, y)
  }

  /// delta ← delta ∘ activation′, sums ← column sums of delta.
  @unsafe public static func _activateBackward(
    _ tier: Int32, _ kind: Int32, _ rows: Int, _ columns: Int, _ values: _Input, _ delta: _Output,
    _ sums: _Output
  ) {
    unsafe sarsa_activate_backward_f32(tier, kind, rows, columns, values, delta, sums)
  }

  /// One step of AdamW; `step` points to a `sarsa_adamw`.
  @unsafe public static func _adamWStep(
    _ tier: Int32, _ n: Int, _ step: UnsafeRawPointer, _ gradient: _Input, _ parameters: _Output,
    _ firstMoment: _Output, _ secondMoment: _Output
  ) -> Int32 {
    unsafe sarsa_adamw_step_f32(
      tier, n, step.assumingMemoryBound(to: sarsa_adamw.self), gradient, parameters, firstMoment,
      secondMoment)
  }

  /// One step of gradient descent; `step` points to a `sarsa_sgd`.
  @unsafe public static func _sgdStep(
    _ tier: Int32, _ n: Int, _ step: UnsafeRawPointer, _ gradient: _Input, _ parameters: _Output,
    _ velocity: _Output
  ) -> Int32 {
    unsafe sarsa_sgd_step_f32(
      tier, n, step.assumingMemoryBound(to: sarsa_sgd.self), gradient, parameters, velocity)
  }

  /// One step of RMSProp; `step` points to a `sarsa_rmsprop`.
  @unsafe public static func _rmsPropStep(
    _ tier: Int32, _ n: Int, _ step: UnsafeRawPointer, _ gradient: _Input, _ parameters: _Output,
    _ meanSquare: _Output, _ mean: _Output, _ velocity: _Output
  ) -> Int32 {
    unsafe sarsa_rmsprop_step_f32(
      tier, n, step.assumingMemoryBound(to: sarsa_rmsprop.self), gradient, parameters, meanSquare,
      mean, velocity)
  }

  /// Moves a trace; `scalars` points to a `sarsa_trace`.
  @unsafe public static func _updateTrace(
    _ tier: Int32, _ n: Int, _ scalars: UnsafeRawPointer, _ gradient: _Input, _ trace: _Output
  ) -> Float {
    unsafe sarsa_update_trace_f32(
      tier, n, scalars.assumingMemoryBound(to: sarsa_trace.self), gradient, trace)
  }

  /// p ← p + factor·z + correction·g, without g if it is nil.
  @unsafe public static func _followTrace(
    _ tier: Int32, _ n: Int, _ factor: Double, _ correction: Double, _ trace: _Input,
    _ gradient: _Input?, _ parameters: _Output
  ) -> Int32 {
    unsafe sarsa_follow_trace_f32(tier, n, factor, correction, trace, gradient, parameters)
  }

  /// z ← (x − mean)·scale ∘ gain, row by row; statistics ← mean and scale.
  @unsafe public static func _normalize(
    _ tier: Int32, _ rows: Int, _ columns: Int, _ epsilon: Double, _ x: _Input, _ gain: _Input?,
    _ z: _Output, _ statistics: _Output
  ) {
    unsafe sarsa_normalize_f32(tier, rows, columns, epsilon, x, gain, z, statistics)
  }

  /// The backward pass of `_normalize`; without ∂L/∂x if `inputDelta` is nil.
  @unsafe public static func _normalizeBackward(
    _ tier: Int32, _ rows: Int, _ columns: Int, _ x: _Input, _ statistics: _Input, _ gain: _Input?,
    _ delta: _Input, _ gainGradient: _Output?, _ inputDelta: _Output?
  ) {
    unsafe sarsa_normalize_backward_f32(
      tier, rows, columns, x, statistics, gain, delta, gainGradient, inputDelta)
  }

  /// q ← v + a − mean of a, row by row.
  @unsafe public static func _dueling(
    _ tier: Int32, _ rows: Int, _ actions: Int, _ x: _Input, _ q: _Output
  ) {
    unsafe sarsa_dueling_f32(tier, rows, actions, x, q)
  }

  /// The backward pass of `_dueling`.
  @unsafe public static func _duelingBackward(
    _ tier: Int32, _ rows: Int, _ actions: Int, _ delta: _Input, _ inputDelta: _Output
  ) {
    unsafe sarsa_dueling_backward_f32(tier, rows, actions, delta, inputDelta)
  }

  /// Columns ← the patches of x.
  @unsafe public static func _copyPatches(
    _ tier: Int32, _ patches: UnsafeRawPointer, _ rows: Int, _ x: _Input, _ columns: _Output
  ) {
    unsafe sarsa_copy_patches_f32(
      tier, patches.assumingMemoryBound(to: sarsa_patches.self), rows, x, columns)
  }

  /// x ← for each number, the sum of its copies in columns.
  @unsafe public static func _addPatches(
    _ tier: Int32, _ patches: UnsafeRawPointer, _ rows: Int, _ columns: _Input, _ x: _Output
  ) {
    unsafe sarsa_add_patches_f32(
      tier, patches.assumingMemoryBound(to: sarsa_patches.self), rows, columns, x)
  }

  /// Σ x², in double precision.
  @unsafe public static func _sumOfSquares(_ tier: Int32, _ n: Int, _ x: _Input) -> Double {
    unsafe sarsa_sum_of_squares_f32(tier, n, x)
  }

  /// How many numbers are not zero.
  @unsafe public static func _countNonzeros(_ tier: Int32, _ n: Int, _ x: _Input) -> Int {
    unsafe sarsa_count_nonzeros_f32(tier, n, x)
  }

  /// z ← x·b, or xᵀ·b if transposed, without the terms where x is zero.
  @unsafe public static func _sparseProduct(
    _ tier: Int32, _ isTransposed: Bool, _ rows: Int, _ inner: Int, _ columns: Int, _ x: _Input,
    _ b: _Input, _ z: _Output
  ) {
    unsafe sarsa_sparse_product_f32(
      tier, isTransposed ? 1 : 0, rows, inner, columns, x, b, z)
  }

  /// x ← (x − offset)·scale, column by column.
  @unsafe public static func _scaleColumns(
    _ tier: Int32, _ rows: Int, _ columns: Int, _ offset: _Input, _ scale: _Input, _ x: _Output
  ) {
    unsafe sarsa_scale_columns_f32(tier, rows, columns, offset, scale, x)
  }
}
