public import Foundation

/// The folder of committed fixtures.
public let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "Fixtures")

/// Decodes a committed JSON fixture; keys are snake case there.
public func fixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws
  -> Value
{
  let decoder = JSONDecoder()
  return try decoder.decode(Value.self, from: Data(contentsOf: fixtures.appending(path: name)))
}

extension [UInt32] {
  /// The floats whose bits these are.
  public var floats: [Float] { map(Float.init(bitPattern:)) }
}

extension String {
  /// The double whose bits this decimal number gives, or NaN if it is no number.
  public var double: Double { UInt64(self).map(Double.init(bitPattern:)) ?? .nan }
}
