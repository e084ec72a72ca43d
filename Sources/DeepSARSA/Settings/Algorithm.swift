/// The learning algorithms by the names that settings and flags give them.
public enum Algorithm: String, Codable, CaseIterable, Hashable, Sendable {
  /// Deep SARSA with a replay memory and a target network: `ReplaySARSA`.
  case replay
}
