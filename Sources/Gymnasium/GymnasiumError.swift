/// Why a Gymnasium environment failed.
public struct GymnasiumError: Error, Hashable, CustomStringConvertible {
  /// What can go wrong.
  public enum Reason: Hashable, Sendable {
    /// No such Python, or it cannot be started.
    case python(String)
    /// The environment, or Gymnasium, raised an error.
    case raised(String)
    /// The process ended.
    case ended(String)
    /// There was no answer in time.
    case late(Duration)
    /// What came is no reply of this protocol.
    case garbled(String)
    /// A reply has numbers that cannot be.
    case badNumber(String)
    /// After the same seed and actions it is not where it was.
    case notReproducible
  }

  /// What was asked of it.
  public enum Request: String, Hashable, Sendable {
    /// To be made.
    case start = "starting"
    /// To begin an episode.
    case reset = "resetting"
    /// To take an action.
    case step = "stepping"
  }

  /// The environment's id.
  public let id: String
  /// What was asked of it.
  public let request: Request
  /// What went wrong.
  public let reason: Reason
  /// What its process printed last, at most 4 KiB.
  public var lastWords = ""

  /// Whether a new process may do better.
  var isOfTheProcess: Bool {
    switch reason {
    case .ended, .late: true
    // What is wrong with a greeting will be wrong with the next one too.
    case .garbled: request != .start
    case .python, .raised, .badNumber, .notReproducible: false
    }
  }

  /// One line that says what and where, with the last line that was printed.
  public var description: String {
    let what =
      switch reason {
      case .python(let why): why
      case .raised(let text): text
      case .ended(let how): "its process \(how)"
      case .late(let limit): "its process did not answer within \(limit)"
      case .garbled(let what): "its process sent \(what)"
      case .badNumber(let what): what
      case .notReproducible: "after the same seed and actions it is not where it was"
      }
    let message = "\(GymnasiumEnvironment.prefix)\(id), \(request.rawValue): \(what)"
    let words = lastWords.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
    // What was raised was printed too.
    guard let words, !what.contains(words.suffix(40)) else { return message }
    return "\(message); it printed last: \(words.suffix(400))"
  }
}
