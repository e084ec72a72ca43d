/// Ends the process, with a line on standard error, unless a condition holds.
///
/// It is for a mistake in the calling program, such as shapes that do not fit. Swift's own
/// `precondition` prints its message in debug builds only, so that a release build would end with a
/// bare trap. The message names the parameter, its value and what is allowed.
///
/// - Complexity: one branch; the message is built only where the condition does not hold.
@inlinable @inline(__always)
package func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}

/// The same for checks that are made at every step: the message is put together out of line.
///
/// An interpolated message would be built within the caller, which costs a short function registers
/// even where nothing fails. The template has a `%` for each of the values.
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
