internal import Glibc

/// How long to look for a reply before one sleeps.
///
/// Waking a core that has gone idle takes longer than most steps, so one looks, and lets everybody else
/// go first between two looks. But where others want the core, whoever looks waits for a turn, and
/// whoever sleeps is woken at once: so when turns were long in coming for a few messages, one sleeps for
/// many. `bridge.py` does the same.
struct Lookout {
  private var lastLook = ContinuousClock.now
  private var end = ContinuousClock.now
  private var hadLongTurn = false
  private var longTurns = 0
  private var messagesAsleep = 0

  private static let patience = Duration.microseconds(500)
  private static let longTurn = Duration.microseconds(200)
  private static let longTurnLimit = 2
  private static let messagesAsleepAfterThat = 1_000

  /// Begins to wait for a message.
  mutating func begin() {
    longTurns = hadLongTurn ? longTurns + 1 : 0
    hadLongTurn = false
    if longTurns == Self.longTurnLimit {
      longTurns = 0
      messagesAsleep = Self.messagesAsleepAfterThat
    }
    lastLook = ContinuousClock.now
    end = messagesAsleep > 0 ? lastLook : lastLook + Self.patience
    if messagesAsleep > 0 { messagesAsleep -= 1 }
  }

  /// Lets others go first; false if one had better sleep.
  mutating func mayLookAgain() -> Bool {
    guard lastLook < end else { return false }
    sched_yield()
    let now = ContinuousClock.now
    if now - lastLook > Self.longTurn {
      hadLongTurn = true
      end = now
    }
    lastLook = now
    return true
  }
}
