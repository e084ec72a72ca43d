internal import Glibc

/// A program in a process of its own, with a socket to talk to it.
///
/// The child finds the socket at descriptor 3, and at descriptor 4 another one, on which nothing is
/// ever sent and that closes when this process is gone, for whatever reason. It leads a process group,
/// which ends with it. What it prints is kept, the last 4 KiB of it.
///
/// It ends with its owner: `deinit` lets it close, and kills it if it does not.
final class ChildProcess {
  /// Why an exchange came to nothing.
  enum Failure: Error, Equatable {
    /// It ended, or closed its socket.
    case ended(Ending)
    /// It did not answer in time.
    case late
  }

  /// How a process ended.
  enum Ending: Equatable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)
    /// Its status was taken by someone else.
    case unknown

    /// What a process did, in words.
    var description: String {
      switch self {
      case .exit(let code): "ended with exit code \(code)"
      case .signal(let number):
        unsafe "was killed by signal \(number) (\(String(cString: strsignal(number))))"
      case .unknown: "ended"
      }
    }
  }

  let identifier: pid_t
  private let socket: Descriptor
  private let output: Descriptor
  private let life: Descriptor
  private var ending: Ending?
  private var isOutputOpen = true
  /// What it printed, at most twice what is kept.
  private var printed: [UInt8] = []

  /// The bytes of its output that are kept.
  private static let keptOutput = 4096
  /// How long it may take to close before it is killed.
  private static let grace = Duration.seconds(2)
  private var lookout = Lookout()

  /// Starts a program by its path; arguments are the words behind that.
  init(_ path: String, arguments: [String], environment: [String]) throws(StartFailure) {
    let sockets = try DescriptorPair()
    let outputs = try DescriptorPair()
    let lives = try DescriptorPair()
    identifier = try Self.spawn(
      path, [path] + arguments, environment, output: outputs.theirs.number,
      socket: sockets.theirs.number, life: lives.theirs.number)
    socket = sockets.ours
    output = outputs.ours
    life = lives.ours
    socket.setNonblocking()
    output.setNonblocking()
  }

  private static func spawn(
    _ path: String, _ words: [String], _ environment: [String], output: Int32, socket: Int32,
    life: Int32
  ) throws(StartFailure) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (ours, theirs) in [(output, 1), (output, 2), (socket, 3), (life, 4)] as [(Int32, Int32)] {
      unsafe posix_spawn_file_actions_adddup2(&actions, ours, theirs)
    }
    // Signals that are ignored or blocked here would be so there.
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

    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, path, &actions, &attributes, &arguments, &variables)
    guard code == 0 else { throw StartFailure(code: code) }
    return child
  }

  deinit {
    // Without its socket it has nothing to wait for.
    shutdown(socket.number, Int32(SHUT_RDWR))
    stop(within: Self.grace)
  }

  /// Waits for its end, and makes an end of it when the time is over.
  func stop(within grace: Duration) {
    let deadline = ContinuousClock.now + grace
    var pause: UInt32 = 50
    while ending == nil {
      reap()
      // What it prints must not keep it from ending.
      drainOutput()
      if ending == nil && ContinuousClock.now >= deadline { kill(-identifier, SIGKILL) }
      if ending == nil { usleep(pause) }
      pause = min(2 * pause, 5_000)
    }
  }

  /// Notes how it ended, if it has; the rest of its process group ends then too.
  private func reap() {
    var information = unsafe siginfo_t()
    // Looked at first and taken later: until then no other process can have its number.
    let found = unsafe waitid(
      P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT)
    if found != 0 {
      if errno != EINTR { ending = .unknown }
      return
    }
    guard unsafe information.si_signo == SIGCHLD else { return }
    kill(-identifier, SIGKILL)
    var status: Int32 = 0
    guard unsafe waitpid(identifier, &status, 0) == identifier else {
      ending = .unknown
      return
    }
    let signal = status & 0x7F
    ending = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
  }

  /// What it printed last.
  var lastWords: String {
    drainOutput()
    return String(decoding: printed.suffix(Self.keptOutput), as: UTF8.self)
  }

  private func drainOutput() {
    guard isOutputOpen else { return }
    var block = [UInt8](repeating: 0, count: Self.keptOutput)
    // A program that never stops printing must not keep us here.
    for _ in 0..<64 {
      let count = unsafe block.withUnsafeMutableBytes { bytes in
        unsafe read(output.number, bytes.baseAddress, bytes.count)
      }
      if count == 0 { isOutputOpen = false }
      guard count > 0 else { return }
      printed += block.prefix(count)
      if printed.count > 2 * Self.keptOutput {
        printed.removeFirst(printed.count - Self.keptOutput)
      }
    }
  }

  /// Sends all bytes.
  func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      let step = unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
        return unsafe Glibc.send(
          socket.number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      if step >= 0 {
        sent += step
      } else if errno == EAGAIN {
        try wait(for: Int16(POLLOUT), until: deadline)
      } else if errno != EINTR {
        throw end()
      }
    }
  }

  /// Receives into a buffer behind what is there, until there is at least so much in all.
  ///
  /// - Returns: how much there is.
  func receive(
    into bytes: inout [UInt8], behind count: Int, atLeast least: Int,
    until deadline: ContinuousClock.Instant
  ) throws(Failure) -> Int {
    var count = count
    lookout.begin()
    while count < least {
      let step = unsafe bytes.withUnsafeMutableBytes { bytes in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
        return unsafe recv(socket.number, rest.baseAddress, rest.count, 0)
      }
      if step > 0 {
        count += step
      } else if step < 0 && errno == EAGAIN {
        if !lookout.mayLookAgain() { try wait(for: Int16(POLLIN), until: deadline) }
      } else if step == 0 || errno != EINTR {
        throw end()
      }
    }
    return count
  }

  /// Waits until the socket is ready, and takes what is printed meanwhile.
  private func wait(
    for events: Int16, until deadline: ContinuousClock.Instant
  ) throws(Failure) {
    while true {
      if ContinuousClock.now >= deadline { throw .late }
      var descriptors = [
        pollfd(fd: socket.number, events: events, revents: 0),
        pollfd(fd: isOutputOpen ? output.number : -1, events: Int16(POLLIN), revents: 0),
      ]
      // Something that it started may hold the socket open beyond its end, so its end is asked for.
      let ready = unsafe poll(&descriptors, 2, 100)
      if descriptors[1].revents != 0 { drainOutput() }
      if ready > 0 && descriptors[0].revents != 0 { return }
      if ready == 0 {
        reap()
        if ending != nil { throw end() }
      }
    }
  }

  /// The failure of a process that closed its socket: it has ended, or is made to.
  private func end() -> Failure {
    stop(within: Self.grace)
    return .ended(ending ?? .unknown)
  }
}
