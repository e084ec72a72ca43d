internal import DeepSARSA
internal import Foundation

extension Doctor {
  /// Reports the program, OpenBLAS, the kernels and the machine.
  public static func installation() -> [Check] {
    settleThreads()
    let machine = Machine.current
    let threads = machine.openBLASThreads.counting("thread")
    var result = [
      Check("program", passed: true, detail: "\(machine.program), \(machine.buildMode)"),
      Check("compiler", passed: true, detail: "\(machine.compiler), \(machine.cLibrary)"),
      Check(
        "OpenBLAS", passed: machine.openBLAS != "unknown" && machine.openBLASCore != "unknown",
        detail: "\(machine.openBLAS); kernels for \(machine.openBLASCore); \(threads)"),
    ]
    let variables = ProcessInfo.processInfo.environment.filter {
      $0.key.hasPrefix("OPENBLAS_") || $0.key == KernelTier.environmentVariable
    }
    // Slow kernels compute right results, so this is no failure; who chose them needs no advice.
    if variables["OPENBLAS_CORETYPE"] == nil, let remark = machine.outdatedKernels {
      result.append(Check("OpenBLAS is slow", passed: true, detail: remark))
    }
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
      result.append(Check(name, passed: true, detail: value))
    }
    let tiers = KernelTier.available.map(\.name).joined(separator: ", ")
    let memory = Double(Machine.availableMemory) / 1e9
    return result + [
      Check("kernels", passed: true, detail: "\(machine.kernels), of \(tiers)"),
      Check(
        "processor", passed: true,
        detail: "\(machine.processor), \(Machine.processorCount.counting("processor")) to use"),
      Check("memory", passed: memory > 0, detail: String(format: "%.1f GB to use", memory)),
    ]
  }
}
