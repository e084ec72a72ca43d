// swift-tools-version: 6.3

import PackageDescription

let strictness: [SwiftSetting] =
  Context.environment["DEEP_SARSA_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ] + strictness

// A package of its own: whoever depends on the other one resolves nothing of this.
let package = Package(
  name: "benchmarks",
  products: [.executable(name: "counts", targets: ["Counts"])],
  dependencies: [.package(name: "deep-sarsa", path: "..", traits: [])],
  targets: [
    .target(
      name: "Workloads", dependencies: [.product(name: "DeepSARSA", package: "deep-sarsa")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Counts", dependencies: ["Workloads", "CAllocationCounter"],
      swiftSettings: swiftSettings),
    // A link to the tests' own: SwiftPM allows no path out of a package.
    .target(name: "CAllocationCounter"),
  ],
  swiftLanguageModes: [.v6]
)

// The counts gate every change, and need no other package: only who times resolves this one.
if Context.environment["DEEP_SARSA_COUNTS"] == nil {
  package.dependencies.append(
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
  package.targets.append(
    .target(
      name: "Suites",
      dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
      swiftSettings: swiftSettings))
  for suite in ["LinearAlgebra", "NeuralNetworks", "ReplayMemory", "Environments", "Training"] {
    package.targets.append(
      .executableTarget(
        name: suite,
        dependencies: ["Suites", "Workloads", .product(name: "Benchmark", package: "benchmark")],
        path: "Benchmarks/\(suite)", swiftSettings: swiftSettings,
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
  }
}
