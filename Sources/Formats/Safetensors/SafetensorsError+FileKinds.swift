extension SafetensorsError {
  /// Makes the error of a file that does not begin with a header's length; it names the likely file kind.
  init(notSafetensors bytes: [UInt8], headerLength: UInt64) {
    if bytes.isEmpty {
      self.init("the file is empty")
    } else if let kind = Self.kind(of: bytes) {
      self.init("not a safetensors file: it looks like \(kind)")
    } else if bytes.count < 8 {
      self.init(
        "not a safetensors file: it has \(bytes.count) bytes; allowed: 8 bytes or more")
    } else {
      self.init(
        "not a safetensors file: its header would have \(headerLength) bytes; allowed: "
          + "\(SafetensorsHeader.limit)")
    }
  }

  /// The kind of a file by the magic number at its start, if it is known.
  private static func kind(of bytes: [UInt8]) -> String? {
    func begins(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
    if begins("PK\u{3}\u{4}") {
      // The name of the first entry follows 30 bytes.
      let name = String(decoding: bytes.dropFirst(30).prefix(64), as: UTF8.self)
      return name.contains(".npy")
        ? "arrays of numpy (.npz): save with safetensors.numpy.save_file"
        : "a zip archive, as torch.save writes: save with safetensors.torch.save_file"
    }
    if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      return
        "a pickle, as older versions of torch.save write: save with safetensors.torch.save_file"
    }
    if bytes.starts(with: [0x89] + "HDF\r\n".utf8) { return "HDF5, as Keras writes" }
    if bytes.starts(with: [0x93] + "NUMPY".utf8) { return "an array of numpy (.npy)" }
    if bytes.starts(with: [0x1f, 0x8b]) { return "a gzip archive: unpack it" }
    // A protocol buffer whose first field is a small version number, followed by text or a message.
    if bytes.count > 2, bytes[0] == 0x08, (1...32).contains(bytes[1]),
      [0x12, 0x1a, 0x22, 0x3a].contains(bytes[2])
    {
      return "an ONNX model"
    }
    // The examined bytes may end within a character.
    let start = bytes.prefix(1_000)
    let isText =
      !start.contains { $0 < 0x20 && !(0x09...0x0d).contains($0) }
      && (0..<4).contains { String(validating: start.dropLast($0), as: UTF8.self) != nil }
    if !isText { return nil }
    if begins("version https://git-lfs.github.com/spec/") {
      return "a pointer of Git LFS: `git lfs pull` fetches the file itself"
    }
    switch start.first(where: { $0 > 0x20 }) {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return "JSON"
    case UInt8(ascii: "<"): return "a web page"
    default: return "text"
    }
  }
}
