/// A floating-point type of matrices: `Float` for training, `Double` to check gradients.
///
/// Its requirements are the C functions for the type, without checks; only this module calls them, and
/// only `Float` and `Double` can conform. They are static, so specialised code calls C directly. A new
/// function is one requirement here and one short function each in `Float+Scalar.swift` and `Double+Scalar.swift`.
/// Matrices are row-major for BLAS and the kernels, and column-major for LAPACK.
public protocol Scalar: BinaryFloatingPoint, Sendable {
  /// The C function reads these scalars.
  typealias _Input = UnsafePointer<Self>
  /// The C function writes these scalars, and may read them.
  typealias _Output = UnsafeMutablePointer<Self>

  // MARK: BLAS

  /// C ← alpha·op(A)·op(B) + beta·C.
  @unsafe static func _gemm(
    _ transposesA: Bool, _ transposesB: Bool, _ m: Int32, _ n: Int32, _ k: Int32, _ alpha: Self,
    _ a: _Input, _ lda: Int32, _ b: _Input, _ ldb: Int32, _ beta: Self, _ c: _Output, _ ldc: Int32)
  /// y ← alpha·op(A)·x + beta·y.
  @unsafe static func _gemv(
    _ transposes: Bool, _ rows: Int32, _ columns: Int32, _ alpha: Self, _ a: _Input, _ lda: Int32,
    _ x: _Input, _ beta: Self, _ y: _Output)
  /// B ← Aᵀ.
  @unsafe static func _transpose(
    _ rows: Int32, _ columns: Int32, _ a: _Input, _ lda: Int32, _ b: _Output, _ ldb: Int32)
  /// y ← alpha·x + beta·y.
  @unsafe static func _axpby(_ n: Int32, _ alpha: Self, _ x: _Input, _ beta: Self, _ y: _Output)
  /// x ← alpha·x.
  @unsafe static func _scal(_ n: Int32, _ alpha: Self, _ x: _Output)
  /// Σ x·y.
  @unsafe static func _dot(_ n: Int32, _ x: _Input, _ y: _Input) -> Self
  /// √Σ x².
  @unsafe static func _nrm2(_ n: Int32, _ x: _Input) -> Self

  // MARK: LAPACK, whose functions return a status and allocate their work memory

