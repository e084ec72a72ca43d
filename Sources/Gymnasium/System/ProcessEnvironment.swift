internal import Glibc

/// The environment variables of this process.
enum ProcessEnvironment {
  /// The value of a variable.
  static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// All variables, as `NAME=value`.
  static var variables: [String] {
    var result: [String] = []
    var next = unsafe environ
    while let text = unsafe next.pointee {
      result.append(unsafe String(cString: text))
      unsafe next += 1
    }
    return result
  }
}
