internal import DeepSARSA
internal import Foundation
internal import SARSAFiles

/// Why a run of an experiment has no result: the content of `failure.json`.
struct RunFailure: Codable, Hashable, Sendable {
  /// The reason, on one line.
  var reason: String
  /// Whether it would fail again: a divergence would, an environment may not.
  var isFinal: Bool

  private enum CodingKeys: String, CodingKey {
    case reason
    case isFinal = "is_final"
  }

  /// The failure that an error is; `nil` for one of the system, which says nothing about the settings.
  init?(_ error: RunError) {
    switch error {
    case .divergence: isFinal = true
    case .environment: isFinal = false
    default: return nil
    }
    reason = "\(error)"
  }
}

extension RunFolder {
  var failurePath: String { path + "/failure.json" }

  /// Why the run has no result, if that is recorded.
  ///
  /// - Throws: `RunError` if the file cannot be read, or is not a failure.
  func failure() throws(RunError) -> RunFailure? {
    do {
      let bytes = try Files.read(failurePath, limit: SettingsFile.sizeLimit)
      return try JSONDecoder().decode(RunFailure.self, from: Data(bytes))
    } catch let error as SystemError {
      if error.isMissing { return nil }
      throw .system(error)
    } catch {
      throw .badFile(failurePath, "it is not the failure of a run")
    }
  }

  /// Writes why the run has no result, unless the system is the reason.
  func record(failure error: RunError) throws(SystemError) {
    guard let failure = RunFailure(error) else { return }
    try Files.replace(failurePath, with: Array((JSON.text(failure) + "\n").utf8))
  }
}
