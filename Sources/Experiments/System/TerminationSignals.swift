internal import Foundation
internal import Synchronization

/// Handles the signals that ask the program to end, with the exit code 128 + the signal's number: SIGINT, SIGTERM,
/// SIGHUP, SIGXCPU and SIGQUIT; and SIGUSR1, which asks it to save.
///
/// At first a signal ends the process immediately. A loop that has results to save calls `installForCleanEnd()`; then
/// the first signal only sets `isEnding`, which the loop checks, and a second signal ends the process immediately.
/// SIGQUIT always does, unless the loop has a screen to restore. A signal that the process ignores from its
/// start stays ignored, as `nohup` asks for.
public enum TerminationSignals {
  private static let noted = Atomic<Int32>(0)
  private static let isFirstNoted = Atomic<Bool>(false)
  private static let endsAtSecond = Atomic<Bool>(true)
  private static let saves = Atomic<Int>(0)

  /// Makes the first signal end the process immediately.
  public static func installForImmediateEnd() {
    install(isFirstNoted: false)
  }

  /// Makes the first signal set `isEnding` and `exitCode` instead of ending the process.
  ///
  /// - Parameter endsAtSecond: whether a second signal, or SIGQUIT, ends the process immediately. Otherwise
  ///   each only sets `isEnding`, for a loop that checks it at once and must restore the terminal.
  public static func installForCleanEnd(endsAtSecond: Bool = true) {
    install(isFirstNoted: true, endsAtSecond: endsAtSecond)
  }

  private static func install(isFirstNoted: Bool, endsAtSecond: Bool = true) {
    // Accessed once here, so that a signal handler never runs their lazy initialisation.
    noted.store(0, ordering: .relaxed)
    saves.store(0, ordering: .relaxed)
    Self.isFirstNoted.store(isFirstNoted, ordering: .relaxed)
    Self.endsAtSecond.store(endsAtSecond, ordering: .relaxed)
    let endings = [SIGINT, SIGTERM, SIGHUP, SIGXCPU].filter { !isIgnored($0) }
    let all = endings + [SIGQUIT, SIGUSR1].filter { !isIgnored($0) }
    // The parent may have blocked the signals, as worker threads of many runtimes do; a child inherits it.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in all { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    for number in endings {
      signal(number) { number in
        let isSecond = TerminationSignals.noted.exchange(number, ordering: .relaxed) != 0
        let endsNow = isSecond && TerminationSignals.endsAtSecond.load(ordering: .relaxed)
        if endsNow || !TerminationSignals.isFirstNoted.load(ordering: .relaxed) {
          _exit(128 + number)
        }
      }
    }
    if all.contains(SIGQUIT) {
      signal(SIGQUIT) { number in
        if TerminationSignals.endsAtSecond.load(ordering: .relaxed) { _exit(128 + number) }
        TerminationSignals.noted.store(number, ordering: .relaxed)
      }
    }
    // A program that has nothing to save goes on.
    if all.contains(SIGUSR1) {
      signal(SIGUSR1) { _ in TerminationSignals.saves.add(1, ordering: .relaxed) }
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    unsafe sigaction(number, nil, &action)
    return unsafe action.__sigaction_handler.sa_handler.map { handler in
      unsafe unsafeBitCast(handler, to: Int.self) == 1
    } ?? false
  }

  /// Whether a signal has asked the program to end.
  public static var isEnding: Bool { exitCode != nil }

  /// The exit code of the signal that asked the program to end; `nil` if there was none.
  public static var exitCode: Int32? {
    let number = noted.load(ordering: .relaxed)
    return number == 0 ? nil : 128 + number
  }

  /// How often SIGUSR1 asked the program to save.
  public static var saveRequests: Int { saves.load(ordering: .relaxed) }
}
