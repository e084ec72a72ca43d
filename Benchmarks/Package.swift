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

let deepSARSA: Target.Dependency = .product(name: "DeepSARSA", package: "deep-sarsa")

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

// What is timed and counted, and the programs that do it. The counts gate every change, so no other
// package is fetched for them.
let package = Package(
  name: "benchmarks",
  products: [
    .executable(name: "counts", targets: ["Counts"]),
    .executable(name: "roofline", targets: ["Roofline"]),
    .executable(name: "bridge", targets: ["Bridge"]),
    .executable(name: "environments", targets: ["Environments"]),
  ],
  dependencies: [.package(name: "deep-sarsa", path: "..", traits: [])],
  targets: [
    .target(name: "Workloads", dependencies: [deepSARSA], swiftSettings: swiftSettings),
    program("Counts", ["Workloads", "CAllocationCounter"]),
    program(
      "Roofline",
      [deepSARSA, .product(name: "SARSALinearAlgebra", package: "deep-sarsa"), "CProducts"]),
    program("Environments", [deepSARSA]),
    program("Bridge", [deepSARSA, .product(name: "SARSAGymnasium", package: "deep-sarsa")]),
    .target(name: "CProducts", linkerSettings: [.linkedLibrary("openblas")]),
    // A link to the tests' own: SwiftPM takes no path out of a package.
    .target(name: "CAllocationCounter"),
  ],
  swiftLanguageModes: [.v6]
)

// `make benchmark` times the workloads with a library that nothing else needs. A plugin's package
// cannot be guarded by a trait. Its plugin looks for suites in a folder that is called Benchmarks.
if Context.environment["DEEP_SARSA_SUITES"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
  package.targets.append(
    .executableTarget(
      name: "Suites",
      dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
      path: "Suites", swiftSettings: swiftSettings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
