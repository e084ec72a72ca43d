internal import CAllocationCounter

/// Whether allocations are counted in this build.
public var countsAllocations: Bool { allocation_counter_is_active() != 0 }

/// The heap allocations that the calling thread makes in a closure.
public func allocations(in body: () throws -> Void) rethrows -> Int {
  let before = allocation_count()
  try body()
  return Int(allocation_count() - before)
}

/// The bytes that the calling thread holds at most in a closure, beyond what it holds before it.
public func peakBytes(in body: () throws -> Void) rethrows -> Int {
  let before = allocation_mark()
  try body()
  return Int(allocation_peak() - before)
}
