internal import Glibc

/// An open file descriptor, closed with its owner.
struct Descriptor: ~Copyable {
  let number: Int32

  /// Takes what a call of the system gave.
  ///
  /// - Throws: the reason if that was none.
  init(_ number: Int32) throws(StartFailure) {
    guard number >= 0 else { throw StartFailure(code: errno) }
    self.number = number
  }

  deinit { close(number) }

  /// Makes reading and writing return where they would wait.
  func setNonblocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }
}

/// Two sockets that are connected: ours, and the one that a child gets.
///
/// Sockets where pipes would do: a child that another thread starts in the same moment inherits
/// neither end, and nobody who has gone away makes a signal.
struct DescriptorPair: ~Copyable {
  let ours: Descriptor
  let theirs: Descriptor

  init() throws(StartFailure) {
    var pair: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw StartFailure(code: errno) }
    let first = try Descriptor(pair[0])
    let second = try Descriptor(pair[1])
    // Beyond the numbers that a child finds its own at: one must not cover another.
    let moved = try Descriptor(fcntl(second.number, F_DUPFD_CLOEXEC, 10))
    ours = first
    theirs = moved
  }
}

/// The system's number of the reason why a process could not be started.
struct StartFailure: Error {
  let code: Int32

  var description: String { unsafe String(cString: strerror(code)) }
}
