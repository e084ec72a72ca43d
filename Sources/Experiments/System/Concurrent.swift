internal import Dispatch
internal import Synchronization
internal import SARSAPreconditions

extension Array where Element: Sendable {
  /// Calls a closure for every element, several at a time, and gives the results in their order.
  ///
  /// A thread takes the next element as soon as it has done one, so that none waits for a slow one.
  ///
  /// - Precondition: at least one job.
  /// - Complexity: as many threads as jobs, or as elements or processors if there are fewer.
  func concurrentMap<Result: Sendable>(
    jobs: Int, _ body: @Sendable (Element) -> Result
  ) -> [Result] {
    require(jobs > 0, "jobs is \(jobs); allowed: 1 or more")
    let next = Atomic<Int>(0)
    let results = Mutex([Result?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: Swift.min(jobs, count)) { _ in
      while true {
        let i = next.add(1, ordering: .relaxed).oldValue
        guard i < count else { return }
        let result = body(self[i])
        results.withLock { $0[i] = result }
      }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}
