import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa environments`.
struct EnvironmentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "environments",
    abstract: "List the built-in environments: sizes, time limits, reward thresholds.",
    discussion: """
      The list has the built-in environments. gymnasium:ID is any other environment of Gymnasium; \
      --python of the other verbs names its Python. --json also lists the arguments of each environment, \
      their defaults and their allowed values.
      """)

  @Flag(help: "print one JSON array")
  var json = false

  func run() throws {
    let specifications = try EnvironmentRegistry.ids.map {
      try EnvironmentRegistry.make($0).specification
    }
    if json {
      let rows = try specifications.map {
        Row($0, arguments: try EnvironmentRegistry.arguments(of: $0.id))
      }
      return try StandardStream.output.write(JSON.text(rows) + "\n")
    }
    var text = columns("id", "observation", "actions", "limit", "threshold")
    for each in specifications {
      text += columns(
        each.id, "\(each.observationSize)", "\(each.actionCount)",
        each.maximumEpisodeSteps.map(String.init) ?? "none",
        each.rewardThreshold.map { $0.rounded($0 == $0.rounded() ? 0 : 2) } ?? "none")
    }
    try StandardStream.output.write(text)
  }

  private func columns(_ id: String, _ rest: String...) -> String {
    id.padded(to: 26) + rest.map { $0.padded(to: 13) }.joined().trimmingTrailingSpace + "\n"
  }

  private struct Row: Encodable {
    let id: String
    let arguments: [String]
    let defaults: [String: ArgumentValue]
    let allowed: [String: String]
    let observationSize: Int
    let observationShape: [Int]
    let actionCount: Int
    let maximumEpisodeSteps: Int?
    let rewardThreshold: Double?

    init(_ specification: EnvironmentSpecification, arguments: [EnvironmentArgument]) {
      id = specification.id
      self.arguments = arguments.map(\.name)
      defaults = Dictionary(uniqueKeysWithValues: arguments.map { ($0.name, $0.standard) })
      allowed = Dictionary(uniqueKeysWithValues: arguments.map { ($0.name, $0.allowed) })
      observationSize = specification.observationSize
      observationShape = specification.observationSpace.shape
      actionCount = specification.actionCount
      maximumEpisodeSteps = specification.maximumEpisodeSteps
      rewardThreshold = specification.rewardThreshold
    }

    private enum CodingKeys: String, CodingKey {
      case id, arguments, defaults, allowed
      case observationSize = "observation_size"
      case observationShape = "observation_shape"
      case actionCount = "action_count"
      case maximumEpisodeSteps = "maximum_episode_steps"
      case rewardThreshold = "reward_threshold"
    }
  }
}
