internal import Foundation
internal import SARSAPreconditions
internal import Synchronization

extension Array where Element: Sendable {
  /// Calls a closure for every element on several threads, and returns the results in the elements' order.
  ///
  /// A thread takes the next element as soon as it is free, so that a slow element delays no other. The calling
  /// thread is one of them.
  ///
  /// - Precondition: at least one job.
  /// - Throws: `RunError.threads` if the system refuses one; then the closure was not called.
  /// - Complexity: the number of threads is the lesser of `jobs` and the elements.
  func concurrentMap<Result: Sendable>(
    jobs: Int, _ body: @Sendable (Element) -> Result
  ) throws(RunError) -> [Result] {
    require(jobs > 0, "jobs is \(jobs); allowed: 1 or more")
    // All threads have ended when this returns.
    return try withoutActuallyEscaping(body) { body throws(RunError) in
      try map(Shared(elements: self, body: body), jobs: jobs)
    }
  }

  private func map<Result: Sendable>(
    _ shared: Shared<Element, Result>, jobs: Int
  ) throws(RunError) -> [Result] {
    var threads: [pthread_t] = []
    let count = Swift.min(jobs, self.count)
    // Threads that are there wait until all are.
    let isComplete = shared.isRefused.withLock { isRefused in
      for _ in 1..<Swift.max(1, count) {
        guard let thread = startThread(shared.work) else {
          isRefused = true
          return false
        }
        threads.append(thread)
      }
      return true
    }
    if isComplete { shared.work() }
    for thread in threads { pthread_join(thread, nil) }
    guard isComplete else { throw .threads(count) }
    return shared.results.withLock { $0.compactMap { $0 } }
  }
}

/// What the threads share.
private final class Shared<Element: Sendable, Result: Sendable>: Sendable {
  let isRefused = Mutex(false)
  let results: Mutex<[Result?]>
  private let next = Atomic<Int>(0)
  private let elements: [Element]
  private let body: @Sendable (Element) -> Result

  init(elements: [Element], body: @escaping @Sendable (Element) -> Result) {
    self.elements = elements
    self.body = body
    results = Mutex(Array(repeating: nil, count: elements.count))
  }

  @Sendable func work() {
    if isRefused.withLock({ $0 }) { return }
    while true {
      let i = next.add(1, ordering: .relaxed).oldValue
      guard i < elements.count else { return }
      let result = body(elements[i])
      results.withLock { $0[i] = result }
    }
  }
}

/// Starts a thread; `nil` if the system refuses it.
private func startThread(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
  final class Box {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }
  let box = unsafe Unmanaged.passRetained(Box(work))
  var thread = pthread_t()
  let code = unsafe pthread_create(
    &thread, nil,
    { pointer in
      guard let pointer = unsafe pointer else { return nil }
      unsafe Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().work()
      return nil
    }, box.toOpaque())
  if code == 0 { return thread }
  unsafe box.release()
  return nil
}
