extension BinaryFloatingPoint where Self: CustomStringConvertible {
  /// The number as text; a NaN without its sign and payload, which have no meaning.
  package var plainText: String { isNaN ? "NaN" : description }
}
