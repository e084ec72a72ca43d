import Glibc
import SARSAFiles
import SARSAFormats
import TestSupport
import Testing

@Suite("Arrays for numpy")
struct NPZTests {
  @Test("more bytes than a zip archive holds are refused before a file is made")
  func limit() throws {
    let path = "a.npz"
    try NPZ.requireSize(NPZ.limit / 8, rowsOf: 8, path: path)
    for rows in [NPZ.limit / 8 + 1, .max] {
      let error = #expect(throws: SystemError.self) {
        try NPZ.requireSize(rows, rowsOf: 8, path: path)
      }
      #expect(error?.code == EFBIG && error?.path == path)
    }
  }

  @Test("names that are longer, and arrays that are more, than a zip archive counts are refused")
  func counts() throws {
    let folder = try TemporaryFolder()
    func array(_ name: String) -> NPZ.Array {
      var array = NPZ.Array(name: name, element: .boolean)
      array.append(true)
      return array
    }
    func write(_ arrays: [NPZ.Array]) throws(SystemError) {
      try NPZ.write(arrays, to: folder.path("a.npz"))
    }
    // With ".npy", a name may have 65,535 bytes.
    let long = String(repeating: "a", count: 65_532)
    for arrays in [[array(long)], Array(repeating: array("a"), count: 65_536)] {
      let error = #expect(throws: SystemError.self) { try write(arrays) }
      #expect(error?.code == EFBIG && error?.path == folder.path("a.npz"))
    }
    #expect(try folder.contents().isEmpty)
    try write([array(String(long.dropLast()))])
    #expect(try folder.contents() == ["a.npz"])
  }

  @Test("a member's values begin at a multiple of 64 bytes of it, whatever its shape")
  func alignment() throws {
    let folder = try TemporaryFolder()
    for shape in [[], [3], [1000, 1, 7], Array(repeating: 1, count: 31)] {
      var array = NPZ.Array(name: "a", element: .float32, rowShape: shape)
      #expect(array.bytesPerRow == 4 * shape.reduce(1, *))
      for i in 0..<shape.reduce(1, *) { array.append(Float(i)) }
      try NPZ.write([array], rows: 1, to: folder.path("a.npz"))
      let bytes = try Files.read(folder.path("a.npz"), limit: 1 << 20)
      // The local header has 30 bytes and the name.
      let member = 30 + "a.npy".utf8.count
      let header = Int(bytes.span.littleEndian(at: member + 8, as: UInt16.self)) + 10
      let size = Int(bytes.span.littleEndian(at: 18, as: UInt32.self))
      #expect(header % 64 == 0 && size == header + array.bytesPerRow)
      let checksum = CRC32.checksum(of: bytes.span.extracting(member..<member + size))
      #expect(bytes.span.littleEndian(at: 14, as: UInt32.self) == checksum)
    }
  }

  @Test("an array of a single row can be one without that side, and text has four bytes a scalar")
  func withoutRows() throws {
    let folder = try TemporaryFolder()
    var text = NPZ.Array(name: "t", element: .text(2))
    text.append("aε")
    var matrix = NPZ.Array(name: "m", element: .float32, rowShape: [1, 2])
    for value in [1, -2] as [Float] { matrix.append(value) }
    try NPZ.write([text, matrix], to: folder.path("a.npz"))
    let file = try Files.read(folder.path("a.npz"), limit: 1 << 20)
    let content = String(decoding: file, as: Unicode.ASCII.self)
    #expect(content.contains("{'descr': '<U2', 'fortran_order': False, 'shape': (), }"))
    #expect(content.contains("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"))
    // Headers of 128 bytes: magic number, length, and a line that is padded to a multiple of 64.
    let member = 30 + "t.npy".utf8.count + 128
    #expect(Array(file[member..<member + 8]) == [0x61, 0, 0, 0, 0xB5, 0x03, 0, 0])
    #expect(file.span.littleEndian(at: 18, as: UInt32.self) == 128 + 8)
  }
}
