/// A learning algorithm by the name that settings and flags give it, such as `replay`.
///
/// It stands for a type of agent; the program looks the type up once, when training begins.
public struct Algorithm: RawRepresentable, Codable, CaseIterable, Hashable, Sendable {
  /// Deep SARSA with a replay memory and a target network: `ReplaySARSA`.
  public static let replay = Algorithm(of: ReplaySARSA.self)
  /// SARSA(λ) in many environments, without memory and target network: `ParallelSARSA`.
  public static let parallel = Algorithm(of: ParallelSARSA.self)

  /// Online SARSA(λ) with eligibility traces: `StreamingSARSA`.
  public static let streaming = Algorithm(of: StreamingSARSA.self)

  // swift-format-ignore
  /// The types of agents that settings can name; a new one is one line here.
  private static let agents: [any (Agent & ~Copyable).Type] = [
    ReplaySARSA.self,
    ParallelSARSA.self,
    StreamingSARSA.self,
  ]

  /// The name.
  public let rawValue: String

  /// The algorithm of a name; `nil` if there is none.
  public init?(rawValue: String) {
    guard Self.agents.contains(where: { $0.algorithm == rawValue }) else { return nil }
    self.rawValue = rawValue
  }

  private init(of agent: any (Agent & ~Copyable).Type) { rawValue = agent.algorithm }

  /// All algorithms.
  public static var allCases: [Algorithm] { agents.map(Algorithm.init(of:)) }

  /// The type of agent.
  public var agent: any (Agent & ~Copyable).Type {
    guard let agent = Self.agents.first(where: { $0.algorithm == rawValue }) else {
      fatalError("no agent is named '\(rawValue)'")
    }
    return agent
  }

  /// The algorithms on which a setting, by its dotted path, has an effect: `replay or streaming`.
  package static func names(using path: String) -> String {
    allCases.filter { $0.agent.uses(setting: path) }.map(\.rawValue).joined(separator: " or ")
  }
}
