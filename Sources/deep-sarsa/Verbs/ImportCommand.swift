import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa import FILE -o MODEL`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model file of a network that another program trained.",
    discussion: """
      FILE is in safetensors format. Its network is a torch.nn.Sequential of Linear modules with activations \
      between them, and LayerNorm modules if there are any: the tensors <prefix>0.weight, <prefix>0.bias, \
      <prefix>2.weight and so on, of float32, float16 or bfloat16. The prefix is 'network.' for CleanRL's \
      dqn.py and 'q_net.q_net.' for DQN of Stable-Baselines3. Tensors with another prefix are not read.

      The result is a model for evaluate, rollout, export and train --initial-model. With --env-id, it \
      names the environment, and its sizes must fit. docs/exports.md has the lines of Python that convert the \
      files of CleanRL and Stable-Baselines3.
      """)

  @Argument(
    help: ArgumentHelp("a file in safetensors format", valueName: "file"), completion: .file())
  var path: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "the beginning of the tensors' names (default: the only one that there is)",
      valueName: "text"))
  var prefix: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      the activation between the layers: \
      \(activations.joined(separator: ", ")) (default: relu)
      """, valueName: "name"),
    completion: .list(activations))
  var activation: String?

  @Option(
    name: [.customLong("env-id"), .customLong("environment")], parsing: .unconditional,
    help: ArgumentHelp("the environment in which it was trained", valueName: "id"),
    completion: .list(EnvironmentRegistry.ids))
  var environment: String?

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("the model file to write", valueName: "file"), completion: .file())
  var output: String

  /// The functions that a module can be.
  private static let activations = Activation.allCases.filter { $0 != .identity }.map(\.rawValue)

  func run() throws {
    if output.isEmpty {
      throw CommandError(flag: "--output", value: "", allowed: "a file's path")
    }
    let name = activation ?? Activation.relu.rawValue
    guard Self.activations.contains(name), let activation = Activation(rawValue: name) else {
      throw CommandError(flag: "--activation", value: name, choices: Self.activations)
    }
    let arguments = try environmentOptions.values()
    if environment == nil && !arguments.isEmpty {
      throw CommandError("arguments of an environment need --env-id")
    }
    let model = try ModelFile(importing: path, prefix: prefix, activation: activation)
    if let environment {
      let world = try environmentOptions.make(environment)
      try model.requireSizes(of: world.specification)
    }
    try model.write(environment: environment, environmentArguments: arguments, to: output)
  }
}
