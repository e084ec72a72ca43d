internal import Foundation
internal import Yams

/// Settings as text that every YAML reader takes alike.
enum YAML {
  /// A value as YAML.
  ///
  /// Yams writes 0.001 as `1e-3`, which readers of YAML 1.1, PyYAML among them, take for a string:
  /// there a number with an exponent needs a point. So numbers are written anew.
  static func text(_ value: some Encodable) throws -> String {
    guard let node = try Yams.compose(yaml: YAMLEncoder().encode(value)) else { return "" }
    return try Yams.serialize(node: rewritten(node))
  }

  private static func rewritten(_ node: Node) -> Node {
    switch node {
    case .mapping(var mapping):
      for (key, value) in mapping { mapping[key] = rewritten(value) }
      return .mapping(mapping)
    case .sequence(var sequence):
      for i in sequence.indices { sequence[i] = rewritten(sequence[i]) }
      return .sequence(sequence)
    case .scalar(var scalar):
      guard scalar.style == .any || scalar.style == .plain, scalar.string.contains("e"),
        scalar.string.allSatisfy({ "0123456789.e+-".contains($0) }),
        let number = Double(scalar.string)
      else { return node }
      scalar.string = plain(number)
      return .scalar(scalar)
    default: return node
    }
  }

  /// The shortest form that reads back as the same number, with a point.
  private static func plain(_ number: Double) -> String {
    let text = "\(number)"
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }
}
