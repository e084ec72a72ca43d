/// Why a Gymnasium environment failed.
public struct GymnasiumError: Error, Hashable, CustomStringConvertible {
  /// What can go wrong.
  public enum Reason: Hashable, Sendable {
    /// The Python does not exist, or it cannot be started.
    case python(String)
    /// The environment, or Gymnasium, raised an error.
    case raised(String)
    /// The process ended.
    case ended(String)
    /// An operation took longer than its limit.
    case late(Duration)
    /// The process sent something that is not a reply of this protocol.
    case garbled(String)
    /// A reply has a number that is not allowed.
    case badNumber(String)
    /// After the same seed and actions the observations differ.
    case notReproducible
    /// `GymnasiumOptions.isCancelled` was true.
    case cancelled
  }

  /// An operation of the process.
  public enum Request: String, Hashable, Sendable {
    /// Starting the process and making environments.
    case start = "starting"
    /// Starting an episode.
    case reset = "resetting"
    /// Taking an action.
    case step = "stepping"
    /// Drawing a picture.
    case draw = "drawing"

    /// The operation in the singular.
    var noun: String {
      switch self {
      case .start: "start"
      case .reset: "reset"
      case .step: "step"
      case .draw: "picture"
      }
    }
  }

  /// The environment's id.
  public let id: String
  /// The operation that failed.
  ///
  /// It can be a reset although a step was requested, because the process then also resets environments
  /// whose episode ends.
  public let request: Request
  /// What went wrong.
  public let reason: Reason
  /// The index of the environment that failed, from 0, if it is known.
  public var environment: Int?
  /// The number of environments in the process.
  public var environmentCount = 1
  /// The last 4 KiB at most that its process printed.
  public var outputTail = ""

  /// Whether a new process may succeed.
  var isOfTheProcess: Bool {
    switch reason {
    case .ended, .late: true
    // The next process would send the same handshake.
    case .garbled: request != .start
    case .python, .raised, .badNumber, .notReproducible, .cancelled: false
    }
  }

  /// One line that says what failed, where and why, with the last line that the process printed.
  public var description: String {
    let what =
      switch reason {
      case .python(let why): why
      case .raised(let text): text
      case .ended(let how): "its process \(how)"
      case .late(let limit): "it took longer than \(limit), the limit for a \(request.noun)"
      case .garbled(let what): "its process sent \(what)"
      case .badNumber(let what): what
      case .notReproducible: "after the same seed and actions its observations differ"
      case .cancelled: "it was cancelled"
      }
    var place = request.rawValue
    if environmentCount > 1, let environment {
      place += " environment \(environment + 1) of \(environmentCount)"
    }
    let message = "\(GymnasiumEnvironment.prefix)\(id), \(place): \(what)"
    // The text of an error that Python raised was printed too.
    guard let line = lastLine, !what.contains(line.suffix(40)) else { return message }
    return "\(message); it printed last: \(line.suffix(400))"
  }

  /// The last line that was printed, without the escape sequences that colour it.
  ///
  /// Indented lines are left out if there are others: below a warning and in a traceback they are source
  /// code.
  private var lastLine: String? {
    let text = outputTail.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    return (lines.last { $0.first?.isWhitespace == false } ?? lines.last).map(String.init)
  }
}
