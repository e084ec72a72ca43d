import Foundation
import TestSupport
import Testing

@Suite("A mistake gets a line that says what was meant, or that nothing like it is known")
struct MistakeTests {
  /// The line of a command that is refused, without what each begins and ends with.
  private func line(_ arguments: [String]) throws -> String {
    let result = try Command.run(arguments)
    #expect(result.code == 64 && result.output.isEmpty, "\(arguments)")
    let lines = result.error.split(separator: "\n")
    #expect(lines.count == 1, "\(result.error)")
    let (start, end) = ("deep-sarsa: ", ". See 'deep-sarsa help")
    #expect(result.error.hasPrefix(start) && !result.error.contains(".."), "\(result.error)")
    let range = try #require(result.error.range(of: end, options: .backwards), "\(result.error)")
    return String(result.error[..<range.lowerBound].dropFirst(start.count))
  }

  @Test("a verb")
  func verbs() throws {
    for words in [["trian", "CartPole-v1"], ["help", "trian"], ["Train"], ["help", "TRAIN"]] {
      #expect(try line(words).contains("is not a verb (did you mean 'train'?); allowed: train, "))
    }
    #expect(
      try line(["nothing"]).hasPrefix(
        "'nothing' is not a verb; allowed: train, resume, experiment, ")
    )
    for id in ["CartPole-v1", "gymnasium:LunarLander-v3"] {
      #expect(
        try line([id]) == "'\(id)' needs a verb before it, as in 'deep-sarsa train \(id)'")
    }
    #expect(
      try line(["--seed", "3", "train"])
        == "--seed needs a verb before it: train, evaluate, rollout, render")
    #expect(
      try line(["--nonsense"])
        .hasPrefix("--nonsense is given where a verb is needed; allowed: train, "))
  }

  @Test(
    "a flag",
    arguments: [
      ("--learning_rate", "--learning-rate"), ("-lr", "--lr"), ("–seed", "--seed"),
      ("--timesteps", "--total-timesteps"), ("--batchsize=7", "--batch-size"),
      ("--gama", "--gamma"), ("--Seed", "--seed"), ("--hidden", "--hidden-sizes"),
    ])
  func flags(flag: String, expected: String) throws {
    let name = flag.prefix { $0 != "=" }
    #expect(
      try line(["train", "CartPole-v1", flag, "1"])
        == "\(name) is not a flag of train (did you mean '\(expected)'?)")
    // The value of another flag is none.
    #expect(
      try line(["train", "CartPole-v1", "--exp-name", flag, "--gamma", "2"]).hasPrefix(
        "--gamma is '2'"))
  }

  @Test("a flag that is like none, of another verb, or with a value that it does not take")
  func otherFlags() throws {
    for flag in ["--max-steps", "--nonsense", "--x", "-z"] {
      #expect(try line(["train", "CartPole-v1", flag]) == "\(flag) is not a flag of train")
    }
    #expect(
      try line(["train", "CartPole-v1", "--random"])
        == "--random is not a flag of train; it belongs to rollout")
    #expect(
      try line(["evaluate", "x", "--lr", "1"])
        == "--lr is not a flag of evaluate; it belongs to train"
    )
    #expect(
      try line(["train", "CartPole-v1", "--dueling=false"])
        == "--dueling takes no value, but has 'false'; its opposite is --no-dueling")
    #expect(
      try line(["train", "CartPole-v1", "--quiet=yes"]) == "--quiet takes no value, but has 'yes'")
  }

  @Test("flags of CleanRL that have no meaning here, and some of others, say what does their work")
  func foreignFlags() throws {
    for (flag, part) in [
      ("--torch-deterministic", "the same --seed"), ("--no-torch-deterministic", "the same --seed"),
      ("--cuda", "processor cores"), ("--no-cuda", "processor cores"), ("--track", "--output"),
      ("--wandb-project-name", "Weights & Biases"), ("--wandb-entity", "Weights & Biases"),
      ("--capture-video", "deep-sarsa render"), ("--save-model", "its best one"),
      ("--upload-model", "model.safetensors"), ("--hf-entity", "model.safetensors"),
      ("--gym-id", "--env-id"), ("--render", "deep-sarsa render"), ("--device", "processor cores"),
    ] {
      let line = try line(["train", "CartPole-v1", flag])
      #expect(line.hasPrefix("\(flag) is not a flag of train: ") && line.contains(part), "\(line)")
    }
  }

  @Test("an environment, and where to find one that is not built in")
  func environments() throws {
    for words in [
      ["train", "cartpole-v1"], ["rollout", "cartpole-v1", "--random", "--steps", "1"],
      ["doctor", "cartpole-v1"],
      [
        "evaluate", fixtures.appending(path: "torch_model.safetensors").path(), "--env-id",
        "cartpole-v1",
      ],
    ] {
      #expect(
        try line(words).hasPrefix(
          "the environment is 'cartpole-v1' (did you mean 'CartPole-v1'?); allowed: Acrobot-v1, "))
    }
    for id in ["LunarLander-v3", "Gym:LunarLander-v3", "gymnasium/LunarLander-v3"] {
      #expect(
        try line(["train", id]).hasPrefix(
          "the environment is '\(id)' (not built in; 'gymnasium:LunarLander-v3' if Gymnasium has it)"
        ))
    }
    #expect(try line(["train", "Foo"]).hasPrefix("the environment is 'Foo'; allowed: "))
    #expect(try line(["train", "--quiet"]).hasPrefix("an environment is missing: "))
    #expect(
      try line(["train", "FrozenLake-v1", "--env-arg", "slipery=true"]).hasPrefix(
        "--env-arg: 'slipery' is not an argument of FrozenLake-v1 (did you mean 'is_slippery'?); "))
  }

  @Test("one word of a few")
  func choices() throws {
    for (flag, value, expected) in [
      ("--optimizer", "adamm", "adam"), ("--activation", "Leaky_ReLU", "leaky-relu"),
      ("--preset", "tunned", "tuned"), ("--next-action", "expectd", "expected"),
      ("--loss", "hubber", "huber"), ("--time-limit", "terminl", "terminal"),
    ] {
      #expect(
        try line(["train", "CartPole-v1", flag, value]).hasPrefix(
          "\(flag) is '\(value)' (did you mean '\(expected)'?); allowed: "))
    }
    #expect(
      try line(["train", "CartPole-v1", "--optimizer", "lion"])
        == "--optimizer is 'lion'; allowed: adamw, adam, radam, rmsprop, sgd")
  }

  @Test("an environment may be named by a flag, as CleanRL does, but not two of them")
  func environmentFlag() throws {
    for flag in ["--env-id", "--environment"] {
      let rollout = try Command.run(["rollout", flag, "Taxi-v4", "--random", "--steps", "3"])
      #expect(rollout.code == 0 && rollout.output.contains("Taxi-v4"), "\(rollout.error)")
      let config = try Command.run(["train", flag, "Taxi-v4", "--print-config"])
      #expect(config.output.hasPrefix("environment: Taxi-v4\n"), "\(config.error)")
      #expect(
        try line(["train", "CartPole-v1", flag, "Taxi-v4"])
          == "--env-id is 'Taxi-v4'; allowed: one environment, and 'CartPole-v1' is given already")
    }
    let twice = try Command.run(["train", "Taxi-v4", "--env-id", "Taxi-v4", "--print-config"])
    #expect(twice.code == 0)
  }

  @Test("scripts that complete words are made for every shell")
  func completions() throws {
    for shell in ["bash", "zsh", "fish"] {
      let result = try Command.run(["--generate-completion-script", shell])
      #expect(result.code == 0 && result.error.isEmpty)
      for word in ["MountainCar-v0", "print-config", "env-id"] {
        #expect(result.output.contains(word), "\(shell): \(word)")
      }
    }
    #expect(try Command.run(["--generate-completion-script", "csh"]).error.contains("'csh'"))
  }
}
