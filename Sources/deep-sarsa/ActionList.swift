import DeepSARSA
import SARSAExperiments

/// Actions as text: whole numbers with spaces, line ends or commas between them.
struct ActionList {
  /// The actions, from 0.
  let actions: [Int]

  /// What is none of an environment's actions, and where.
  struct Mistake: Error {
    /// What is written there.
    var text: String
    /// The how manieth it is, from 1.
    var place: Int
    /// The line that it is in, from 1.
    var line: Int
  }

  /// Reads actions.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - numbers: what actions are written as, the first of them for action 0.
  /// - Throws: `Mistake` for the first that is not one of these numbers.
  init(_ bytes: [UInt8], numbers: ClosedRange<Int>) throws(Mistake) {
    var actions: [Int] = []
    var (line, place) = (1, 0)
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\n") { line += 1 }
      if Self.isSeparator(bytes[place]) {
        place += 1
        continue
      }
      let start = place
      while place < bytes.count, !Self.isSeparator(bytes[place]) { place += 1 }
      let text = String(decoding: bytes[start..<place], as: UTF8.self)
      guard let number = Int(text), numbers.contains(number) else {
        throw Mistake(text: text, place: actions.count + 1, line: line)
      }
      actions.append(number - numbers.lowerBound)
    }
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
