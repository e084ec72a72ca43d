import DeepSARSA
import SARSAExperiments

/// Actions as text: whole numbers with spaces, line ends or a comma between them.
struct ActionList {
  /// The actions, from 0.
  let actions: [Int]

  /// A text that is not one of the environment's actions, and its position.
  struct InvalidAction: Error {
    /// The text.
    var text: String
    /// Its position in the list, from 1.
    var position: Int
    /// Its line, from 1.
    var line: Int
  }

  /// Reads actions.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - numbers: the allowed numbers; the first of them stands for action 0.
  /// - Throws: `InvalidAction` for the first text that is not one of these numbers, which is empty beside a
  ///   comma without an action.
  init(_ bytes: [UInt8], numbers: ClosedRange<Int>) throws(InvalidAction) {
    var actions: [Int] = []
    var (line, index) = (1, 0)
    // The line of a comma that no action follows yet.
    var comma: Int?
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\n") { line += 1 }
      if bytes[index] == UInt8(ascii: ",") {
        guard comma == nil, !actions.isEmpty else {
          throw InvalidAction(text: "", position: actions.count + 1, line: line)
        }
        comma = line
      }
      if Self.isSeparator(bytes[index]) {
        index += 1
        continue
      }
      let start = index
      while index < bytes.count, !Self.isSeparator(bytes[index]) { index += 1 }
      let text = String(decoding: bytes[start..<index], as: UTF8.self)
      guard let number = Int(text), numbers.contains(number) else {
        throw InvalidAction(text: text, position: actions.count + 1, line: line)
      }
      actions.append(number - numbers.lowerBound)
      comma = nil
    }
    if let comma { throw InvalidAction(text: "", position: actions.count + 1, line: comma) }
    self.actions = actions
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: "\n"),
      UInt8(ascii: "\r"):
      true
    default: false
    }
  }
}
