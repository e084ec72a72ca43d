import Foundation
import SARSAFiles
import SARSAFormats
import TestSupport
import Testing

/// Files with tensors of every type, written and read tensor by tensor.
@Suite("safetensors: archives")
struct ArchiveTests {
  private static let floats: [Float] = [1, -0.0, .pi, .leastNonzeroMagnitude, .infinity, 6]
  private static let doubles: [Double] = [.pi, -.greatestFiniteMagnitude]
  private static let integers: [Int64] = [.min, -1, .max]
  private static let words: [UInt64] = [.max, 1 << 63]
  private static let bytes: [UInt8] = [0, 255, 7]

  private static func header() throws -> SafetensorsHeader {
    try SafetensorsHeader(
      [
        ("bytes", .uint8, [3]), ("floats", .float32, [2, 3]), ("nothing", .float64, [0, 5]),
        ("doubles", .float64, [2]), ("integers", .int64, [3, 1]), ("words", .uint64, [2]),
        ("number", .int64, []),
      ], metadata: ["made by": "a test"])
  }

  /// The same tensors in a file or in memory; the floats come in two pieces.
  private static func write<Sink: ByteSink & ~Copyable>(
    to sink: consuming Sink
  ) throws -> Sink {
    var writer = try SafetensorsWriter(header(), to: sink)
    try writer.write(bytes.span, of: "bytes")
    try writer.write(floats.span.extracting(..<2), of: "floats")
    try writer.write(floats.span.extracting(2...), of: "floats")
    try writer.write(doubles.span, of: "doubles")
    try writer.write(integers.span, of: "integers")
    try writer.write(words.span, of: "words")
    try writer.write(([5] as [Int64]).span, of: "number")
    return writer.finish()
  }

  private static func encoded() throws -> [UInt8] { try write(to: ByteWriter()).bytes }

  private static func check<Source: ByteSource & ~Copyable>(
    _ reader: borrowing SafetensorsReader<Source>
  ) throws {
    #expect(try reader.values(of: "bytes") == bytes)
    #expect(
      try reader.values(of: "floats", as: Float.self).map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(try reader.values(of: "doubles") == doubles)
    #expect(try reader.values(of: "integers") == integers)
    #expect(try reader.values(of: "words") == words)
    #expect(try reader.values(of: "number", as: Int64.self) == [5])
    #expect(try reader.values(of: "nothing", as: Double.self) == [])
    #expect(try reader.header == header())
    var copy = [Double](repeating: 0, count: 2)
    var span = copy.mutableSpan
    try reader.read("doubles", into: &span)
    #expect(copy == doubles)
  }