  /// A → R and reflections.
  @unsafe static func _geqrf(
    _ m: Int32, _ n: Int32, _ a: _Output, _ lda: Int32, _ tau: _Output
  ) -> Int32
  /// Reflections → Q.
  @unsafe static func _orgqr(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: _Output, _ lda: Int32, _ tau: _Input
  ) -> Int32
  /// A → L·U with row exchanges.
  @unsafe static func _getrf(
    _ m: Int32, _ n: Int32, _ a: _Output, _ lda: Int32, _ exchanges: UnsafeMutablePointer<Int32>
  ) -> Int32
  /// B → X with A·X = B.
  @unsafe static func _getrs(
    _ n: Int32, _ columns: Int32, _ factors: _Input, _ lda: Int32,
    _ exchanges: UnsafePointer<Int32>, _ b: _Output, _ ldb: Int32
  ) -> Int32
  /// The reciprocal condition number in the 1-norm.
  @unsafe static func _gecon(
    _ n: Int32, _ factors: _Input, _ lda: Int32, _ norm: Self, _ result: _Output
  ) -> Int32
  /// B → X with the least ‖A·X − B‖, singular values, and rank.
  @unsafe static func _gelsd(
    _ m: Int32, _ n: Int32, _ columns: Int32, _ a: _Output, _ lda: Int32, _ b: _Output,
    _ ldb: Int32, _ singularValues: _Output, _ tolerance: Self, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int32
  /// A → thin U, singular values, thin Vᵀ.
  @unsafe static func _gesdd(
    _ m: Int32, _ n: Int32, _ a: _Output, _ lda: Int32, _ singularValues: _Output, _ u: _Output,
    _ ldu: Int32, _ vt: _Output, _ ldvt: Int32
  ) -> Int32

  // MARK: The kernels of CVectorKernels, whose first parameter is the tier

  /// z ← z + bias, y ← activation(z).
  @unsafe static func _activate(
    _ tier: Int32, _ kind: Int32, _ rows: Int, _ columns: Int, _ bias: _Input, _ z: _Output,
    _ y: _Output)
  /// delta ← delta ∘ activation′, sums ← column sums of delta.
  @unsafe static func _activateBackward(
    _ tier: Int32, _ kind: Int32, _ rows: Int, _ columns: Int, _ values: _Input, _ delta: _Output,
    _ sums: _Output)
  /// One step of AdamW; `step` points to a `sarsa_adamw`.
  @unsafe static func _adamWStep(
    _ tier: Int32, _ n: Int, _ step: UnsafeRawPointer, _ gradient: _Input, _ parameters: _Output,
    _ firstMoment: _Output, _ secondMoment: _Output
  ) -> Int32
  /// One step of gradient descent; `step` points to a `sarsa_sgd`.
  @unsafe static func _sgdStep(
    _ tier: Int32, _ n: Int, _ step: UnsafeRawPointer, _ gradient: _Input, _ parameters: _Output,
    _ velocity: _Output
  ) -> Int32
  /// One step of RMSProp; `step` points to a `sarsa_rmsprop`.
  @unsafe static func _rmsPropStep(
    _ tier: Int32, _ n: Int, _ step: UnsafeRawPointer, _ gradient: _Input, _ parameters: _Output,
    _ meanSquare: _Output, _ mean: _Output, _ velocity: _Output
  ) -> Int32
  /// Moves a trace, and gives Σ|z|; `scalars` points to a `sarsa_trace`.
  @unsafe static func _updateTrace(
    _ tier: Int32, _ n: Int, _ scalars: UnsafeRawPointer, _ gradient: _Input, _ trace: _Output
  ) -> Self
  /// p ← p + factor·z + correction·g, without g if it is nil.
  @unsafe static func _followTrace(
    _ tier: Int32, _ n: Int, _ factor: Double, _ correction: Double, _ trace: _Input,
    _ gradient: _Input?, _ parameters: _Output
  ) -> Int32
  /// z ← (x − mean)·scale ∘ gain, row by row, without a gain if it is nil; statistics ← mean and scale.
  @unsafe static func _normalize(
    _ tier: Int32, _ rows: Int, _ columns: Int, _ epsilon: Double, _ x: _Input, _ gain: _Input?,
    _ z: _Output, _ statistics: _Output)
  /// The backward pass of `_normalize`; without ∂L/∂x if `inputDelta` is nil.
  @unsafe static func _normalizeBackward(
    _ tier: Int32, _ rows: Int, _ columns: Int, _ x: _Input, _ statistics: _Input, _ gain: _Input?,
    _ delta: _Input, _ gainGradient: _Output?, _ inputDelta: _Output?)
  /// q ← v + a − mean of a, row by row.
  @unsafe static func _dueling(
    _ tier: Int32, _ rows: Int, _ actions: Int, _ x: _Input, _ q: _Output)
  /// The backward pass of `_dueling`.
  @unsafe static func _duelingBackward(
    _ tier: Int32, _ rows: Int, _ actions: Int, _ delta: _Input, _ inputDelta: _Output)
  /// Columns ← the patches of x; `patches` points to a `sarsa_patches`.
  @unsafe static func _copyPatches(
    _ tier: Int32, _ patches: UnsafeRawPointer, _ rows: Int, _ x: _Input, _ columns: _Output)
  /// x ← for each number, the sum of its copies in columns.
  @unsafe static func _addPatches(
    _ tier: Int32, _ patches: UnsafeRawPointer, _ rows: Int, _ columns: _Input, _ x: _Output)
  /// Σ x², in double precision.
  @unsafe static func _sumOfSquares(_ tier: Int32, _ n: Int, _ x: _Input) -> Double
  /// How many numbers are not zero.
  @unsafe static func _countNonzeros(_ tier: Int32, _ n: Int, _ x: _Input) -> Int
  /// z ← x·b, or xᵀ·b if transposed, without the terms where x is zero.
  @unsafe static func _sparseProduct(
    _ tier: Int32, _ isTransposed: Bool, _ rows: Int, _ inner: Int, _ columns: Int, _ x: _Input,
    _ b: _Input, _ z: _Output)
  /// x ← (x − offset)·scale, column by column.
  @unsafe static func _scaleColumns(
    _ tier: Int32, _ rows: Int, _ columns: Int, _ offset: _Input, _ scale: _Input, _ x: _Output)
}
