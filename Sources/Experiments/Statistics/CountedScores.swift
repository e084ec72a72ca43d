internal import SARSARandomSources

/// Scores that are counted: once each, or in a resample as often as each was drawn.
///
/// A resample is only another list of counts. So the scores are sorted once, and every aggregate of a resample
/// is one pass over them. Sums are of differences to one of the scores: then equal scores have exactly
/// their own mean, however often each was drawn.
struct CountedScores {
  /// All scores, task by task.
  private let values: [Double]
  /// The places of each task's scores in `values`.
  let tasks: [Range<Int>]
  /// The places in `values` from the lowest score to the highest.
  private let order: [Int]
  /// How often the score at each place counts; a task's counts sum to the number of its runs.
  private(set) var counts: [Int]
  /// Memory for the mean of each task.
  private var means: [Double]

  /// Counts each score once.
  init(_ scores: Scores) {
    let values = scores.tasks.flatMap(\.self)
    var end = 0
    self.tasks = scores.tasks.map { runs in
      end += runs.count
      return end - runs.count..<end
    }
    self.values = values
    self.order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    self.counts = Array(repeating: 1, count: values.count)
    self.means = Array(repeating: 0, count: tasks.count)
  }

  /// Draws as many runs of each task as it has, with replacement.
  ///
  /// - Complexity: O(n) for n scores, no allocation.
  mutating func draw(with generator: inout PCG64) {
    for place in counts.indices { counts[place] = 0 }
    for task in tasks {
      for _ in task { counts[task.lowerBound + generator.integer(below: task.count)] += 1 }
    }
  }

  /// An aggregate of the scores as they are counted.
  ///
  /// - Complexity: O(n) for n scores, and for the median O(m²) for m tasks; no allocation.
  mutating func value(of aggregate: Aggregate) -> Double {
    switch aggregate {
    case .interquartileMean: return interquartileMean
    case .mean:
      updateMeans()
      return means[0] + means.reduce(0) { $0 + ($1 - means[0]) } / Double(means.count)
    case .median:
      updateMeans()
      return medianOfMeans()
    case .worst: return order.first { counts[$0] > 0 }.map { values[$0] } ?? .nan
    case .optimalityGap(let target):
      let sum = sum { max(target - $0, 0) }
      return sum / Double(values.count)
    case .shareOfRuns(let threshold):
      return sum { $0 > threshold ? 1 : 0 } / Double(values.count)
    case .shareOfTasks(let threshold):
      updateMeans()
      return means.reduce(0) { $1 > threshold ? $0 + 1 : $0 } / Double(means.count)
    }
  }

  private var interquartileMean: Double {
    let cut = values.count / 4
    let kept = cut..<values.count - cut
    let middle = values[order[values.count / 2]]
    var sum = 0.0
    var start = 0
    for place in order where counts[place] > 0 {
      let end = start + counts[place]
      let count = min(end, kept.upperBound) - max(start, kept.lowerBound)
      if count > 0 { sum += Double(count) * (values[place] - middle) }
      if end >= kept.upperBound { break }
      start = end
    }
    return middle + sum / Double(kept.count)
  }

  private func sum(of term: (Double) -> Double) -> Double {
    var sum = 0.0
    for place in values.indices { sum += Double(counts[place]) * term(values[place]) }
    return sum
  }

  private mutating func updateMeans() {
    for (index, task) in tasks.enumerated() {
      let first = values[task.lowerBound]
      var sum = 0.0
      for place in task { sum += Double(counts[place]) * (values[place] - first) }
      means[index] = first + sum / Double(task.count)
    }
  }

  /// Sorts by insertion, which allocates nothing: there are few tasks.
  private mutating func medianOfMeans() -> Double {
    for next in means.indices {
      var place = next
      while place > 0 && means[place] < means[place - 1] {
        means.swapAt(place, place - 1)
        place -= 1
      }
    }
    let (lower, upper) = (means[(means.count - 1) / 2], means[means.count / 2])
    return lower + (upper - lower) / 2
  }
}