  @Test("every type is read as it was written, from a file and from memory, with the same bytes")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("archive")
    let file = try Self.write(to: ReplacementFile(for: path))
    try file.commit()
    let bytes = try Self.encoded()
    #expect(try Files.read(path, limit: .max) == bytes)
    #expect(try folder.contents() == ["archive"])
    try Self.check(SafetensorsReader(InputFile(path)))
    try Self.check(SafetensorsReader(bytes))
  }

  @Test("a file of the library safetensors is read, and has the header that is written here")
  func reference() throws {
    let path = fixtures.appending(path: "safetensors_types.safetensors").path()
    let reader = try SafetensorsReader(InputFile(path))
    #expect(try reader.values(of: "words") == Self.words)
    #expect(try reader.values(of: "integers") == Self.integers)
    #expect(try reader.values(of: "doubles") == Self.doubles)
    #expect(
      try reader.values(of: "floats", as: Float.self).map(\.bitPattern)
        == Self.floats.map(\.bitPattern))
    #expect(try reader.values(of: "half", as: Float.self) == [1.5, -2, 0x1p-14, 65504, 0x1p-24])
    #expect(try reader.values(of: "brain", as: Float.self) == [1.5, -2, 0x1.FEp127, 0x1p-133])
    #expect(try reader.values(of: "bytes") == Self.bytes)
    #expect(reader.header.metadata == ["made by": "safetensors"])
    let header = reader.header.encoded()
    #expect(try Files.read(path, limit: .max).prefix(header.count) == header[...])
  }

  @Test("half precision and bfloat16 are widened exactly, whatever the bits")
  func widening() throws {
    let patterns = Array(UInt16.min...UInt16.max)
    for type in ["F16", "BF16"] {
      let json = #"{"a":{"dtype":"\#(type)","shape":[65536],"data_offsets":[0,131072]}}"#
      var writer = ByteWriter()
      writer.append(UInt64(json.utf8.count))
      writer.append(json)
      for bits in patterns { writer.append(bits) }
      let values = try SafetensorsReader(writer.bytes).values(of: "a", as: Float.self)
      let wrong = zip(patterns, values).filter { bits, value in
        let expected = type == "F16" ? Self.half(bits) : Self.brain(bits)
        if value.isNaN && expected.isNaN { return false }
        return value != Float(expected) || value.sign != expected.sign
      }
      #expect(wrong.count == 0, "\(type)")
      #expect(try Safetensors(decoding: writer.bytes).tensors.first?.values.count == 65536)
    }
  }

  /// By the definition: sign, exponent, fraction.
  private static func number(_ bits: UInt16, exponentBits: Int, bias: Int) -> Double {
    let fractionBits = 15 - exponentBits
    let sign: Double = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits & 0x7FFF) >> fractionBits
    let fraction = Int(bits) & (1 << fractionBits - 1)
    let unit = Double(sign: .plus, exponent: -fractionBits, significand: Double(fraction))
    switch exponent {
    case 0: return sign * Double(sign: .plus, exponent: 1 - bias, significand: unit)
    case 1 << exponentBits - 1: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Double(sign: .plus, exponent: exponent - bias, significand: 1 + unit)
    }
  }

  private static func half(_ bits: UInt16) -> Double { number(bits, exponentBits: 5, bias: 15) }
  private static func brain(_ bits: UInt16) -> Double { number(bits, exponentBits: 8, bias: 127) }

  @Test("every prefix of a file is refused, and so is every byte behind it")
  func prefixes() throws {
    let bytes = try Self.encoded()
    for count in bytes.indices {
      #expect(throws: SafetensorsFailure<Never>.self, "\(count) bytes") {
        _ = try SafetensorsReader(Array(bytes.prefix(count)))
      }
    }
    #expect(throws: SafetensorsFailure<Never>.self) { _ = try SafetensorsReader(bytes + [0]) }
  }

  @Test("with any one byte changed, a file is refused or has as many bytes of tensors as before")
  func damage() throws {
    let bytes = try Self.encoded()
    let dataCount = try Self.header().dataCount
    var refused = 0
    for i in bytes.indices {
      for byte in [0, 0x22, 0x30, 0x39, 0x7D, 0x80, 0xFF, bytes[i] ^ 1, bytes[i] ^ 0x20] as [UInt8]
      {
        var changed = bytes
        changed[i] = byte
        guard let reader = try? SafetensorsReader(changed) else {
          refused += 1
          continue
        }
        var count = 0
        for entry in reader.header.entries {
          count += entry.count * entry.type.size
          switch entry.type {
          case .float16, .bfloat16, .float32: _ = try reader.values(of: entry, as: Float.self)
          case .float64: _ = try reader.values(of: entry, as: Double.self)
          case .int64: _ = try reader.values(of: entry, as: Int64.self)
          case .uint64: _ = try reader.values(of: entry, as: UInt64.self)
          case .uint8: _ = try reader.values(of: entry, as: UInt8.self)
          }
        }
        #expect(count == dataCount)
      }
    }
    #expect(refused > bytes.count)
  }

  @Test("a tensor of another name, type or size is refused with what is allowed")
  func mismatches() throws {
    let reader = try SafetensorsReader(Self.encoded())
    func message(_ read: () throws(SafetensorsFailure<Never>) -> Void) -> String? {
      do {
        try read()
        return nil
      } catch {
        switch error {
        case .content(let error): return error.description
        }
      }
    }
    #expect(
      message { () throws(SafetensorsFailure<Never>) in
        _ = try reader.values(of: "x", as: Float.self)
      }
        == "tensor 'x' is missing")
    #expect(
      message { () throws(SafetensorsFailure<Never>) in
        _ = try reader.values(of: "doubles", as: Float.self)
      } == "tensor 'doubles' has type F64; allowed: F32, F16, BF16")
    #expect(
      message { () throws(SafetensorsFailure<Never>) in
        var values = [Int64](repeating: 0, count: 2)
        var span = values.mutableSpan
        try reader.read("integers", into: &span)
      } == "tensor 'integers' has 3 elements; allowed: 2")
  }

  @Test("shapes whose bytes cannot be counted are refused before anything is written")
  func impossibleShapes() {
    for shapes in [[[1 << 62]], [[1 << 32, 1 << 32, 0]], [[-1]], [[1 << 59], [1 << 59]]] {
      #expect(throws: SafetensorsError.self) {
        try SafetensorsHeader(
          shapes.enumerated().map { ("\($0.offset)", .float64, $0.element) })
      }
    }
  }
}
