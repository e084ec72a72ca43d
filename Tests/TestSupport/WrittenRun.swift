internal import Foundation

/// The folder of a run that was not trained: the files from which results are made.
public struct WrittenRun {
  /// The environment's id.
  public var environment = "CartPole-v1"
  /// The name that the user chose.
  public var experimentName = "a"
  /// The seed.
  public var seed: UInt64
  /// Steps and means of `evaluations.csv`; there is no such file with `nil`.
  public var evaluations: [(step: Int, mean: Double)]?
  /// The score of the last network; the run has not finished with `nil`.
  public var score: Double?
  /// The score of the best network.
  public var bestScore: Double?
  /// The threshold in the summary.
  public var threshold: Double?
  /// Why it failed.
  public var failure: String?
  /// Whether it would fail again.
  public var failsAgain = true
  /// The steps of its checkpoints, which are empty files.
  public var checkpoints: [Int] = []
  /// More lines of `config.yaml`.
  public var settings = ""

  /// Describes a run; with a score it has finished.
  public init(
    seed: UInt64, score: Double? = nil, evaluations: [(step: Int, mean: Double)]? = nil
  ) {
    self.seed = seed
    self.score = score
    self.evaluations = evaluations
  }

  /// Makes the folder, with its parents, and writes the files.
  ///
  /// - Returns: the folder's path.
  @discardableResult
  public func write(to folder: String) throws -> String {
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: folder + "/checkpoints", withIntermediateDirectories: true)
    var files = [
      "config.yaml": """
      environment: \(environment)
      experimentName: \(experimentName)
      seed: \(seed)
      \(settings)
      """
    ]
    if let evaluations {
      files["evaluations.csv"] =
        "step,mean,std,min,max,episodes\n"
        + evaluations.map { "\($0.step),\($0.mean),0.0,\($0.mean),\($0.mean),10\n" }.joined()
    }
    if let failure {
      files["failure.json"] = "{\"is_final\":\(failsAgain),\"reason\":\"\(failure)\"}\n"
    }
    if let score { files["summary.json"] = summary(score, in: folder) }
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
    }
    for step in checkpoints {
      let digits = String(step)
      let name = String(repeating: "0", count: 9 - digits.count) + digits
      try Data().write(to: URL(filePath: folder + "/checkpoints/step-\(name).safetensors"))
    }
    return folder
  }

  private func summary(_ score: Double, in folder: String) -> String {
    func evaluation(_ mean: Double) -> String {
      #"{"episodes":100,"max":\#(mean),"mean":\#(mean),"min":\#(mean),"seed":7,"std":0}"#
    }
    let threshold = threshold.map { "\($0)" } ?? "null"
    return """
      {"after_threshold":null,"best_evaluation":\(evaluation(bestScore ?? score)),\
      "environment":"\(environment)","episodes":100,"evaluation":\(evaluation(score)),\
      "repetition":"exact","run":"\(folder)","saves":null,"seed":\(seed),\
      "steps":\(evaluations?.last?.step ?? 0),"steps_per_second":1000,"threshold":\(threshold),\
      "training_return_last_100":\(score),"updates":100,"wall_seconds":1.5}

      """
  }
}
