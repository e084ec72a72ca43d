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

// The library's plugin finds a suite by its folder: it must lie in one called Benchmarks.
func suite(_ name: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      "Suites", .product(name: "Workloads", package: "workloads"),
      .product(name: "Benchmark", package: "benchmark"),
    ],
    path: "Benchmarks/\(name)", swiftSettings: swiftSettings,
    plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

// What times the workloads. A package of its own: it needs others that nothing else needs.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "workloads", path: "Workloads"),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(
      name: "Suites",
      dependencies: [
        .product(name: "Workloads", package: "workloads"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      swiftSettings: swiftSettings),
    suite("LinearAlgebra"),
    suite("NeuralNetworks"),
    suite("ReplayMemory"),
    suite("Environments"),
    suite("Training"),
  ],
  swiftLanguageModes: [.v6]
)
