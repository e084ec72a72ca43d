internal import SARSAPreconditions

/// Returns by one backward recursion, from which every multi-step target follows.
///
/// With the reward r_k of step k, the discount γ_k (0 if the next state is terminal), the value v_{k+1} of
/// the next state, the trace c_{k+1}, and a baseline w_{k+1}:
///
///     G_k = r_k + γ_k·(v_{k+1} + c_{k+1}·(G_{k+1} − w_{k+1}))
///
/// A trace is 0 at the end of a window, where the value alone follows the reward. Uncorrected returns have
/// w = v: with c = 1 they are the n-step returns of the rule that gives v, with c = λ its λ-returns. Corrected
/// returns have w = q(s, a), and a trace for each action: tree backup, Q(σ), Retrace.
///
/// Sources: R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2nd edition, 2018, §7.1, §7.5, §7.6, §12.3;
/// R. Munos et al. 2016, https://doi.org/10.48550/arXiv.1606.02647.
public enum Backup {
  /// The returns of windows that lie side by side.
  ///
  /// Shapes: all [steps, rows], in the order of time; element k of `values`, `traces` and `baselines` belongs
  /// to the state after step k. The traces and baselines of the last step are not used. What lies behind a
  /// trace of 0 has no effect, nor has the next state of a discount of 0, even if they are infinite.
  ///
  /// - Precondition: all spans have one length, a positive multiple of `rows`.
  /// - Complexity: O(steps·rows), no allocation.
  public static func returns(
    rewards: Span<Float>, discounts: Span<Float>, values: Span<Float>, traces: Span<Float>,
    baselines: Span<Float>, rows: Int, into returns: inout MutableSpan<Float>
  ) {
    let count = returns.count
    require(
      rows > 0 && count > 0 && count % rows == 0, "rows is %; allowed: a divisor of %", rows, count)
    require(
      rewards.count == count && discounts.count == count && values.count == count
        && traces.count == count && baselines.count == count,
      "rewards, discounts, values, traces and baselines have %, %, %, % and % numbers; allowed: %",
      rewards.count, discounts.count, values.count, traces.count, baselines.count, count)
    let last = count - rows
    for i in last..<count { returns[i] = sum(rewards[i], discounts[i], values[i]) }
    var i = last
    while i > 0 {
      i -= 1
      var next = values[i]
      // In this form, c = 1 and w = v give exactly G.
      if traces[i] != 0 {
        next = (next - traces[i] * baselines[i]) + traces[i] * returns[i + rows]
      }
      returns[i] = sum(rewards[i], discounts[i], next)
    }
  }

  /// r + γ·next, without the product if there is no next state: 0 · ∞ would make the return NaN.
  @inline(__always)
  private static func sum(_ reward: Float, _ discount: Float, _ next: Float) -> Float {
    reward + (discount == 0 ? 0 : discount * next)
  }
}
