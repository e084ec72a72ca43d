internal import CSARSAOpenBLAS
internal import Glibc
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

  /// Sets one thread if nobody has chosen, and lets OpenBLAS take the memory it works in.
  ///
  /// OpenBLAS asks for a buffer at its first product, and asks forever if there is none to be had.
  ///
  /// - Throws: `ArenaError.outOfMemory` if there is none to be had.
  static func prepare() throws(ArenaError) {
    if !isConfigured.exchange(true, ordering: .relaxed) { openblas_set_num_threads(1) }
    if hasBuffer.load(ordering: .relaxed) { return }
    guard let buffer = unsafe malloc(bufferSize) else { throw .outOfMemory(bytes: bufferSize) }
    unsafe free(buffer)
    let one: [Float] = [1]
    var product: [Float] = [0]
    unsafe cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1, one, 1, one, 1, 0, &product, 1)
    hasBuffer.store(true, ordering: .relaxed)
  }

  /// Whether OpenBLAS has its buffer.
  private static let hasBuffer = Atomic<Bool>(false)

  /// What OpenBLAS asks for at its first product on x86-64, with room for the allocator's own.
  private static let bufferSize = 130 << 20

  /// The processor that the chosen kernels were written for, such as `Haswell`.
  ///
  /// Results differ in their last bits from one to the other. The environment variable
  /// `OPENBLAS_CORETYPE` overrides the choice.
  public static var coreName: String {
    unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// OpenBLAS's version and the options it was built with.
  public static var configuration: String {
    let text = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
    return text.last == " " ? String(text.dropLast()) : text
  }
}
