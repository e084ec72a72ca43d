internal import DeepSARSA
internal import SARSAFormats

/// Reads what a report shows of networks: it makes environments, plays episodes, and draws charts and maps.
struct ReportReader {
  private let makeEnvironment: (RunSettings) throws(RunError) -> any Environment

  /// The size of the recorded episodes of a single run, and of several.
  private static let (byteLimit, largeByteLimit) = (600_000, 1_500_000)

  /// The most tasks of which episodes are shown.
  private static let taskLimit = 4

  init(_ makeEnvironment: @escaping (RunSettings) throws(RunError) -> any Environment) {
    self.makeEnvironment = makeEnvironment
  }

  /// The mean return that counts as solved, which an unfinished run does not record; `nil` if there is none.
  func threshold(of group: RunGroup) throws(RunError) -> Double? {
    if let threshold = group.threshold { return threshold }
    guard let settings = group.runs.first?.settings else { return nil }
    return try? makeEnvironment(settings).specification.rewardThreshold
  }
}

// MARK: - Charts

extension ReportReader {
  /// The charts of the settings on a task.
  ///
  /// - Parameters:
  ///   - groups: the settings' runs.
  ///   - comparison: their numbers; `nil` for a single run, and if none is over.
  ///   - baseline: the setting with which the others are compared.
  ///   - place: what is put behind titles if there are several tasks.
  /// - Returns: the charts that the runs have, under titles.
  /// - Throws: `RunError` if a file of a run cannot be read.
  func charts(
    of groups: [RunGroup], _ comparison: Comparison.Task?, baseline: String, named place: String
  ) throws(RunError) -> [Report.Charts] {
    var learning = [try Chart.returns(of: groups)].compactMap { $0 }
    // Of several tasks, the page would grow with each.
    if place.isEmpty {
      learning += [
        try Chart.loss(of: groups), try Chart.exploration(of: groups),
        try Chart.values(of: groups), try Chart.gradient(of: groups),
      ].compactMap { $0 }
    }
    let note =
      learning.isEmpty
      ? "There is nothing to draw: the run has logged neither episodes nor evaluations." : nil
    var sections = [Report.Charts(title: "Learning\(place)", note: note, charts: learning)]
    if let comparison {
      let charts = [
        Chart.intervals(of: comparison), Chart.stability(of: comparison),
        Chart.profile(of: comparison), Chart.probability(of: comparison, baseline: baseline),
      ]
      sections.append(.init(title: "Over seeds\(place)", charts: charts.compactMap { $0 }))
    }
    return sections
  }

  /// The maps of a network's values, beside the optimum's; none if its environment is no map.
  ///
  /// - Parameters:
  ///   - run: the run, whose last network is shown.
  ///   - name: the run's name among several.
  /// - Returns: the maps under a title, or nothing.
  /// - Throws: `RunError` if the network cannot be read.
  func maps(
    of run: RunRecord, named name: String? = nil
  ) throws(RunError) -> [Report.Charts] {
    do {
      guard let maps = try ValueMaps(of: run) else { return [] }
      let what =
        "Values of the last network\(name.map { " of \($0)" } ?? ""), beside those of the optimum for the "
        + "same discount. SARSA learns the values of a policy that explores, which are lower than the optimum's."
      return [
        Report.Charts(
          title: "What the network knows", note: what,
          charts: [.costToGo(of: maps), .policy(of: maps)])
      ]
    } catch {
      if case .system(let error) = error, error.isMissing { return [] }
      throw error
    }
  }
}

// MARK: - Episodes

extension ReportReader {
  /// Episodes of a single run: of its untrained, its best and its last network.
  func episodes(of run: RunRecord) throws(RunError) -> ReportEpisodes {
    try playing { () throws(RunError) in
      let last = try player(of: run, .model, id: "last", name: "Last network")
      let untrained = try untrained(of: run, like: last)
      var players = untrained.model.tensors == last.model.tensors ? [] : [untrained]
      let best = try player(of: run, .best, id: "best", name: "Best network")
      if best.model.tensors != last.model.tensors { players.append(best) }
      players.append(last)
      var episodes = try ReportEpisodes(
        of: players, chosen: players.count - 1, byteLimit: Self.byteLimit)
      episodes.say(
        "A run keeps its best and its last network. The untrained one is made again from the seed"
          + (players.count == 3
            ? ". It keeps no other network from the middle of training."
            : "; the best is the last. No network from the middle of training is kept.")
      )
      episodes.say(
        "'deep-sarsa rollout --policy \(run.folder.path.quotedForShell) --seed N --json\([run.settings].trustFlag)' "
          + "plays an episode again."
      )
      return episodes
    }
  }

