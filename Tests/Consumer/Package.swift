// swift-tools-version: 6.3

import PackageDescription

let package = Package(
  name: "corridor",
  dependencies: [.package(path: "../deep-sarsa", traits: [])],
  targets: [
    .executableTarget(
      name: "corridor", dependencies: [.product(name: "DeepSARSA", package: "deep-sarsa")],
      path: "Sources")
  ]
)
