internal import Foundation
internal import SARSALinearAlgebra

/// The software and hardware on which a run's bytes and speed depend.
public struct Machine: Codable, Hashable, Sendable {
  /// This program's version.
  public var program: String
  /// The Swift compiler, to its minor version.
  public var compiler: String
  /// `debug` or `release`.
  public var buildMode: String
  /// The C library's version: its cosine and exponential are part of some results.
  public var cLibrary: String
  /// The processor's name.
  public var processor: String
  /// OpenBLAS's version and options.
  public var openBLAS: String
  /// The processor whose kernels OpenBLAS chose.
  public var openBLASCore: String
  /// The threads of a matrix product.
  public var openBLASThreads: Int
  /// The instruction set of the elementwise kernels.
  public var kernels: String

  /// This machine, now.
  public static var current: Machine {
    Machine(
      program: "deep-sarsa \(Self.version)", compiler: compilerName, buildMode: buildName,
      cLibrary: cLibraryName,
      processor: processorName, openBLAS: BLAS.configuration, openBLASCore: BLAS.coreName,
      openBLASThreads: BLAS.threadCount, kernels: KernelTier.preferred.name)
  }

  /// The program's version.
  public static let version = "0.1.0"

  /// The bytes of memory that this process can use: the least of the machine's memory and the limits of
  /// the container and the process.
  public static var availableMemory: Int {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let groups = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
    let limit = ControlGroups.memoryLimit(of: groups ?? "0::/")
    return min(physical, limit ?? physical, MemoryLimits.least ?? physical)
  }

  /// The processors that this process may use.
  public static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  private static var compilerName: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #else
      "Swift 6.3"
    #endif
  }

  private static var cLibraryName: String {
    var name = [CChar](repeating: 0, count: 64)
    let length = unsafe confstr(Int32(_CS_GNU_LIBC_VERSION), &name, name.count)
    return length == 0
      ? "unknown" : String(decoding: name.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
  }

  private static var buildName: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  private static var processorName: String {
    // Files of /proc report a size of 0, so they are read until the end.
    let text = FileManager.default.contents(atPath: "/proc/cpuinfo") ?? Data()
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return name?.trimmingCharacters(in: .whitespaces) ?? "unknown"
  }
}
