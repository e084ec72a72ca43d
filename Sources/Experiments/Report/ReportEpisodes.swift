package import DeepSARSA
internal import SARSAFormats

/// Episodes that are played for a report, with what a reader chooses among.
package struct ReportEpisodes: Hashable, Sendable {
  /// One of several to choose: a network, or a start.
  package struct Choice: Hashable, Sendable {
    /// What tells it from the others.
    package var id: String
    /// What the reader sees.
    package var name: String
    /// Whether it is chosen when the page is opened.
    package var isFirst: Bool
  }

  /// A start: what tells it from the others, and the seed of its reset.
  typealias Start = (id: String, seed: UInt64)

  /// A recorded episode.
  struct Shown: Hashable, Sendable {
    var network: String
    var start: String
    /// The names of the actions.
    var actions: [String]
    /// What is said of an end that is no termination.
    var end: String
    /// The episode, as `PlayedEpisode.json` has it.
    var json: String
  }

  /// The networks.
  package private(set) var networks: [Choice] = []
  /// The starts.
  package private(set) var starts: [Choice] = []
  /// What is to be said of them.
  package private(set) var notes: [String] = []
  private(set) var shown: [Shown] = []

  /// Whether there is nothing to play.
  package var isEmpty: Bool { shown.isEmpty }

  /// The number of starts of which the best, the median and the worst are shown.
  package static let startCount = 25

  /// The most steps of an episode.
  private static let stepLimit = 1_000

  /// The fewest steps to which episodes are cut before some of them are left out.
  private static let leastSteps = 250

  /// Plays nothing, and says why.
  init(note: String) { notes = [note] }

  /// Plays and records the episodes of networks in their environments.
  ///
  /// Every network plays from the same starts, which are those from which the chosen network has its highest, its
  /// median and its lowest return. If all episodes together are too large, they are cut, and then fewer are shown.
  ///
  /// - Parameters:
  ///   - players: the networks.
  ///   - chosen: the place of the network that is seen first.
  ///   - byteLimit: the size of all recorded episodes together, at most.
  /// - Throws: `RunError.environment` if an environment fails.
  init(
    of players: [Player], chosen: Int, byteLimit: Int
  ) throws(RunError) {
    guard players.indices.contains(chosen) else {
      notes = ["There is no network to play with."]
      return
    }
    var starts: [String: [Start]] = [:]
    for player in [players[chosen]] + players where starts[player.task] == nil {
      starts[player.task] = try player.starts(stepLimit: Self.stepLimit)
    }
    // Played once: a shorter record is the beginning of a longer one.
    var records: [Record] = []
    for player in players {
      let all = starts[player.task] ?? []
      records += try player.records(
        from: player.isBrief ? all.filter { $0.id == Self.median } : all, stepLimit: Self.stepLimit)
    }
    var limit = Self.stepLimit
    var isReduced = false
    while true {
      shown = records.map { $0.shown(upTo: limit) }
      let size = shown.reduce(0) { $0 + $1.json.utf8.count }
      if size <= byteLimit || isReduced && limit <= 10 { break }
      if limit > Self.leastSteps || isReduced {
        limit /= 2
      } else {
        isReduced = true
        records.removeAll {
          $0.network != players[chosen].id || $0.start != Self.median
        }
      }
    }
    networks = players.filter { player in shown.contains { $0.network == player.id } }
      .map { Choice(id: $0.id, name: $0.name, isFirst: $0.id == players[chosen].id) }
    self.starts = Self.names.filter { name in shown.contains { $0.start == name.id } }
      .map { Choice(id: $0.id, name: $0.name, isFirst: $0.id == Self.median) }
    notes = [
      "Networks act greedily. The environment is reset with the seeds 0 to \(Self.startCount - 1); shown are the "
        + "starts from which the network '\(players[chosen].name)' has its highest, its median and its lowest "
        + "return. Bars reach from the lowest to the highest value of the episode."
    ]
    if limit < Self.stepLimit {
      notes.append("Episodes are shown up to step \(limit), to keep the page small.")
    }
  }

  /// Adds a sentence.
  mutating func say(_ note: String) { notes.append(note) }

  private static let median = "median"
  private static let names = [("best", "Best"), ("median", "Median"), ("worst", "Worst")]
    .map { (id: $0.0, name: $0.1 + " of \(startCount) starts") }

  /// The data of the page's player: an object with the episodes, and the tones of colours.
  var json: String {
    let tones = [("light", false), ("dark", true)].map { name, isDark in
      Tree.Entry(
        name,
        .sequence(
          Scene.Color.allCases.map { .text($0.tone(onDark: isDark).hexadecimal) }))
    }
    let episodes = shown.map { shown in
      let facts: Tree = [
        "network": .text(shown.network), "start": .text(shown.start), "end": .text(shown.end),
        "actions": .sequence(shown.actions.map { .text($0) }),
      ]
      return "{\"episode\":\(shown.json)," + String(facts.plainJSON.dropFirst())
    }
    // A character < is only within text.
    return
      ("{\"tones\":\(Tree.mapping(tones).plainJSON),\"episodes\":["
      + episodes.joined(separator: ",") + "]}").replacing("<", with: "\\u003c")
  }
}

