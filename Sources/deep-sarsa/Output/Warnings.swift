import SARSAExperiments

// What is said on standard error beside results, and the warnings among it: of a run that goes on, or whose evaluations
// cannot be compared.

/// Writes a line to standard error after the program's name; a failure to write it is ignored.
func tell(_ text: String) {
  try? StandardStream.error.write("deep-sarsa: \(text.onOneLine)\n")
}

extension RunFolder {
  /// The warnings about newer checkpoints than the one from which a run goes on.
  static func warnings(_ faults: [RunError]) -> [String] {
    faults.map { "warning: \($0); going on from the checkpoint before it" }
  }

  /// The warning about another machine than that which started the run; `nil` on the same.
  func machineWarning() throws(RunError) -> String? {
    try machine()?.firstDifference(from: .current).map {
      "warning: '\(path)': \($0); the result may have other bytes"
    }
  }
}

extension Repetition {
  /// The warning about evaluations, with a remedy; `nil` if they can be compared.
  var warning: String? {
    let what =
      "the environment is not reproducible: after a reset with the same seed, the same actions give other "
      + "rewards or observations, so evaluations cannot be compared and the best network may not be the best"
    return switch self {
    case .exact: nil
    case .stateful:
      what + "; it keeps state from earlier episodes, as wrappers with running statistics do "
        + "(NormalizeObservation, NormalizeReward): remove the wrapper, or freeze its statistics"
    case .unseeded:
      what + "; a new copy of it differs too, so some of its randomness does not come from the seed"
    }
  }
}
