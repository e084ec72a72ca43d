internal import SARSAFiles

extension Safetensors {
  /// Reads a file.
  ///
  /// - Throws: `SystemError` if it cannot be read or is longer than the limit in bytes,
  ///   `SafetensorsError`, with the path, if it is not a valid safetensors file.
  public init(contentsOf path: String, limit: Int = 1 << 32) throws {
    let bytes = try Files.read(path, limit: limit)
    do {
      try self.init(decoding: bytes)
    } catch {
      throw SafetensorsError("'\(path)': \(error)")
    }
  }

  /// Writes a file atomically.
  ///
  /// An existing file is unchanged until the new one is complete and flushed.
  ///
  /// - Throws: `SystemError` if it cannot be written, `SafetensorsError` as `encoded()`.
  public func write(to path: String) throws {
    try Files.replace(path, with: encoded())
  }
}
