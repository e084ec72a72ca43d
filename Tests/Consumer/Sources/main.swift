import DeepSARSA

/// A corridor with a door at either end: behind one is a prize, and a light says which.
struct Corridor: Environment {
  /// Everything that determines the future.
  struct State: Codable, Sendable {
    var position = 0
    var prize = 3
    var random = PCG64(seed: 0)
  }

  /// The whole state.
  var state = State()
  /// Two numbers in an observation, two actions.
  let specification = EnvironmentSpecification(
    id: "Corridor", observationSize: 2, actionCount: 2)

  /// Starts in the middle, and draws the door with the prize.
  mutating func reset(seed: UInt64?) {
    if let seed { state.random = PCG64(seed: seed) }
    state.position = 0
    state.prize = state.random.integer(below: 2) == 0 ? -3 : 3
  }

  /// Goes left or right; a door ends the episode.
  mutating func step(_ action: Int) -> Step {
    state.position += action == 0 ? -1 : 1
    let isFound = state.position == state.prize
    return Step(reward: isFound ? 9 : -1, isTerminated: abs(state.position) == 3)
  }

  /// Writes the position and the light, both from −1 to 1.
  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position) / 3
    observation[1] = Float(state.prize) / 3
  }
}

// Train.
let corridor = TimeLimit(Corridor(), maximumSteps: 50)
var hyperparameters = Hyperparameters()
hyperparameters.network.hiddenSizes = [32]
hyperparameters.exploration = .epsilonGreedy(epsilon: .linear(from: 1, to: 0.05, steps: 2_000))
hyperparameters.budget = Budget(steps: 4_000)
var trainer = try Trainer(hyperparameters, environment: corridor, seed: 1)
while !trainer.isFinished { try trainer.advance() }

// Save and load.
try trainer.agent.model().write(to: "corridor.safetensors")
var policy = try GreedyPolicy(Safetensors(contentsOf: "corridor.safetensors"))

// Evaluate. Two steps cost 1 each, and the third brings 9: no path is better.
var evaluation = Evaluation(corridor, seed: 7)
let returns = evaluation.play(&policy, episodes: 100)
print("\(trainer.episodes) episodes of training; then \(returns.mean) of 7 at most")
