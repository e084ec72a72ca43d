/// The least time that one call of a closure takes, in microseconds.
///
/// Calls are timed in batches of 100 to 200 µs, and the fastest batch counts: what else
/// a machine does makes a batch slower, never faster.
func leastTime(of batches: Int = 40, _ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  var calls = 1
  var best = Double.infinity
  var done = 0
  while done < batches {
    let start = clock.now
    for _ in 0..<calls { try body() }
    let elapsed = (clock.now - start) / .microseconds(1)
    if elapsed < 100 && calls < 1 << 20 {
      calls *= 2
    } else {
      best = min(best, elapsed / Double(calls))
      done += 1
    }
  }
  return best
}
