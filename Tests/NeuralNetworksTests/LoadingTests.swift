import SARSAFormats
import SARSALinearAlgebra
import SARSANetworks
import SARSARandomSources
import Testing

@Suite("Loading a model")
struct LoadingTests {
  @Test("an arena's numbers go to an archive and back, without an array between")
  func archive() throws {
    var layout = ArenaLayout()
    let (first, second) = (try layout.reserve(count: 6), try layout.reserve(count: 6))
    var arena = try Arena<Double>(layout)
    arena.write([1, -0.0, .pi, .infinity, 5, 6], to: first)
    let header = try SafetensorsHeader([("step", .int64, []), ("ring", .float64, [2, 3])])
    var writer = SafetensorsWriter(header, to: ByteWriter())
    writer.write(([7] as [Int64]).span, of: "step")
    arena.withSpan(of: first) { writer.write($0, of: "ring") }
    let reader = try SafetensorsReader(writer.finish().bytes)
    try arena.withMutableSpan(of: second) { span in try reader.read("ring", into: &span) }
    #expect(arena.values(of: second) == arena.values(of: first))
  }

  @Test("a model with a tensor missing, unknown, of another shape or not finite is refused")
  func badModels() throws {
    let network = Network(NetworkDescription(inputs: 2, hidden: [3], outputs: 2))
    var layout = ArenaLayout()
    let block = try layout.reserve(count: network.parameterCount)
    var arena = try Arena<Float>(layout)
    var generator = PCG64(seed: 1)
    network.initialize(block, in: &arena, using: &generator)
    let good = Safetensors(tensors: network.tensors(of: block, in: arena))
    #expect(
      good.tensors.map(\.name) == [
        "q_network.0.weight", "q_network.0.bias", "q_network.2.weight", "q_network.2.bias",
      ])
    #expect(good.tensors.map(\.shape) == [[3, 2], [3], [2, 3], [2]])
    try network.load(good, into: block, in: &arena)

    var missing = good
    missing.tensors.removeLast()
    var unknown = good
    unknown.tensors.append(.init(name: "extra", shape: [1], values: [0]))
    var shaped = good
    shaped.tensors[0].shape = [2, 3]
    var short = good
    short.tensors[3].values.removeLast()
    var infinite = good
    infinite.tensors[1].values[2] = .infinity
    for bad in [missing, unknown, shaped, short, infinite] {
      #expect(throws: ModelError.self) { try network.load(bad, into: block, in: &arena) }
    }
  }

  @Test("a message about tensors lists those that are there, or says both shapes")
  func modelMessages() throws {
    let tensors = (0..<13).map { Safetensors.Tensor(name: "fc\($0)", shape: [1], values: [0]) }
    func message(_ tensors: [Safetensors.Tensor]) -> String? {
      do {
        _ = try NetworkDescription(of: Safetensors(tensors: tensors))
      } catch {
        return error.description
      }
      return nil
    }
    let missing = "tensor 'q_network.0.weight' is missing; the file has "
    #expect(message([]) == missing + "no tensors")
    #expect(message(Array(tensors.prefix(2))) == missing + "'fc0', 'fc1'")
    let ten = (0..<10).map { "'fc\($0)'" }.joined(separator: ", ")
    #expect(message(Array(tensors.prefix(10))) == missing + ten)
    #expect(message(tensors) == missing + ten + " and 3 more")
    let shapes = ModelError.wrongShape("a", found: [2, 3], expected: [-1, 2])
    #expect(shapes.description == "tensor 'a' has shape [2, 3], not [1 or more, 2]")
    let empty = Safetensors.Tensor(name: "q_network.0.weight", shape: [0, 4], values: [])
    #expect(
      message([empty])
        == "tensor 'q_network.0.weight' has shape [0, 4], not [1 or more, 1 or more]")
  }
}
