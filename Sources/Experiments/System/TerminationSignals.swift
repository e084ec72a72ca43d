internal import Foundation
internal import Synchronization

/// SIGINT and SIGTERM as a question that a loop asks.
///
/// The first signal is noted, and the loop ends in its own time. A second one ends the process at
/// once.
public enum TerminationSignals {
  private static let noted = Atomic<Int32>(0)

  /// Starts noting signals.
  public static func install() {
    // Touched here once, so that no handler is the first to make it.
    noted.store(0, ordering: .relaxed)
    // A parent may have left them blocked; worker threads of many runtimes do, and children inherit.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if TerminationSignals.noted.exchange(number, ordering: .relaxed) != 0 {
          _exit(128 + number)
        }
      }
    }
  }

  /// The exit code of the signal that came, 130 or 143, or `nil` if none did.
  public static var exitCode: Int32? {
    let number = noted.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }
}
