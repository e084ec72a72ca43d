/// Why a run has no result: the content of `failure.json`.
public struct RunFailure: Codable, Hashable, Sendable {
  /// The reason, on one line.
  public var reason: String
  /// Whether it would fail again: training that diverged would, an environment may not.
  public var isFinal: Bool

  private enum CodingKeys: String, CodingKey {
    case reason
    case isFinal = "is_final"
  }

  /// Makes a record.
  public init(reason: String, isFinal: Bool) {
    self.reason = reason
    self.isFinal = isFinal
  }

  /// The failure that an error is; `nil` for one of the system, which says nothing about the settings.
  init?(_ error: RunError) {
    switch error {
    case .divergence: self.init(reason: "\(error)", isFinal: true)
    case .environment: self.init(reason: "\(error)", isFinal: false)
    default: return nil
    }
  }
}
