public import SARSAFormats

extension ArgumentValue {
  /// Reads JSON with Python's types: `1` is an integer, `1.0` is not.
  ///
  /// An integer beyond `Int` is a number of double precision, as in YAML.
  ///
  /// - Throws: `JSONError`, with the place, if the text is not JSON, a number is not finite, an object has a
  ///   name twice, or values are nested more than 64 deep.
  public init(json text: String) throws(JSONError) {
    var reader = JSONReader(text)
    try self.init(reading: &reader)
    try reader.end()
  }

  private init(reading reader: inout JSONReader) throws(JSONError) {
    switch try reader.kind() {
    case .null:
      guard reader.takeNull() else { throw reader.error("expected null") }
      self = .null
    case .boolean: self = .boolean(try reader.boolean())
    case .number:
      switch try reader.number(roundingIntegers: true) {
      case .integer(let value): self = .integer(value)
      case .unsigned(let value): self = .number(Double(value))
      case .floating(let value): self = .number(value)
      }
    case .text: self = .text(try reader.text())
    case .list:
      var values: [ArgumentValue] = []
      try reader.list { reader throws(JSONError) in
        values.append(try ArgumentValue(reading: &reader))
      }
      self = .list(values)
    case .object:
      var values: [String: ArgumentValue] = [:]
      try reader.object { reader, name throws(JSONError) in
        values[name] = try ArgumentValue(reading: &reader)
      }
      self = .object(values)
    }
  }
}
