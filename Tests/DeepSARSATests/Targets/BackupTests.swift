import DeepSARSA
import TestSupport
import Testing

/// Random numbers for the returns of windows that lie side by side, in arrays [steps, rows].
private struct Windows {
  let steps: Int
  let rows: Int
  var rewards: [Float]
  var discounts: [Float]
  var values: [Float]
  var traces: [Float]
  var baselines: [Float]
}

extension Windows {
  init(steps: Int, rows: Int, using generator: inout PCG64) {
    func numbers(_ low: Double, _ high: Double) -> [Float] {
      (0..<steps * rows).map { _ in Float(generator.uniform(low, high)) }
    }
    self.init(
      steps: steps, rows: rows, rewards: numbers(-10, 10), discounts: numbers(0, 1),
      values: numbers(-10, 10), traces: numbers(0, 1.5), baselines: numbers(-10, 10))
    // Some windows end early, and some episodes do.
    for i in 0..<steps * rows where generator.random() < 0.1 { traces[i] = 0 }
    for i in 0..<steps * rows where generator.random() < 0.1 { discounts[i] = 0 }
  }

  func returns() -> [Float] {
    var result = [Float](repeating: .nan, count: steps * rows)
    var span = result.mutableSpan
    Backup.returns(
      rewards: rewards.span, discounts: discounts.span, values: values.span, traces: traces.span,
      baselines: baselines.span, rows: rows, into: &span)
    return result
  }

  /// One of the windows.
  func alone(_ row: Int) -> Windows {
    func numbers(_ all: [Float]) -> [Float] { (0..<steps).map { all[$0 * rows + row] } }
    return Windows(
      steps: steps, rows: 1, rewards: numbers(rewards), discounts: numbers(discounts),
      values: numbers(values), traces: numbers(traces), baselines: numbers(baselines))
  }

  /// The numbers of one row, in the order of time.
  func column(_ numbers: [Float], _ row: Int) -> [Double] {
    (0..<steps).map { Double(numbers[$0 * rows + row]) }
  }
}

/// The return of `count` steps from `start` on: the sum of discounted rewards, and the last state's value.
private func stepsReturn(
  _ rewards: [Double], _ discounts: [Double], _ values: [Double], from start: Int, count: Int
) -> Double {
  var (sum, factor) = (0.0, 1.0)
  for k in start..<start + count {
    sum += factor * rewards[k]
    factor *= discounts[k]
  }
  return sum + factor * values[start + count - 1]
}

/// A path through states whose actions have values and probabilities, for corrected returns.
///
/// State 0 is where the path begins; reward k is that of the step from state k.
private struct Path {
  static let actionCount = 3
  let steps: Int
  let discount = 0.5
  var rewards: [Double] = []
  var actions: [Int] = []
  var q: [[Double]] = []
  /// The target policy and the behaviour policy.
  var pi: [[Double]] = []
  var mu: [[Double]] = []
  var sigma: [Double] = []

