internal import CSARSAOpenBLAS
internal import Synchronization

/// OpenBLAS as it is loaded in this process.
public enum BLAS {
  /// Whether someone has chosen the number of threads.
  private static let isConfigured = Atomic<Bool>(false)

  /// The threads that a matrix product may use: one, unless set.
  ///
  /// Products of a learner's size lose more by handing work over than they gain, and the number of
  /// threads changes their last bits. Seeds and environments are what runs in parallel.
  ///
  /// The value is OpenBLAS's own and holds for the whole process. The first arena sets it to one,
  /// whatever `OPENBLAS_NUM_THREADS` says; set it before or after to override that.
  public static var threadCount: Int {
    get { Int(openblas_get_num_threads()) }
    set {
      precondition(newValue >= 1, "OpenBLAS needs at least one thread, not \(newValue)")
      isConfigured.store(true, ordering: .relaxed)
      openblas_set_num_threads(Int32(clamping: newValue))
    }
  }

  /// Sets one thread, once, if nobody has chosen; whoever comes second waits until that is done.
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

  /// The multiplications up to which a product is small: OpenBLAS's own limit.
  static let smallProductLimit = 1_000_000

  /// The inner side below which they do not take a transposed second operand.
  static let shortSide = 32

  /// The scalars of a result up to which they take a transposed second operand alone.
  static let narrowResultLimit = 1_200

  /// Whether the last columns are so few that the kernel for a·b packs them on the heap.
  static func packsColumns(_ n: Int) -> Bool { (1...8).contains(n % 16) }

  /// OpenBLAS's version and the options it was built with.
  ///
  /// Asked for once: OpenBLAS puts the text together in a buffer that all threads share.
  public static let configuration: String = {
    let text = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
    return text.last == " " ? String(text.dropLast()) : text
  }()
}
