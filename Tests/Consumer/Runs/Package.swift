// swift-tools-version: 6.3

import PackageDescription

// The same environment, and a program that leaves a run's folder. `check.sh` builds it.
let package = Package(
  name: "runs",
  dependencies: [
    .package(url: "https://example.org/deep-sarsa", from: "0.1.0", traits: ["Experiments"])
  ],
  targets: [
    .target(
      name: "Environments", dependencies: [.product(name: "DeepSARSA", package: "deep-sarsa")]),
    .executableTarget(
      name: "corridor-run",
      dependencies: [
        "Environments", .product(name: "SARSAExperiments", package: "deep-sarsa"),
      ]),
  ]
)
