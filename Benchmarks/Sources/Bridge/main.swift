import DeepSARSA
import SARSAGymnasium

// Steps environments through the bridge and prints the microseconds of a step of one of them.
//
//     bridge CartPole-v1 COUNT MESSAGES
//
// The Python is that of DEEP_SARSA_PYTHON. Actions are drawn before the clock starts.

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[2]), let messages = Int(arguments[3]),
  count > 0, messages > 0
else { fatalError("bridge ENVIRONMENT COUNT MESSAGES") }

let environment = try GymnasiumEnvironment(arguments[1])
var vector = environment.vector(count: count)
var result = VectorStep(for: vector)
var random = PCG64(seed: 0)
let actionCount = vector.specification.actionCount
let actions = (0..<messages).map { _ in
  (0..<count).map { _ in random.integer(below: actionCount) }
}
try vector.reset(seeds: (0..<UInt64(count)).map { $0 }, into: &result)
for row in actions.prefix(messages / 20) { try vector.step(row, into: &result) }

let clock = ContinuousClock()
let start = clock.now
for row in actions { try vector.step(row, into: &result) }
print((clock.now - start) / .microseconds(1) / Double(messages * count))
