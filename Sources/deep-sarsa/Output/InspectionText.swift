import DeepSARSA
import SARSAExperiments

extension Inspection {
  /// The facts, a line each; the rows of a table follow theirs.
  ///
  /// Measured numbers are rounded, and in JSON they are not.
  var text: String {
    let width = facts.reduce(0) { max($0, $1.name.count) } + 2
    return facts.map { fact in
      let name = fact.name.replacing("_", with: " ")
      return switch fact.value {
      case .single(let value):
        name.padded(to: width)
          + value.plainText(isRounded: fact.name != "environment_arguments") + "\n"
      case .table(let columns, let rows):
        name + "\n"
          + Table(columns, rows: rows.map { $0.map { $0.plainText() } }).text
          .split(separator: "\n").map { "  \($0)\n" }.joined()
      }
    }.joined()
  }
}

extension ArgumentValue {
  /// The value on one line: text without quotation marks, names with their values, a dash for null; numbers with two
  /// decimals, or four if they are below 1, or with all.
  fileprivate func plainText(isRounded: Bool = false) -> String {
    switch self {
    case .null: "–"
    case .text(let text): text.onOneLine
    case .object(let values) where !values.isEmpty:
      values.sorted { $0.key < $1.key }.map {
        "\($0.key.onOneLine): \($0.value.plainText(isRounded: isRounded))"
      }
      .joined(separator: ", ")
    case .number(let number) where isRounded: number.shortened(abs(number) < 1 ? 4 : 2)
    default: description.onOneLine
    }
  }
}
