/// An environment in which all actions count as legal, whatever it says of them.
///
/// What acts in it and learns from it then takes any action, and the environment decides what an illegal one
/// does.
///
/// ```swift
/// let taxi = Unmasked(TimeLimit(Taxi(), maximumSteps: 200))
/// ```
public typealias Unmasked<Base: Environment> = Wrapped<Base, Unmasking>

extension Wrapped where Wrapper == Unmasking {
  /// Removes the masks of an environment.
  public init(_ base: Base) { self.init(base, within: Unmasking()) }
}

/// The wrapper of `Unmasked`.
public struct Unmasking: EnvironmentWrapper {
  /// Nothing.
  public struct Memory: Codable, Hashable, Sendable {}

  /// Nothing.
  public var initialMemory: Memory { Memory() }

  /// The inner environment's specification, without masks.
  public func specification(of base: EnvironmentSpecification) -> EnvironmentSpecification {
    var result = base
    result.hasActionMasks = false
    return result
  }

  /// Whatever it is.
  public func accepts(_ memory: Memory) -> Bool { true }

  /// Does nothing.
  public func begin(_ memory: inout Memory, _ observations: [Float], _ row: Range<Int>) {}

  /// Does nothing.
  public func note(
    _ memory: inout Memory, _ step: Step, _ observations: [Float], _ row: Range<Int>
  ) {}
}
