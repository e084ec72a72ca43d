/// How the next action of a target is chosen, and which network chooses it.
///
/// y = r + γ·q(s′, a′|θ_target), or its mean over a′. The target network always evaluates a′. With several
/// steps, s′ is the last state of the window, and the rewards before it are those that were received.
public struct TargetRule: Codable, Hashable, Sendable {
  /// Where a′ comes from.
  public enum NextAction: String, Codable, CaseIterable, Sendable {
    /// The current policy draws a new action in s′: the lecture's algorithm.
    case resampled
    /// The action that was taken in s′: classic SARSA. After a truncation that bootstraps no action was
    /// taken, and after the newest transition not yet; in these cases it is drawn as for `.resampled`. Source:
    /// G. A. Rummery, M. Niranjan 1994, "On-line Q-learning Using Connectionist Systems".
    case stored
    /// No single action: the mean over the current policy in s′, which avoids the noise of a drawn action:
    /// Expected SARSA. Source: H. van Seijen et al. 2009, https://doi.org/10.1109/ADPRL.2009.4927542.
    case expected
    /// The greedy action for every ε: Q-learning, for comparison. With `.target` selection it is
    /// DQN's target (V. Mnih et al. 2015, https://doi.org/10.1038/nature14236), with `.online` Double
    /// DQN's.
    case greedy
  }

  /// The network whose action values the policy uses.
  public enum Selection: String, Codable, CaseIterable, Sendable {
    /// The online network, θ. As ε goes to zero this is Double DQN's target (H. van Hasselt et al. 2016,
    /// https://doi.org/10.1609/aaai.v30i1.10295).
    case online
    /// The target network, θ_target.
    case target
  }

  /// Where a′ comes from.
  public var nextAction = NextAction.resampled
  /// The network whose action values the policy uses.
  public var selection = Selection.online

  /// The lecture's rule.
  public init(nextAction: NextAction = .resampled, selection: Selection = .online) {
    self.nextAction = nextAction
    self.selection = selection
  }
}

extension TargetRule {
  /// y for every row of a minibatch: the n-step return of its window, which bootstraps from the last s′.
  ///
  /// Shapes: `selecting` and `valuing` [batch, actions], q(s′, ·) of the two networks. A discount of
  /// zero means that there is no next state. The policy takes only actions that are legal in s′.
  package func evaluate(
    _ batch: inout Minibatch, selecting: Region, valuing: Region, policy: Policy,
    in arena: borrowing Arena<Float>, using generator: inout PCG64
  ) {
    let (rows, actionCount) = (batch.count, valuing.columns)
    // The arrays that are written leave the minibatch meanwhile, since spans of the others borrow it.
    var values = batch.values.take()
    var returns = batch.returns.take()
    let masks = batch.nextMasks
    let maskSize = masks.isEmpty ? 0 : actionCount
    var lastValues = values.mutableSpan
    arena.withSpan(of: selecting) { selecting in
      arena.withSpan(of: valuing) { valuing in
        for row in 0..<rows {
          lastValues[batch.lastPlace(of: row)] = value(
            of: valuing, selecting: selecting, row: row, of: actionCount,
            allowing: masks.span.extracting(row * maskSize..<(row + 1) * maskSize),
            stored: batch.nextActions[row], policy: policy, using: &generator)
        }
      }
    }
    // Uncorrected returns: the baseline is the value.
    var span = returns.mutableSpan
    Backup.returns(
      rewards: batch.rewards.span, discounts: batch.discounts.span, values: values.span,
      traces: batch.traces.span, baselines: values.span, rows: rows, into: &span)
    var targets = batch.targets.mutableSpan
    for row in targets.indices { targets[row] = returns[row] }
    (batch.values, batch.returns) = (values, returns)
  }

  /// The value of s′ in a row, by the rule; `stored` is the action that was taken there, −1 if there is none.
  @inline(__always)
  func value(
    of values: Span<Float>, selecting: Span<Float>, row: Int, of actionCount: Int,
    allowing mask: Span<Bool>, stored: Int, policy: Policy, using generator: inout PCG64
  ) -> Float {
    switch nextAction {
    case .stored where stored >= 0:
      return values[row * actionCount + stored]
    case .resampled, .stored:
      let next = policy.action(
        selecting, row: row, of: actionCount, allowing: mask, using: &generator)
      return values[row * actionCount + next]
    case .expected:
      return policy.expectation(
        of: values, selecting: selecting, row: row, of: actionCount, allowing: mask)
    case .greedy:
      let next = Policy.greedy(selecting, row: row, of: actionCount, allowing: mask)
      return values[row * actionCount + next]
    }
  }
}

extension TargetHyperparameters {
  /// The factor of the next state's value: γ, or 0 if there is no next state.
  ///
  /// - Returns: a number from 0 to 1.
  public func discount(after isTerminated: Bool, _ isTruncated: Bool) -> Double {
    isTerminated || (isTruncated && timeLimit == .terminal) ? 0 : discount
  }
}

extension Array {
  /// Returns the array, and leaves an empty one.
  mutating func take() -> [Element] {
    var taken: [Element] = []
    swap(&taken, &self)
    return taken
  }
}
