import DeepSARSA
import Foundation
import TestSupport
import Testing

@Suite("deep-sarsa optimum")
struct OptimumTests {
  private func json(_ arguments: [String]) throws -> [String: ArgumentValue] {
    let result = try Command.run(["optimum"] + arguments + ["--json"])
    #expect(result.code == 0, "\(result.error)")
    guard case .object(let object) = try ArgumentValue(json: result.output) else {
      Issue.record("\(result.output)")
      return [:]
    }
    return object
  }

  @Test("prints the best return of a table, and of a plane")
  func returns() throws {
    let cliff = try Command.run(["optimum", "CliffWalking-v1"])
    #expect(
      cliff.lines == [
        "CliffWalking-v1: optimum over 1 start   -13, from -13 to -13",
        "by backward induction over 48 states and 10000 steps",
      ])
    #expect(
      try Command.run(["optimum", "Maze-v0", "--env-arg", "max_episode_steps=7"]).output
        .contains("optimum over 1 start   -7, from"))
    let car = try json(["MountainCar-v0", "--grid", "41x31"])
    #expect(car["starts"] == .integer(2_001) && car["policy"] == nil)
    #expect(car["method"] == .text("value iteration on 41 × 31 points"))
    #expect(car["max"] == .integer(-83))
  }

  @Test("compares a model file, and a run with the discount of its settings")
  func policy() throws {
    let folder = try TemporaryFolder()
    let run = try Command.run([
      "train", "Maze-v0", "--total-timesteps", "1200", "--gamma", "0.9", "--evaluation-episodes",
      "1", "--hidden-sizes", "8", "--output", folder.path, "--quiet",
    ])
    let path = try #require(run.lines.last)
    let ran = try json(["--policy", path])
    guard case .object(let own)? = ran["policy"], case .object(let all)? = own["all"] else {
      Issue.record("\(ran)")
      return
    }
    #expect(ran["environment"] == .text("Maze-v0") && ran["mean"] == .integer(-10))
    #expect(own["gamma"] == .number(0.9) && all["states"] == .integer(24))
    guard case .object(let other)? = try json(["--policy", path, "--gamma", "0.5"])["policy"],
      case .object(let otherErrors)? = other["all"]
    else {
      Issue.record("no comparison")
      return
    }
    #expect(other["gamma"] == .number(0.5) && otherErrors["rmse"] != all["rmse"])
    #expect(other["mean"] == own["mean"])
    let text = try Command.run(["optimum", "--policy", path, "--best"])
    #expect(text.code == 0 && text.output.contains("errors, gamma 0.9"))
    #expect(text.output.contains("visited by the optimum") && text.output.contains("regret"))
    // The arguments of training count too.
    let wrapped = try Command.run([
      "train", "Maze-v0", "--total-timesteps", "1200", "--evaluation-episodes", "1",
      "--hidden-sizes", "8", "--action-repeat", "2", "--output", folder.path, "--quiet",
    ])
    let refused = try Command.run(["optimum", "--policy", try #require(wrapped.lines.last)])
    #expect(
      refused.code == 64
        && refused.error.hasPrefix(
          "deep-sarsa: action_repeat is 2; allowed: its default, because the optimum"),
      "\(refused.error)")
    let model = path + "/model.safetensors"
    guard case .object(let file)? = try json(["--policy", model, "--gamma", "0.9"])["policy"]
    else {
      Issue.record("no comparison")
      return
    }
    #expect(file["path"] == .text(model) && file["all"] == own["all"])
    #expect(file["regret"] == own["regret"])
  }

  @Test("says in one line what it does not know, and what does not fit")
  func mistakes() throws {
    let model = fixtures.appending(path: "torch_model.safetensors").path()
    for (arguments, code, message) in [
      (["CartPole-v1"], 64 as Int32, "the optimum of 'CartPole-v1' is not known; allowed: Cliff"),
      (
        ["Taxi-v4", "--env-arg", "fickle_passenger=true"], 64,
        "the optimum of 'Taxi-v4' is not known with these arguments"
      ),
      (
        ["Taxi-v4", "--no-action-masks"], 64,
        "action_masks is false; allowed: its default, because the optimum"
      ),
      (
        ["Maze-v0", "--frame-stack", "2", "--grid", "9x9"], 64,
        "frame_stack is 2; allowed: its default"
      ),
      (
        ["MountainCar-v0", "--time-aware", "--grid", "9x9"], 64,
        "time_aware is true; allowed: its default"
      ),
      (["CartPole-v1", "--action-repeat", "2"], 64, "the optimum of 'CartPole-v1' is not known"),
      (
        ["MountainCar-v0", "--env-arg", "goal_velocity=0.08", "--grid", "9x9"], 64,
        "no policy ends an episode from the point"
      ),
      (["MountainCar-v0", "--grid", "9"], 64, "--grid is '9'; allowed: two whole numbers"),
      (["MountainCar-v0", "--grid", "1x9"], 64, "--grid is '1x9'"),
      (["MountainCar-v0", "--grid", "9x9x9"], 64, "--grid is '9x9x9'"),
      (["Maze-v0", "--grid", "9x9"], 64, "--grid is '9x9'; allowed: with MountainCar-v0"),
      (["Maze-v0", "--gamma", "0.9"], 64, "--gamma needs --policy"),
      (["Maze-v0", "--best"], 64, "--best needs --policy"),
      (["Maze-v0", "--policy", model, "--gamma", "2"], 64, "--gamma is '2'"),
      (["MountainCar-v0", "--policy", model], 64, "--gamma is missing"),
      (["MountainCar-v0", "--policy", model, "--best"], 64, "--best needs a run folder"),
      (["Maze-v0", "--policy", model, "--gamma", "1"], 65, "torch_model.safetensors"),
      (["Maze-v0", "--policy", model + "x"], 66, "torch_model.safetensorsx"), ([], 64, "missing"),
    ] {
      let result = try Command.run(["optimum"] + arguments)
      #expect(result.code == code, "\(arguments): \(result.error)")
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1 && result.output.isEmpty)
    }
  }
}