  init(steps: Int, using generator: inout PCG64) {
    func distribution() -> [Double] {
      let weights = (0..<Self.actionCount).map { _ in generator.uniform(0.1, 1) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
    self.steps = steps
    for _ in 0...steps {
      rewards.append(generator.uniform(-5, 5))
      actions.append(generator.integer(below: Self.actionCount))
      q.append((0..<Self.actionCount).map { _ in generator.uniform(-5, 5) })
      pi.append(distribution())
      mu.append(distribution())
      sigma.append(generator.random())
    }
  }

  /// The mean of q under the target policy.
  func mean(_ state: Int) -> Double { zip(pi[state], q[state]).reduce(0) { $0 + $1.0 * $1.1 } }

  /// q(s, a) and π(a|s) of the action that was taken, and its importance ratio.
  func taken(_ state: Int) -> (q: Double, pi: Double, ratio: Double) {
    let action = actions[state]
    return (q[state][action], pi[state][action], pi[state][action] / mu[state][action])
  }

  /// G_0 of the corrected recursion, with a trace for the action of every state.
  func corrected(trace: (Int) -> Double) -> Double {
    func floats(_ number: (Int) -> Double) -> [Float] { (1...steps).map { Float(number($0)) } }
    var result = [Float](repeating: 0, count: steps)
    var span = result.mutableSpan
    Backup.returns(
      rewards: floats { rewards[$0 - 1] }.span, discounts: floats { _ in discount }.span,
      values: floats(mean).span, traces: floats(trace).span,
      baselines: floats { taken($0).q }.span, rows: 1, into: &span)
    return Double(result[0])
  }
}

@Suite("Returns by backward recursion")
struct BackupTests {
  @Test("returns are the sums over all later steps that the recursion stands for")
  func forwardView() {
    var generator = PCG64(seed: 1)
    for _ in 0..<100 {
      let windows = Windows(
        steps: 1 + generator.integer(below: 8), rows: 1 + generator.integer(below: 4),
        using: &generator)
      let found = windows.returns()
      for row in 0..<windows.rows {
        let (r, gamma) = (
          windows.column(windows.rewards, row), windows.column(windows.discounts, row)
        )
        let (v, c) = (windows.column(windows.values, row), windows.column(windows.traces, row))
        let w = windows.column(windows.baselines, row)
        for k in 0..<windows.steps {
          // Σ_j (Π_{k≤i<j} γ_i·c_{i+1})·(r_j + γ_j·(v_{j+1} − c_{j+1}·w_{j+1})), in which the last step has
          // no trace.
          var (sum, size) = (0.0, 0.0)
          for j in k..<windows.steps {
            let weight = (k..<j).reduce(1.0) { $0 * gamma[$1] * c[$1] }
            let correction = j == windows.steps - 1 ? 0 : c[j] * w[j]
            sum += weight * (r[j] + gamma[j] * (v[j] - correction))
            size += weight * (abs(r[j]) + gamma[j] * (abs(v[j]) + abs(correction)))
          }
          let error = abs(Double(found[k * windows.rows + row]) - sum)
          #expect(error <= 1e-6 * max(size, 1), "step \(k) of \(windows.steps), row \(row)")
        }
      }
    }
  }

  @Test("rows that lie side by side are as each alone, to the bit")
  func rowsAreApart() {
    var generator = PCG64(seed: 2)
    let all = Windows(steps: 5, rows: 4, using: &generator)
    let found = all.returns()
    for row in 0..<4 {
      #expect(all.alone(row).returns() == (0..<5).map { found[$0 * 4 + row] })
    }
  }

  @Test("uncorrected returns with c = 1 are n-step returns, to the bit for whole numbers")
  func stepReturns() {
    var generator = PCG64(seed: 3)
    for steps in 1...8 {
      for _ in 0..<20 {
        var windows = Windows(steps: steps, rows: 3, using: &generator)
        // The values in between cancel, whatever they are; the last ones are whole.
        windows.baselines = windows.values
        for i in 0..<steps * 3 {
          windows.rewards[i] = Float(256 * (generator.integer(below: 99) - 49))
          windows.discounts[i] = generator.random() < 0.1 ? 0 : 0.5
          windows.traces[i] = 1
        }
        for i in (steps - 1) * 3..<steps * 3 {
          windows.values[i] = Float(256 * (generator.integer(below: 99) - 49))
        }
        let found = windows.returns()
        for row in 0..<3 {
          let (r, v) = (windows.column(windows.rewards, row), windows.column(windows.values, row))
          let gamma = windows.column(windows.discounts, row)
          for k in 0..<steps {
            let expected = stepsReturn(r, gamma, v, from: k, count: steps - k)
            #expect(Double(found[k * 3 + row]) == expected)
          }
        }
      }
    }
  }

  @Test(
    "uncorrected returns with c = λ are mixtures of n-step returns", arguments: [0, 0.3, 0.9, 1])
  func lambdaReturns(lambda: Double) {
    var generator = PCG64(seed: 4)
    for steps in 1...8 {
      var windows = Windows(steps: steps, rows: 3, using: &generator)
      windows.baselines = windows.values
      windows.traces = windows.traces.map { _ in Float(lambda) }
      let found = windows.returns()
      for row in 0..<3 {
        let (r, v) = (windows.column(windows.rewards, row), windows.column(windows.values, row))
        let gamma = windows.column(windows.discounts, row)
        for k in 0..<steps {
          // (1 − λ)·Σ λ^{n−1}·G^{(n)}; the longest return has the rest of the weight.
          let longest = steps - k
          var (sum, weight) = (0.0, 1.0)
          for n in 1...longest {
            let share = n == longest ? 1 : 1 - lambda
            sum += share * weight * stepsReturn(r, gamma, v, from: k, count: n)
            weight *= lambda
          }
          #expect(abs(Double(found[k * 3 + row]) - sum) < 1e-4, "\(steps) steps, step \(k)")
        }
      }
    }
  }

  @Test("corrected returns with c = π(a|s) are the textbook's tree backup")
  func treeBackup() {
    var generator = PCG64(seed: 5)
    for _ in 0..<100 {
      let path = Path(steps: 1 + generator.integer(below: 6), using: &generator)
      /// R. S. Sutton, A. G. Barto 2018, equation 7.16: the return of the step from a state on.
      func tree(_ state: Int) -> Double {
        let next = state + 1
        var value = 0.0
        for action in 0..<Path.actionCount {
          let isFollowed = action == path.actions[next] && next < path.steps
          value += path.pi[next][action] * (isFollowed ? tree(next) : path.q[next][action])
        }
        return path.rewards[state] + path.discount * value
      }
      #expect(abs(path.corrected { path.taken($0).pi } - tree(0)) < 1e-4)
    }
  }

  @Test("corrected returns with c = σρ + (1 − σ)π are the textbook's Q(σ)")
  func qSigma() {
    var generator = PCG64(seed: 6)
    for _ in 0..<100 {
      let path = Path(steps: 1 + generator.integer(below: 6), using: &generator)
      /// R. S. Sutton, A. G. Barto 2018, equation 7.17, from which G_{h:h} = q(s_h, a_h) follows.
      func sigma(_ state: Int) -> Double {
        if state == path.steps { return path.taken(state).q }
        let next = path.taken(state + 1)
        let sample = path.sigma[state + 1] * next.ratio + (1 - path.sigma[state + 1]) * next.pi
        return path.rewards[state] + path.discount * sample * (sigma(state + 1) - next.q)
          + path.discount * path.mean(state + 1)
      }
      let found = path.corrected {
        path.sigma[$0] * path.taken($0).ratio + (1 - path.sigma[$0]) * path.taken($0).pi
      }
      #expect(abs(found - sigma(0)) < 1e-3)
    }
  }

  @Test("corrected returns with c = λ·min(1, π/μ) are Retrace's sum of errors times traces")
  func retrace() {
    var generator = PCG64(seed: 7)
    for _ in 0..<100 {
      let path = Path(steps: 1 + generator.integer(below: 6), using: &generator)
      let lambda = generator.random()
      func trace(_ state: Int) -> Double { lambda * min(1, path.taken(state).ratio) }
      // R. Munos et al. 2016, equations 3 and 4: q + Σ_t γ^t·(Π_{s≤t} c_s)·δ_t.
      var (sum, factor) = (path.taken(0).q, 1.0)
      for t in 0..<path.steps {
        if t > 0 { factor *= path.discount * trace(t) }
        sum +=
          factor * (path.rewards[t] + path.discount * path.mean(t + 1) - path.taken(t).q)
      }
      #expect(abs(path.corrected(trace: trace) - sum) < 1e-4)
    }
  }

  @Test(
    "what lies behind a trace of 0 or a discount of 0 has no effect, even if it is infinite or NaN",
    arguments: [Float.infinity, -.infinity, .nan])
  func behindAZero(number: Float) {
    var generator = PCG64(seed: 8)
    for _ in 0..<50 {
      let steps = 2 + generator.integer(below: 6)
      var windows = Windows(steps: steps, rows: 1, using: &generator)
      let zero = generator.integer(below: steps)
      let isEnd = generator.random() < 0.5
      if isEnd { windows.discounts[zero] = 0 } else { windows.traces[zero] = 0 }
      let expected = windows.returns()
      windows.baselines[zero] = number
      if isEnd { (windows.values[zero], windows.traces[zero]) = (number, number) }
      for i in zero + 1..<steps {
        (windows.rewards[i], windows.discounts[i], windows.values[i]) = (number, number, number)
        (windows.traces[i], windows.baselines[i]) = (number, number)
      }
      // The trace and the baseline of the last step are not used.
      (windows.traces[steps - 1], windows.baselines[steps - 1]) = (number, number)
      #expect(windows.returns()[...zero] == expected[...zero], "\(zero) of \(steps)")
    }
  }

  @Test(
    "wrong sizes are printed before the program ends",
    arguments: [
      (0, 4, 4, "rows is 0; allowed: a divisor of 4"),
      (3, 4, 4, "rows is 3; allowed: a divisor of 4"),
      (1, 0, 0, "rows is 1; allowed: a divisor of 0"),
      (
        2, 4, 3,
        "rewards, discounts, values, traces and baselines have 4, 4, 4, 3 and 4 numbers; allowed: 4"
      ),
    ])
  func wrongSizes(rows: Int, count: Int, traceCount: Int, message: String) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [rows, count, traceCount] in
      let numbers = [Float](repeating: 0, count: count)
      let traces = [Float](repeating: 0, count: traceCount)
      var returns = numbers
      var span = returns.mutableSpan
      Backup.returns(
        rewards: numbers.span, discounts: numbers.span, values: numbers.span, traces: traces.span,
        baselines: numbers.span, rows: rows, into: &span)
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(printed.contains("Fatal error: "))
    #expect(printed.contains(message), "\(printed)")
  }

  @Test("returns allocate nothing, in debug builds too")
  func allocations() {
    var generator = PCG64(seed: 9)
    let windows = Windows(steps: 8, rows: 32, using: &generator)
    var result = windows.rewards
    var span = result.mutableSpan
    let count = TestSupport.allocations {
      Backup.returns(
        rewards: windows.rewards.span, discounts: windows.discounts.span,
        values: windows.values.span, traces: windows.traces.span,
        baselines: windows.baselines.span, rows: 32, into: &span)
    }
    #expect(count == 0)
  }
}
