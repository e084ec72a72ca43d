import DeepSARSA
import SARSAExperiments

/// Actions that someone wrote down: whole numbers with spaces, line ends or commas between them.
struct ActionList {
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
  /// - Throws: `Mistake` for the first that is not in 0..<actionCount.
  init(_ bytes: [UInt8], actionCount: Int) throws(Mistake) {
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
      guard let action = Int(text), (0..<actionCount).contains(action) else {
        throw Mistake(text: text, place: actions.count + 1, line: line)
      }
      actions.append(action)
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
