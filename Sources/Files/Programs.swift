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

  /// Starts a program, as the leader of a process group that can be ended as a whole.
  ///
  /// It ignores and blocks no signal, whatever this process does.
  ///
  /// - Parameters:
  ///   - path: its path.
  ///   - arguments: its arguments, without its name.
  ///   - variables: its environment variables, as `NAME=value`; `nil` for those of this process.
  ///   - descriptors: what it finds at its descriptors 0, 1, 2 and so on: a descriptor of this process, or `nil` for
  ///     `/dev/null`. It has no others that are closed when a program is started.
  /// - Precondition: a descriptor's number is not that of an earlier place in the list.
  /// - Returns: the number of its process.
  /// - Throws: `StartFailure`.
  package static func start(
    _ path: String, arguments: [String], variables: [String]? = nil, descriptors: [Int32?]
  ) throws(StartFailure) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    for (place, descriptor) in descriptors.enumerated() {
      if let descriptor {
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
      } else {
        unsafe posix_spawn_file_actions_addopen(&actions, Int32(place), "/dev/null", O_RDWR, 0)
      }
    }
    var all = sigset_t()
    var none = sigset_t()
    unsafe sigfillset(&all)
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    var own = unsafe (variables ?? []).map { unsafe strdup($0) } + [nil]
    defer { unsafe (words + own).forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code =
      unsafe variables == nil
      ? posix_spawn(&process, path, &actions, &attributes, &words, environ)
      : posix_spawn(&process, path, &actions, &attributes, &words, &own)
    guard code == 0 else { throw StartFailure(code: code) }
    return process
  }
}

/// The error number (`errno`) of a program that could not be started.
package struct StartFailure: Error {
  package let code: Int32

  package init(code: Int32) { self.code = code }

  /// The system's words for it.
  package var description: String { unsafe String(cString: strerror(code)) }
}
