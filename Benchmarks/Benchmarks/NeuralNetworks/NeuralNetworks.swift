internal import Benchmark
internal import Suites
internal import Workloads

let benchmarks: @Sendable () -> Void = {
  Benchmark.register(Workload.passes + Workload.optimizers)
}
