import DeepSARSA
import Foundation
import Testing

@Suite("Schedules, exploration, sampling")
struct PolicyTests {
  @Test("a straight line starts, passes and ends where it should, and stays there")
  func linear() {
    let line = Schedule.linear(from: 1, to: 0.2, steps: 100)
    #expect(line.value(at: 0) == 1)
    #expect(abs(line.value(at: 50) - 0.6) < 1e-15)
    #expect(line.value(at: 99) > 0.2)
    #expect(line.value(at: 100) == 0.2)
    #expect(line.value(at: .max) == 0.2)
    #expect(Schedule.constant(0.3).value(at: 12) == 0.3)
  }

  @Test("an exponential keeps its ratio, a cosine starts and ends flat, and both arrive")
  func curves() {
    let exponential = Schedule.exponential(from: 1, to: 0.01, steps: 100)
    #expect(exponential.value(at: 0) == 1)
    #expect(abs(exponential.value(at: 50) - 0.1) < 1e-15)
    for step in 0..<100 {
      let ratio = exponential.value(at: step + 1) / exponential.value(at: step)
      #expect(abs(ratio - 0.954_992_586_021_436) < 1e-12)
    }
    let cosine = Schedule.cosine(from: 2, to: 1, steps: 100)
    #expect(cosine.value(at: 0) == 2)
    #expect(abs(cosine.value(at: 50) - 1.5) < 1e-15)
    #expect(abs(cosine.value(at: 25) - (1.5 + 0.125.squareRoot())) < 1e-15)
    #expect(cosine.value(at: 1) > 1.999 && cosine.value(at: 99) < 1.001)
    for schedule in [exponential, cosine] {
      let end = schedule.curve?.to
      #expect(schedule.value(at: 100) == end && schedule.value(at: .max) == end)
    }
  }

  @Test("schedules are written as a number or a mapping, and read again")
  func schedulesAsText() throws {
    for schedule in [
      Schedule.constant(0.25), .linear(from: 1, to: 0.05, steps: 10),
      .exponential(from: 1, to: 0.05, steps: 10), .cosine(from: 1, to: 0, steps: 10),
    ] {
      let text = try JSONEncoder().encode([schedule])
      #expect(try JSONDecoder().decode([Schedule].self, from: text) == [schedule])
    }
    #expect(
      String(decoding: try JSONEncoder().encode(Schedule.constant(0.25)), as: UTF8.self) == "0.25")
  }

  /// How often each action of a row is taken in so many draws, held against its probability by
  /// chi-square; 16.27 is exceeded once in a thousand with three degrees of freedom.
  private func expectFrequencies(_ policy: Policy, of probabilities: [Double]) {
    var generator = PCG64(seed: 5)
    let values: [Float] = [9, 9, 9, 9, 0, 2, 1, 0]
    let draws = 40_000
    var counts = [0, 0, 0, 0]
    for _ in 0..<draws {
      counts[policy.action(values.span, row: 1, of: 4, using: &generator)] += 1
    }
    let expected = probabilities.map { $0 * Double(draws) }
    let statistic = zip(counts, expected).reduce(0) { $0 + pow(Double($1.0) - $1.1, 2) / $1.1 }
    #expect(statistic < 16.27, "\(policy): \(counts)")
  }

  @Test("ε-greedy takes a random action with probability ε, each as likely")
  func frequencies() {
    expectFrequencies(.epsilonGreedy(epsilon: 0.4), of: [0.1, 0.7, 0.1, 0.1])
  }

  @Test("Boltzmann's policy takes an action with a probability that grows with its value")
  func boltzmann() {
    for temperature in [0.5, 1, 10] {
      let weights = [0.0, 2, 1, 0].map { exp($0 / temperature) }
      let total = weights.reduce(0, +)
      expectFrequencies(.boltzmann(temperature: temperature), of: weights.map { $0 / total })
    }
  }

  @Test("Boltzmann's expectation weighs values by the policy, and survives any temperature")
  func boltzmannExpectation() {
    let (selecting, values): ([Float], [Float]) = ([1, 3, 3, 0], [8, 16, 32, 64])
    func expectation(_ temperature: Double) -> Float {
      Policy.boltzmann(temperature: temperature).expectation(
        of: values.span, selecting: selecting.span, row: 0, of: 4)
    }
    let weights = [1.0, 3, 3, 0].map { exp($0) }
    let exact =
      zip(weights, [8.0, 16, 32, 64]).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    #expect(abs(Double(expectation(1)) - exact) < 1e-5)
    #expect(expectation(1e-6) == 24)
    #expect(abs(expectation(1e6) - 30) < 1e-3)
    var generator = PCG64(seed: 0)
    let cold = Policy.boltzmann(temperature: 1e-6)
    let taken = Set(
      (0..<100).map { _ in
        cold.action(selecting.span, row: 0, of: 4, using: &generator)
      })
    #expect(taken == [1, 2])
    let unknown: [Float] = [.nan, .nan]
    #expect(cold.action(unknown.span, row: 0, of: 2, using: &generator) == 0)
  }

  @Test("greedy takes the highest value, and the first of equals")
  func greedy() {
    let values: [Float] = [1, 3, 3, -1, -2, -3, .nan, 1, 2]
    #expect(Policy.greedy(values.span, row: 0, of: 3) == 1)
    #expect(Policy.greedy(values.span, row: 1, of: 3) == 0)
    #expect(Policy.greedy(values.span, row: 0, of: 1) == 0)
  }

  @Test("drawn numbers are distinct and in range, up to drawing everything", arguments: 1...40)
  func distinct(bound: Int) {
    var generator = PCG64(seed: UInt64(bound))
    var sampler = Sampler(batchSize: 32)
    for _ in 0..<50 {
      var numbers = Array(repeating: -1, count: min(bound, 32))
      sampler.draw(below: bound, into: &numbers, using: &generator)
      #expect(Set(numbers).count == numbers.count)
      #expect(numbers.allSatisfy { (0..<bound).contains($0) })
    }
  }

  @Test("every number is drawn as often as any other")
  func uniform() {
    var generator = PCG64(seed: 1)
    var sampler = Sampler(batchSize: 8)
    var counts = Array(repeating: 0, count: 20)
    var numbers = Array(repeating: 0, count: 8)
    let draws = 10_000
    for _ in 0..<draws {
      sampler.draw(below: 20, into: &numbers, using: &generator)
      for number in numbers { counts[number] += 1 }
    }
    // 19 degrees of freedom; without replacement counts vary less than chi-square assumes, so the
    // bound of one in a thousand is on the safe side.
    let expected = Double(draws) * 8 / 20
    let statistic = counts.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected }
    #expect(statistic < 43.82, "\(counts)")
  }
}

@Suite("Random streams")
struct RandomStreamTests {
  @Test("every purpose and index has a stream of its own, the same for the same seed")
  func streams() {
    var firsts: Set<UInt64> = []
    for purpose in RandomStreams.Purpose.allCases {
      for index in 0..<4 as Range<UInt32> {
        var stream = RandomStreams(seed: 9).stream(purpose, index: index)
        var again = RandomStreams(seed: 9).stream(purpose, index: index)
        let first = stream.next()
        #expect(first == again.next())
        firsts.insert(first)
      }
    }
    #expect(firsts.count == 4 * RandomStreams.Purpose.allCases.count)
  }
}
