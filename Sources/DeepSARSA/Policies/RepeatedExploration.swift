/// εz-greedy exploration, which repeats the actions that it draws.
///
/// With probability ε, an environment begins to repeat a uniformly drawn action for m steps, P(m) ∝ m⁻².
/// Otherwise it acts greedily.
///
/// It restricts what an agent may choose: to one action while it is repeated, otherwise to the legal actions.
/// So agents know nothing of it, and targets keep the ε-greedy policy. An episode's end ends a repetition, so
/// that no episode begins with an action that another one drew; so does a state in which the action is
/// illegal, where the environment decides anew.
///
/// Source: W. Dabney, G. Ostrovski, A. Barreto, "Temporally-Extended ε-Greedy Exploration", 2021,
/// https://doi.org/10.48550/arXiv.2006.01782, with μ = 2; there, the drawn action is taken for m + 1 steps.
struct RepeatedExploration: Sendable {
  /// Whether each environment may take each action [environments, actions].
  private(set) var masks: [Bool]

  private let actionCount: Int
  /// The action that each environment repeats, and for how many more steps.
  private var actions: [Int]
  private var stepsLeft: [Int]
  private var generator: PCG64

  init(environments: Int, actionCount: Int, generator: PCG64) {
    self.actionCount = actionCount
    self.generator = generator
    masks = Array(repeating: true, count: environments * actionCount)
    actions = Array(repeating: 0, count: environments)
    stepsLeft = actions
  }

  /// Decides what each environment may take in the next step, and writes it into `masks`.
  ///
  /// - Parameters:
  ///   - legal: whether each action is legal [environments, actions]; if it is empty, all are.
  ///   - behavior: the ε-greedy policies of the environments.
  /// - Complexity: O(environments·actions), no allocation.
  mutating func restrict(to legal: [Bool], by behavior: Behavior) {
    let size = legal.isEmpty ? 0 : actionCount
    for i in stepsLeft.indices {
      let mask = legal.span.extracting(i * size..<(i + 1) * size)
      if stepsLeft[i] > 0 && !mask.isEmpty && !mask[actions[i]] { stepsLeft[i] = 0 }
      if stepsLeft[i] == 0,
        case .epsilonGreedy(let epsilon) = behavior.policy(of: i, among: stepsLeft.count),
        generator.random() < epsilon
      {
        actions[i] = generator.action(of: actionCount, allowing: mask)
        stepsLeft[i] = Self.duration(using: &generator)
      }
      let isRepeating = stepsLeft[i] > 0
      for action in 0..<actionCount {
        masks[i * actionCount + action] =
          isRepeating ? action == actions[i] : mask.isEmpty || mask[action]
      }
      if isRepeating { stepsLeft[i] -= 1 }
    }
  }

  /// Ends the repetitions of episodes that ended.
  mutating func endEpisodes(of step: VectorStep) {
    for i in stepsLeft.indices where step.isTerminated[i] || step.isTruncated[i] {
      stepsLeft[i] = 0
    }
  }

  /// The error for a policy without ε.
  static var error: HyperparameterError {
    HyperparameterError(
      field: "repeatsExploration", value: "true",
      allowed: "false, because Boltzmann exploration has no epsilon")
  }

  /// Draws m from 1 with P(m) = 6/(πm)², exactly.
  ///
  /// X = ⌊1/U⌋ has P(X = x) = 1/(x(x + 1)); with (1 + 1/x)/2 of it accepted, 1/(2x²) remains. Five of six
  /// draws are accepted. Source: L. Devroye, "Non-Uniform Random Variate Generation", 1986, §X.6.1,
  /// https://doi.org/10.1007/978-1-4613-8643-8.
  static func duration(using generator: inout PCG64) -> Int {
    while true {
      // U is above 0 and at least 2⁻⁵³.
      let x = (1 / (1 - generator.random())).rounded(.down)
      if 2 * generator.random() * x < x + 1 { return Int(x) }
    }
  }
}

extension RepeatedExploration: Archivable {
  mutating func archive<A: Archive & ~Copyable>(
    in archive: inout A, as name: String
  ) throws(ArchiveError) {
    let (count, actionCount) = (stepsLeft.count, actionCount)
    try archive.value(
      name + ".actions", &actions, allowed: "\(count) numbers from 0 to \(actionCount - 1)"
    ) { $0.count == count && $0.allSatisfy((0..<actionCount).contains) }
    try archive.value(name + ".stepsLeft", &stepsLeft, allowed: "\(count) numbers of 0 or more") {
      $0.count == count && $0.allSatisfy { $0 >= 0 }
    }
    try archive.value(name + ".generator", &generator)
  }
}
