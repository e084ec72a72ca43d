internal import Glibc
internal import SARSAFiles
internal import Synchronization

/// A file system of which one call fails, or all from that one on.
public final class FailingFileSystem: Sendable {
  /// How a call fails.
  public enum Fault: Sendable, Equatable {
    /// With an error number.
    case error(Int32)
    /// A write of half of the bytes, which is no error.
    case short
    /// A write of nothing, without an error number.
    case nothing
  }

  private let number: Int
  private let fault: Fault
  private let isLasting: Bool
  private let calls = Atomic<Int>(0)
  private let base = OperatingSystem()

  /// Makes the call of a number fail, from 0.
  public init(_ number: Int, _ fault: Fault, isLasting: Bool) {
    self.number = number
    self.fault = fault
    self.isLasting = isLasting
  }

  /// Whether there were so many calls that one failed.
  public var hasFailed: Bool { calls.load(ordering: .relaxed) > number }

  /// The number of calls so far.
  public var count: Int { calls.load(ordering: .relaxed) }

  /// The fault of the next call, if it fails.
  private func next() -> Fault? {
    let call = calls.add(1, ordering: .relaxed).oldValue
    return call == number || isLasting && call > number ? fault : nil
  }

  /// The result of a call that writes nothing.
  private func result(_ call: () -> Int32) -> Int32 {
    guard case .error(let code)? = next() else { return call() }
    errno = code
    return -1
  }
}

extension FailingFileSystem: FileSystem {
  package func open(_ path: String, _ flags: Int32) -> Int32 {
    result { base.open(path, flags) }
  }

  package func write(_ bytes: RawSpan, to file: Int32) -> Int {
    switch next() {
    case .error(let code):
      errno = code
      return -1
    case .short: return base.write(bytes.extracting(first: (bytes.byteCount + 1) / 2), to: file)
    case .nothing: return 0
    case nil: return base.write(bytes, to: file)
    }
  }

  package func synchronize(_ file: Int32) -> Int32 { result { base.synchronize(file) } }

  package func truncate(_ file: Int32, to byteCount: Int) -> Int32 {
    result { base.truncate(file, to: byteCount) }
  }

  package func close(_ file: Int32) -> Int32 {
    // Closed in any case, as the system does.
    let code = base.close(file)
    return result { code }
  }

  package func rename(_ path: String, to target: String) -> Int32 {
    result { base.rename(path, to: target) }
  }

  package func remove(_ path: String) -> Int32 { result { base.remove(path) } }

  package func createFolder(_ path: String) -> Int32 { result { base.createFolder(path) } }
}
