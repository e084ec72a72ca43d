import DeepSARSA
import Testing

@Suite("Action masks in policies")
struct MaskTests {
  /// Values with and without ties, the highest one first, last and in the middle.
  private static let values: [[Float]] = [
    [3, 1, 2, -1, 0], [1, 1, 1, 1, 1], [0, 2, -5, 2, 2], [-4, -3, -2, -1, 7],
  ]

  /// The probabilities of a policy, as they are defined.
  private func probabilities(
    _ policy: Policy, _ values: [Float], _ mask: [Bool]
  ) -> [Double] {
    let legal = values.indices.filter { mask[$0] }
    switch policy {
    case .epsilonGreedy(let epsilon):
      let highest = legal.map { values[$0] }.max()
      let best = legal.filter { values[$0] == highest }
      return values.indices.map { action in
        guard mask[action] else { return 0 }
        return epsilon / Double(legal.count)
          + (best.contains(action) ? (1 - epsilon) / Double(best.count) : 0)
      }
    case .boltzmann(let temperature):
      let weights = values.indices.map { action in
        mask[action] ? exponential(Double(values[action]) / temperature) : 0
      }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
  }

  /// eˣ as a series, from which the policy takes nothing.
  private func exponential(_ x: Double) -> Double {
    if x < 0 { return 1 / exponential(-x) }
    var (sum, term) = (1.0, 1.0)
    for n in 1..<80 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  /// All masks of up to five actions that allow one.
  private static let masks: [[Bool]] = (1...5).flatMap { count in
    (1..<1 << count).map { bits in (0..<count).map { bits >> $0 & 1 == 1 } }
  }

  @Test("the expectation is the mean over the policy on the legal actions, for every mask")
  func expectation() {
    for mask in Self.masks {
      for selecting in Self.values {
        let values = Array([10, -20, 40, 80, -160].prefix(mask.count)) as [Float]
        let selecting = Array(selecting.prefix(mask.count))
        for policy in [
          Policy.epsilonGreedy(epsilon: 0), .epsilonGreedy(epsilon: 0.3),
          .epsilonGreedy(epsilon: 1), .boltzmann(temperature: 0.7),
        ] {
          // In the second row of two, so that a row's start counts.
          let padding = [Float](repeating: 99, count: mask.count)
          let found = policy.expectation(
            of: (padding + values).span, selecting: (padding + selecting).span, row: 1,
            of: mask.count, allowing: mask.span)
          let expected = zip(probabilities(policy, selecting, mask), values).reduce(0) {
            $0 + $1.0 * Double($1.1)
          }
          #expect(abs(Double(found) - expected) < 1e-4, "\(policy) \(selecting) \(mask)")
          for (action, probability) in probabilities(policy, selecting, mask).enumerated() {
            let weight = policy.probability(
              of: action, (padding + selecting).span, row: 1, of: mask.count, allowing: mask.span,
              ties: .shared)
            #expect(abs(weight - probability) < 1e-9, "\(policy) \(selecting) \(mask)")
          }
        }
      }
    }
  }

  @Test("only legal actions are drawn, as often as the policy says")
  func draws() {
    var generator = PCG64(seed: 3)
    for mask in Self.masks {
      for policy in [Policy.epsilonGreedy(epsilon: 0.6), .boltzmann(temperature: 2)] {
        let values = Array(Self.values[0].prefix(mask.count))
        var counts = [Int](repeating: 0, count: mask.count)
        let draws = 300
        for _ in 0..<draws {
          counts[
            policy.action(
              values.span, row: 0, of: mask.count, allowing: mask.span, using: &generator)] += 1
        }
        for (action, probability) in probabilities(policy, values, mask).enumerated() {
          let deviation = (probability * (1 - probability) * Double(draws)).squareRoot()
          #expect(
            abs(Double(counts[action]) - probability * Double(draws)) <= 5 * deviation,
            "\(policy) \(mask): \(counts)")
        }
      }
    }
  }

  @Test("greedy is the first of the highest legal values")
  func greedy() {
    for mask in Self.masks {
      for values in Self.values {
        let values = Array(values.prefix(mask.count))
        let legal = values.indices.filter { mask[$0] }
        let highest = legal.map { values[$0] }.max()
        #expect(
          Policy.greedy(values.span, row: 0, of: mask.count, allowing: mask.span)
            == legal.first { values[$0] == highest }, "\(values) \(mask)")
      }
    }
  }

  @Test("a mask that allows all, and none, draw the same numbers and give the same results")
  func allLegal() {
    let all = [Bool](repeating: true, count: 5)
    for policy in [Policy.epsilonGreedy(epsilon: 0.5), .boltzmann(temperature: 1)] {
      var (with, without) = (PCG64(seed: 1), PCG64(seed: 1))
      for values in Self.values + Self.values {
        #expect(
          policy.action(values.span, row: 0, of: 5, allowing: all.span, using: &with)
            == policy.action(values.span, row: 0, of: 5, using: &without))
        #expect(
          policy.expectation(
            of: values.span, selecting: values.span, row: 0, of: 5, allowing: all.span)
            == policy.expectation(of: values.span, selecting: values.span, row: 0, of: 5))
      }
      #expect(with == without)
    }
  }
}
