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
