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

// What is timed and counted, and what counts it. The counts gate every change, so this package
// fetches no other one.
let package = Package(
  name: "workloads",
  products: [
    .library(name: "Workloads", targets: ["Workloads"]),
    .executable(name: "counts", targets: ["Counts"]),
    .executable(name: "roofline", targets: ["Roofline"]),
    .executable(name: "bridge", targets: ["Bridge"]),
    .executable(name: "environments", targets: ["Environments"]),
  ],
  dependencies: [.package(name: "deep-sarsa", path: "../..", traits: [])],
  targets: [
    .target(
      name: "Workloads", dependencies: [.product(name: "DeepSARSA", package: "deep-sarsa")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Counts", dependencies: ["Workloads", "CAllocationCounter"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Roofline",
      dependencies: [
        .product(name: "DeepSARSA", package: "deep-sarsa"),
        .product(name: "SARSALinearAlgebra", package: "deep-sarsa"), "CProducts",
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Environments", dependencies: [.product(name: "DeepSARSA", package: "deep-sarsa")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Bridge",
      dependencies: [
        .product(name: "DeepSARSA", package: "deep-sarsa"),
        .product(name: "SARSAGymnasium", package: "deep-sarsa"),
      ],
      swiftSettings: swiftSettings),
    .target(name: "CProducts", linkerSettings: [.linkedLibrary("openblas")]),
    // A link to the tests' own: SwiftPM takes no path out of a package.
    .target(name: "CAllocationCounter"),
  ],
  swiftLanguageModes: [.v6]
)
