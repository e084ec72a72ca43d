internal import Benchmark
internal import Workloads

/// Everything that is timed, by suite.
///
/// A suite's name comes before its workloads' names, and `--filter "Training.*"` chooses one.
let suites: [(name: String, workloads: [Workload])] = [
  ("LinearAlgebra", Workload.products + Workload.kernels),
  ("NeuralNetworks", Workload.passes + Workload.optimizers),
  ("ReplayMemory", Workload.replayMemory),
  ("Environments", Workload.environments),
  ("Training", Workload.training),
]

/// Registers every workload to be timed for half a second.
///
/// Seconds depend on the machine and on what else it does: they are reported, and gate nothing.
let benchmarks: @Sendable () -> Void = {
  for (suite, workloads) in suites {
    for workload in workloads {
      let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput],
        scalingFactor: BenchmarkScalingFactor(rawValue: workload.repetitions) ?? .one,
        maxDuration: .milliseconds(500))
      Benchmark("\(suite): \(workload.name)", configuration: configuration) { benchmark, body in
        try body(benchmark.scaledIterations.count)
      } setup: {
        try workload.prepare()
      }
    }
  }
}
