import DeepSARSA
import SARSAExperiments
import Testing

@Suite("The machine")
struct MachineTests {
  private static func machine(
    core: String, kernels: String, openBLAS: String = "OpenBLAS 0.3.21 NO_AFFINITY DYNAMIC_ARCH"
  ) -> Machine {
    var result = Machine.current
    (result.openBLASCore, result.kernels, result.openBLAS) = (core, kernels, openBLAS)
    return result
  }

  @Test(
    "has outdated kernels if OpenBLAS's use no AVX2 and the processor has it",
    arguments: [("x86-64-v3", "Haswell"), ("x86-64-v4", "SkylakeX")])
  func outdated(kernels: String, better: String) {
    for core in ["Prescott", "Core2", "NEHALEM", "Sandybridge", "Opteron_SSE3", "Steamroller"] {
      #expect(
        Self.machine(core: core, kernels: kernels).outdatedKernels
          == "OpenBLAS does not know this processor and uses kernels for \(core); "
          + "set OPENBLAS_CORETYPE=\(better)")
    }
  }

  @Test("has no outdated kernels if OpenBLAS's fit the processor, or if no variable changes them")
  func fitting() {
    for core in ["Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "unknown", "armv8"] {
      #expect(Self.machine(core: core, kernels: "x86-64-v4").outdatedKernels == nil, "\(core)")
    }
    #expect(Self.machine(core: "Prescott", kernels: "baseline").outdatedKernels == nil)
    #expect(
      Self.machine(core: "Prescott", kernels: "x86-64-v4", openBLAS: "OpenBLAS 0.3.21 NO_AFFINITY")
        .outdatedKernels == nil)
  }
}
