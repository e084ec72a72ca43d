/// One tensor of a layer's parameters: how it lies in a block, and how PyTorch has it.
struct LayerTensor: Hashable, Sendable {
  /// The name after the module's number.
  let name: String
  /// The number of the tensor's module among those of the layer.
  let module: Int
  /// The sides in a block, outermost first.
  let sides: [Int]
  /// For each of PyTorch's axes, the one of `sides`.
  let axes: [Int]
  /// PyTorch's shape, in which several axes may be one.
  let shape: [Int]

  /// The number of scalars.
  var count: Int { sides.reduce(1, *) }

  /// Makes a tensor; without a shape, PyTorch's has the same axes.
  init(_ name: String, module: Int = 0, sides: [Int], axes: [Int], shape: [Int]? = nil) {
    self.name = name
    self.module = module
    self.sides = sides
    self.axes = axes
    self.shape = shape ?? axes.map { sides[$0] }
  }

  /// Makes a vector.
  init(_ name: String, module: Int = 0, count: Int) {
    self.init(name, module: module, sides: [count], axes: [0])
  }

  /// The values of a block in PyTorch's order.
  func exported(_ values: [Float]) -> [Float] { order.map { values[$0] } }

  /// The values of PyTorch's tensor in the order of a block.
  func imported(_ values: [Float]) -> [Float] {
    var result = values
    for (value, index) in zip(values, order) { result[index] = value }
    return result
  }

  /// For each of PyTorch's scalars in turn, its index in a block.
  private var order: [Int] {
    let strides = sides.indices.map { axis in sides[(axis + 1)...].reduce(1, *) }
    return axes.reduce([0]) { indices, axis in
      var longer: [Int] = []
      longer.reserveCapacity(indices.count * sides[axis])
      for start in indices {
        for place in 0..<sides[axis] { longer.append(start + place * strides[axis]) }
      }
      return longer
    }
  }
}
