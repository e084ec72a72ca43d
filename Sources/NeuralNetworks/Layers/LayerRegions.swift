public import SARSALinearAlgebra

/// The regions that a forward pass writes, for every layer.
public struct LayerOutputs: Hashable, Sendable {
  /// Every layer's output y [rows, outputs], and what else it keeps for its backward pass.
  var layers = LayerRegions()

  /// The last layer's output.
  public var last: Region { layers.results[layers.results.count - 1] }
}

/// The regions that a backward pass writes, for every layer.
public struct LayerDeltas: Hashable, Sendable {
  /// Every layer's ∂L/∂y [rows, outputs], and its scratch memory.
  var layers = LayerRegions()

  /// The gradient with respect to the last layer's output.
  public var last: Region { layers.results[layers.results.count - 1] }
}

/// One result for every layer, and any number of other regions.
///
/// The others of all layers are in one array, so that a pass hands them on without counting references.
struct LayerRegions: Hashable, Sendable {
  private(set) var results: [Region] = []
  private(set) var others: [Region] = []
  /// Each layer's part of `others`.
  private(set) var ranges: [Range<Int>] = []

  mutating func append(_ result: Region, _ others: [Region]) {
    results.append(result)
    ranges.append(self.others.count..<(self.others.count + others.count))
    self.others += others
  }
}
