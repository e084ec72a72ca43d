internal import Glibc
internal import SARSAFiles

/// An open file descriptor, closed with its owner.
struct Descriptor: ~Copyable {
  let number: Int32

  /// Takes ownership of the result of a system call.
  ///
  /// - Throws: `StartFailure` with `errno` if the result is negative.
  init(_ number: Int32) throws(StartFailure) {
    guard number >= 0 else { throw StartFailure(code: errno) }
    self.number = number
  }

  deinit { close(number) }

  /// Makes reading and writing return at once where they would block.
  func setNonblocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }

  /// A duplicate with a number of 10 or more.
  ///
  /// A child has its descriptors at the numbers 0 to 5. The sources must have other numbers, so that
  /// copying one does not overwrite another.
  func duplicatedBeyondChildNumbers() throws(StartFailure) -> Descriptor {
    let duplicate = fcntl(number, F_DUPFD_CLOEXEC, 10)
    // EINVAL: a limit on open files (`ulimit -n`) of 10 or less.
    if duplicate < 0 && errno == EINVAL { throw StartFailure(code: EMFILE) }
    return try Descriptor(duplicate)
  }
}

/// Two connected sockets: ours, and the one that a child gets.
///
/// Sockets are used even where pipes would do: they are created with the close-on-exec flag, so that a
/// child that another thread starts at the same time inherits neither end, and writing to one whose other
/// end is closed need not raise SIGPIPE.
struct DescriptorPair: ~Copyable {
  let ours: Descriptor
  let theirs: Descriptor

  init() throws(StartFailure) {
    var pair: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw StartFailure(code: errno) }
    let first = try Descriptor(pair[0])
    let second = try Descriptor(pair[1])
    let moved = try second.duplicatedBeyondChildNumbers()
    ours = first
    theirs = moved
  }
}
