#if _endian(big)
  // Numbers of a file are copied to memory and back as they are.
  #error("this package needs a little-endian processor")
#endif

extension Span<UInt8> {
  /// The number whose first byte is at an offset, in little-endian order.
  ///
  /// It is for messages whose length was checked; `ByteReader` is for all others.
  ///
  /// - Precondition: all of its bytes are there.
  @inlinable
  package func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Value.Type = Value.self
  ) -> Value {
    Value(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}
