import DeepSARSA
import SARSAExperiments
import TestSupport
import Testing

@Suite("Curves for TensorBoard")
struct EventLogTests {
  private func trained(
    in root: TemporaryFolder, _ tags: TensorBoardTags
  ) throws -> (folder: RunFolder, events: EventFile) {
    var run = ResumableRun("", in: "CartPole-v1", ["max_episode_steps": .integer(9)])
    run.settings.tensorBoardTags = tags
    let folder = try run.open(.new(root: root.path)) { run in
      try run.train()
      return run.folder
    }
    return (folder, try EventFile(bytes(of: folder.path(of: .events))))
  }

  /// The numbers of a column of a CSV file.
  private func column(_ index: Int, of file: RunFolder.File, in folder: RunFolder) throws -> [Float]
  {
    try lines(of: folder.path(of: file)).dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      return try #require(Float(String(fields[index])))
    }
  }

  @Test("are the numbers of the CSV files, under CleanRL's names")
  func cleanRL() throws {
    let root = try TemporaryFolder()
    let (folder, events) = try trained(in: root, .cleanrl)
    #expect(events.version == "brain.Event:2")
    func curve(_ tag: String) -> [EventFile.Point] { events.points.filter { $0.tag == tag } }
    for (tag, file, index) in [
      ("charts/episodic_return", .episodes, 2), ("charts/episodic_length", .episodes, 3),
      ("eval/episodic_return", .evaluations, 1), ("losses/td_loss", .learning, 2),
      ("losses/q_values", .learning, 3), ("charts/learning_rate", .learning, 14),
    ] as [(String, RunFolder.File, Int)] {
      let curve = curve(tag)
      #expect(!curve.isEmpty)
      #expect(try curve.map(\.value) == column(index, of: file, in: folder), "\(tag)")
      #expect(try curve.map { Float($0.step) } == column(0, of: file, in: folder), "\(tag)")
    }
    #expect(curve("charts/epsilon").count == curve("charts/episodic_return").count)
    #expect(curve("charts/SPS").count == curve("losses/td_loss").count)
    #expect(Set(events.points.map(\.tag)).count == 8)
  }

  @Test("have Stable-Baselines3's names if asked for, and do not exist with none")
  func others() throws {
    let (root, other) = (try TemporaryFolder(), try TemporaryFolder())
    let (folder, events) = try trained(in: root, .sb3)
    #expect(
      Set(events.points.map(\.tag)) == [
        "rollout/ep_rew_mean", "rollout/ep_len_mean", "rollout/exploration_rate", "time/fps",
        "train/learning_rate", "train/loss", "train/n_updates", "eval/mean_reward",
      ])
    let lengths = events.points.filter { $0.tag == "rollout/ep_len_mean" }.map(\.value)
    #expect(lengths.first == (try column(3, of: .episodes, in: folder)).first)
    let means = events.points.filter { $0.tag == "rollout/ep_rew_mean" }.map(\.value)
    let returns = try column(2, of: .episodes, in: folder)
    #expect(means.count == returns.count && means.first == returns.first)
    // No more than 100 episodes were finished.
    #expect(try abs(#require(means.last) - returns.reduce(0, +) / Float(returns.count)) < 1e-4)

    var run = ResumableRun("", in: "CartPole-v1", ["max_episode_steps": .integer(9)])
    run.settings.tensorBoardTags = .none
    let files = try run.files(trainedIn: other)
    #expect(!files.keys.contains(RunFolder.File.events.rawValue))
  }
}
