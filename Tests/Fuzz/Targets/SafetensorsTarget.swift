import DeepSARSA
import Foundation
import SARSAExperiments
import SARSAFormats
import TestSupport

/// Files in safetensors format: the reader, `inspect`, `import`, and reading a model.
struct SafetensorsTarget: FuzzTarget {
  static let name = "safetensors"

  private let file: InputFolder

  init() throws { file = try InputFolder() }

  func seeds() throws -> [String: [UInt8]] {
    let networks = [
      "dense": "3 > dense 2", "board": "2x2x1 > dense 2 relu > dense 2",
      "normalised": "2 > dense 3 > layer-normalization relu > dense 3 > dueling",
      "plain": "2 > dense 2 > plain-layer-normalization tanh > dense 2",
    ]
    var seeds = try networks.mapValues { text in
      guard let description = NetworkDescription(text) else { fail("'\(text)' is no network") }
      var model = try GreedyPolicy(description).model()
      model.metadata["environment"] = "CartPole-v1"
      model.metadata["environment_arguments"] = #"{"max_episode_steps":9}"#
      model.metadata["step"] = "100"
      return try model.encoded()
    }
    var theirs = try GreedyPolicy(NetworkDescription(inputs: 2, hidden: [3], outputs: 2)).model()
    theirs.metadata = [:]
    seeds["imported"] = try theirs.encoded()
    theirs.tensors += ["offset", "scale"].map {
      Safetensors.Tensor(name: "input_scaling.\($0)", shape: [2], values: [1, 2])
    }
    theirs.metadata = ["input_scaling.count": "7"]
    seeds["scaled"] = try theirs.encoded()
    seeds["types"] = try bytes(of: fixtures.appending(path: "safetensors_types.safetensors").path())
    seeds["zip"] = Array("PK\u{3}\u{4}..........................data.npy".utf8)
    seeds["text"] = Array("<!DOCTYPE html>".utf8)
    return seeds
  }

  func repaired(_ bytes: [UInt8]) -> [UInt8] { SafetensorsRepair.repaired(bytes) }

  func read(_ bytes: [UInt8]) {
    if let file = try? Safetensors(decoding: bytes) { requireSameAfterWriting(file) }
    _ = try? TensorDigest(bytes)
    let path = file.write(bytes, as: "input.safetensors")
    if let inspection = try? Inspections.inspection(of: path) { _ = JSON.text(inspection.object) }
    if let model = try? ModelFile(reading: path) {
      let again = file.write(encoded(model.policy.model()), as: "again.safetensors")
      do { _ = try ModelFile(reading: again) } catch { fail("a model is refused: \(error)") }
    }
    for prefix in [nil, "q_network."] {
      _ = try? ModelFile(importing: path, prefix: prefix).policy.model()
    }
  }

  private func encoded(_ file: Safetensors) -> [UInt8] {
    do { return try file.encoded() } catch { fail("what was read cannot be written: \(error)") }
  }

  private func requireSameAfterWriting(_ file: Safetensors) {
    let again: Safetensors
    do { again = try Safetensors(decoding: encoded(file)) } catch { fail("\(error)") }
    let same = file.tensors.allSatisfy { tensor in
      guard let other = again[tensor.name] else { return false }
      return tensor.shape == other.shape
        && tensor.values.elementsEqual(other.values) { $0.bitPattern == $1.bitPattern }
    }
    if !same || file.metadata != again.metadata || file.tensors.count != again.tensors.count {
      fail("a file that is written again differs")
    }
  }
}

/// Makes changed files in safetensors format consistent again.
enum SafetensorsRepair {
  /// The bytes with the length of the header, and with as many numbers as the header has.
  ///
  /// If the last tensor is a list of bytes, it is the header that changes, to all bytes that there are.
  static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 10, let end = endOfObject(bytes.dropFirst(8)) else { return bytes }
    var (header, data) = (Array(bytes[8..<end]), Array(bytes[end...].drop { $0 == 0x20 }))
    if var tree = try? Tree(json: header), let last = lastTensor(of: tree),
      case .sequence(let offsets)? = tree[last]?["data_offsets"], offsets.count == 2,
      case .integer(let start) = offsets[0], case .integer(let end) = offsets[1]
    {
      if tree[last]?["dtype"] == .text("U8"), data.count >= start {
        tree[last]?["shape"] = .sequence([.integer(data.count - start)])
        tree[last]?["data_offsets"] = .sequence([.integer(start), .integer(data.count)])
        header = Array(tree.json.utf8)
      } else if (0...1 << 16).contains(end) {
        data += Array(repeating: 0, count: max(0, end - data.count))
        data = Array(data.prefix(end))
      }
    }
    header += Array(repeating: 0x20, count: (8 - header.count % 8) % 8)
    var writer = ByteWriter()
    writer.append(UInt64(header.count))
    return writer.bytes + header + data
  }

  /// The index behind the first object, by its braces.
  private static func endOfObject(_ bytes: ArraySlice<UInt8>) -> Int? {
    var (depth, isText, isEscaped) = (0, false, false)
    for (index, byte) in zip(bytes.indices, bytes) {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isText: isEscaped = true
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText:
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
    }
    return nil
  }

  /// The name of the tensor with the last numbers.
  private static func lastTensor(of header: Tree) -> String? {
    let ends = (header.entries ?? []).compactMap { entry -> (name: String, end: Int)? in
      guard case .sequence(let offsets)? = entry.value["data_offsets"],
        case .integer(let end)? = offsets.last
      else { return nil }
      return (entry.key, end)
    }
    return ends.max { $0.end < $1.end }?.name
  }
}
