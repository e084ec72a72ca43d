internal import Foundation
internal import Synchronization

/// SIGINT, SIGTERM and SIGHUP, with the exit codes 130, 143 and 129.
///
/// Where nothing is to be written, a signal ends the process at once. A loop that has something to write
/// has the first signal noted, checks for it, and ends by itself; a second one ends the process at once.
public enum TerminationSignals {
  private static let noted = Atomic<Int32>(0)
  private static let isFirstNoted = Atomic<Bool>(false)

  /// From now on the first signal ends the process, whatever it is doing.
  public static func endAtOnce() {
    install(isFirstNoted: false)
  }

  /// From now on the first signal is noted, and `exitCode` tells of it.
  public static func install() {
    install(isFirstNoted: true)
  }

  private static func install(isFirstNoted: Bool) {
    // Touched here once, so that no handler is the first to make them.
    noted.store(0, ordering: .relaxed)
    Self.isFirstNoted.store(isFirstNoted, ordering: .relaxed)
    let numbers = numbers
    // A parent may have left them blocked; worker threads of many runtimes do, and children inherit.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    for number in numbers {
      signal(number) { number in
        let isSecond = TerminationSignals.noted.exchange(number, ordering: .relaxed) != 0
        if isSecond || !TerminationSignals.isFirstNoted.load(ordering: .relaxed) {
          _exit(128 + number)
        }
      }
    }
  }

  /// The signals, without SIGHUP where it is ignored: `nohup` asks for that.
  private static var numbers: [Int32] {
    var action = sigaction()
    unsafe sigaction(SIGHUP, nil, &action)
    let isIgnored = unsafe action.__sigaction_handler.sa_handler.map { handler in
      unsafe unsafeBitCast(handler, to: Int.self) == 1
    }
    return [SIGINT, SIGTERM] + (isIgnored == true ? [] : [SIGHUP])
  }

  /// The exit code of the signal that came, 129, 130 or 143, or `nil` if none did.
  public static var exitCode: Int32? {
    let number = noted.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }
}
