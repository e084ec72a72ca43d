import ArgumentParser
import DeepSARSA
import SARSAExperiments

/// `deep-sarsa optimum ENV`.
struct OptimumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimum",
    abstract: "Compute the highest possible return, and compare a trained network with it.",
    discussion: """
      The optimum is known for \(known.joined(separator: ", ")). For an environment with tables it is the \
      highest expected return within the time limit, computed exactly; without a time limit, within 10,000 \
      steps. For MountainCar it is the return of the best policy on a grid of position and velocity, played \
      from 2,001 starts. Printed are the mean, and the lowest and highest return of a start.

      --policy adds a network: its greedy return from the same starts, its regret (the optimum's mean return \
      minus the network's), and its errors in two sets of states. These are the states that an optimal \
      policy visits, and all: every state that episodes can pass through, or the points of the grid, one in \
      ten in both directions. RMSE and the largest error are those of the network's highest value against \
      the optimal value for --gamma. The last column is the share of states in which its greedy action is \
      not optimal; on the grid an action is optimal if it loses at most half a step. The values of SARSA \
      are those of its exploring policy, so they are below the optimal ones.

      With --policy, ENV may be left out: it is then the environment of training, with the arguments of \
      training; --env-arg overrides single arguments.
      """)

  @OptionGroup
  var environment: EnvironmentName

  @OptionGroup
  var environmentOptions: EnvironmentOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("compare a network; a run folder or a model file", valueName: "path"),
    completion: .file())
  var policy: String?

  @Flag(help: "use the best network of the run folder instead of the last one")
  var best = false

  @Option(
    name: [.customLong("gamma"), .customLong("discount")], parsing: .unconditional,
    help: ArgumentHelp(
      "the discount of the network's values (default: that of the run folder)", valueName: "x"))
  var discount: Number?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      the points of the grid, positions × velocities \
      (default: \(Grid.standard.columns)x\(Grid.standard.rows))
      """, valueName: "nxm"))
  var grid: String?

  @Flag(help: "print one JSON object")
  var json = false

  func run() throws {
    let grid = try grid.map(Grid.init)
    let gamma = try discount?.real("--gamma", 0...1)
    guard let policy else {
      for (flag, isGiven) in [("--best", best), ("--gamma", gamma != nil)] where isGiven {
        throw CommandError("\(flag) needs --policy")
      }
      let world = try environmentOptions.make(environment.required())
      let optimum = try optimum(of: world, try environmentOptions.values(), grid)
      return try report(optimum, nil)
    }
    let network = try NamedNetwork(policy, best: best)
    var model = try network.model()
    let world = try environmentOptions.make(
      named: environment.optional(), for: model, in: network.folder)
    let recorded = try network.folder.map { try SettingsFile(reading: $0.path).settings() }
    guard let gamma = gamma ?? recorded?.hyperparameters.target.discount else {
      throw CommandError(
        missing: "--gamma", allowed: "a number from 0 to 1, which a model file does not record")
    }
    let trained = world.specification.id == model.environment ? model.environmentArguments : [:]
    let arguments = trained.merging(try environmentOptions.values()) { $1 }
    let optimum = try optimum(of: world, arguments, grid)
    let comparison: OptimumComparison
    do {
      comparison = try optimum.comparison(with: &model.policy, discount: gamma)
    } catch {
      throw failure(optimum.specification.id, error)
    }
    try report(optimum, (policy, gamma, comparison))
  }
}

// MARK: - The environments

extension OptimumCommand {
  /// The ids of the environments whose optimum is known.
  private static let known = EnvironmentRegistry.ids.filter { id in
    guard let world = try? EnvironmentRegistry.make(id) else { return false }
    return world is any FiniteEnvironment || world is any PlanarEnvironment
  }

  /// The optimum of an environment with these arguments.
  ///
  /// - Throws: `CommandError` if it is not known.
  private func optimum(
    of world: any Environment, _ arguments: [String: ArgumentValue], _ grid: Grid?
  ) throws -> any KnownOptimum {
    let id = world.specification.id
    if let world = world as? any PlanarEnvironment {
      return try planar(world, grid ?? .standard)
    }
    if Self.known.contains(id), !(world is any FiniteEnvironment),
      let (name, value) = try wrapper(of: id, arguments)
    {
      throw CommandError(
        "\(name) is \(value); allowed: its default, because the optimum is known without wrappers only"
      )
    }
    if let grid {
      throw CommandError(
        flag: "--grid", value: grid.text, allowed: "with MountainCar-v0, whose states are points")
    }
    guard let world = world as? any FiniteEnvironment else {
      throw CommandError(
        "the optimum of '\(id)' is not known; allowed: \(Self.known.joined(separator: ", "))")
    }
    guard let optimum = finite(world) else {
      throw CommandError(
        "the optimum of '\(id)' is not known with these arguments, which its tables do not have")
    }
    return optimum
  }

  /// The first argument for a wrapper that is not its default.
  private func wrapper(
    of id: String, _ arguments: [String: ArgumentValue]
  ) throws -> (name: String, value: ArgumentValue)? {
    for argument in try EnvironmentRegistry.arguments(of: id)
    where EnvironmentRegistry.wrapperArguments.contains(argument.name) {
      let value = arguments[argument.name] ?? .null
      if value != .null && value != argument.standard { return (argument.name, value) }
    }
    return nil
  }

  private func finite(_ world: some FiniteEnvironment) -> (any KnownOptimum)? {
    FiniteKnownOptimum(world)
  }

  private func planar(
    _ world: some PlanarEnvironment, _ grid: Grid
  ) throws -> any KnownOptimum {
    do {
      return try PlanarKnownOptimum(world, columns: grid.columns, rows: grid.rows)
    } catch {
      throw failure(world.specification.id, error)
    }
  }

  private func failure(_ id: String, _ error: OptimumError) -> any Error {
    if case .memory(let error) = error { return RunError.memory(error) }
    return CommandError("the optimum of '\(id)' cannot be computed: \(error)")
  }

  /// The numbers of points of a grid.
  struct Grid {
    var columns: Int
    var rows: Int
    static let standard = Grid(columns: 1801, rows: 1401)

    private static let sides = 2...5_001

    var text: String { "\(columns)x\(rows)" }

    init(columns: Int, rows: Int) {
      (self.columns, self.rows) = (columns, rows)
    }

    init(_ text: String) throws {
      let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard sides.count == 2, let columns = sides[0], let rows = sides[1],
        Self.sides.contains(columns), Self.sides.contains(rows)
      else {
        let (low, high) = (Self.sides.lowerBound, Self.sides.upperBound)
        throw CommandError(
          flag: "--grid", value: text,
          allowed: "two whole numbers from \(low) to \(high), as in 1801x1401")
      }
      self.init(columns: columns, rows: rows)
    }
  }
}

// MARK: - The output

extension OptimumCommand {
  private func report(
    _ optimum: any KnownOptimum, _ network: (path: String, gamma: Double, OptimumComparison)?
  ) throws {
    let returns = optimum.returns
    if json {
      let result = Result(
        environment: optimum.specification.id, method: optimum.method, starts: returns.count,
        mean: returns.mean, min: returns.lowest, max: returns.highest,
        policy: network.map { path, gamma, comparison in
          let own = comparison.returns
          return Result.Policy(
            path: path, gamma: gamma, mean: own.mean, min: own.lowest, max: own.highest,
            regret: returns.mean - own.mean, visited: Result.Errors(comparison.visited),
            all: Result.Errors(comparison.all))
        })
      return try StandardStream.output.write(JSON.text(result) + "\n")
    }
    var text = """
      \(optimum.specification.id): optimum over \(starts(returns))
      by \(optimum.method)

      """
    if let (path, gamma, comparison) = network {
      let regret = (returns.mean - comparison.returns.mean).shortened(4)
      text += """
        \(path): greedy return over \(starts(comparison.returns)); regret \(regret)
        \(table(comparison, gamma).text)

        """
    }
    try StandardStream.output.write(text)
  }

  private func starts(_ returns: StartReturns) -> String {
    let what = returns.count == 1 ? "1 start" : "\(returns.count) starts"
    return "\(what)   \(returns.mean.shortened(4)), from \(returns.lowest.shortened(4)) to "
      + returns.highest.shortened(4)
  }

  private func table(_ comparison: OptimumComparison, _ gamma: Double) -> Table {
    Table(
      ["errors, gamma \(gamma)", "states", "RMSE", "largest", "not optimal"],
      rows: [("visited by the optimum", comparison.visited), ("all", comparison.all)].map {
        name, errors in
        [
          name, "\(errors.states)", errors.rootMeanSquare.rounded(4), errors.largest.rounded(4),
          (100 * errors.disagreement).rounded(2) + " %",
        ]
      })
  }

  private struct Result: Encodable {
    var environment: String
    var method: String
    var starts: Int
    var mean: Double
    var min: Double
    var max: Double
    var policy: Policy?

    struct Policy: Encodable {
      var path: String
      var gamma: Double
      var mean: Double
      var min: Double
      var max: Double
      var regret: Double
      var visited: Errors
      var all: Errors
    }

    struct Errors: Encodable {
      var states: Int
      var rmse: Double
      var largest: Double
      var disagreement: Double

      init(_ errors: OptimumComparison.Errors) {
        states = errors.states
        rmse = errors.rootMeanSquare
        largest = errors.largest
        disagreement = errors.disagreement
      }
    }
  }
}
