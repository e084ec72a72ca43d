/// A picture that a process drew: a PNG, of which the head was read.
package struct Picture: Sendable {
  /// The bytes of the PNG.
  package let png: [UInt8]
  /// The sides in pixels.
  package let width: Int, height: Int

  /// Reads the head of a PNG; `nil` if the bytes do not begin as one, or a side has no pixel or more than 65,535.
  init?(_ png: [UInt8]) {
    let head: [UInt8] =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
    guard png.starts(with: head), png.count >= head.count + 8 else { return nil }
    func side(at place: Int) -> Int { png[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let sides = (width: side(at: head.count), height: side(at: head.count + 4))
    let allowed = 1...0xFFFF
    guard allowed.contains(sides.width), allowed.contains(sides.height) else { return nil }
    self.png = png
    (width, height) = sides
  }
}
