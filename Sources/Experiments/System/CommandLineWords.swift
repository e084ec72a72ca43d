internal import Foundation

/// The words of the command line as the system gave them.
public enum CommandLineWords {
  /// The position, from 1, of the first word that is not UTF-8, such as a file's name in an older encoding; `nil`
  /// without one.
  ///
  /// `CommandLine.arguments` replaces its bytes, so that it would name another file.
  public static var firstThatIsNotUTF8: Int? {
    (1..<max(1, Int(CommandLine.argc))).first { index in
      guard let word = unsafe CommandLine.unsafeArgv[index] else { return false }
      return unsafe String(validatingCString: word) == nil
    }
  }
}
