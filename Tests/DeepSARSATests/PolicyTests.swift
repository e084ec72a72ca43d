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

  @Test("schedules are written as a number or a mapping, and read again")
  func schedulesAsText() throws {
    for schedule in [Schedule.constant(0.25), .linear(from: 1, to: 0.05, steps: 10)] {
      let text = try JSONEncoder().encode([schedule])
      #expect(try JSONDecoder().decode([Schedule].self, from: text) == [schedule])
    }
    #expect(
      String(decoding: try JSONEncoder().encode(Schedule.constant(0.25)), as: UTF8.self) == "0.25")
  }

  @Test("ε-greedy takes a random action with probability ε, each as likely")
  func frequencies() {
    var generator = PCG64(seed: 5)
    let values: [Float] = [9, 9, 9, 9, 0, 2, 1, 0]
    let draws = 40_000
    var counts = [0, 0, 0, 0]
    for _ in 0..<draws {
      counts[
        EpsilonGreedy.action(values.span, row: 1, of: 4, epsilon: 0.4, using: &generator)] += 1
    }
    // Chi-square with three degrees of freedom; 16.27 is exceeded once in a thousand, and the seed
    // is fixed.
    let expected = [0.1, 0.7, 0.1, 0.1].map { $0 * Double(draws) }
    let statistic = zip(counts, expected).reduce(0) { $0 + pow(Double($1.0) - $1.1, 2) / $1.1 }
    #expect(statistic < 16.27, "\(counts)")
  }

  @Test("greedy takes the highest value, and the first of equals")
  func greedy() {
    let values: [Float] = [1, 3, 3, -1, -2, -3, .nan, 1, 2]
    #expect(EpsilonGreedy.greedy(values.span, row: 0, of: 3) == 1)
    #expect(EpsilonGreedy.greedy(values.span, row: 1, of: 3) == 0)
    #expect(EpsilonGreedy.greedy(values.span, row: 0, of: 1) == 0)
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
