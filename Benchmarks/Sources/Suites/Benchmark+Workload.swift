public import Benchmark
public import Workloads

extension Benchmark {
  /// Registers workloads to be timed, each for half a second.
  ///
  /// Seconds depend on the machine and on what else it does: they are reported, and gate nothing.
  public static func register(_ workloads: [Workload]) {
    for workload in workloads {
      let configuration = Configuration(
        metrics: [.wallClock, .throughput],
        scalingFactor: BenchmarkScalingFactor(rawValue: workload.repetitions) ?? .one,
        maxDuration: .milliseconds(500))
      Benchmark(workload.name, configuration: configuration) { benchmark, body in
        try body(benchmark.scaledIterations.count)
      } setup: {
        try workload.prepare()
      }
    }
  }
}
