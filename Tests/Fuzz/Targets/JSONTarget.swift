import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFormats

/// Text in JSON: states, arguments of environments, summaries of runs, and experiments.
struct JSONTarget: FuzzTarget {
  static let name = "json"

  private let folder: InputFolder

  init() throws { folder = try InputFolder() }

  func seeds() throws -> [String: [UInt8]] {
    let settings = RunSettings(environment: "CartPole-v1")
    let group = Experiment.Group(
      setting: "a", task: "short", settings: settings, scale: ScoreScale(random: 9, best: 500))
    let experiment = try ExperimentFolder(
      Experiment(groups: [group], seeds: [1, .max], source: ""), at: folder.path)
    let description = try [UInt8](
      Data(contentsOf: URL(filePath: experiment.path + "/experiment.json")))
    var seeds = [
      "values":
        #"{"a":[1,-2.5e-3,true,false,null],"b":{"":"\u00e9\ud83d\ude00\n"},"c":18446744073709551615}"#,
      "state": ###"["#nan","#inf","#-inf","##",-0.0,1e308,-9223372036854775808]"###,
      "arguments": #"{"map_name":"8x8","is_slippery":false,"max_episode_steps":100}"#,
      "summary": ##"""
      {"after_threshold":null,"best_evaluation":null,"environment":"CartPole-v1","episodes":12,"evaluation":{"episodes":100,"max":9,"mean":9.1,"min":8,"seed":7,"std":0.5},"repetition":"exact","run":"runs/a","seed":1,"steps":200,"steps_per_second":null,"threshold":475,"training_return_last_100":15.5,"updates":25,"wall_seconds":0.1}
      """##,
      "failure": #"{"is_final":true,"reason":"training diverged at step 12000"}"#,
    ].mapValues { Array($0.utf8) }
    seeds["experiment"] = description
    return seeds
  }

  func read(_ bytes: [UInt8]) {
    if let tree = try? Tree(json: bytes) {
      let text = tree.json
      guard let again = try? Tree(json: Array(text.utf8)), again.json == text else {
        fail("a tree differs after it was written: \(text)")
      }
    }
    if let text = String(validating: bytes, as: UTF8.self),
      let value = try? ArgumentValue(json: text)
    {
      // NaN cannot be in JSON, so equal values are equal.
      guard (try? ArgumentValue(json: value.description)) == value else {
        fail("a value differs after it was written: \(value)")
      }
      _ = JSON.text(value)
    }
    _ = folder.write(bytes, as: "experiment.json")
    if let experiment = try? ExperimentFolder(existing: folder.path)?.experiment,
      (try? ExperimentFolder(experiment, at: folder.path)) == nil
    {
      fail("an experiment differs from itself: \(experiment)")
    }
    for file in [RunFolder.File.summary, .failure] { _ = folder.write(bytes, as: file.rawValue) }
    let run = RunFolder(existing: folder.path)
    if let summary = try? run?.summary() { _ = JSON.text(summary) }
    if let failure = try? run?.failure() { _ = JSON.text(failure) }
  }
}
