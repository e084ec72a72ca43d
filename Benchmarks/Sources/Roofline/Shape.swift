import DeepSARSA
import SARSALinearAlgebra

/// What a training step has to do: the sizes that its limit is measured for.
struct Shape {
  /// The filters of 3 by 3 cells over a board of MinAtar's Breakout; without any, the inputs are MountainCar's.
  var filters: [Int] = []
  var hidden = [128, 64]
  var batch = 32
  /// The transitions in memory, which is full before the first update.
  var capacity = 1_000_000
  var environments = 1
  /// The steps of training that are timed, after as many that are not.
  var steps = 40_000
  /// How often everything is measured.
  var rounds = 5

  /// Reads `filters=16 hidden=128,64 batch=32 capacity=1000000 environments=1 steps=40000 rounds=5`, any of them.
  init(_ arguments: some Sequence<String>) throws {
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      let numbers = parts.count == 2 ? parts[1].split(separator: ",").map { Int($0) ?? 0 } : []
      guard let first = numbers.first, numbers.allSatisfy({ $0 > 0 }) else {
        throw Problem(argument: argument)
      }
      switch parts[0] {
      case "filters" where numbers.count <= 4: filters = numbers
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
        + "rounds=5, numbers from 1; after 'update' also filters=16, up to four"
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

  /// A layer: as many rows of inputs as a minibatch has at all places, times the weights.
  struct Layer {
    /// The patches that are its rows of inputs; `nil` for a dense layer, which has one place.
    var patches: Patches?
    let inputs: Int
    let units: Int

    var places: Int { patches?.count ?? 1 }
  }

  /// The layers with parameters.
  var layers: [Layer] {
    var layers: [Layer] = []
    var (side, channels) = (10, 4)
    for filters in filters {
      let patches = Patches(height: side, width: side, channels: channels, size: 3)
      layers.append(Layer(patches: patches, inputs: patches.area, units: filters))
      (side, channels) = (patches.rows, filters)
    }
    let inputs = filters.isEmpty ? 2 : side * side * channels
    for (inputs, units) in zip([inputs] + hidden, hidden + [outputs]) {
      layers.append(Layer(inputs: inputs, units: units))
    }
    return layers
  }

  /// The actions: MountainCar's, or all of MinAtar's.
  private var outputs: Int { filters.isEmpty ? 3 : 6 }

  /// The network, without normalisation.
  var network: Network {
    let convolutions = filters.map {
      LayerDescription.convolution(filters: $0, size: 3, activation: .relu)
    }
    let dense = hidden.map { LayerDescription.dense(units: $0, activation: .relu) }
    return Network(
      NetworkDescription(
        input: filters.isEmpty ? .vector(2) : .board(height: 10, width: 10, channels: 4),
        layers: convolutions + dense + [.dense(units: outputs)]))
  }

  var parameters: Int { layers.reduce(0) { $0 + ($1.inputs + 1) * $1.units } }

  /// The floating-point operations of the products of one environment's step: the online network's over s and s′,
  /// the target's over s′; the weights' gradient; the inputs', but for the first layer.
  var operations: Double { operations(passes: 3) }

  /// The floating-point operations of the products of an update without targets.
  var operationsOfUpdate: Double { operations(passes: 1) }

  private func operations(passes: Int) -> Double {
    var sum = 0
    for (i, layer) in layers.enumerated() {
      sum += 2 * layer.inputs * layer.units * batch * layer.places * (passes + (i == 0 ? 1 : 2))
    }
    return Double(sum)
  }
}
