internal import CAllocationCounter
internal import Workloads
internal import Glibc

/// Counts what is the same on every run: heap allocations here, instructions by whoever watches.
///
///     counts list                 the workloads, a line each
///     counts allocations          heap allocations over a thousand units of each, once warm
///     counts run NAME TIMES       TIMES units of one; the difference of two runs is the units' own
@main
enum Counts {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "list" where arguments.count == 1:
      for workload in workloads { print(workload.name) }
    case "allocations" where arguments.count == 1:
      for workload in workloads { print("\(try allocations(of: workload))\t\(workload.name)") }
    case "run" where arguments.count == 3:
      guard let workload = workloads.first(where: { $0.name == arguments[2] }),
        let times = Int(arguments[3]), times >= 0
      else { fallthrough }
      try workload.prepare()(times)
    default:
      print("usage: counts list | counts allocations | counts run NAME TIMES")
      exit(64)
    }
  }

  private static var workloads: [Workload] {
    Workload.training + Workload.environments + Workload.replayMemory + Workload.passes
      + Workload.optimizers
  }

  private static func allocations(of workload: Workload) throws -> Int {
    let body = try workload.prepare()
    try body(1_000)
    let before = allocation_count()
    try body(1_000)
    return Int(allocation_count() - before)
  }
}
