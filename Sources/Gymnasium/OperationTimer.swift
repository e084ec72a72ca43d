/// The operation of a request that is under way, and the time since it began.
///
/// A request may hold many operations: the one that was requested for each environment, and resets of
/// environments whose episode ends. `bridge.py` says how they are numbered; each has a time limit.
struct OperationTimer {
  let request: GymnasiumError.Request
  /// The number of environments.
  let count: Int
  private(set) var number = 0
  private var start = ContinuousClock.now

  init(_ request: GymnasiumError.Request, count: Int) {
    self.request = request
    self.count = count
  }

  /// The kind of the operation.
  var operation: GymnasiumError.Request { number.isMultiple(of: 2) ? request : .reset }
  /// The environment's index.
  var environment: Int { number / 2 }

  /// Restarts if the process has begun another operation.
  ///
  /// Numbers that go back or name no environment are ignored, so that no process can work for longer than
  /// the limits of all operations together.
  mutating func update(_ progress: UInt64) {
    guard progress > number, progress < 2 * count else { return }
    number = Int(progress)
    start = .now
  }

  /// The time that is left of the operation's limit, negative if it is over.
  func rest(of options: GymnasiumOptions) -> Duration {
    start + options.limit(of: operation) - .now
  }
}

extension GymnasiumOptions {
  /// The time limit of an operation in one environment.
  func limit(of operation: GymnasiumError.Request) -> Duration {
    switch operation {
    case .start: startTimeout
    case .reset: resetTimeout
    case .step, .draw: stepTimeout
    }
  }
}
