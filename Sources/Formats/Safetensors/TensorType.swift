/// The types of a tensor's elements that are written or read, under their names in a file.
package enum TensorType: String, CaseIterable, Hashable, Sendable {
  /// IEEE 754 half precision. It is only read, as `Float`.
  case float16 = "F16"
  /// The upper half of a `Float`'s bits. It is only read, as `Float`.
  case bfloat16 = "BF16"
  /// `Float`.
  case float32 = "F32"
  /// `Double`.
  case float64 = "F64"
  /// `Int64`.
  case int64 = "I64"
  /// `UInt64`.
  case uint64 = "U64"
  /// `UInt8`.
  case uint8 = "U8"

  /// The bytes of an element.
  package var size: Int {
    switch self {
    case .uint8: 1
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The `Float` of an element of 16 bits, which is exact.
  func widened(_ bits: UInt16) -> Float {
    self == .float16
      ? Float(Float16(bitPattern: bits)) : Float(bitPattern: UInt32(bits) << 16)
  }
}

/// A number that a tensor can hold.
package protocol TensorElement: BitwiseCopyable, Sendable {
  /// The type under which it is written.
  static var tensorType: TensorType { get }
  /// The other types that are read as this one without rounding.
  static var narrowerTypes: [TensorType] { get }
  /// Zero.
  init()
}

extension TensorElement {
  /// None.
  package static var narrowerTypes: [TensorType] { [] }
}

extension Float: TensorElement {
  /// F32.
  package static var tensorType: TensorType { .float32 }
  /// F16 and BF16.
  package static var narrowerTypes: [TensorType] { [.float16, .bfloat16] }
}

extension Double: TensorElement {
  /// F64.
  package static var tensorType: TensorType { .float64 }
}

extension Int64: TensorElement {
  /// I64.
  package static var tensorType: TensorType { .int64 }
}

extension UInt64: TensorElement {
  /// U64.
  package static var tensorType: TensorType { .uint64 }
}

extension UInt8: TensorElement {
  /// U8.
  package static var tensorType: TensorType { .uint8 }
}
