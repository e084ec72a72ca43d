/// A value of each of the last 100 training episodes, such as its return.
struct RecentValues: Codable {
  private var values: [Double] = []
  private var next = 0

  mutating func append(_ value: Double) {
    if values.count < 100 {
      values.append(value)
    } else {
      values[next] = value
      next = (next + 1) % 100
    }
  }

  /// Whether episodes can give these values.
  var isPossible: Bool {
    values.count <= 100 && values.allSatisfy(\.isFinite)
      && (values.count < 100 ? next == 0 : (0..<100).contains(next))
  }

  var mean: Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
