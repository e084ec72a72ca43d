/// An error in an environment's id or arguments.
public enum EnvironmentError: Error, Hashable, CustomStringConvertible {
  /// No environment has this id; the known ids.
  case unknown(id: String, known: [String])
  /// The environment has no argument of this name; the names of its arguments.
  case unknownArgument(id: String, name: String, known: [String])
  /// An argument has a value that is not allowed.
  case badArgument(id: String, name: String, value: ArgumentValue, allowed: String)

  /// The known id or name that was probably meant; `nil` if none is similar to the given one.
  public var suggestion: String? {
    switch self {
    case .unknown(let id, let known): nearest(id, among: known)
    case .unknownArgument(_, let name, let known): nearest(name, among: known)
    case .badArgument: nil
    }
  }

  private var hint: String { suggestion.map { " (did you mean '\($0)'?)" } ?? "" }

  /// One line that says what, where and what is allowed.
  public var description: String {
    switch self {
    case .unknown(let id, let known):
      "the environment is '\(id)'\(hint); allowed: \(known.joined(separator: ", "))"
    case .unknownArgument(let id, let name, let known):
      "'\(name)' is not an argument of \(id)\(hint); allowed: \(known.joined(separator: ", "))"
    case .badArgument(let id, let name, let value, let allowed):
      "\(name) of \(id) is \(value); allowed: \(allowed)"
    }
  }
}
