internal import Glibc

extension Files {
  /// The path of a program: a path unchanged, or a name searched in PATH; `nil` if there is none.
  ///
  /// Links are not resolved, because Python finds the packages of a virtual environment by the path with
  /// which it was started.
  package static func program(_ name: String) -> String? {
    let variable = unsafe getenv("PATH").map { unsafe String(cString: $0) }
    let candidates =
      name.contains("/")
      ? [name]
      : (variable ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { candidate in
      var status = stat()
      return unsafe stat(candidate, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(candidate, X_OK) == 0
    }
  }
}
