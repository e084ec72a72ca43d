internal import Foundation
internal import SARSAFormats

/// How numbers are placed along an axis.
enum ChartAxis {
  case linear
  case logarithmic
  /// Linear around 0 and logarithmic beyond, for numbers of which few are far larger than most.
  case symmetric

  /// Numbers are wide if all are positive, and one is so many times larger than another.
  private static let wideRange = 30.0

  /// Whether all numbers are positive, and of very different size.
  static func isWide(_ values: [Double]) -> Bool {
    guard let lowest = values.min(), let highest = values.max(), lowest > 0 else { return false }
    return highest > wideRange * lowest
  }

  /// Whether the largest number is far larger than most.
  static func isSkewed(_ values: [Double]) -> Bool {
    let sizes = values.map(abs).sorted()
    guard let largest = sizes.last, largest >= 100 else { return false }
    let median = sizes[sizes.count / 2]
    return median > 0 && largest > 50 * median
  }

  /// Scale and axis of a channel that has these numbers.
  func channel(of values: [Double]) -> Tree {
    switch self {
    // An axis from a number to itself would have one label, rounded to 0.
    case .linear: ["scale": ["zero": .boolean(values.min() == values.max())]]
    case .logarithmic:
      [
        "scale": ["type": "log"],
        "axis": [
          "values": Tree(Self.powersOfTen(around: values)),
          "labelExpr": "format(datum.value, '~g')",
        ],
      ]
    case .symmetric:
      [
        "scale": ["type": "symlog", "nice": false, "zero": false, "padding": 12],
        "axis": [
          "values": Tree(Self.symmetricTicks(between: values)), "labelExpr": Chart.shortLabel,
        ],
      ]
    }
  }

  private static func powersOfTen(around values: [Double]) -> [Double] {
    guard let lowest = values.min(), let highest = values.max(), lowest > 0 else { return [] }
    let exponents = Int(log10(lowest).rounded(.down))...Int(log10(highest).rounded(.up))
    return exponents.map { pow(10, Double($0)) }
  }

  /// 0, and the powers of ten between the numbers.
  private static func symmetricTicks(between values: [Double]) -> [Double] {
    guard let lowest = values.min(), let highest = values.max() else { return [] }
    var ticks = [0.0]
    var power = 1.0
    while power <= min(max(abs(lowest), abs(highest)), .greatestFiniteMagnitude) {
      ticks += [-power, power]
      power *= 10
    }
    return ticks.filter { lowest <= $0 && $0 <= highest }.sorted()
  }
}
