/// What a wrapper adds to an environment whose steps it does not change: other observations, or records.
///
/// `Wrapped` puts it around a single environment and `WrappedVector` around several, so that a wrapper is
/// written once for both. It has a memory of each environment, which is part of the state.
public protocol EnvironmentWrapper: Sendable {
  /// What is remembered of one environment.
  associatedtype Memory: Codable & Sendable

  /// The memory before the first reset.
  var initialMemory: Memory { get }

  /// The specification of the wrapped environment.
  func specification(of base: EnvironmentSpecification) -> EnvironmentSpecification

  /// Whether an episode can continue with a memory, such as one that a file holds.
  func accepts(_ memory: Memory) -> Bool

  /// Notes an episode's first observation, a row of `observations`.
  func begin(_ memory: inout Memory, _ observations: [Float], _ row: Range<Int>)

  /// Notes a step and the observation after it, a row of `observations`.
  func note(_ memory: inout Memory, _ step: Step, _ observations: [Float], _ row: Range<Int>)

  /// Writes what is shown in place of an observation that the memory has noted, a row of `observations`.
  ///
  /// `shown` has as many numbers as the specification says.
  func write(
    _ observations: [Float], _ row: Range<Int>, _ memory: Memory,
    into shown: inout MutableSpan<Float>)
}

extension EnvironmentWrapper {
  /// The inner environment's specification.
  public func specification(of base: EnvironmentSpecification) -> EnvironmentSpecification { base }

  /// The inner environment's observation.
  public func write(
    _ observations: [Float], _ row: Range<Int>, _ memory: Memory,
    into shown: inout MutableSpan<Float>
  ) {
    for (i, j) in zip(shown.indices, row) { shown[i] = observations[j] }
  }
}

/// An environment within a wrapper.
public struct Wrapped<Base: Environment, Wrapper: EnvironmentWrapper>: Environment {
  /// What is added.
  public let wrapper: Wrapper
  /// What is remembered of the environment.
  public internal(set) var memory: Wrapper.Memory
  /// The inner environment's observation.
  private var inner: [Float]
  /// The inner environment.
  public private(set) var base: Base

  /// The inner environment's state, and what the wrapper remembers.
  public struct State: Codable, Sendable {
    /// The state of the inner environment.
    public var base: Base.State
    /// What the wrapper remembers.
    public var memory: Wrapper.Memory
  }

  /// Puts a wrapper around an environment.
  public init(_ base: Base, within wrapper: Wrapper) {
    self.base = base
    self.wrapper = wrapper
    memory = wrapper.initialMemory
    inner = base.observation
  }

  /// The inner environment's specification, as the wrapper changes it.
  public var specification: EnvironmentSpecification {
    wrapper.specification(of: base.specification)
  }

  /// The inner environment's state, and what the wrapper remembers.
  public var state: State {
    get { State(base: base.state, memory: memory) }
    set {
      base.state = newValue.base
      memory = newValue.memory
      observeBase()
    }
  }

  /// Whether the inner environment and the wrapper accept their parts.
  public func accepts(_ state: State) -> Bool {
    wrapper.accepts(state.memory) && base.accepts(state.base)
  }

  /// Starts an episode.
  public mutating func reset(seed: UInt64?) throws(Base.Failure) {
    try base.reset(seed: seed)
    observeBase()
    wrapper.begin(&memory, inner, inner.indices)
  }

  /// Takes an action.
  public mutating func step(_ action: Int) throws(Base.Failure) -> Step {
    let step = try base.step(action)
    observeBase()
    wrapper.note(&memory, step, inner, inner.indices)
    return step
  }

  /// Writes what the wrapper shows.
  public func observe(into observation: inout MutableSpan<Float>) {
    wrapper.write(inner, inner.indices, memory, into: &observation)
  }

  /// Writes the inner environment's mask.
  public func writeActionMask(into mask: inout MutableSpan<Bool>) {
    base.writeActionMask(into: &mask)
  }

  /// A vector of the inner environments, within the same wrapper.
  public func vector(count: Int) -> WrappedVector<Base.Vector, Wrapper> {
    WrappedVector(base.vector(count: count), within: wrapper)
  }

  private mutating func observeBase() {
    // Moved out of `self` while it is written to, so that the array is not copied.
    var values: [Float] = []
    swap(&values, &inner)
    var span = values.mutableSpan
    base.observe(into: &span)
    swap(&values, &inner)
  }
}