  /// Episodes of the best, the median and the worst seed.
  func episodes(of group: RunGroup) throws(RunError) -> ReportEpisodes {
    try playing { () throws(RunError) in
      let ranked = group.rankedRuns
      guard let best = ranked.first, let worst = ranked.last else {
        return ReportEpisodes(note: Self.noneFinished)
      }
      let median = ranked[ranked.count / 2]
      var players: [ReportEpisodes.Player] = []
      for (word, run) in [("Best", best), ("Median", median), ("Worst", worst)]
      where !players.contains(where: { $0.id == "seed\(run.settings.seed)" }) {
        let seed = run.settings.seed
        players.append(
          try player(of: run, .model, id: "seed\(seed)", name: "\(word) seed: \(seed)"))
      }
      let chosen = min(1, players.count - 1)
      var untrained = try untrained(of: median, like: players[chosen])
      untrained.isBrief = true
      return try ReportEpisodes(
        of: [untrained] + players, chosen: chosen + 1, byteLimit: Self.largeByteLimit)
    }
  }

  /// Episodes of the median seed of each task's best setting.
  func episodes(
    of comparison: Comparison, _ groups: [RunGroup]
  ) throws(RunError) -> ReportEpisodes {
    try playing { () throws(RunError) in
      var players: [ReportEpisodes.Player] = []
      for (index, task) in comparison.tasks.prefix(Self.taskLimit).enumerated() {
        let sides = task.sides.sorted {
          $0.summary.interquartileMean.value > $1.summary.interquartileMean.value
        }
        // Of one task, each setting is shown; of several, the best setting of each.
        for (place, side) in sides.prefix(comparison.tasks.count == 1 ? 3 : 1).enumerated() {
          let group = groups.first { $0.task == task.name && $0.setting == side.name }
          let ranked = group?.rankedRuns ?? []
          if ranked.isEmpty { continue }
          let run = ranked[ranked.count / 2]
          let name = comparison.tasks.count == 1 ? side.name : "\(task.name), \(side.name)"
          players.append(
            try player(
              of: run, .model, id: "task\(index)-\(place)",
              name: "\(name), seed \(run.settings.seed)"))
        }
      }
      if players.isEmpty { return ReportEpisodes(note: Self.noneFinished) }
      var episodes = try ReportEpisodes(of: players, chosen: 0, byteLimit: Self.largeByteLimit)
      episodes.say("Of a setting, the seed with the median score plays.")
      return episodes
    }
  }

  /// What is said where no run of several has finished, with a network or not.
  private static let noneFinished =
    "No run has finished, and of several runs only finished ones play. 'deep-sarsa report RUN' shows what the "
    + "networks of one run do."

  /// Plays, or says why it cannot.
  private func playing(
    _ play: () throws(RunError) -> ReportEpisodes
  ) throws(RunError) -> ReportEpisodes {
    do {
      return try play()
    } catch {
      switch error {
      case .environment, .program:
        // The error itself may name paths of this machine.
        return ReportEpisodes(
          note: "No episode could be played: the environment could not be made here, or failed. "
            + "'deep-sarsa evaluate' with the run's folder says why.")
      case .system(let error) where error.isMissing:
        return ReportEpisodes(note: "The run has no network yet.")
      default: throw error
      }
    }
  }

  private func player(
    of run: RunRecord, _ file: RunFolder.File, id: String, name: String
  ) throws(RunError) -> ReportEpisodes.Player {
    let model = try ModelFile(reading: run.folder.path(of: file))
    let environment = try makeEnvironment(run.settings)
    try model.requireSizes(of: environment.specification)
    let step = model.metadata["step"].flatMap { Int($0) }.map { ", step \($0.reported)" } ?? ""
    return ReportEpisodes.Player(
      id: id, name: name + step, task: run.settings.environment, model: model.policy.model(),
      rewardFactor: model.rewardFactor, environment: environment)
  }

  /// The network of a run before training.
  private func untrained(
    of run: RunRecord, like player: ReportEpisodes.Player
  ) throws(RunError) -> ReportEpisodes.Player {
    var untrained = player
    untrained.id = "untrained"
    untrained.name = run.settings.initialModel == nil ? "Untrained" : "Initial model"
    untrained.model = try run.untrainedModel(for: player.environment.specification)
    return untrained
  }
}

extension RunGroup {
  /// The runs that have a score, from the highest to the lowest; of equal ones the lower seed is first.
  var rankedRuns: [RunRecord] {
    runs.filter { $0.result.status == .finished }.sorted {
      ($0.result.score ?? -.infinity, $1.settings.seed) > (
        $1.result.score ?? -.infinity, $0.settings.seed
      )
    }
  }
}
