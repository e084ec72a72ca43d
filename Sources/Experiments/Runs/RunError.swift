public import DeepSARSA

/// An error that ends a run, or the reading of a run's files.
public enum RunError: Error, CustomStringConvertible {
  /// A setting that is not allowed.
  case settings(HyperparameterError)
  /// Not enough memory.
  case memory(ArenaError)
  /// The system refused to start so many threads.
  case threads(Int)
  /// The system refused a call.
  case system(SystemError)
  /// A file has content that is not allowed.
  case badFile(String, String)
  /// A file of settings has content that is not allowed.
  case badSettings(String, String)
  /// Another program trains in the folder.
  case locked(String)
  /// A checkpoint belongs to other settings, programs or machines than those that are used.
  case disagreement(String, String)
  /// The run in the folder finished and dropped its replay memory, so it cannot go on.
  case incomplete(String)
  /// The environment failed, or returned a number that is not finite.
  case environment(String)
  /// Another program is not installed, or failed.
  case program(String)
  /// A number of the network was no longer finite after a number of environment steps; the last network
  /// that was evaluated is on disk.
  case divergence(Divergence, step: Int)

  /// One line that says what and where.
  public var description: String {
    switch self {
    case .settings(let error): error.description
    case .memory(let error): error.description
    case .threads(let count):
      "the system refused to start \(count) threads; with --jobs 1, where there is such a flag, none is needed"
    case .system(let error): error.description
    case .badFile(let path, let what), .badSettings(let path, let what): "'\(path)': \(what)"
    case .locked(let path): "'\(path)': another program trains in it"
    case .disagreement(let path, let what): "'\(path)': \(what)"
    case .incomplete(let path):
      "'\(path)': the run finished and dropped its replay memory, so it cannot go on; "
        + "--keep-replay keeps it"
    case .environment(let what): "the environment failed: \(what)"
    case .program(let what): what
    case .divergence(let error, let step): "training diverged at step \(step): \(error)"
    }
  }

  /// Whether it is of an environment, which may be a process, or of another program.
  public var isOfProcess: Bool {
    switch self {
    case .environment, .program: true
    default: false
    }
  }

  /// Converts the error of a state that is in a file.
  init(_ error: ArchiveError, in path: String) {
    switch error {
    case .inaccessible(let error): self = .system(error)
    default: self = .badFile(path, "\(error)")
    }
  }

  /// Converts the error of a safetensors file.
  init(_ failure: SafetensorsFailure<SystemError>, in path: String) {
    switch failure {
    case .access(let error): self = .system(error)
    case .content(let error): self = .badFile(path, "\(error)")
    }
  }

  /// Converts the error of a network that a file has.
  init(ofModel error: any Error, in path: String) {
    if let error = error as? ArenaError, case .outOfMemory = error {
      self = .memory(error)
    } else {
      self = .badFile(path, "\(error)")
    }
  }

  /// Converts a training error.
  init<Failure>(_ error: TrainingError<Failure>) {
    switch error {
    case .hyperparameters(let error): self = .settings(error)
    case .memory(let error): self = .memory(error)
    case .environment(let error): self = .environment("\(error)")
    case .number(let error): self = .environment("\(error)")
    case .divergence(let error, let step): self = .divergence(error, step: step)
    }
  }
}

/// Runs a closure and converts the error that it throws.
func converting<Value: ~Copyable, Failure: Error>(
  _ convert: (Failure) -> RunError, _ body: () throws(Failure) -> Value
) throws(RunError) -> Value {
  do { return try body() } catch { throw convert(error) }
}
