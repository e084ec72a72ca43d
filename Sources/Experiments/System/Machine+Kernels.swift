internal import SARSALinearAlgebra

extension Machine {
  /// A remark if OpenBLAS's kernels are older than the processor, which makes training two to three times
  /// as slow; `nil` if they are not.
  ///
  /// OpenBLAS falls back to such kernels without a word when it does not know a processor. A build of
  /// OpenBLAS for one kind of processor is not remarked upon, because no variable changes its kernels.
  public var outdatedKernels: String? {
    let names = [KernelTier.v3.name: "Haswell", KernelTier.v4.name: "SkylakeX"]
    guard let better = names[kernels], openBLAS.contains("DYNAMIC_ARCH"),
      Self.coresWithoutAVX2.contains(openBLASCore.lowercased())
    else { return nil }
    return "OpenBLAS does not know this processor and uses kernels for \(openBLASCore); "
      + "set OPENBLAS_CORETYPE=\(better)"
  }

  /// OpenBLAS's names of the processors whose kernels use no AVX2, in lower case.
  private static let coresWithoutAVX2: Set = [
    "katmai", "coppermine", "northwood", "prescott", "banias", "core2", "penryn", "dunnington",
    "nehalem", "sandybridge", "atom", "nano", "athlon", "opteron", "opteron_sse3", "barcelona",
    "bobcat", "bulldozer", "piledriver", "steamroller",
  ]
}
