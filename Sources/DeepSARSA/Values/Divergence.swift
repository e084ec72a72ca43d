/// The statistics of an update.
public struct Update: Hashable, Sendable {
  /// The loss, before the update.
  public var loss: Float
  /// The mean of q(s, a|θ) over the minibatch, before the update.
  public var meanValue: Float

  /// Makes the statistics of an update.
  public init(loss: Float, meanValue: Float) {
    self.loss = loss
    self.meanValue = meanValue
  }
}

/// An error that ends training: a number is no longer finite.
public enum Divergence: Error, Hashable, CustomStringConvertible {
  /// The loss of an update.
  case loss(Float, update: Int)
  /// A parameter after an update.
  case parameter(Float, tensor: String, update: Int)
  /// The optimiser's state for a parameter after an update; `Optimizer.Method.momentNames` has the names.
  ///
  /// With an infinite mean square, every step of its parameter would be zero.
  case moment(Float, name: String, tensor: String, update: Int)

  /// One line that names update, quantity and value.
  public var description: String {
    switch self {
    case .loss(let value, let update): "update \(update): the loss is \(value.plainText)"
    case .parameter(let value, let tensor, let update):
      "update \(update): '\(tensor)' holds \(value.plainText)"
    case .moment(let value, let name, let tensor, let update):
      "update \(update): the \(name) of '\(tensor)' holds \(value.plainText)"
    }
  }
}
