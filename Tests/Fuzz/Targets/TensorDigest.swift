import SARSAFiles
import SARSAFormats

/// What is in a file in safetensors format, as text to compare with what another reader finds.
struct TensorDigest {
  /// An object of JSON: the metadata, and of every tensor its name, type, shape and the CRC-32 of its bytes.
  let json: String

  /// Reads a file of a path; a line of JSON, which is the reason as text for a file that is refused.
  static func line(of path: String) -> String {
    do { return try TensorDigest(Files.read(path, limit: 1 << 30)).json } catch {
      return "\(error)".quotedAsJSON
    }
  }

  /// Reads a file's bytes.
  ///
  /// - Throws: `SafetensorsFailure`.
  init(_ bytes: [UInt8]) throws {
    let reader = try SafetensorsReader(bytes)
    let metadata = reader.header.metadata.sorted { $0.key < $1.key }
      .map { "\($0.quotedAsJSON):\($1.quotedAsJSON)" }
    var tensors: [String] = []
    for entry in reader.header.entries {
      let checksum = try Self.checksum(of: entry, in: reader)
      tensors.append(
        "[\(entry.name.quotedAsJSON),\(entry.type.rawValue.quotedAsJSON),\(entry.shape),\(checksum)]"
      )
    }
    json =
      "{\"metadata\":{\(metadata.joined(separator: ","))},\"tensors\":[\(tensors.joined(separator: ","))]}"
  }

  /// The CRC-32 of the numbers as they were read, in the type of the file.
  private static func checksum(
    of entry: SafetensorsHeader.Entry, in reader: borrowing SafetensorsReader<[UInt8]>
  ) throws -> UInt32 {
    func sum<Element: BitwiseCopyable>(_ values: [Element]) -> UInt32 {
      var checksum = CRC32()
      checksum.update(values.span)
      return checksum.value
    }
    switch entry.type {
    // A NaN that signals is quiet after it is widened; `safetensors_fuzz.py` knows that.
    case .float16:
      return sum(try reader.values(of: entry, as: Float.self).map { Float16($0).bitPattern })
    case .bfloat16:
      return sum(
        try reader.values(of: entry, as: Float.self).map { UInt16($0.bitPattern >> 16) })
    case .float32: return sum(try reader.values(of: entry, as: Float.self))
    case .float64: return sum(try reader.values(of: entry, as: Double.self))
    case .int64: return sum(try reader.values(of: entry, as: Int64.self))
    case .uint64: return sum(try reader.values(of: entry, as: UInt64.self))
    case .uint8: return sum(try reader.values(of: entry, as: UInt8.self))
    }
  }
}
