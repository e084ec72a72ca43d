internal import Glibc
internal import SARSAFiles
internal import Synchronization

/// A number in memory that this process shares with a child: either can write it without a message.
@safe struct SharedCounter: ~Copyable {
  private let address: UnsafeMutableRawPointer

  private static let size = MemoryLayout<UInt64>.size

  /// Maps the memory of a descriptor that `Descriptor.sharedMemory` made.
  init(in memory: borrowing Descriptor) throws(StartFailure) {
    let address = unsafe mmap(
      nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.number, 0)
    // MAP_FAILED is the address −1.
    guard let address = unsafe address, Int(bitPattern: address) != -1 else {
      throw StartFailure(code: errno)
    }
    unsafe self.address = address
  }

  deinit { unsafe munmap(address, Self.size) }

  /// Its value at present.
  var value: UInt64 {
    get {
      unsafe address.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .relaxed)
    }
    nonmutating set {
      unsafe address.assumingMemoryBound(to: Atomic<UInt64>.self).pointee
        .store(newValue, ordering: .relaxed)
    }
  }
}

extension Descriptor {
  /// Makes memory for a `SharedCounter`, as a descriptor that a child can inherit.
  ///
  /// It is sealed: if the child could shorten it, reading it here would raise SIGBUS.
  static func sharedMemory() throws(StartFailure) -> Descriptor {
    // glibc declares `memfd_create` only for programs with _GNU_SOURCE, which Swift's import is not.
    typealias Create = @convention(c) (UnsafePointer<CChar>, CUnsignedInt) -> CInt
    guard let symbol = unsafe dlsym(nil, "memfd_create") else { throw StartFailure(code: ENOSYS) }
    let create = unsafe unsafeBitCast(symbol, to: Create.self)
    // The values of MFD_CLOEXEC | MFD_ALLOW_SEALING, F_ADD_SEALS, and F_SEAL_SEAL | F_SEAL_SHRINK.
    let (flags, addSeals, seals) = (CUnsignedInt(0x1 | 0x2), CInt(1033), CInt(0x1 | 0x2))
    let first = try Descriptor(unsafe create("deep-sarsa-progress", flags))
    guard ftruncate(first.number, off_t(MemoryLayout<UInt64>.size)) == 0,
      fcntl(first.number, addSeals, seals) == 0
    else { throw StartFailure(code: errno) }
    return try first.duplicatedBeyondChildNumbers()
  }
}
