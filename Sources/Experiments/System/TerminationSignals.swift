internal import Foundation
internal import Synchronization

/// Handles SIGINT, SIGTERM and SIGHUP, with the exit codes 130, 143 and 129.
///
/// At first a signal ends the process immediately. A loop that has results to save calls
/// `install()`; then the first signal only sets `exitCode`, which the loop checks, and a second
/// signal ends the process immediately.
public enum TerminationSignals {
  private static let noted = Atomic<Int32>(0)
  private static let isFirstNoted = Atomic<Bool>(false)

  /// Makes the first signal end the process immediately.
  public static func endAtOnce() {
    install(isFirstNoted: false)
  }

  /// Makes the first signal set `exitCode` instead of ending the process.
  public static func install() {
    install(isFirstNoted: true)
  }

  private static func install(isFirstNoted: Bool) {
    // Accessed once here, so that a signal handler never runs their lazy initialisation.
    noted.store(0, ordering: .relaxed)
    Self.isFirstNoted.store(isFirstNoted, ordering: .relaxed)
    let numbers = numbers
    // The parent may have blocked the signals, as worker threads of many runtimes do; a child inherits it.
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

  /// The exit code of the received signal, 129, 130 or 143; `nil` if there was no signal.
  public static var exitCode: Int32? {
    let number = noted.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }
}
