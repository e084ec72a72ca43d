internal import Glibc

/// Decides how long to wait for a reply by a spin-wait before the thread blocks in `poll`.
///
/// Waking a core that has gone idle takes longer than most steps, so the socket is read without blocking
/// for up to 0.5 ms, with `sched_yield` between two reads so that other threads can run. On a busy machine
/// `sched_yield` returns late, while a blocked thread is woken at once. So if it took longer than 0.2 ms
/// in two consecutive messages, the next 1,000 are waited for without spinning. `bridge.py` does the same.
struct SpinThenPoll {
  private var lastRead = ContinuousClock.now
  private var end = ContinuousClock.now
  private var hadLongYield = false
  private var longYields = 0
  private var blockingMessages = 0

  private static let spinTime = Duration.microseconds(500)
  private static let longYield = Duration.microseconds(200)
  private static let longYieldLimit = 2
  private static let blockingMessagesAfterThat = 1_000

  /// Begins to wait for a message.
  mutating func begin() {
    longYields = hadLongYield ? longYields + 1 : 0
    hadLongYield = false
    if longYields == Self.longYieldLimit {
      longYields = 0
      blockingMessages = Self.blockingMessagesAfterThat
    }
    lastRead = ContinuousClock.now
    end = blockingMessages > 0 ? lastRead : lastRead + Self.spinTime
    if blockingMessages > 0 { blockingMessages -= 1 }
  }

  /// Yields the processor.
  ///
  /// - Returns: whether to read again; `false` if the caller should block.
  mutating func yield() -> Bool {
    guard lastRead < end else { return false }
    sched_yield()
    let now = ContinuousClock.now
    if now - lastRead > Self.longYield {
      hadLongYield = true
      end = now
    }
    lastRead = now
    return true
  }
}
