import DeepSARSA

/// What a training step has to do: the sizes that its limit is measured for.
struct Shape {
  var hidden = [128, 64]
  var batch = 32
  /// The transitions in memory, which is full before the first update.
  var capacity = 1_000_000
  var environments = 1
  /// The steps of training that are timed, after as many that are not.
  var steps = 40_000
  /// How often everything is measured.
  var rounds = 5

  /// Reads `hidden=128,64 batch=32 capacity=1000000 environments=1 steps=40000 rounds=5`, any of them.
  init(_ arguments: some Sequence<String>) throws {
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      let numbers = parts.count == 2 ? parts[1].split(separator: ",").map { Int($0) ?? 0 } : []
      guard let first = numbers.first, numbers.allSatisfy({ $0 > 0 }) else {
        throw Problem(argument: argument)
      }
      switch parts[0] {
      case "hidden": hidden = numbers
      case "batch": batch = first
      case "capacity": capacity = first
      case "environments": environments = first
      case "steps": steps = first
      case "rounds": rounds = first
      default: throw Problem(argument: argument)
      }
    }
  }

  /// An argument that says nothing.
  struct Problem: Error, CustomStringConvertible {
    let argument: String
    var description: String {
      "'\(argument)': allowed are hidden=128,64 batch=32 capacity=1000000 environments=1 steps=40000 "
        + "rounds=5, numbers from 1"
    }
  }

  /// The notebook's recipe in these sizes: one update per environment step.
  var hyperparameters: Hyperparameters {
    var result = Hyperparameters.notebook
    result.network.hiddenSizes = hidden
    result.replay.batchSize = batch
    result.replay.capacity = capacity
    result.replay.learningStarts = max(capacity, batch)
    result.environmentCount = environments
    return result
  }

  /// The sides of every dense layer.
  var layers: [(inputs: Int, units: Int)] {
    Array(zip([2] + hidden, hidden + [3]))
  }

  var parameters: Int { layers.reduce(0) { $0 + ($1.inputs + 1) * $1.units } }

  /// The floating-point operations of the products of one environment's step.
  var operations: Double {
    var sum = 0
    for (i, layer) in layers.enumerated() {
      // Online over s and s′, target over s′; the weights' gradient; the inputs', but for the first.
      sum += 2 * layer.inputs * layer.units * batch * (3 + 1 + (i == 0 ? 0 : 1))
    }
    return Double(sum)
  }
}
