package import SARSAFormats
internal import Yams

/// Text that is not YAML of the kind that `Tree.init(yaml:)` reads.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
  /// The line, from 1.
  package let line: Int
  /// What is wrong in it.
  package let problem: String

  /// One line with both.
  package var description: String { "line \(line): \(problem)" }
}

extension Tree {
  /// Reads one YAML document of mappings, sequences and scalars; JSON is such a document too.
  ///
  /// Scalars without quotes are those of YAML 1.2's core schema, with decimal numbers only, so that `no` and
  /// `1:30` are text. Tags have no effect. Aliases are refused, because with them a short file can stand for a huge
  /// one.
  ///
  /// - Throws: `YAMLError`, also for a name that is given twice, for a name that is not a scalar, and for more
  ///   than 64 levels.
  package init(yaml bytes: [UInt8]) throws(YAMLError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw YAMLError(line: 1, problem: "it is not text in UTF-8")
    }
    // An alias needs both characters. It could make a short file stand for a huge one, and the parser expands
    // it, so no file has both.
    if bytes.contains(UInt8(ascii: "&")), let star = bytes.firstIndex(of: UInt8(ascii: "*")) {
      throw YAMLError(
        line: bytes[..<star].count { $0 == UInt8(ascii: "\n") } + 1,
        problem:
          "the file has both & and *, which could be anchors and aliases; write & as \"\\u0026\"")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, resolver: .basic).singleRoot()
    } catch {
      throw YAMLError(error, bytes: bytes)
    }
    self = try root.map { root throws(YAMLError) in try Tree(root, depth: 0) } ?? .null
  }

  private init(_ node: Node, depth: Int) throws(YAMLError) {
    func error(_ problem: String) -> YAMLError {
      YAMLError(line: node.mark?.line ?? 1, problem: problem)
    }
    guard depth < 64 else { throw error("values are nested more than 64 deep") }
    switch node {
    case .scalar(let scalar) where scalar.style == .plain: self = Tree(plain: scalar.string)
    case .scalar(let scalar): self = .text(scalar.string)
    case .sequence(let nodes):
      var elements: [Tree] = []
      for node in nodes { elements.append(try Tree(node, depth: depth + 1)) }
      self = .sequence(elements)
    case .mapping(let pairs):
      var entries: [Entry] = []
      var names: Set<String> = []
      for (key, value) in pairs {
        guard case .scalar(let name) = key else {
          throw error("a name is not a scalar")
        }
        guard names.insert(name.string).inserted else {
          throw YAMLError(line: key.mark?.line ?? 1, problem: "'\(name.string)' is given twice")
        }
        entries.append(Entry(name.string, try Tree(value, depth: depth + 1)))
      }
      self = .mapping(entries)
    case .alias: throw error("aliases are not allowed")
    }
  }

  /// A scalar without quotes.
  private init(plain text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .boolean(true)
    case "false", "False", "FALSE": self = .boolean(false)
    case ".nan", ".NaN", ".NAN": self = .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
    default:
      // Swift also reads hexadecimal numbers, `inf` and `nan`.
      let isDecimal = text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "+-.eE".utf8.contains($0)
      }
      if let integer = Int(text) {
        self = .integer(integer)
      } else if let integer = UInt64(text) {
        self = .unsigned(integer)
      } else if isDecimal, let number = Double(text), number.isFinite {
        self = .number(number)
      } else {
        self = .text(text)
      }
    }
  }
}

extension YAMLError {
  /// The error of the parser, with its line.
  fileprivate init(_ error: any Error, bytes: [UInt8]) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      // The parser names a function of its own when it gives up.
      let isTooDeep = problem.contains("nesting level")
      self.init(
        line: mark.line, problem: isTooDeep ? "values are nested more than 64 deep" : problem)
    case .reader(let problem, let offset, _, _):
      let newlines = bytes.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") }
      self.init(line: newlines + 1, problem: problem)
    case .duplicatedKeysInMapping(let names, let context):
      self.init(line: context.mark.line, problem: "'\(names.first ?? "")' is given twice")
    default: self.init(line: 1, problem: "it cannot be read as YAML")
    }
  }
}
