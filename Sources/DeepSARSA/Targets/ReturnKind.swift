/// The kinds of return that a target can be: the return from the first transition of a window.
///
/// A window has the transitions (s_t, a_t, r_t, s_{t+1}) of one episode, up to n of them. π is the target
/// policy, q′(s, a) the valuing network, V(s) = Σ_a π(a|s)·q′(s, a), and B(s) the value that the next-action rule
/// of `TargetRule` gives. The return from the window's last transition is r_t + γ·B(s_{t+1}), or
/// r_t + γ·V(s_{t+1}) for a corrected kind; γ is 0 where the episode terminated. So with n = 1 all kinds are one
/// step: the rule's own target, or that of Expected SARSA for a corrected kind.
///
/// All are one backward recursion, `Backup.returns`:
///
///     G_t = r_t + γ·(v_{t+1} + c_{t+1}·(G_{t+1} − w_{t+1}))
///
/// An uncorrected kind has v = w = B(s_{t+1}): it takes the behaviour's later rewards as they are. A corrected
/// kind has v = V(s_{t+1}) and w = q′(s_{t+1}, a_{t+1}): its expected return has the fixed point q^π, whatever
/// behaviour b chose the actions, if its traces c are small enough.
public enum ReturnKind: String, Codable, CaseIterable, Sendable {
  /// The rewards of the window, then a value: c = 1, so that
  /// G_t = Σ_{j<k} γ^j·r_{t+j} + γ^k·B(s_{t+k}), for a window of k transitions.
  ///
  /// Source: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §7.2.
  case nStep = "n-step"
  /// A mixture of all n-step returns: c = λ, so that
  /// G_t = r_t + γ·[(1 − λ)·B(s_{t+1}) + λ·G_{t+1}].
  ///
  /// Source: R. S. Sutton, A. G. Barto 2018, §12.1 and §12.3; with the window's end as its horizon.
  case lambda
  /// Tree backup, corrected: c = π(a_{t+1}|s_{t+1}). It does not need b.
  ///
  /// Source: R. S. Sutton, A. G. Barto 2018, §7.5.
  case treeBackup = "tree-backup"
  /// Q(σ), corrected: c = σ·ρ + (1 − σ)·π(a_{t+1}|s_{t+1}), with the ratio ρ = π/b.
  ///
  /// σ = 0 is tree backup. σ = 1 is n-step SARSA with importance sampling and a control variate, which is
  /// not `nStep`. Sources: K. De Asis et al. 2018, https://doi.org/10.48550/arXiv.1703.01327;
  /// R. S. Sutton, A. G. Barto 2018, §7.6, equation 7.17.
  case qSigma = "q-sigma"
  /// Retrace(λ), corrected: c = λ·min(1, ρ), with the ratio ρ = π/b.
  ///
  /// Source: R. Munos et al. 2016, https://doi.org/10.48550/arXiv.1606.02647.
  case retrace
  /// Q^π(λ), corrected: c = λ. It does not need b, but it converges only for a λ that is small enough for the
  /// distance between π and b.
  ///
  /// Source: A. Harutyunyan et al. 2016, https://doi.org/10.48550/arXiv.1602.04951.
  case qPiLambda = "q-pi-lambda"
}

extension ReturnKind {
  /// Whether the return uses the value of every state of a window, and not only of the last one.
  var usesEveryState: Bool { self != .nStep }

  /// Whether w is q′(s, a), so that the fixed point is q^π.
  var isCorrected: Bool { self != .nStep && self != .lambda }

  /// The trace c of an action between two transitions of a window, from π(a|s) and b(a|s).
  ///
  /// b is the probability with which the action was taken, above 0; only ratios use it.
  @inline(__always)
  func trace(probability: Float, behavior: Float, lambda: Float, sigma: Float) -> Float {
    switch self {
    case .nStep: 1
    case .lambda, .qPiLambda: lambda
    case .treeBackup: probability
    case .qSigma: sigma * (probability / behavior) + (1 - sigma) * probability
    case .retrace: lambda * min(1, probability / behavior)
    }
  }
}

