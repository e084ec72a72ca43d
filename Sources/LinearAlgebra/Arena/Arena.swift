internal import Glibc

/// One block of memory, allocated once, with matrices at regions.
///
/// Operations take their operands as regions, check them once, and allocate nothing. An arena is not
/// copyable, so that no step copies the memory by accident.
///
/// ```swift
/// arena.product(x, w, into: y)        // y = x·w
/// arena.addBias(b, to: y)             // y += b, row by row
/// ```
///
/// Memory is zeroed, and a large arena uses physical memory only for written pages.
@safe
public struct Arena<Element: Scalar>: ~Copyable, @unchecked Sendable {
  /// The scalars of the arena.
  public let count: Int

  /// The instruction set of its elementwise kernels.
  public let kernels: KernelTier

  /// The block, aligned to 64 bytes, and the pointer that `free` needs.
  @usableFromInline let base: UnsafeMutablePointer<Element>
  private let allocation: UnsafeMutableRawPointer

  /// Allocates the memory of a layout, zeroed.
  ///
  /// - Precondition: the processor has the kernels' instruction set.
  /// - Throws: `ArenaError.outOfMemory`.
  /// - Complexity: one allocation; O(1) for large layouts, whose pages the kernel zeroes on first use.
  public init(_ layout: ArenaLayout, kernels: KernelTier = .preferred) throws(ArenaError) {
    precondition(
      kernels.rawValue <= KernelTier.highest.rawValue,
      "\(kernels.name) kernels on a processor that has \(KernelTier.highest.name)")
    BLAS.useOneThreadByDefault()
    try BLAS.prepareBuffer()
    let bytes = layout.count * MemoryLayout<Element>.stride
    guard let allocation = unsafe calloc(bytes + 64, 1) else { throw .outOfMemory(bytes: bytes) }
    unsafe self.allocation = unsafe allocation
    unsafe self.base = unsafe allocation.alignedUp(toMultipleOf: 64)
      .bindMemory(to: Element.self, capacity: layout.count)
    self.count = layout.count
    self.kernels = kernels
  }

  deinit {
    unsafe free(allocation)
  }

  /// A pointer to the region's first scalar, after a check that the region lies within this arena.
  @inlinable @inline(__always)
  func pointer(_ region: Region) -> UnsafeMutablePointer<Element> {
    precondition(region.offset + region.count <= count, "the region belongs to another arena")
    return unsafe base + region.offset
  }
}

// MARK: - Reading and writing

extension Arena {
  /// One scalar of a region.
  ///
  /// - Precondition: row and column exist.
  public subscript(region: Region, row: Int, column: Int) -> Element {
    get { unsafe pointer(region)[region.index(row, column)] }
    set { unsafe pointer(region)[region.index(row, column)] = newValue }
  }

  /// Calls a closure with the region's scalars, row by row.
  ///
  /// - Complexity: O(1), no allocation. It is inlined, so that the closure is compiled for its scalars.
  @inlinable
  public func withSpan<Result: ~Copyable, Failure: Error>(
    of region: Region, _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let scalars = unsafe UnsafeBufferPointer(start: pointer(region), count: region.count)
    return try body(unsafe Span(_unsafeElements: scalars))
  }

  /// Calls a closure with the region's mutable scalars, row by row.
  ///
  /// - Complexity: O(1), no allocation. It is inlined, as `withSpan` is.
  @inlinable
  public mutating func withMutableSpan<Result: ~Copyable, Failure: Error>(
    of region: Region, _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let scalars = unsafe UnsafeMutableBufferPointer(start: pointer(region), count: region.count)
    var span = unsafe MutableSpan(_unsafeElements: scalars)
    return try body(&span)
  }

  /// The region's scalars, row by row, as a new array.
  public func values(of region: Region) -> [Element] {
    unsafe Array(UnsafeBufferPointer(start: pointer(region), count: region.count))
  }

  /// Writes the region's scalars, row by row.
  ///
  /// - Precondition: the number of values is the number of scalars.
  /// - Complexity: O(n), no allocation.
  @specialized(where Element == Float)
  public mutating func write(_ values: [Element], to region: Region) {
    precondition(values.count == region.count, "\(values.count) values for \(region.count) scalars")
    unsafe values.withUnsafeBufferPointer { values in
      guard let source = values.baseAddress else { return }
      unsafe pointer(region).update(from: source, count: values.count)
    }
  }

  /// Copies one region to another.
  ///
  /// - Precondition: the regions have the same number of scalars and do not overlap.
  /// - Complexity: O(n), no allocation.
  public mutating func copy(_ source: Region, to destination: Region) {
    precondition(source.count == destination.count, "copy of \(source) to \(destination)")
    precondition(!source.overlaps(destination), "copy within one region")
    unsafe pointer(destination).update(from: pointer(source), count: source.count)
  }

  /// Sets every scalar of a region.
  ///
  /// - Complexity: O(n), no allocation.
  public mutating func fill(_ region: Region, with value: Element) {
    unsafe pointer(region).update(repeating: value, count: region.count)
  }
}

extension Region {
  fileprivate func index(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "(\(row), \(column)) of a region of \(rows)×\(columns)")
    return row &* columns &+ column
  }
}
