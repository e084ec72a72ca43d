import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa environments`.
struct Environments: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the environments: sizes, time limits, thresholds.")

  @Flag(help: "print one JSON array")
  var json = false

  func run() throws {
    let specifications = try EnvironmentRegistry.ids.map {
      try EnvironmentRegistry.make($0).specification
    }
    if json {
      let rows = specifications.map(Row.init)
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
    let observationSize: Int
    let actionCount: Int
    let maximumEpisodeSteps: Int?
    let rewardThreshold: Double?

    init(_ specification: EnvironmentSpecification) {
      id = specification.id
      observationSize = specification.observationSize
      actionCount = specification.actionCount
      maximumEpisodeSteps = specification.maximumEpisodeSteps
      rewardThreshold = specification.rewardThreshold
    }

    private enum CodingKeys: String, CodingKey {
      case id
      case observationSize = "observation_size"
      case actionCount = "action_count"
      case maximumEpisodeSteps = "maximum_episode_steps"
      case rewardThreshold = "reward_threshold"
    }
  }
}