extension ReportEpisodes {
  /// A network that plays in an environment.
  struct Player: Sendable {
    /// What tells it from the others.
    var id: String
    /// What the reader sees.
    var name: String
    /// The task, of which all players have the same starts.
    var task: String
    /// Whether it plays from the median start only.
    var isBrief = false
    /// The network.
    var model: Safetensors
    /// The factor of the rewards that it was trained with.
    var rewardFactor: Double
    /// The environment.
    var environment: any Environment

    private func policy() throws(RunError) -> GreedyPolicy {
      do {
        return try GreedyPolicy(model)
      } catch {
        throw RunError(ofModel: error, in: name)
      }
    }

    /// The seeds of the starts with the highest, the median and the lowest return.
    func starts(stepLimit: Int) throws(RunError) -> [Start] {
      try starts(in: environment, stepLimit: stepLimit)
    }

    private func starts(
      in environment: some Environment, stepLimit: Int
    ) throws(RunError) -> [Start] {
      var policy = try policy()
      var rollout = try Rollout(environment, seed: 0)
      var totals: [(total: Double, seed: UInt64)] = []
      for seed in 0..<UInt64(ReportEpisodes.startCount) {
        try rollout.restart(seed: seed)
        var total = 0.0
        while !rollout.record.isLast && rollout.steps < stepLimit {
          try rollout.step(policy.action(for: rollout.observation, allowing: rollout.mask))
          total += rollout.record.reward
        }
        totals.append((total, seed))
      }
      totals.sort { ($0.total, $1.seed) > ($1.total, $0.seed) }
      return zip(ReportEpisodes.names.map { $0.id }, [0, totals.count / 2, totals.count - 1]).map {
        ($0, totals[$1].seed)
      }
    }

    /// Plays and records an episode from each start.
    func records(from starts: [Start], stepLimit: Int) throws(RunError) -> [Record] {
      try records(in: environment, from: starts, stepLimit: stepLimit)
    }

    private func records(
      in environment: some Environment, from starts: [Start], stepLimit: Int
    ) throws(RunError) -> [Record] {
      var policy = try policy()
      var rollout = try Rollout(environment, seed: 0)
      let timeLimit = rollout.specification.maximumEpisodeSteps
      let actions = ActionNames.names(of: rollout.specification)
      var records: [Record] = []
      for start in starts {
        try rollout.restart(seed: start.seed)
        let episode = try PlayedEpisode(
          continuing: &rollout, by: &policy, rewardFactor: rewardFactor,
          stepLimit: min(stepLimit, timeLimit ?? stepLimit))
        records.append(
          Record(
            network: id, start: start.id, actions: actions, timeLimit: timeLimit, episode: episode))
      }
      return records
    }
  }

  /// An episode that was played, of which a part may be shown.
  struct Record: Sendable {
    var network: String
    var start: String
    var actions: [String]
    var timeLimit: Int?
    var episode: PlayedEpisode

    func shown(upTo limit: Int) -> Shown {
      let part = episode.prefix(steps: limit)
      return Shown(
        network: network, start: start, actions: actions,
        end: part.frames.count - 1 == timeLimit
          ? "The time limit ended the episode" : "The record ends", json: part.json)
    }
  }
}

// MARK: - Networks of runs

extension RunRecord {
  /// The network as it was before training, made again from the seed or the initial model.
  ///
  /// - Throws: `RunError` if the settings are not allowed, there is not enough memory, or the initial model cannot be
  ///   read.
  package func untrainedModel(
    for specification: EnvironmentSpecification
  ) throws(RunError) -> Safetensors {
    if let path = try folder.initialModel(of: settings) {
      return try ModelFile(readingRunOrFile: path).policy.model()
    }
    return try untrainedModel(
      of: settings.hyperparameters.algorithm.agent, for: specification)
  }

  private func untrainedModel<Learner: Agent & ~Copyable>(
    of agent: Learner.Type, for specification: EnvironmentSpecification
  ) throws(RunError) -> Safetensors {
    var hyperparameters = settings.hyperparameters
    // The memory is not filled here: it has the smallest size that is allowed.
    hyperparameters.replay.capacity = max(
      hyperparameters.replay.learningStarts, hyperparameters.environmentCount)
    try converting({ RunError.badSettings(folder.path(of: .config), "\($0)") }) {
      [hyperparameters] () throws(HyperparameterError) in
      try hyperparameters.validate(for: specification)
    }
    return try converting(RunError.memory) { [hyperparameters] () throws(ArenaError) in
      try Learner(hyperparameters, for: specification, seed: settings.seed).model()
    }
  }
}
