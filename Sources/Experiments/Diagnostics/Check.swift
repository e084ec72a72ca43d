internal import DeepSARSA

/// The result of one check.
public struct Check: Codable, Hashable, Sendable {
  /// The check's name, such as `products: 1 thread`; names are unique.
  public var check: String
  /// Whether the check passed.
  public var passed: Bool
  /// Whether there was nothing to check, because something optional is not installed; then it passed.
  public var isAbsent = false
  /// The findings, in one line.
  public var detail: String

  private enum CodingKeys: String, CodingKey {
    case check, passed, detail
    case isAbsent = "is_absent"
  }

  /// Makes a result.
  public init(_ check: String, passed: Bool, detail: String) {
    self.check = check
    self.passed = passed
    self.detail = detail
  }

  /// Makes the result of a check of something optional that is not installed.
  public init(_ check: String, absent detail: String) {
    self.init(check, passed: true, detail: detail)
    isAbsent = true
  }
}

/// Checks that an installation computes correct results on this machine.
///
/// The checks need no files and no network access, always draw the same random numbers, and take less
/// than a second in a release build.
///
/// ```swift
/// for check in Doctor.installation() + Doctor.numerics() where !check.passed { print(check) }
/// ```
public enum Doctor {
  /// Checks products, kernels, gradients, targets and returns against their definitions.
  ///
  /// It changes the number of OpenBLAS's threads for the whole process meanwhile, and restores it.
  public static func numerics() -> [Check] {
    products() + [kernels(), gradients()] + targets() + returns()
  }

  /// Makes an arena, which sets OpenBLAS's threads as in training, before they are reported.
  static func settleThreads() {
    _ = try? Arena<Float>(ArenaLayout())
  }

  /// Makes a check from a closure, which returns the fault or `nil`, or throws.
  static func check(
    _ name: String, passing detail: String, _ complaint: () throws -> String?
  ) -> Check {
    do {
      let complaint = try complaint()
      return Check(name, passed: complaint == nil, detail: complaint ?? detail)
    } catch {
      return Check(name, passed: false, detail: "\(error)")
    }
  }
}
