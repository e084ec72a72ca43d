/// The position of a matrix in an arena: `rows` by `columns` scalars, row-major, without gaps.
///
/// A region contains no pointer. It is only valid for arenas of the layout that returned it. A vector is
/// a region with one row.
public struct Region: Hashable, Sendable {
  /// The offset of the region from the arena's start, in scalars.
  public let offset: Int
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int

  /// The number of scalars.
  public var count: Int { rows &* columns }

  /// A region without scalars, for an operand that is not needed.
  public static let empty = Region(offset: 0, rows: 0, columns: 0)

  init(offset: Int, rows: Int, columns: Int) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
  }

  /// The region of the rows in a range.
  ///
  /// - Precondition: the range lies within the rows.
  public func rows(_ range: Range<Int>) -> Region {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of a region of \(rows)")
    return Region(
      offset: offset + range.lowerBound * columns, rows: range.count, columns: columns)
  }

  /// One row.
  ///
  /// - Precondition: the row exists.
  public func row(_ index: Int) -> Region { rows(index..<(index + 1)) }

  /// The scalars in a range of the region's whole length, as one matrix.
  ///
  /// - Precondition: the matrix lies within the region.
  public func slice(at start: Int, rows: Int, columns: Int) -> Region {
    precondition(
      start >= 0 && rows >= 0 && columns >= 0 && columns <= ArenaLayout.limit
        && start + rows * columns <= count,
      "\(rows)×\(columns) at \(start) of a region of \(count)")
    return Region(offset: offset + start, rows: rows, columns: columns)
  }

  /// Whether two regions share a scalar.
  func overlaps(_ other: Region) -> Bool {
    count > 0 && other.count > 0 && offset < other.offset + other.count
      && other.offset < offset + count
  }
}

/// A plan of an arena's regions, which are reserved before the memory is allocated.
///
/// ```swift
/// var layout = ArenaLayout()
/// let x = try layout.reserve(rows: 32, columns: 2)
/// let w = try layout.reserve(rows: 2, columns: 64)
/// let y = try layout.reserve(rows: 32, columns: 64)
/// var arena = try Arena<Float>(layout)
/// arena.product(x, w, into: y)
/// ```
public struct ArenaLayout: Hashable, Sendable {
  /// The number of scalars reserved so far, including gaps for alignment.
  public private(set) var count = 0

  /// Makes an empty layout.
  public init() {}

  /// The alignment of regions in scalars: 64 bytes of `Float`.
  static let alignment = 16

  /// The largest side, because OpenBLAS has 32-bit integers.
  static let limit = Int(Int32.max)

  /// Reserves a matrix.
  ///
  /// - Throws: `ArenaError.tooLarge` if a side is negative or beyond what BLAS can address.
  public mutating func reserve(rows: Int, columns: Int) throws(ArenaError) -> Region {
    let (size, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard rows >= 0, columns >= 0, rows <= Self.limit, columns <= Self.limit, !overflow,
      size <= Int.max / 64 - count
    else { throw .tooLarge(rows: rows, columns: columns) }
    let region = Region(offset: count, rows: rows, columns: columns)
    count = (count + size + Self.alignment - 1) / Self.alignment * Self.alignment
    return region
  }

  /// Reserves scratch memory for a product a·b or a·bᵀ of m rows and n columns, with an inner side k.
  ///
  /// It is empty if a transposed copy of an operand would not save time: if OpenBLAS has no kernels for
  /// small products, or does not use them for this product.
  ///
  /// - Throws: `ArenaError.tooLarge` if a side is negative or beyond what BLAS can address.
  public mutating func reserveScratch(
    rows m: Int, columns n: Int, inner k: Int, transposingSecond isTransposed: Bool
  ) throws(ArenaError) -> Region {
    let pays =
      BLAS.hasSmallKernels
      && BLAS.copyPays(rows: m, columns: n, inner: k, transposingSecond: isTransposed)
    return try reserve(rows: pays ? max(m, n) : 0, columns: k)
  }

  /// Reserves a vector.
  ///
  /// - Throws: `ArenaError.tooLarge` if the count is negative or beyond what BLAS can address.
  public mutating func reserve(count: Int) throws(ArenaError) -> Region {
    try reserve(rows: 1, columns: count)
  }
}

/// An error of an arena that could not be made.
public enum ArenaError: Error, Hashable, CustomStringConvertible {
  /// A matrix is too large for BLAS.
  case tooLarge(rows: Int, columns: Int)
  /// The system refused an amount of memory, in bytes.
  case outOfMemory(bytes: Int)

  /// One line that names the requested size.
  public var description: String {
    switch self {
    case .tooLarge(let rows, let columns): "a matrix of \(rows) by \(columns) is too large"
    case .outOfMemory(let bytes): "the system refused \(bytes) bytes of memory"
    }
  }
}
