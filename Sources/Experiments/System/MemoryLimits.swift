internal import Foundation

/// Limits of this process's memory.
public enum MemoryLimits {
  /// Starts the program anew, with one thread of OpenBLAS, if its address space or its data are limited.
  ///
  /// When OpenBLAS is loaded, each of its threads asks for 128 MiB, and if the system refuses them, without end;
  /// then the process cannot even exit. This program uses one thread for a product. If the program cannot be
  /// started anew, this returns.
  ///
  /// It is called before anything else that a new start would do twice.
  public static func leaveOneThreadToOpenBLAS() {
    let variable = "OPENBLAS_NUM_THREADS"
    guard least != nil, ProcessInfo.processInfo.environment[variable] != "1" else { return }
    unsafe setenv(variable, "1", 1)
    _ = unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// The bytes of the least of both limits, of address space and of data; `nil` without one.
  static var least: Int? {
    [RLIMIT_AS, RLIMIT_DATA].compactMap { resource -> Int? in
      var limit = rlimit()
      guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
        limit.rlim_cur != rlim_t.max
      else { return nil }
      return Int(clamping: limit.rlim_cur)
    }
    .min()
  }
}
