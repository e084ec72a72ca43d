import DeepSARSA
import Environments
import Glibc

// Train.
let corridor = TimeLimit(Corridor(), maximumSteps: 50)
var hyperparameters = Hyperparameters()
hyperparameters.network.hiddenSizes = [32]
hyperparameters.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.05, steps: 2_000))
hyperparameters.budget = Budget(steps: 4_000)
var trainer = try Trainer(
  hyperparameters, environment: ReplicatedEnvironment(corridor), seed: 1)
while !trainer.isFinished { _ = try trainer.advance() }

// Save and load.
let path = CommandLine.arguments.dropFirst().first ?? "corridor.safetensors"
try trainer.agent.model().write(to: path)
var policy = try GreedyPolicy(Safetensors(contentsOf: path))

// Evaluate. Two steps cost 1 each, and the third brings 9: no way is better.
var evaluation = Evaluation(corridor, seed: 7)
let returns = evaluation.play(&policy, episodes: 100)
print("\(trainer.episodes) episodes of training; then \(returns.mean) of 7 at most")
exit(returns.minimum == 7 ? 0 : 1)
