extension Matrix: Encodable where Element: Encodable {
  /// Writes rows, columns and scalars.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rows, forKey: .rows)
    try container.encode(columns, forKey: .columns)
    try container.encode(scalars, forKey: .scalars)
  }
}

extension Matrix: Decodable where Element: Decodable {
  /// Reads rows, columns and scalars.
  ///
  /// - Throws: `DecodingError`, also if the number of scalars does not fit rows and columns.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try container.decode(Int.self, forKey: .rows)
    let columns = try container.decode(Int.self, forKey: .columns)
    let scalars = try container.decode([Element].self, forKey: .scalars)
    let sides = 0...Int(Int32.max)
    guard sides.contains(rows), sides.contains(columns), rows * columns == scalars.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .scalars, in: container,
        debugDescription: "\(scalars.count) scalars for a matrix of \(rows)×\(columns)")
    }
    self.init(rows: rows, columns: columns, scalars: scalars)
  }
}

private enum CodingKeys: String, CodingKey {
  case rows, columns, scalars
}
