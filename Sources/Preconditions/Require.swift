/// Ends the process, with a line on standard error, unless a condition holds.
///
/// Use it for a mistake in the calling program, such as shapes that do not fit. Swift's `precondition`
/// prints its message only in debug builds; a release build would trap without a message. The message
/// names the parameter, its value and the allowed values.
///
/// - Complexity: one branch; the message is built only if the condition is false.
@inlinable @inline(__always)
package func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}

/// Ends the process unless a condition holds, for checks at every step: builds the message out of line.
///
/// Code for an interpolated message would be part of the caller, and take registers from a short
/// function even if the condition holds. The template has one `%` for each value.
@inlinable @inline(__always)
package func require(
  _ condition: @autoclosure () -> Bool, _ template: StaticString,
  _ a: @autoclosure () -> Int, _ b: @autoclosure () -> Int = 0, _ c: @autoclosure () -> Int = 0,
  _ d: @autoclosure () -> Int = 0, _ e: @autoclosure () -> Int = 0,
  _ f: @autoclosure () -> Int = 0, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { stop(template, a(), b(), c(), d(), e(), f(), file: file, line: line) }
}

@usableFromInline @inline(never)
func stop(
  _ template: StaticString, _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int, _ f: Int,
  file: StaticString, line: UInt
) -> Never {
  let values = [a, b, c, d, e, f]
  let texts = "\(template)".split(separator: "%", omittingEmptySubsequences: false)
  let message = zip(texts.dropFirst(), values).reduce(into: String(texts[0])) { message, part in
    message += "\(part.1)\(part.0)"
  }
  fatalError(message, file: file, line: line)
}
