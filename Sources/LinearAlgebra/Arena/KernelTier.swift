internal import CSARSAVectorKernels
internal import Glibc

/// The instruction set of the elementwise kernels.
///
/// All tiers give the same bits and differ only in speed. An arena uses the widest tier of the processor,
/// unless it is made with another one or the environment variable `DEEP_SARSA_KERNELS` names one for the
/// whole process.
public enum KernelTier: Int32, CaseIterable, Hashable, Sendable {
  /// The instructions of every processor of the architecture (SSE2 on x86-64).
  case baseline = 0
  /// AVX2: x86-64-v3.
  case v3 = 1
  /// AVX-512: x86-64-v4.
  case v4 = 2

  /// The environment variable that names a tier for the whole process.
  public static let environmentVariable = "DEEP_SARSA_KERNELS"

  /// The tier's name: `baseline`, `x86-64-v3` or `x86-64-v4`.
  public var name: String {
    switch self {
    case .baseline: "baseline"
    case .v3: "x86-64-v3"
    case .v4: "x86-64-v4"
    }
  }

  /// The widest tier of this processor.
  public static let highest = KernelTier(rawValue: sarsa_highest_kernel_tier()) ?? .baseline

  /// The tiers that this processor can run, narrowest first.
  public static var available: [KernelTier] {
    allCases.filter { $0.rawValue <= highest.rawValue }
  }

  /// The default tier of arenas: the one of the environment variable if it can run, otherwise the widest.
  public static let preferred: KernelTier = (try? requested) ?? highest

  /// The tier of the environment variable, or `nil` if it is not set.
  ///
  /// - Throws: `UnavailableTier` if the name is unknown or the processor cannot run it.
  public static var requested: KernelTier? {
    get throws(UnavailableTier) {
      guard let text = unsafe getenv(environmentVariable) else { return nil }
      let name = unsafe String(cString: text)
      if name.isEmpty { return nil }
      guard let tier = available.first(where: { $0.name == name }) else {
        throw UnavailableTier(name: name)
      }
      return tier
    }
  }

  /// A tier that does not exist, or that this processor cannot run.
  public struct UnavailableTier: Error, Hashable, CustomStringConvertible {
    /// The requested name.
    public let name: String

    /// One line that names the variable, the value and the allowed values.
    public var description: String {
      let names = KernelTier.available.map(\.name).joined(separator: ", ")
      return "\(environmentVariable) is '\(name)'; allowed on this processor: \(names)"
    }
  }
}
