package import SARSAFiles

/// What takes bytes, one after the other: a file, or memory.
package protocol ByteSink: ~Copyable {
  /// The error of a failed write.
  associatedtype Failure: Error
  /// Appends bytes.
  mutating func write(_ bytes: RawSpan) throws(Failure)
}

extension ReplacementFile: ByteSink {}

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

extension InputFile: ByteSource {}

extension [UInt8]: ByteSource {
  /// The number of bytes.
  package var byteCount: Int { count }

  /// Copies a range of the bytes to a place in memory.
  package func read(_ range: Range<Int>, into bytes: inout MutableRawSpan, at place: Int) {
    let to = place..<place + range.count
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    precondition(place >= 0 && to.upperBound <= bytes.byteCount)
    unsafe bytes.withUnsafeMutableBytes { target in
      unsafe withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[to])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
      }
    }
  }
}
