package import SARSAFiles

extension Safetensors {
  /// Reads a file.
  ///
  /// - Throws: `SystemError` if it cannot be read or is longer than the limit in bytes,
  ///   `SafetensorsError`, with the path, if it is not a valid safetensors file.
  public init(contentsOf path: String, limit: Int = 1 << 32) throws {
    do {
      try self.init(reading: path, limit: limit)
    } catch {
      switch error {
      case .access(let error): throw error
      case .content(let error): throw SafetensorsError("'\(path)': \(error)")
      }
    }
  }

  /// Writes a file atomically.
  ///
  /// An existing file is unchanged until the new one is complete and flushed.
  ///
  /// - Throws: `SystemError` if it cannot be written, `SafetensorsError` as `encoded()`.
  public func write(to path: String) throws {
    try write(header(), replacing: path)
  }

  /// Reads a file, tensor by tensor.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: its largest number of bytes.
  ///   - copies: how often its numbers will be in memory at the same time.
  /// - Throws: `SafetensorsFailure`.
  package init(
    reading path: String, limit: Int, copies: Int = 1
  ) throws(SafetensorsFailure<SystemError>) {
    let file: InputFile
    do { file = try InputFile(path, limit: limit) } catch { throw .access(error) }
    do { try file.requireMemory(times: copies) } catch { throw .access(error) }
    try self.init(SafetensorsReader(file))
  }

  /// Writes a file with this header atomically, tensor by tensor.
  package func write(
    _ header: SafetensorsHeader, replacing path: String
  ) throws(SystemError) {
    try write(header, to: ReplacementFile(for: path)).commit()
  }
}
