internal import CSARSAVectorKernels
internal import SARSAPreconditions

/// The patches of `size` by `size` cells that a convolution takes from a board, `stride` cells apart.
///
/// There is no padding: all cells of a patch are on the board. The order is that of rows of patches, from the top,
/// each from the left.
public struct Patches: Hashable, Sendable {
  /// The board's rows of cells.
  public let height: Int
  /// The cells of a row.
  public let width: Int
  /// The numbers of a cell, which lie side by side in memory.
  public let channels: Int
  /// The cells of a patch's side.
  public let size: Int
  /// The cells from a patch to the next.
  public let stride: Int

  /// Describes the patches of a board.
  ///
  /// - Precondition: 1 ≤ size ≤ height and width; the stride is 1 or more; a cell has a number.
  public init(height: Int, width: Int, channels: Int, size: Int, stride: Int = 1) {
    require(
      size >= 1 && size <= height && size <= width,
      "size is %; allowed: 1 to the sides of the board, % by %", size, height, width)
    require(stride >= 1, "stride is %; allowed: 1 or more", stride)
    require(channels >= 1, "channels is %; allowed: 1 or more", channels)
    self.height = height
    self.width = width
    self.channels = channels
    self.size = size
    self.stride = stride
  }

  /// The rows of patches.
  public var rows: Int { (height - size) / stride + 1 }
  /// The patches of a row.
  public var columns: Int { (width - size) / stride + 1 }
  /// The patches.
  public var count: Int { rows * columns }
  /// The numbers of a patch.
  public var area: Int { size * size * channels }
  /// Whether the patches, one after the other, are the board itself.
  public var areCells: Bool { size == 1 && stride == 1 }

  fileprivate var scalars: sarsa_patches {
    sarsa_patches(height: height, width: width, channels: channels, size: size, stride: stride)
  }
}

extension Arena {
  /// columns ← the patches of every board x.
  ///
  /// Shapes: x [m, height·width·channels] with the channels of a cell side by side; columns
  /// [m·count, size·size·channels], a row for each patch, in the same order.
  ///
  /// - Precondition: the shapes agree; columns does not overlap x.
  /// - Complexity: O(numbers of columns), no allocation.
  public mutating func copy(_ patches: Patches, of x: Region, into columns: Region) {
    requireShapes(patches, x, columns)
    var scalars = patches.scalars
    unsafe Element._copyPatches(
      kernels.rawValue, &scalars, x.rows, pointer(x), pointer(columns))
  }

  /// x ← for each number, the sum of its copies in columns; 0 for one that is in no patch.
  ///
  /// It is the transpose of `copy(_:of:into:)`: from the gradient of the columns to that of x, with the same shapes.
  /// A sum is in the order of the patches, so equal columns give equal bits.
  ///
  /// - Precondition: the shapes agree; x does not overlap columns.
  /// - Complexity: O(numbers of columns), no allocation.
  public mutating func add(_ patches: Patches, from columns: Region, into x: Region) {
    requireShapes(patches, x, columns)
    var scalars = patches.scalars
    unsafe Element._addPatches(
      kernels.rawValue, &scalars, x.rows, pointer(columns), pointer(x))
  }

  private func requireShapes(_ patches: Patches, _ x: Region, _ columns: Region) {
    precondition(
      x.columns == patches.height * patches.width * patches.channels
        && columns.rows == x.rows * patches.count && columns.columns == patches.area,
      "patches \(patches) of \(x.rows)×\(x.columns) in \(columns.rows)×\(columns.columns)")
    precondition(!columns.overlaps(x), "patches within their board")
  }
}
