internal import SARSAPreconditions

/// An environment that shows its last observations together, the oldest first.
///
/// At a reset, the first observation fills all places. A box of shape [a, b] becomes one of shape [count, a,
/// b], as in Gymnasium's `FrameStackObservation`, and so do zeros and ones; categories become `count` times as
/// many.
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
      base, within: FrameStacking(count: count, size: base.specification.observationSize))
  }
}

/// The wrapper of `FrameStack`.
public struct FrameStacking: EnvironmentWrapper {
  /// The number of observations that are shown.
  public let count: Int
  /// The numbers of an observation.
  private let size: Int

  init(count: Int, size: Int) {
    require(count > 0, "count is %; allowed: 1 observation or more", count)
    self.count = count
    self.size = size
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
    func repeated<Value>(_ values: [Value]) -> [Value] {
      Array(repeatElement(values, count: count).joined())
    }
    switch base.observationSpace {
    case .box(let low, let high, let shape):
      result.observationSpace = .box(
        low: repeated(low), high: repeated(high), shape: [count] + shape)
    case .binary(let shape):
      result.observationSpace = .binary(shape: [count] + shape)
    case .categories(let counts, let starts):
      result.observationSpace = .categories(repeated(counts), starts: repeated(starts))
    }
    return result
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
    for i in memory.numbers.indices { shown[i] = memory.numbers[i] }
  }
}
