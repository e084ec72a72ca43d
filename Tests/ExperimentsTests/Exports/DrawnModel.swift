import DeepSARSA
import SARSAExperiments
import Testing

/// The tensors of a network with drawn parameters, in a file under PyTorch's names.
func drawnModel(_ text: String, isScaled: Bool = false) throws -> Safetensors {
  let network = Network(try #require(NetworkDescription(text)))
  var layout = ArenaLayout()
  let block = try layout.reserve(count: network.parameterCount)
  var arena = try Arena<Float>(layout)
  var generator = PCG64(seed: 6)
  func draw(_ count: Int, _ low: Double = -1) -> [Float] {
    (0..<count).map { _ in Float(generator.uniform(low, 1)) }
  }
  arena.write(draw(block.count), to: block)
  var model = network.model(of: block, in: arena)
  if isScaled {
    let columns = network.description.inputs
    for (name, low) in [("offset", -1), ("scale", 0.5)] {
      model.tensors.append(
        Safetensors.Tensor(
          name: "input_scaling.\(name)", shape: [columns], values: draw(columns, low)))
    }
  }
  return model
}
