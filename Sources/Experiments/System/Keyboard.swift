internal import Foundation

/// The keys of a terminal, one at a time and not shown, as long as the value exists.
///
/// The terminal's own settings return with the end of the value. Ctrl-C and Ctrl-Z are keys as well, so that
/// whoever reads them can restore the screen first.
package struct Keyboard: ~Copyable {
  private var settings: termios

  /// Takes over standard input; `nil` if it is not a terminal.
  package init?() {
    var settings = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    self.settings = settings
    takeOver()
  }

  deinit { release() }

  /// Keys come one at a time again, after a stop.
  package func takeOver() {
    var raw = settings
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw)
  }

  /// Gives the terminal its own settings.
  package func release() {
    var own = settings
    unsafe tcsetattr(STDIN_FILENO, TCSANOW, &own)
  }

  /// The next key, as a byte; `nil` if there is none within a time.
  package func key(within seconds: Double) -> UInt8? {
    var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, Int32(seconds * 1_000)) > 0 else { return nil }
    var byte: UInt8 = 0
    // The end of the input is the end of the terminal.
    return unsafe read(STDIN_FILENO, &byte, 1) == 1 ? byte : UInt8(ascii: "q")
  }

  /// Stops the process, as Ctrl-Z does, until it is continued.
  package static func stopProcess() { raise(SIGSTOP) }
}
