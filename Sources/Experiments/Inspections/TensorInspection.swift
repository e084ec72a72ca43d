internal import DeepSARSA

/// A safetensors file of any program.
///
/// | fact | content |
/// | --- | --- |
/// | `elements` | the numbers of all tensors |
/// | `not_finite` | how many of them are infinite or NaN |
/// | `metadata` | the header's text by keys |
/// | `tensors` | every tensor in the order of the file: its name, type and shape |
enum TensorInspection {
  /// The facts of a file.
  static func inspection(of path: String) throws(RunError) -> Inspection {
    let file = try TensorFile(path)
    var inspection = Inspection(of: "safetensors")
    try file.addTensors(to: &inspection)
    return inspection
  }
}

/// A safetensors file that is open, for inspections.
struct TensorFile: ~Copyable {
  let path: String
  private let reader: SafetensorsReader<InputFile>

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - copies: how often its numbers will be in memory at the same time.
  /// - Throws: `RunError`.
  init(_ path: String, copies: Int = 1) throws(RunError) {
    self.path = path
    let file = try converting(RunError.system) { () throws(SystemError) in
      let file = try InputFile(path, limit: Machine.availableMemory)
      try file.requireMemory(times: copies)
      return file
    }
    do { reader = try SafetensorsReader(file) } catch { throw RunError(error, in: path) }
  }

  var header: SafetensorsHeader { reader.header }

  /// A tensor as `Float`.
  ///
  /// - Throws: `RunError.badFile` if it is of a type that is not widened to `Float`.
  func tensor(_ entry: SafetensorsHeader.Entry) throws(RunError) -> Safetensors.Tensor {
    let values = try values(of: entry, as: Float.self)
    return Safetensors.Tensor(name: entry.name, shape: entry.shape, values: values)
  }

  /// Adds the facts of `TensorInspection`.
  ///
  /// - Complexity: O(file), the largest tensor in memory.
  func addTensors(to inspection: inout Inspection) throws(RunError) {
    let entries = header.entries
    var count = 0
    for entry in entries {
      switch entry.type {
      case .float16, .bfloat16, .float32:
        count += try values(of: entry, as: Float.self).count { !$0.isFinite }
      case .float64: count += try values(of: entry, as: Double.self).count { !$0.isFinite }
      case .int64, .uint64, .uint8: break
      }
    }
    inspection.add("elements", .integer(entries.reduce(0) { $0 + $1.count }))
    inspection.add("not_finite", .integer(count))
    inspection.add("metadata", .object(header.metadata.mapValues(ArgumentValue.text)))
    inspection.add(
      "tensors", columns: ["name", "type", "shape"],
      rows: entries.map {
        [.text($0.name), .text($0.type.rawValue), .list($0.shape.map(ArgumentValue.integer))]
      })
  }

  private func values<Element: TensorElement>(
    of entry: SafetensorsHeader.Entry, as type: Element.Type
  ) throws(RunError) -> [Element] {
    do { return try reader.values(of: entry) } catch { throw RunError(error, in: path) }
  }
}