/// Environments that step together, each within a wrapper.
public struct WrappedVector<Base: VectorEnvironment, Wrapper: EnvironmentWrapper>: VectorEnvironment
{
  /// What is added.
  public let wrapper: Wrapper
  /// What is remembered of each environment.
  public internal(set) var memories: [Wrapper.Memory]
  /// The inner environments' step.
  private var inner: VectorStep
  /// Whether the wrapped environments have masks; then the inner ones have them too.
  private var hasMasks: Bool
  /// The inner environments.
  public private(set) var base: Base

  /// The inner environments' state, and what the wrapper remembers of each.
  public struct State: Codable, Sendable {
    /// The state of the inner environments.
    public var base: Base.State
    /// What the wrapper remembers of each.
    public var memories: [Wrapper.Memory]
  }

  /// Puts a wrapper around each of some environments.
  public init(_ base: Base, within wrapper: Wrapper) {
    self.base = base
    self.wrapper = wrapper
    memories = Array(repeating: wrapper.initialMemory, count: base.count)
    inner = VectorStep(for: base)
    hasMasks = wrapper.specification(of: base.specification).hasActionMasks
  }

  /// The inner environments' specification, as the wrapper changes it.
  public var specification: EnvironmentSpecification {
    wrapper.specification(of: base.specification)
  }

  /// The number of environments.
  public var count: Int { base.count }

  /// The inner environments' state, and what the wrapper remembers of each.
  public var state: State {
    get { State(base: base.state, memories: memories) }
    set {
      base.state = newValue.base
      memories = newValue.memories
      inner.prepareMasks(for: base.specification)
      hasMasks = specification.hasActionMasks
    }
  }

  /// Whether there is an accepted memory for each environment, and the inner ones accept their part.
  public func accepts(_ state: State) -> Bool {
    state.memories.count == count && state.memories.allSatisfy(wrapper.accepts)
      && base.accepts(state.base)
  }

  /// Starts an episode in each environment.
  public mutating func reset(
    seeds: [UInt64], into result: inout VectorStep
  ) throws(Base.Failure) {
    try base.reset(seeds: seeds, into: &inner)
    for i in memories.indices {
      begin(i)
      write(inner.observations, i, into: &result.observations)
    }
    hasMasks = specification.hasActionMasks
    result.prepareMasks(for: specification)
    if hasMasks { copyMasks(into: &result) }
  }

  /// Takes an action in each environment.
  public mutating func step(
    _ actions: [Int], into result: inout VectorStep
  ) throws(Base.Failure) {
    try base.step(actions, into: &inner)
    for i in memories.indices {
      let step = Step(
        reward: inner.rewards[i], isTerminated: inner.isTerminated[i],
        isTruncated: inner.isTruncated[i])
      wrapper.note(
        &memories[i], step, inner.nextObservations, row(i, of: inner.nextObservations))
      write(inner.nextObservations, i, into: &result.nextObservations)
      if step.isLast { begin(i) }
      write(inner.observations, i, into: &result.observations)
      result.rewards[i] = step.reward
      result.isTerminated[i] = step.isTerminated
      result.isTruncated[i] = step.isTruncated
    }
    if hasMasks { copyMasks(into: &result) }
  }

  private func copyMasks(into result: inout VectorStep) {
    for i in inner.masks.indices {
      result.masks[i] = inner.masks[i]
      result.nextMasks[i] = inner.nextMasks[i]
    }
  }

  /// Notes the first observation of an environment's episode.
  private mutating func begin(_ i: Int) {
    wrapper.begin(&memories[i], inner.observations, row(i, of: inner.observations))
  }

  /// Writes what is shown of an environment into its row.
  private func write(_ observations: [Float], _ i: Int, into rows: inout [Float]) {
    let place = row(i, of: rows)
    var all = rows.mutableSpan
    // The standard library deprecates `extracting` for this name, and slices of an array allocate.
    var shown = all._mutatingExtracting(place)
    wrapper.write(observations, row(i, of: observations), memories[i], into: &shown)
  }

  /// An environment's numbers within rows of observations.
  private func row(_ i: Int, of rows: [Float]) -> Range<Int> {
    let size = rows.count / count
    return i * size..<(i + 1) * size
  }
}