extension TargetHyperparameters {
  /// Whether a return uses an action that was taken in an s′.
  var usesNextActions: Bool {
    rule.nextAction == .stored || (steps > 1 && returns.isCorrected)
  }

  /// Whether a return uses the probability with which the behaviour took an action.
  var usesBehavior: Bool {
    steps > 1 && (returns == .retrace || (returns == .qSigma && sigma > 0))
  }

  /// y for every row of a minibatch: the return of its window.
  ///
  /// Shapes: `selecting` and `valuing` [batch.nextObservations.rows, actions], q(s′, ·) of the two networks.
  package func evaluate(
    _ batch: inout Minibatch, selecting: Region, valuing: Region, policy: Policy,
    in arena: borrowing Arena<Float>, using generator: inout PCG64
  ) {
    if returns == .nStep {
      rule.evaluate(
        &batch, selecting: selecting, valuing: valuing, policy: policy, in: arena, using: &generator
      )
    } else {
      rule.evaluate(
        &batch, returns, lambda: Float(lambda), sigma: Float(sigma), selecting: selecting,
        valuing: valuing, policy: policy, in: arena, using: &generator)
    }
  }
}

extension TargetRule {
  /// The target policy π of corrected returns: the greedy policy, or the current one.
  private func target(_ policy: Policy) -> Policy {
    nextAction == .greedy ? .epsilonGreedy(epsilon: 0) : policy
  }

  /// y for every row of a minibatch, by a kind of return that uses every state of a window.
  ///
  /// Shapes: `selecting` and `valuing` [steps·batch, actions], q(s′, ·) of the two networks in the order of
  /// time. What lies behind a window's end has no effect. The policies take only legal actions.
  fileprivate func evaluate(
    _ batch: inout Minibatch, _ kind: ReturnKind, lambda: Float, sigma: Float, selecting: Region,
    valuing: Region, policy: Policy, in arena: borrowing Arena<Float>,
    using generator: inout PCG64
  ) {
    let (rows, actionCount) = (batch.count, valuing.columns)
    let target = target(policy)
    let masks = batch.nextMasks
    let maskSize = masks.isEmpty ? 0 : actionCount
    // The arrays that are written leave the minibatch meanwhile, since spans of the others borrow it.
    var values = batch.values.take()
    var traces = batch.traces.take()
    var baselines = batch.baselines.take()
    var returns = batch.returns.take()
    var v = values.mutableSpan
    var c = traces.mutableSpan
    var w = baselines.mutableSpan
    arena.withSpan(of: selecting) { selecting in
      arena.withSpan(of: valuing) { valuing in
        for row in 0..<rows {
          for step in 0..<batch.lengths[row] {
            let place = step * rows + row
            let isLast = step == batch.lengths[row] - 1
            let action = batch.nextActions[place]
            let mask = masks.span.extracting(place * maskSize..<(place + 1) * maskSize)
            if kind.isCorrected {
              v[place] = target.expectation(
                of: valuing, selecting: selecting, row: place, of: actionCount, allowing: mask)
            } else {
              v[place] = value(
                of: valuing, selecting: selecting, row: place, of: actionCount, allowing: mask,
                stored: action, policy: policy, using: &generator)
            }
            c[place] = 0
            w[place] = v[place]
            if isLast { continue }
            var probability = 1.0
            if kind.isCorrected {
              w[place] = valuing[place * actionCount + action]
              probability = target.probability(
                of: action, selecting, row: place, of: actionCount, allowing: mask, ties: .shared)
            }
            c[place] = kind.trace(
              probability: Float(probability), behavior: batch.nextProbabilities[place],
              lambda: lambda, sigma: sigma)
          }
        }
      }
    }
    var span = returns.mutableSpan
    Backup.returns(
      rewards: batch.rewards.span, discounts: batch.discounts.span, values: values.span,
      traces: traces.span, baselines: baselines.span, rows: rows, into: &span)
    var targets = batch.targets.mutableSpan
    for row in targets.indices { targets[row] = returns[row] }
    (batch.values, batch.traces, batch.baselines) = (values, traces, baselines)
    batch.returns = returns
  }
}
