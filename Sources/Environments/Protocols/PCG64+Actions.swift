package import SARSARandomSources
internal import SARSAPreconditions

extension PCG64 {
  /// An action, drawn uniformly from the legal ones.
  ///
  /// - Parameters:
  ///   - count: the number of actions.
  ///   - mask: whether each is legal; if it is empty, all are.
  /// - Precondition: an action is legal.
  /// - Returns: the action.
  /// - Complexity: O(count), no allocation.
  package mutating func action(of count: Int, allowing mask: Span<Bool>) -> Int {
    if mask.isEmpty { return integer(below: count) }
    var legal = 0
    for action in mask.indices where mask[action] { legal += 1 }
    require(legal > 0, "the mask has % legal actions; allowed: 1 or more", legal)
    var left = integer(below: legal)
    for action in mask.indices where mask[action] {
      if left == 0 { return action }
      left -= 1
    }
    return 0
  }
}
