public import DeepSARSA

/// An episode that a network played, with what is to be seen of it.
public struct PlayedEpisode: Hashable, Sendable {
  /// What is known before a step, or after the last one.
  public struct Frame: Hashable, Sendable {
    /// The picture; `nil` if the environment cannot be drawn.
    public var scene: Scene?
    /// The network's value of each action [actions].
    public var values: [Float]
    /// Which actions are legal; empty if all always are.
    public var mask: [Bool]
    /// The action that was taken from here, from 0; `nil` at the end.
    public var action: Int?
    /// The reward of that action; 0 at the end.
    public var reward: Double
  }

  /// The seed of the environment's reset.
  public var seed: UInt64
  /// One for each step, and one for the end.
  public var frames: [Frame]
  /// Whether the last state is terminal; otherwise the episode was truncated, or left at a limit of steps.
  public var isTerminated: Bool

  /// The sum of all rewards.
  public var total: Double { frames.reduce(0) { $0 + $1.reward } }
}
