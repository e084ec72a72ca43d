/// The other end of a `RequestChannel`: a child process, or in tests bytes in memory.
package protocol Connection: AnyObject {
  /// The number of the operation that is under way, which both ends write.
  var operation: UInt64 { get set }
  /// The last 4 KiB that the other end printed.
  var outputTail: String { get }

  /// Sends all bytes.
  ///
  /// - Throws: what a check throws, or that the other end is gone.
  func send(_ bytes: [UInt8], _ check: ChildProcess.Check) throws(ChildProcess.Failure)

  /// Receives into a buffer, behind its first `count` bytes, until it holds at least `least` bytes.
  ///
  /// - Returns: the number of bytes in the buffer.
  /// - Throws: what a check throws, or that the other end is gone.
  func receive(
    into bytes: inout [UInt8], behind count: Int, atLeast least: Int, _ check: ChildProcess.Check
  ) throws(ChildProcess.Failure) -> Int

  /// Ends the other end, by force when the time is over.
  func stop(within grace: Duration)
}

extension ChildProcess: Connection {}
