import DeepSARSA
import Environments
import Glibc
import SARSAExperiments

var settings = RunSettings(environment: "Corridor", experimentName: "consumer")
settings.hyperparameters.network.hiddenSizes = [32]
settings.hyperparameters.exploration = .epsilonGreedy(
  epsilon: .linear(from: 1, to: 0.05, steps: 2_000))
settings.hyperparameters.budget = Budget(steps: 4_000)
settings.evaluation.every = 1_000

var run = try TrainingRun(
  settings, environment: TimeLimit(Corridor(), maximumSteps: 50),
  root: CommandLine.arguments.dropFirst().first ?? "runs")
while !run.isFinished { try run.advance() }
let summary = try run.finish()
print(JSON.text(summary))
exit(summary?.bestEvaluation?.min == 7 ? 0 : 1)
