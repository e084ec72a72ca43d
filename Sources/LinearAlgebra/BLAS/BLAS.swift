internal import CSARSAOpenBLAS
internal import Glibc
internal import Synchronization
internal import SARSAPreconditions

/// The OpenBLAS library of this process.
public enum BLAS {
  /// Whether the number of threads has been set.
  private static let isConfigured = Atomic<Bool>(false)

  /// The number of threads of a matrix product, by default 1.
  ///
  /// The products of training are too small to gain from threads, and the number of threads changes their
  /// last bits. Run several seeds in parallel instead.
  ///
  /// The value belongs to OpenBLAS and holds for the whole process. The first arena, matrix product or use of
  /// this value sets it to 1, whatever `OPENBLAS_NUM_THREADS` is, unless the program has set it; it can be set at any time.
  public static var threadCount: Int {
    get {
      useOneThreadByDefault()
      return Int(openblas_get_num_threads())
    }
    set {
      require(newValue >= 1, "threads is \(newValue); allowed: 1 or more")
      isConfigured.store(true, ordering: .relaxed)
      openblas_set_num_threads(Int32(clamping: newValue))
    }
  }

  /// Sets one thread, once, unless the number was set; a concurrent call waits until that is done.
  static func useOneThreadByDefault() { oneThread }

  private static let oneThread: Void = {
    if !isConfigured.exchange(true, ordering: .relaxed) { openblas_set_num_threads(1) }
  }()

  // MARK: Work buffers

  /// The bytes of a work buffer, of which OpenBLAS makes one for each product that is computed at the same time.
  package static let bufferBytes = 128 << 20

  private static let hasBuffer = Atomic<Bool>(false)

  /// Makes OpenBLAS's first work buffer, if it does not exist.
  ///
  /// If the system refuses the memory, OpenBLAS asks for it again without end, and nothing but SIGKILL ends the
  /// process. So this asks first.
  ///
  /// - Throws: `ArenaError.outOfMemory`.
  /// - Complexity: O(1), no allocation once the buffer exists.
  package static func prepareBuffer() throws(ArenaError) {
    if hasBuffer.load(ordering: .relaxed) { return }
    try requireMemory(forBuffers: 1)
    // Larger than what the kernels for small products compute without a buffer.
    let side = 128
    let operand = [Float](repeating: 0, count: side * side)
    var result = operand
    unsafe operand.withUnsafeBufferPointer { a in
      unsafe result.withUnsafeMutableBufferPointer { c in
        guard let a = a.baseAddress, let c = c.baseAddress else { return }
        let n = Int32(side)
        unsafe Float._gemm(false, false, n, n, n, 1, a, n, a, n, 0, c, n)
      }
    }
    hasBuffer.store(true, ordering: .relaxed)
  }

  /// Asks whether the system gives the memory of more buffers.
  ///
  /// - Throws: `ArenaError.outOfMemory`.
  package static func requireMemory(forBuffers count: Int) throws(ArenaError) {
    if count > 0 { try requireMemory(bytes: count * bufferBytes) }
  }

  /// Asks whether the system gives memory, for what would end the process if it were refused.
  ///
  /// - Precondition: `bytes` is positive.
  /// - Throws: `ArenaError.outOfMemory`.
  package static func requireMemory(bytes: Int) throws(ArenaError) {
    let memory = unsafe mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe memory != nil, Int(bitPattern: memory) != -1 else {
      throw .outOfMemory(bytes: bytes)
    }
    unsafe munmap(memory, bytes)
  }

  /// The processor that the chosen kernels were written for, such as `Haswell`.
  ///
  /// Results of different kernels differ in their last bits. The environment variable `OPENBLAS_CORETYPE`
  /// overrides the choice.
  public static var coreName: String {
    unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
  }

  // The following rules come from OpenBLAS's `kernel/x86_64/sgemm_small_kernel*_skylakex.c`.

  /// Whether OpenBLAS has kernels for small products, which read their operands in place.
  ///
  /// The AVX-512 kernels have them.
  static let hasSmallKernels = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(coreName)

  /// Whether a transposed copy of an operand makes a small product faster, or avoids a heap allocation.
  ///
  /// A product is small up to a million multiplications. The small kernels compute a·bᵀ in place only with
  /// an inner side of 32 or more and at most 1,200 results. The kernel for a·b packs its last columns on the
  /// heap if there are one to eight of them.
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
  /// Read only once, because OpenBLAS writes the text into a buffer that all threads share.
  public static let configuration: String = {
    let text = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
    return text.last == " " ? String(text.dropLast()) : text
  }()
}

/// How a function of BLAS reads a matrix.
func operation(_ isTransposed: Bool) -> CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
