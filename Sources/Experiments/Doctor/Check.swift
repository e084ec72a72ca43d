internal import DeepSARSA

/// The result of one check: what was checked, whether it passed, and what was found.
public struct Check: Codable, Hashable, Sendable {
  /// What was checked, such as `products: 1 thread`: no two checks have the same name.
  public var check: String
  /// Whether the check passed.
  public var passed: Bool
  /// What was found, in one line.
  public var detail: String

  /// Makes a check that is done.
  public init(_ check: String, passed: Bool, detail: String) {
    self.check = check
    self.passed = passed
    self.detail = detail
  }
}

/// Checks that an installation computes what it should, on the machine that it runs on.
///
/// The checks need no files and no network, always draw the same numbers, and take less than a second
/// as a release.
///
/// ```swift
/// for check in Doctor.installation() + Doctor.numerics() where !check.passed { print(check) }
/// ```
public enum Doctor {
  /// Products, kernels, gradients and targets, against what they are by definition.
  ///
  /// The number of OpenBLAS's threads is changed on the way, for the whole process, and put back.
  public static func numerics() -> [Check] {
    products() + [kernels(), gradients()] + targets()
  }

  /// Makes the first arena, which sets OpenBLAS's threads as in training, before they are reported.
  static func settleThreads() {
    _ = try? Arena<Float>(ArenaLayout())
  }

  /// A check of something that may throw, which passes if it gives no complaint.
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
