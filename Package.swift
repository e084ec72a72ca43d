// swift-tools-version: 6.3

import PackageDescription

/// Developers and CI set DEEP_SARSA_STRICT: warnings become errors here, never in a user's build.
let strictness: [SwiftSetting] =
  Context.environment["DEEP_SARSA_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ] + strictness

// Module names are global in Swift, and a user may well have a target called `Environments`. So
// folders have short names, and modules a common prefix.
let package = Package(
  name: "deep-sarsa",
  // MARK: - Public API
  products: [
    .library(name: "DeepSARSA", targets: ["DeepSARSA"]),
    .library(name: "SARSALinearAlgebra", targets: ["SARSALinearAlgebra"]),
    .library(name: "SARSAExperiments", targets: ["SARSAExperiments"]),
    .library(name: "SARSAGymnasium", targets: ["SARSAGymnasium"]),
    .executable(name: "deep-sarsa", targets: ["deep-sarsa"]),
  ],
  // SwiftPM fetches what a package names, used or not, unless a trait guards it. Whoever depends on
  // this package with `traits: []` gets the product DeepSARSA and no other package.
  traits: [
    .default(enabledTraits: ["CommandLine"]),
    .trait(
      name: "Experiments", description: "SARSAExperiments, which needs Yams and swift-mustache."),
    .trait(
      name: "CommandLine",
      description: "deep-sarsa, which needs swift-argument-parser and Rainbow.",
      enabledTraits: ["Experiments"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/onevcat/Rainbow", from: "4.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // The subject: the agent, its memory, its targets, its training loop.
    .target(
      name: "DeepSARSA",
      dependencies: [
        "SARSANetworks", "SARSAEnvironments", "SARSALinearAlgebra", "SARSARandomSources",
        "SARSAFormats", "SARSAFiles", "SARSAPreconditions", "CSARSAMath",
      ],
      path: "Sources/DeepSARSA", resources: [.embedInCode("Presets")],
      swiftSettings: swiftSettings),

    // What a run leaves on disk.
    .target(
      name: "SARSAExperiments",
      dependencies: [
        "DeepSARSA", "SARSALinearAlgebra", "SARSARandomSources", "SARSAFormats", "SARSAFiles",
        "SARSAPreconditions",
        .product(name: "Yams", package: "Yams", condition: .when(traits: ["Experiments"])),
        .product(
          name: "Mustache", package: "swift-mustache", condition: .when(traits: ["Experiments"])),
      ],
      path: "Sources/Experiments",
      resources: [.embedInCode("Charts/vega.py"), .embedInCode("Report/Page")],
      swiftSettings: swiftSettings),

    // Any environment of Gymnasium, in a Python process.
    .target(
      name: "SARSAGymnasium",
      dependencies: [
        "SARSAEnvironments", "SARSARandomSources", "SARSAFormats", "SARSAFiles",
        "SARSAPreconditions",
      ],
      path: "Sources/Gymnasium", resources: [.embedInCode("bridge.py")],
      swiftSettings: swiftSettings),

    // The command line.
    .executableTarget(
      name: "deep-sarsa",
      dependencies: [
        "DeepSARSA", "SARSAExperiments", "SARSAGymnasium", "SARSALinearAlgebra", "SARSAFiles",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser",
          condition: .when(traits: ["CommandLine"])),
        .product(name: "Rainbow", package: "Rainbow", condition: .when(traits: ["CommandLine"])),
      ],
      path: "Sources/deep-sarsa", swiftSettings: swiftSettings),

    // MARK: - The rooms below
    .target(
      name: "SARSANetworks",
      dependencies: [
        "SARSALinearAlgebra", "SARSARandomSources", "SARSAFormats", "SARSAPreconditions",
      ],
      path: "Sources/NeuralNetworks", swiftSettings: swiftSettings),
    .target(
      name: "SARSAEnvironments",
      dependencies: ["SARSARandomSources", "SARSAFormats", "SARSAPreconditions", "CSARSAMath"],
      path: "Sources/Environments", swiftSettings: swiftSettings),
    .target(
      name: "SARSALinearAlgebra",
      dependencies: ["CSARSAOpenBLAS", "CSARSAVectorKernels", "SARSAPreconditions"],
      path: "Sources/LinearAlgebra", swiftSettings: swiftSettings),
    // Bytes, JSON, and the formats of files: each is one folder.
    .target(
      name: "SARSAFormats", dependencies: ["SARSAFiles", "SARSAPreconditions"],
      path: "Sources/Formats", swiftSettings: swiftSettings),
    .target(
      name: "SARSAFiles", dependencies: ["SARSAPreconditions"], path: "Sources/Files",
      swiftSettings: swiftSettings),
    .target(
      name: "SARSARandomSources", dependencies: ["CSARSAMath", "SARSAPreconditions"],
      path: "Sources/RandomSources", swiftSettings: swiftSettings),
    .target(
      name: "SARSAPreconditions", path: "Sources/Preconditions", swiftSettings: swiftSettings),

    // MARK: - C
    .systemLibrary(
      name: "CSARSAOpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas lapacke",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev", "pkg-config"])]),
    .target(name: "CSARSAVectorKernels", path: "Sources/CVectorKernels"),
    .target(
      name: "CSARSAMath", path: "Sources/CMath",
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),

    // MARK: - Tests
    .target(
      name: "TestSupport", dependencies: ["SARSAFiles", "CAllocationCounter"],
      path: "Tests/TestSupport",
      swiftSettings: swiftSettings),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    // Those of a user, from a sample that `make consumer` builds as a package.
    .target(
      name: "SampleEnvironments", dependencies: ["DeepSARSA"],
      path: "Tests/Consumer/Runs/Sources/Environments"),
    .testTarget(
      name: "LinearAlgebraTests",
      dependencies: ["SARSALinearAlgebra", "SARSARandomSources", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "RandomSourcesTests", dependencies: ["SARSARandomSources", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "FilesTests", dependencies: ["SARSAFiles", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "FormatsTests", dependencies: ["SARSAFormats", "SARSAFiles", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NeuralNetworksTests", dependencies: ["SARSANetworks", "SARSAFormats", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "EnvironmentsTests",
      dependencies: [
        "SARSAEnvironments", "SARSAFormats", "SampleEnvironments", "TestSupport",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "DeepSARSATests", dependencies: ["DeepSARSA", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "SARSAExperiments", "SARSAFiles", "TestSupport",
        .product(name: "Yams", package: "Yams", condition: .when(traits: ["Experiments"])),
      ],
      swiftSettings: swiftSettings),
    // A stand-in for Python with Gymnasium, with every fault on order.
    .executableTarget(
      name: "fake-gymnasium", dependencies: ["SARSAFormats"], path: "Tests/FakeGymnasium",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "GymnasiumTests",
      dependencies: [
        "DeepSARSA", "SARSAGymnasium", "SARSAEnvironments", "fake-gymnasium", "TestSupport",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandTests",
      dependencies: ["deep-sarsa", "fake-gymnasium", "SARSAExperiments", "TestSupport"],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)

// DocC's plugin is for whoever builds the documentation; users of the package never resolve it.
if Context.environment["DEEP_SARSA_DOCS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// Built for libFuzzer by `make fuzz`: its `main` is the program's.
if Context.environment["DEEP_SARSA_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CFuzzer", "DeepSARSA", "SARSAExperiments", "SARSAGymnasium", "SARSAEnvironments",
        "SARSAFormats", "SARSAFiles", "TestSupport",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: swiftSettings),
  ]
}
