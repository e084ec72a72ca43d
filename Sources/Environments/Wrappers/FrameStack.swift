internal import SARSAPreconditions

/// An environment that shows its last observations together, the oldest first.
///
/// At a reset, the first observation fills all places. A vector of n numbers becomes one of shape [count, n], as in
/// Gymnasium's `FrameStackObservation`, and categories become `count` times as many. A board has channels last, and
/// keeps them there: [height, width, channels] becomes [height, width, count·channels], so that a convolution sees
/// all frames of a cell.
///
/// ```swift
/// let environment = FrameStack(TimeLimit(CartPole(), maximumSteps: 500), count: 4)
/// ```
///
/// Source: V. Mnih et al. 2015, https://doi.org/10.1038/nature14236, where an observation is the last four
/// screens.
public typealias FrameStack<Base: Environment> = Wrapped<Base, FrameStacking>

extension Wrapped where Wrapper == FrameStacking {
  /// Shows the last `count` observations of an environment.
  ///
  /// - Precondition: the count is positive.
  /// - Complexity: a step copies count·observationSize numbers and allocates nothing.
  public init(_ base: Base, count: Int) {
    self.init(
      base, within: FrameStacking(count: count, of: base.specification.observationSpace))
  }
}

/// The wrapper of `FrameStack`.
public struct FrameStacking: EnvironmentWrapper {
  /// The number of observations that are shown.
  public let count: Int
  /// The numbers of an observation.
  private let size: Int
  /// How many of them stay side by side: the channels of a cell, or all that are no board.
  private let together: Int

  package init(count: Int, of space: ObservationSpace) {
    require(count > 0, "count is %; allowed: 1 observation or more", count)
    self.count = count
    size = space.size
    together = space.board?.channels ?? space.size
  }

  /// The last observations.
  public struct Memory: Codable, Hashable, Sendable {
    /// The numbers [count, observationSize], of the oldest observation first.
    public internal(set) var numbers: [Float]
  }

  /// Zeros.
  public var initialMemory: Memory {
    Memory(numbers: Array(repeating: 0, count: count * size))
  }

  /// The inner environment's specification, with `count` observations for one.
  public func specification(of base: EnvironmentSpecification) -> EnvironmentSpecification {
    var result = base
    let space = base.observationSpace
    let shape =
      space.board.map { [$0.height, $0.width, count * $0.channels] } ?? [count] + space.shape
    switch space {
    case .box(let low, let high, _):
      result.observationSpace = .box(low: stacked(low), high: stacked(high), shape: shape)
    case .binary:
      result.observationSpace = .binary(shape: shape)
    case .categories(let counts, let starts):
      func repeated(_ values: [Int]) -> [Int] { (0..<count).flatMap { _ in values } }
      result.observationSpace = .categories(repeated(counts), starts: repeated(starts))
    }
    return result
  }

  /// The numbers of a stack of equal observations.
  private func stacked(_ observation: [Float]) -> [Float] {
    stride(from: 0, to: size, by: together).flatMap { part in
      (0..<count).flatMap { _ in observation[part..<part + together] }
    }
  }

  /// Whether there are as many finite numbers.
  public func accepts(_ memory: Memory) -> Bool {
    memory.numbers.count == count * size && memory.numbers.allSatisfy(\.isFinite)
  }

  /// Fills all places with an episode's first observation.
  public func begin(_ memory: inout Memory, _ observations: [Float], _ row: Range<Int>) {
    var numbers = memory.numbers.mutableSpan
    for frame in 0..<count {
      for i in 0..<size { numbers[frame * size + i] = observations[row.lowerBound + i] }
    }
  }

  /// Replaces the oldest observation.
  public func note(
    _ memory: inout Memory, _ step: Step, _ observations: [Float], _ row: Range<Int>
  ) {
    let kept = (count - 1) * size
    var numbers = memory.numbers.mutableSpan
    for i in 0..<kept { numbers[i] = numbers[i + size] }
    for i in 0..<size { numbers[kept + i] = observations[row.lowerBound + i] }
  }

  /// Writes the last observations.
  public func write(
    _ observations: [Float], _ row: Range<Int>, _ memory: Memory,
    into shown: inout MutableSpan<Float>
  ) {
    var next = 0
    for part in stride(from: 0, to: size, by: together) {
      for frame in 0..<count {
        for i in 0..<together {
          shown[next] = memory.numbers[frame * size + part + i]
          next += 1
        }
      }
    }
  }
}
