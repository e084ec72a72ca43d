/// Text that is not JSON, or not the JSON that was asked for.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The character of the line, from 1, by Unicode scalars.
  public let column: Int
  /// What is wrong there, or what is allowed.
  public let reason: String

  /// Makes the error of a place in a text.
  init(_ reason: String, at offset: Int, in text: some Sequence<UInt8>) {
    let before = text.prefix(offset)
    line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    // The bytes of a scalar after its first are 10xxxxxx.
    let current = before.reversed().prefix { $0 != UInt8(ascii: "\n") }
    column = 1 + current.count { $0 & 0xC0 != 0x80 }
    self.reason = reason
  }

  /// One line with the place and the reason.
  public var description: String { "line \(line), column \(column): \(reason)" }
}
