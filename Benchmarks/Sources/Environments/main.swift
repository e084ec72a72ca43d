import DeepSARSA
import Glibc

// How long a step of the environments takes on one core: through their time limits, with actions drawn
// at random and with resets, once by a program that names the type of the environment and once by one
// that is given an id.
//
//     environments [STEPS]
//
// prints a line of each, its name and its nanoseconds a step with a tab between. STEPS are 1,000,000
// unless given, and a quarter of them where the type is not known.

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

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count <= 1, let steps = Int(arguments.first ?? "1000000"), steps >= 4 else {
  print("usage: environments [STEPS], with STEPS from 4")
  exit(64)
}
let known: [(String, () throws -> Double)] = [
  ("CartPole-v1", { try time(TimeLimit(CartPole(), maximumSteps: 500), steps: steps) }),
  ("MountainCar-v0", { try time(TimeLimit(MountainCar(), maximumSteps: 200), steps: steps) }),
]
for (id, body) in known { print("\(id), some Environment\t\(try body())") }
for id in EnvironmentRegistry.ids {
  let world = try EnvironmentRegistry.make(id)
  print("\(id), any Environment\t\(try time(any: world, steps: steps / 4))")
}
