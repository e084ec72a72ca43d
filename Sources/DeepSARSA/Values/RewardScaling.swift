/// The scaling of rewards before an agent learns from them: r̂ = r·factor, at most a limit in size.
///
/// The running form first divides r by the standard deviation of the discounted sum u of an environment's
/// rewards: u ← γu + r; r/√(var u + 1e-8), with u = 0 at an episode's start. The variance is that of all
/// environments together. Returns of episodes are counted with r as it is.
///
/// Source of the running form: M. Elsayed, G. Vasan, A. R. Mahmood 2024,
/// https://doi.org/10.48550/arXiv.2410.14606, algorithm 6.
package struct RewardScaling: Sendable {
  private let factor: Double
  private let limit: Double?
  private let discount: Double
  /// Whether u is reset before an episode's last reward is added, as in streaming-drl, and not after it.
  private let isWipedAtEnds: Bool
  /// The statistics of u; `nil` if the scaling is not running.
  private var statistics: RunningStatistics?
  /// The largest magnitude of a scaled reward so far.
  private(set) var largest = 0.0
  /// u of each environment.
  private var sums: [Double]

  package init(
    _ settings: RewardHyperparameters, discount: Double, environments: Int, parity: Parity = .none
  ) {
    factor = settings.factor
    limit = settings.limit
    self.discount = discount
    isWipedAtEnds = parity == .streamingDRL
    statistics = settings.scaling == .running ? RunningStatistics(columns: 1) : nil
    sums = Array(repeating: 0, count: environments)
  }

  /// The reward that the agent learns from.
  ///
  /// - Parameters:
  ///   - reward: the environment's reward.
  ///   - environment: the environment's index.
  ///   - isLast: whether the episode ends.
  /// - Returns: r̂.
  /// - Complexity: O(1), no allocation.
  package mutating func scaled(_ reward: Double, of environment: Int, isLast: Bool) -> Double {
    var reward = reward
    if statistics != nil {
      let sum = (isLast && isWipedAtEnds ? 0 : discount * sums[environment]) + reward
      sums[environment] = isLast && !isWipedAtEnds ? 0 : sum
      statistics?.add { _ in sum }
      reward *= statistics?.scale(of: 0) ?? 1
    }
    reward *= factor
    if let limit { reward = min(max(reward, -limit), limit) }
    largest = max(largest, abs(reward))
    return reward
  }

  /// Adds the factor by which rewards were multiplied, and their limit, to a model file.
  func add(to model: inout Safetensors) {
    let factor = factor * (statistics?.scale(of: 0) ?? 1)
    if factor != 1 { model.metadata["reward_factor"] = "\(factor)" }
    if let limit { model.metadata["reward_limit"] = "\(limit)" }
  }
}

extension RewardScaling: Archivable {
  package mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    try archive.value(name + ".largest", &largest, allowed: "a finite number of 0 or more") {
      $0.isFinite && $0 >= 0
    }
    try statistics?.archive(in: &archive, as: name)
    if statistics == nil { return }
    let count = sums.count
    try archive.value(name + ".sums", &sums, allowed: "\(count) finite numbers") {
      $0.count == count && $0.allSatisfy(\.isFinite)
    }
  }
}
