import CProducts
import DeepSARSA
import Foundation
import SARSALinearAlgebra

/// How close a training step comes to what the machine could do at best, measured in one process.
///
/// `roofline [hidden=128,64] [batch=32] [capacity=1000000] [environments=1] [steps=40000] [rounds=5]`
/// prints one JSON object. Limits and training are measured in turn, several times, with a reference
/// product before and after each round: where it is slow, another program used the processor.
///
/// `roofline update [filters=16] [hidden=128,64] [batch=32] [rounds=5]` measures an update alone, without the
/// passes of its targets, beside its parts; with filters of 3 by 3 cells over the board of MinAtar's Breakout.
///
/// `roofline reference` measures that product alone.
@main
enum RooflineCommand {
  static func main() throws {
    if CommandLine.arguments.dropFirst() == ["reference"] {
      return try printJSON(Reference())
    }
    let isUpdate = CommandLine.arguments.dropFirst().first == "update"
    let shape: Shape
    do {
      shape = try Shape(CommandLine.arguments.dropFirst(isUpdate ? 2 : 1))
      if let filters = shape.filters.first, !isUpdate {
        throw Shape.Problem(argument: "filters=\(filters)")
      }
    } catch {
      FileHandle.standardError.write(Data("roofline: \(error)\n".utf8))
      exit(64)
    }
    if isUpdate { return try printJSON(update(shape)) }
    let limit = Limit(shape: shape)
    var report = Report(shape)
    var measured = try Measured(shape)
    try measured.warmUp()
    report.references.append(Reference())
    for _ in 0..<shape.rounds {
      for phase in Phase.allCases { report.limit(phase, try limit.time(of: phase)) }
      report.step(try measured.wholeStep())
      try measured.phases { report.measured($0, $1) }
      report.references.append(Reference())
    }
    try printJSON(report)
  }

  private static func update(_ shape: Shape) throws -> Report {
    let limit = Limit(shape: shape)
    var report = Report(shape, operations: shape.operationsOfUpdate)
    var passes = try Passes(shape)
    report.references.append(Reference())
    for _ in 0..<shape.rounds {
      for (phase, time) in try limit.update() { report.limit(phase, time) }
      report.step(leastTime { passes.update() })
      report.references.append(Reference())
    }
    return report
  }

  private static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// GFLOP/s of the product 32×64×128 at this moment.
private struct Reference: Encodable {
  var core = BLAS.coreName
  var best: Double
  var sustained: Double

  init() {
    let measured = products_measure_reference()
    (best, sustained) = (measured.best, measured.sustained)
  }
}

/// What was found.
private struct Report: Encodable {
  var core = BLAS.coreName
  var kernels = KernelTier.preferred.name
  var filters: [Int]
  var hidden: [Int]
  var batch: Int
  var capacity: Int
  var environments: Int
  var operations: Double
  /// Before the first round, and after each.
  var references: [Reference] = []
  /// The least times, in microseconds a step.
  var limits: [String: Double] = [:]
  var phases: [String: Double] = [:]
  var steps: [Double] = []
  var bytesPerTransition: Int

  init(_ shape: Shape, operations: Double? = nil) {
    (filters, hidden) = (shape.filters, shape.hidden)
    (batch, capacity) = (shape.batch, shape.capacity)
    environments = shape.environments
    self.operations = operations ?? shape.operations
    let memory = shape.hyperparameters.memory(for: MountainCar().specification)
    bytesPerTransition = Int(memory.experience) / shape.hyperparameters.replay.capacity
  }

  mutating func limit(_ phase: Phase, _ time: Double) {
    limits[phase.rawValue] = min(limits[phase.rawValue] ?? .infinity, time)
  }

  mutating func measured(_ phase: Phase, _ time: Double) {
    phases[phase.rawValue] = min(phases[phase.rawValue] ?? .infinity, time)
  }

  mutating func step(_ time: Double) { steps.append(time) }
}
