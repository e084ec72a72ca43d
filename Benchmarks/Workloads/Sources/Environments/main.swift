import DeepSARSA

// How many steps a second the environments make on one core: through their time limits, with actions
// drawn at random and with resets, once by a program that names the type of the environment and once
// by one that is told an id. Rounds in turn, medians.

/// Steps and gives the nanoseconds of one of them.
func time<World: Environment>(_ world: World, steps: Int) throws -> Double {
  var world = world
  let actionCount = world.specification.actionCount
  var random = PCG64(seed: 1)
  try world.reset(seed: 1)
  let clock = ContinuousClock()
  let start = clock.now
  for _ in 0..<steps {
    let step = try world.step(random.integer(below: actionCount))
    if step.isLast { try world.reset(seed: nil) }
  }
  return (clock.now - start) / .nanoseconds(1) / Double(steps)
}

/// The same without knowing which environment it is.
func time(any world: any Environment, steps: Int) throws -> Double {
  var world = world
  let actionCount = world.specification.actionCount
  var random = PCG64(seed: 1)
  try world.reset(seed: 1)
  let clock = ContinuousClock()
  let start = clock.now
  for _ in 0..<steps {
    let step = try world.step(random.integer(below: actionCount))
    if step.isLast { try world.reset(seed: nil) }
  }
  return (clock.now - start) / .nanoseconds(1) / Double(steps)
}

let steps = 1_000_000
let known: [(String, () throws -> Double)] = [
  ("CartPole-v1", { try time(TimeLimit(CartPole(), maximumSteps: 500), steps: steps) }),
  ("MountainCar-v0", { try time(TimeLimit(MountainCar(), maximumSteps: 200), steps: steps) }),
]
let named = try EnvironmentRegistry.ids.map { id in (id, try EnvironmentRegistry.make(id)) }

var times: [String: [Double]] = [:]
for _ in 0..<7 {
  for (id, body) in known { times["\(id), some Environment", default: []].append(try body()) }
  for (id, world) in named {
    times["\(id), any Environment", default: []].append(try time(any: world, steps: steps / 4))
  }
}

print("| environment | ns a step | million steps a second |\n| --- | --- | --- |")
for (name, values) in times.sorted(by: { $0.key < $1.key }) {
  let sorted = values.sorted()
  func text(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
  let median = sorted[sorted.count / 2]
  print(
    "| \(name) | \(text(median)) (\(text(sorted[0]))–\(text(sorted[sorted.count - 1]))) "
      + "| \(text(1000 / median)) |")
}
