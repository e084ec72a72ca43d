import SARSAFormats
import TestSupport

/// A tensor of PyTorch in a fixture, with the bits of its float32 values.
struct TorchTensor: Decodable {
  var shape: [Int]
  var values: [UInt32]

  enum CodingKeys: String, CodingKey {
    case shape
    case values = "values_f32"
  }

  func named(_ name: String) -> Safetensors.Tensor {
    Safetensors.Tensor(name: name, shape: shape, values: values.floats)
  }
}
