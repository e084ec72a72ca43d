extension EnvironmentRegistry {
  static func minAtar<Game: MinAtarGame>(
    _ game: Game.Type, _ version: MinAtar<Game>.Version
  ) -> Maker {
    { (arguments: inout EnvironmentArguments) throws(EnvironmentError) in
      MinAtar<Game>(
        version,
        stickyActionProbability: try arguments.number(
          "sticky_action_prob", default: 0.1, in: 0...1),
        isRamping: try arguments.boolean("difficulty_ramping", default: true))
    }
  }

  static func catchBall(
    _ arguments: inout EnvironmentArguments
  ) throws(EnvironmentError) -> any Environment {
    Catch(
      rows: try arguments.integer("rows", in: 2...100) ?? 10,
      columns: try arguments.integer("columns", in: 1...100) ?? 5)
  }

  static func deepSea(
    _ arguments: inout EnvironmentArguments
  ) throws(EnvironmentError) -> any Environment {
    let size = try arguments.integer("size", in: 1...100) ?? 10
    let isDeterministic = try arguments.boolean("deterministic", default: true)
    let moveCost = try arguments.number("unscaled_move_cost", default: 0.01, in: -1_000...1_000)
    let isMixed = try arguments.boolean("randomize_actions", default: true)
    // The seeds that numpy accepts.
    let seed = try arguments.integer("mapping_seed", in: 0...Int(UInt32.max)) ?? 42
    return DeepSea(
      size: size, isDeterministic: isDeterministic, moveCost: moveCost,
      mappingSeed: isMixed ? UInt64(seed) : nil)
  }
}
