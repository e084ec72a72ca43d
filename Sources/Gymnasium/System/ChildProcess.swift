internal import Glibc
internal import SARSAFiles

/// A program in a child process, with a socket for messages.
///
/// The child finds the socket at descriptor 3; at descriptor 4 another socket, on which nothing is ever
/// sent, and which becomes readable when this process ends, for whatever reason; and at descriptor 5 the
/// memory of `operation`. It leads a process group, which is killed when it ends. The last 4 KiB that it
/// prints are kept.
///
/// `deinit` closes the socket, waits for the child to exit, and kills it if it does not.
package final class ChildProcess {
  /// Why sending or receiving failed.
  package enum Failure: Error, Equatable {
    /// The process ended, or closed its socket.
    case ended(Ending)
    /// The limit of an operation is over.
    case late
    /// The caller cancelled the wait.
    case cancelled
  }

  /// Called before each wait; gives the time until its limit, or throws.
  package typealias Check = () throws(Failure) -> Duration

  /// How a process ended.
  package enum Ending: Equatable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)
    /// Another part of this program took its exit status.
    case unknown

    /// What the process did, in words.
    package var description: String {
      switch self {
      case .exit(let code): "ended with exit code \(code)"
      case .signal(let number):
        unsafe "was killed by signal \(number) (\(String(cString: strsignal(number))))"
      case .unknown: "ended"
      }
    }
  }

  let identifier: pid_t
  private let counter: SharedCounter
  private let socket: Descriptor
  private let output: Descriptor
  private let parentDeath: Descriptor
  private var ending: Ending?
  private var isOutputOpen = true
  /// The end of its output, at most twice as much as is kept.
  private var printed: [UInt8] = []

  /// The bytes of its output that are kept.
  private static let keptOutput = 4096
  /// How long it may take to exit before it is killed.
  private static let grace = Duration.seconds(2)
  private var spin = SpinThenPoll()

  /// Starts the program at a path; the arguments do not include its name.
  init(_ path: String, arguments: [String], environment: [String]) throws(StartFailure) {
    let sockets = try DescriptorPair()
    let outputs = try DescriptorPair()
    let parentDeaths = try DescriptorPair()
    let memory = try Descriptor.sharedMemory()
    counter = try SharedCounter(in: memory)
    identifier = try Files.start(
      path, arguments: arguments, variables: environment,
      descriptors: [
        nil, outputs.theirs.number, outputs.theirs.number, sockets.theirs.number,
        parentDeaths.theirs.number, memory.number,
      ])
    socket = sockets.ours
    output = outputs.ours
    parentDeath = parentDeaths.ours
    socket.setNonblocking()
    output.setNonblocking()
  }

  deinit {
    // A child that waits for a request exits when the socket is closed.
    shutdown(socket.number, Int32(SHUT_RDWR))
    stop(within: Self.grace)
  }

  /// Waits until the process has ended, and kills its group when the time is over.
  package func stop(within grace: Duration) {
    let deadline = ContinuousClock.now + grace
    var pause: UInt32 = 50
    while ending == nil {
      reap()
      // A child whose output is not read may block in a write and never end.
      drainOutput()
      if ending == nil && ContinuousClock.now >= deadline { kill(-identifier, SIGKILL) }
      if ending == nil { usleep(pause) }
      pause = min(2 * pause, 5_000)
    }
  }

  /// Takes its exit status if it has ended, and kills the rest of its process group.
  private func reap() {
    var information = unsafe siginfo_t()
    // WNOWAIT leaves the status in place, so that no other process can get this number (and be killed)
    // before the group is.
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

  /// The last 4 KiB that it printed, on standard error or standard output.
  package var outputTail: String {
    drainOutput()
    return String(decoding: printed.suffix(Self.keptOutput), as: UTF8.self)
  }

  private func drainOutput() {
    guard isOutputOpen else { return }
    var block = [UInt8](repeating: 0, count: Self.keptOutput)
    // Bounded, because a program may print without end.
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

  /// A number that the child writes too.
  package var operation: UInt64 {
    get { counter.value }
    set { counter.value = newValue }
  }

  /// Sends all bytes.
  package func send(_ bytes: [UInt8], _ check: Check) throws(Failure) {
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
        try wait(for: Int16(POLLOUT), check)
      } else if errno != EINTR {
        throw end()
      }
    }
  }

  /// Receives into a buffer, behind its first `count` bytes, until it holds at least `least` bytes.
  ///
  /// - Returns: the number of bytes in the buffer.
  package func receive(
    into bytes: inout [UInt8], behind count: Int, atLeast least: Int, _ check: Check
  ) throws(Failure) -> Int {
    var count = count
    spin.begin()
    while count < least {
      let step = unsafe bytes.withUnsafeMutableBytes { bytes in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
        return unsafe recv(socket.number, rest.baseAddress, rest.count, 0)
      }
      if step > 0 {
        count += step
      } else if step < 0 && errno == EAGAIN {
        if !spin.yield() { try wait(for: Int16(POLLIN), check) }
      } else if step == 0 || errno != EINTR {
        throw end()
      }
    }
    return count
  }

  /// The longest time between two calls of a check, in milliseconds.
  private static let checkInterval = 100.0

  /// Blocks until the socket is ready, and reads what the process prints meanwhile.
  ///
  /// A signal interrupts `poll`, so that a check follows it at once if this thread handled it.
  private func wait(for events: Int16, _ check: Check) throws(Failure) {
    while true {
      let rest = min(try check() / .milliseconds(1), Self.checkInterval)
      var descriptors = [
        pollfd(fd: socket.number, events: events, revents: 0),
        pollfd(fd: isOutputOpen ? output.number : -1, events: Int16(POLLIN), revents: 0),
      ]
      // Rounded up, or the last millisecond would be spent in calls that return at once.
      let ready = unsafe poll(&descriptors, 2, Int32(rest.rounded(.up)))
      if descriptors[1].revents != 0 { drainOutput() }
      if ready > 0 && descriptors[0].revents != 0 { return }
      // A process that the child started may hold the socket open after the child's end.
      if ready == 0 {
        reap()
        if ending != nil { throw end() }
      }
    }
  }

  /// The failure of a process that closed its socket: it is killed if it does not end.
  private func end() -> Failure {
    stop(within: Self.grace)
    return .ended(ending ?? .unknown)
  }
}
