internal import Glibc

/// The environment variables of this process, and the search for programs in PATH.
enum ProcessEnvironment {
  /// The value of a variable.
  static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// All variables, as `NAME=value`.
  static var variables: [String] {
    var result: [String] = []
    var next = unsafe environ
    while let text = unsafe next.pointee {
      result.append(unsafe String(cString: text))
      unsafe next += 1
    }
    return result
  }

  /// The path of a program: a path unchanged, or a name searched in PATH.
  ///
  /// Links are not resolved, because Python finds the packages of a virtual environment by the path with
  /// which it was started.
  static func path(of program: String) -> String? {
    let candidates =
      program.contains("/")
      ? [program]
      : (variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map {
        "\($0)/\(program)"
      }
    return candidates.first { candidate in
      var status = stat()
      return unsafe stat(candidate, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(candidate, X_OK) == 0
    }
  }
}
