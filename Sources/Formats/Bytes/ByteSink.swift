package import SARSAFiles
internal import SARSAPreconditions

/// What takes bytes, one after the other: a file, or memory.
package protocol ByteSink: ~Copyable {
  /// The error of a failed write.
  associatedtype Failure: Error
  /// Appends bytes.
  mutating func write(_ bytes: RawSpan) throws(Failure)
}

extension ByteSink where Self: ~Copyable {
  /// Appends bytes.
  package mutating func write(_ bytes: [UInt8]) throws(Failure) {
    try write(bytes.span)
  }

  /// Appends numbers as they are in memory.
  package mutating func write<Element: BitwiseCopyable>(
    _ values: Span<Element>
  ) throws(Failure) {
    try write(unsafe values.bytes)
  }
}

extension ReplacementFile: ByteSink {}

extension AppendedFile: ByteSink {}

extension ByteWriter: ByteSink {
  /// Appends bytes.
  package mutating func write(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}

/// What has bytes that can be read at any place: a file, or memory.
package protocol ByteSource: ~Copyable {
  /// The error of a failed read.
  associatedtype Failure: Error
  /// The number of bytes.
  var byteCount: Int { get }
  /// Reads a range of the bytes to a place in memory.
  ///
  /// - Precondition: the source has the range, and the place has room for it.
  func read(
    _ range: Range<Int>, into bytes: inout MutableRawSpan, at place: Int
  ) throws(Failure)
}

extension ByteSource where Self: ~Copyable {
  /// A range of the bytes.
  ///
  /// - Precondition: the source has the range.
  package func bytes(_ range: Range<Int>) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    try read(range, into: &raw, at: 0)
    return bytes
  }

  /// Reads bytes from a place on, as numbers as they are in memory.
  ///
  /// - Precondition: the source has as many bytes as the numbers.
  package func read<Element: BitwiseCopyable>(
    from place: Int, into values: inout MutableSpan<Element>
  ) throws(Failure) {
    var bytes = unsafe values.mutableBytes
    try read(place..<place + bytes.byteCount, into: &bytes, at: 0)
  }

  /// The CRC-32 of the first bytes.
  ///
  /// - Precondition: the source has as many.
  /// - Complexity: O(n), with 1 MiB in memory.
  package func checksum(ofFirst count: Int) throws(Failure) -> UInt32 {
    let blockSize = 1 << 20
    var checksum = CRC32()
    for start in stride(from: 0, to: count, by: blockSize) {
      checksum.update(try bytes(start..<min(start + blockSize, count)))
    }
    return checksum.value
  }
}

extension InputFile: ByteSource {}

extension [UInt8]: ByteSource {
  /// The number of bytes.
  package var byteCount: Int { count }

  /// Copies a range of the bytes to a place in memory.
  package func read(_ range: Range<Int>, into bytes: inout MutableRawSpan, at place: Int) {
    let to = place..<place + range.count
    require(
      range.lowerBound >= 0 && range.upperBound <= count && place >= 0
        && to.upperBound <= bytes.byteCount,
      "bytes % to % of % go to place % of %; allowed: what is there and has room",
      range.lowerBound, range.upperBound, count, place, bytes.byteCount)
    unsafe bytes.withUnsafeMutableBytes { target in
      unsafe withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[to])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
      }
    }
  }
}
