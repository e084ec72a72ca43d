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

  /// Allocates and draws whatever the work needs.
  ///
  /// - Throws: what the package throws, out of memory for one.
  public func prepare() throws -> Body { try makeBody() }
}
