import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

/// The notes on defaults in help texts, made from the values that the program uses.
///
/// If presets differ in a value, the note has that of `general` and names this preset.
enum Defaults {
  /// The settings of an environment without a preset of its own.
  static let general = Hyperparameters.standard(for: "")

  /// A value of `general`, in brackets; empty for `nil`.
  static func note<Value>(_ value: Value?) -> String {
    value.map { " (general: \(text($0)))" } ?? ""
  }

  /// A switch of `general`, in brackets.
  static func note(_ flag: String, isOn: Bool) -> String {
    " (general: --\(isOn ? "" : "no-")\(flag))"
  }

  /// A value that no preset changes, in brackets.
  static func fixed<Value>(_ value: Value) -> String {
    " (default: \(text(value)))"
  }

  /// A parameter of each optimiser that has it, in brackets.
  static func note(_ read: (OptimizerName.Numbers) -> Double?) -> String {
    noteOfEach { read($0).map(text) }
  }

  /// A switch of each optimiser that has it, in brackets.
  static func note(_ flag: String, _ read: (OptimizerName.Numbers) -> Bool?) -> String {
    noteOfEach { read($0).map { "--\($0 ? "" : "no-")\(flag)" } }
  }

  private static func noteOfEach(_ read: (OptimizerName.Numbers) -> String?) -> String {
    let values = OptimizerName.allCases.compactMap { name in
      read(name.numbers(in: general.optimizer.method)).map { "\(name): \($0)" }
    }
    return " (\(values.joined(separator: ", ")))"
  }

  /// The threshold of the Huber loss, in brackets.
  static var huberThreshold: String {
    let losses = [general.optimizer.loss, .huber()]
    let thresholds = losses.compactMap {
      if case .huber(let threshold) = $0 { threshold } else { nil }
    }
    return " (huber: \(text(thresholds[0])))"
  }

  /// The allowed values of a flag.
  static func choices<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> String
  where Value.RawValue == String {
    type.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// A value in the syntax of the command line.
  private static func text<Value>(_ value: Value) -> String {
    switch value {
    case let value as Double: Int(exactly: value).map(String.init) ?? "\(value)"
    case let value as Duration: "\(text(value / .seconds(1))) s"
    case let value as any RawRepresentable: "\(value.rawValue)"
    case let value as [Int]: value.isEmpty ? "none" : value.map(String.init).joined(separator: ",")
    default: "\(value)"
    }
  }

  // The schedules of `general`; `nil` if exploration is of the other kind.

  static var epsilon: Schedule? {
    if case .epsilonGreedy(let schedule) = general.exploration { schedule } else { nil }
  }

  static var constantEpsilon: Double? {
    epsilon.flatMap { $0.curve == nil ? $0.value(at: 0) : nil }
  }

  static var temperature: Schedule? {
    if case .boltzmann(let schedule) = general.exploration { schedule } else { nil }
  }

  static var explorationCurve: Schedule.Curve? { (epsilon ?? temperature)?.curve }

  /// The period of target synchronisation in a unit; `nil` if `general` uses the other unit.
  static func synchronization(_ unit: TargetSynchronization.Unit) -> Int? {
    let synchronization = general.target.synchronization
    return synchronization.unit == unit ? synchronization.every : nil
  }

  /// The presets and their environments.
  static var presets: String {
    var lists: [(name: String, ids: [String]?)] = []
    for preset in Preset.all {
      let ids = preset.environments.map { $0.map(named) }
      if let i = lists.firstIndex(where: { $0.name == preset.name }), let ids {
        lists[i].ids?.append(contentsOf: ids)
      } else {
        lists.append((preset.name, ids))
      }
    }
    return lists.map {
      "'\($0.name)' for \($0.ids?.joined(separator: ", ") ?? "every environment")"
    }
    .joined(separator: "; ")
  }

  /// An id in the syntax of the command line.
  private static func named(_ id: String) -> String {
    EnvironmentRegistry.ids.contains(id) ? id : GymnasiumEnvironment.prefix + id
  }
}
