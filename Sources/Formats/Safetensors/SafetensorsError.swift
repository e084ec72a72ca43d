/// An error in a safetensors file that is read or written.
public struct SafetensorsError: Error, Hashable, CustomStringConvertible {
  /// One line that says what is wrong and where.
  public let description: String

  package init(_ description: String) {
    self.description = description
  }
}
