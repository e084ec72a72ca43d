internal import CAllocationCounter
internal import Glibc
internal import Workloads

/// Counts what is the same on every run: heap allocations here, instructions by whoever watches.
///
///     counts allocations          heap allocations over a thousand times each, once warm
///     counts run NAME TIMES       one workload; the difference of two runs is the work alone
@main
enum Counts {
  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 2 && arguments[1] == "allocations" {
      try printAllocations()
    } else if arguments.count == 4 && arguments[1] == "run", let times = Int(arguments[3]),
      times >= 0, let workload = workloads.first(where: { $0.name == arguments[2] })
    {
      try workload.prepare()(times)
    } else {
      print("usage: counts allocations | counts run NAME TIMES, with a NAME that the former prints")
      exit(64)
    }
  }

  /// What a training step is made of; products and kernels are in it.
  private static var workloads: [Workload] {
    Workload.training + Workload.environments + Workload.replayMemory + Workload.passes
      + Workload.optimizers
  }

  private static func printAllocations() throws {
    var kept: [[Int]] = []
    if allocations(in: { kept.append([1, 2, 3]) }) == 0 {
      fatalError("the counter does not count")
    }
    for workload in workloads {
      let body = try workload.prepare()
      try body(1_000)
      print("\(try allocations { try body(1_000) })\t\(workload.name)")
    }
  }

  private static func allocations(in body: () throws -> Void) rethrows -> Int {
    let before = allocation_count()
    try body()
    return Int(allocation_count() - before)
  }
}
