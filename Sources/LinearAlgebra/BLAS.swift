internal import CSARSAOpenBLAS
internal import Synchronization
internal import SARSAPreconditions

/// OpenBLAS as it is loaded in this process.
public enum BLAS {
  /// Whether the number of threads has been set.
  private static let isConfigured = Atomic<Bool>(false)

  /// The threads that a matrix product may use: one, unless set.
  ///
  /// Products of a learner's size are too small to gain from threads, and the number of threads changes
  /// their last bits. Run several seeds in parallel instead.
  ///
  /// The value is OpenBLAS's own and holds for the whole process. The first arena sets it to one, even if
  /// `OPENBLAS_NUM_THREADS` says otherwise; set it before or after that to override it.
  public static var threadCount: Int {
    get { Int(openblas_get_num_threads()) }
    set {
      require(newValue >= 1, "threads is \(newValue); allowed: 1 or more")
      isConfigured.store(true, ordering: .relaxed)
      openblas_set_num_threads(Int32(clamping: newValue))
    }
  }

  /// Sets one thread, once, if the number was not set; a concurrent call waits until that is done.
  static func useOneThreadByDefault() { oneThread }

  private static let oneThread: Void = {
    if !isConfigured.exchange(true, ordering: .relaxed) { openblas_set_num_threads(1) }
  }()

  /// The processor that the chosen kernels were written for, such as `Haswell`.
  ///
  /// Results differ in their last bits from one to the other. The environment variable
  /// `OPENBLAS_CORETYPE` overrides the choice.
  public static var coreName: String {
    unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
  }

  // What follows is of OpenBLAS's `kernel/x86_64/sgemm_small_kernel*_skylakex.c`.

  /// Whether the kernels include some for small products, which read their operands where they lie.
  ///
  /// Those written for AVX-512 do.
  static let hasSmallKernels = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(coreName)

  /// Whether they run a product faster, or off the heap, with a transposed copy of an operand.
  ///
  /// Small are up to a million multiplications. They take a·bᵀ as it is only with an inner side of 32
  /// or more and at most 1,200 results; and the kernel for a·b packs its last columns on the heap, if
  /// they are one to eight.
  static func copyPays(
    rows m: Int, columns n: Int, inner k: Int, transposingSecond isTransposed: Bool
  ) -> Bool {
    let (m, n, k) = (Double(m), Double(n), Double(k))
    let takesTransposed = k >= Double(shortSide) && m * n <= 1_200
    let packsOnHeap = (1...8).contains(n.truncatingRemainder(dividingBy: 16))
    return m > 1 && m * n * k <= 1_000_000
      && (isTransposed ? !takesTransposed : takesTransposed && packsOnHeap)
  }

  /// The inner side from which the first operand of a·bᵀ is copied, and below which the second is.
  static let shortSide = 32

  /// OpenBLAS's version and the options it was built with.
  ///
  /// Asked for once: OpenBLAS puts the text together in a buffer that all threads share.
  public static let configuration: String = {
    let text = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
    return text.last == " " ? String(text.dropLast()) : text
  }()
}
