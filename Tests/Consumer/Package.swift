// swift-tools-version: 6.3

import PackageDescription

// Someone's own `Environments`, and a program that learns in one of them. `check.sh` builds it.
let package = Package(
  name: "consumer",
  dependencies: [
    .package(url: "https://example.org/deep-sarsa", from: "0.1.0", traits: [])
  ],
  targets: [
    .target(
      name: "Environments", dependencies: [.product(name: "DeepSARSA", package: "deep-sarsa")]),
    .executableTarget(
      name: "corridor",
      dependencies: ["Environments", .product(name: "DeepSARSA", package: "deep-sarsa")]),
  ]
)
