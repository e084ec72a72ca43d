internal import DeepSARSA
internal import Foundation
internal import SARSAFiles
internal import SARSAFormats

/// Whose names the curves of an event file have.
public enum TensorBoardTags: String, CaseIterable, Codable, Sendable {
  /// CleanRL's.
  case cleanrl
  /// Stable-Baselines3's.
  case sb3
  /// There is no event file.
  case none
}

/// The curves of a run, for TensorBoard.
///
/// It is the only file of a run with a clock: equal runs write equal bytes but for the time of each event and the
/// speed.
struct EventLog: ~Copyable {
  /// What happened: the end of an episode, an evaluation, or an update that is measured.
  struct Event {
    var step: Int
    var episode: Episode?
    var evaluation: Returns?
    var row: LearningLog.Row?
    /// The mean return of the last 100 training episodes.
    var recentReturn: Double?
    /// The mean length of these episodes.
    var recentLength: Double?
    /// The policy at the step.
    var policy: Policy
    /// Environment steps per second.
    var speed: Double?
  }

  /// A curve: its tag, and its value at an event; `nil` if the event has none.
  private typealias Curve = (tag: String, value: @Sendable (Event) -> Double?)

  private static let cleanRL: [Curve] = [
    ("charts/episodic_return", { $0.episode?.totalReward }),
    ("charts/episodic_length", { ($0.episode?.length).map(Double.init) }),
    ("charts/epsilon", { $0.episode == nil ? nil : $0.policy.epsilon }),
    ("charts/SPS", { $0.row == nil ? nil : $0.speed ?? 0 }),
    ("charts/learning_rate", { $0.row?.learningRate }),
    ("losses/td_loss", { ($0.row?.update.loss).map(Double.init) }),
    ("losses/q_values", { ($0.row?.update.meanValue).map(Double.init) }),
    ("eval/episodic_return", { $0.evaluation?.mean }),
  ]

  private static let stableBaselines3: [Curve] = [
    ("rollout/ep_rew_mean", { $0.episode == nil ? nil : $0.recentReturn }),
    ("rollout/ep_len_mean", { $0.episode == nil ? nil : $0.recentLength }),
    ("rollout/exploration_rate", { $0.episode == nil ? nil : $0.policy.epsilon }),
    ("time/fps", { $0.row == nil ? nil : $0.speed ?? 0 }),
    ("train/learning_rate", { $0.row?.learningRate }),
    ("train/loss", { ($0.row?.update.loss).map(Double.init) }),
    ("train/n_updates", { ($0.row?.updates).map(Double.init) }),
    ("eval/mean_reward", { $0.evaluation?.mean }),
  ]

  private let curves: [Curve]
  private var file: LogFile

  /// Creates the file, or goes on with its first bytes.
  init(_ path: String, keeping byteCount: Int?, tags: TensorBoardTags) throws(SystemError) {
    curves = tags == .sb3 ? Self.stableBaselines3 : Self.cleanRL
    file = try LogFile(
      path, keeping: byteCount, header: EventRecord.header(wallTime: Self.now).encoded())
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  /// The number of bytes, of which some may be in the buffer.
  var byteCount: Int { file.byteCount }

  /// Appends the points of an event.
  mutating func append(_ event: Event) throws(SystemError) {
    let points = curves.compactMap { curve in
      curve.value(event).map { (tag: curve.tag, value: Float($0)) }
    }
    try file.append(
      EventRecord.scalars(points, step: event.step, wallTime: Self.now).encoded())
  }

  /// Writes the events that are still in memory.
  mutating func flush() throws(SystemError) { try file.flush() }

  /// Writes the events that are still in memory, and flushes the file to the disk.
  mutating func synchronize() throws(SystemError) { try file.synchronize() }
}

extension Policy {
  /// ε; `nil` for Boltzmann exploration.
  fileprivate var epsilon: Double? {
    if case .epsilonGreedy(let epsilon) = self { epsilon } else { nil }
  }
}
