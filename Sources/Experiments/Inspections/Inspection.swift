public import DeepSARSA

/// What there is to know of a file or a folder: facts in the order in which they are shown.
public struct Inspection: Sendable {
  /// A fact.
  public struct Fact: Sendable {
    /// Its name in JSON, such as `environment_arguments`; shown with spaces.
    public let name: String
    /// What is the case.
    public let value: Value
  }

  /// The value of a fact.
  public enum Value: Sendable {
    /// A value; null if there is none.
    case single(ArgumentValue)
    /// Rows with the same columns; in JSON a list of objects.
    case table(columns: [String], rows: [[ArgumentValue]])
  }

  /// The facts, first to last; their names are unique.
  public private(set) var facts: [Fact] = []

  /// No facts but what the thing is.
  init(of kind: String) {
    add("kind", .text(kind))
  }

  /// Appends a fact; without a value it is null.
  mutating func add(_ name: String, _ value: ArgumentValue?) {
    facts.append(Fact(name: name, value: .single(value ?? .null)))
  }

  /// Appends a table.
  mutating func add(_ name: String, columns: [String], rows: [[ArgumentValue]]) {
    facts.append(Fact(name: name, value: .table(columns: columns, rows: rows)))
  }

  /// All facts as one object.
  public var object: ArgumentValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: facts.map { fact in
          switch fact.value {
          case .single(let value): (fact.name, value)
          case .table(let columns, let rows):
            (
              fact.name,
              .list(
                rows.map { .object(Dictionary(uniqueKeysWithValues: zip(columns, $0))) })
            )
          }
        }))
  }
}

extension ArgumentValue {
  /// A seed: an integer, or text if it needs all 64 bits, of which an integer has one for the sign.
  init(seed: UInt64) {
    self = Int(exactly: seed).map(ArgumentValue.integer) ?? .text("\(seed)")
  }
}

/// A kind of file or folder that can be inspected.
///
/// A new kind is a type in a file of its own, and a line in `Inspections.kinds`.
protocol InspectedKind: Sendable {
  /// The facts of a path; `nil` if it is of another kind.
  ///
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badFile` for content that is not allowed.
  static func inspection(of path: String) throws(RunError) -> Inspection?
}

/// The kinds of files and folders that can be inspected.
public enum Inspections {
  /// The kinds that are more than a file of tensors.
  private static let kinds: [any InspectedKind.Type] = [
    RunInspection.self,
    CheckpointInspection.self,
    ModelInspection.self,
  ]

  /// The facts of a path.
  ///
  /// - Throws: `RunError.system` if it cannot be read, `RunError.badFile` if it is none of them.
  public static func inspection(of path: String) throws(RunError) -> Inspection {
    for kind in kinds {
      if let inspection = try kind.inspection(of: path) { return inspection }
    }
    return try TensorInspection.inspection(of: path)
  }
}
