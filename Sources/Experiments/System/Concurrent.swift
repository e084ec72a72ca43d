internal import Dispatch
internal import Synchronization
internal import SARSAPreconditions

extension Array where Element: Sendable {
  /// Calls a closure for every element on several threads, and returns the results in the elements' order.
  ///
  /// A thread takes the next element as soon as it is free, so that a slow element delays no other.
  ///
  /// - Precondition: at least one job.
  /// - Complexity: the number of threads is the least of `jobs`, the elements and the processors.
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
