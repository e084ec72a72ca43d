/// Work that can be done any number of times: what a suite times, and what `counts` counts.
public struct Workload: Sendable {
  /// What a table calls it.
  public let name: String
  /// How often it is done at once to be timed: a thousand times, unless it takes long itself.
  public let repetitions: Int
  /// Does it so many times.
  public typealias Body = (_ times: Int) throws -> Void

  private let makeBody: @Sendable () throws -> Body

  init(_ name: String, repetitions: Int = 1_000, body: @escaping @Sendable () throws -> Body) {
    self.name = name
    self.repetitions = repetitions
    makeBody = body
  }

  /// Work on a value that is borrowed once for all times: a closure's own variables are checked for
  /// exclusive access at each use, which would be most of a short work's instructions.
  static func repeating<State: ~Copyable>(
    _ state: consuming State, _ work: @escaping (inout State) throws -> Void
  ) -> Body {
    var state = state
    return { times in try repeatWork(work, on: &state, times) }
  }

  /// Allocates and draws whatever the work needs.
  ///
  /// - Throws: what the package throws, out of memory for one.
  public func prepare() throws -> Body { try makeBody() }
}

private func repeatWork<State: ~Copyable>(
  _ work: (inout State) throws -> Void, on state: inout State, _ times: Int
) rethrows {
  for _ in 0..<times { try work(&state) }
}
