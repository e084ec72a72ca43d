import SARSALinearAlgebra
import Testing

@Suite("Arena and regions")
struct ArenaTests {
  @Test("regions are apart, aligned to 64 bytes, and start as zeros")
  func regions() throws {
    var layout = ArenaLayout()
    let a = try layout.reserve(rows: 3, columns: 5)
    let b = try layout.reserve(count: 1)
    let c = try layout.reserve(rows: 2, columns: 16)
    #expect([a.offset, b.offset, c.offset] == [0, 16, 32])
    var arena = try Arena<Float>(layout)
    for region in [a, b, c] {
      let values = arena.values(of: region)
      #expect(values == Array(repeating: 0, count: region.count))
    }
    arena.fill(a, with: 1)
    arena.fill(c, with: 3)
    let middle = arena.values(of: b)
    #expect(middle == [0])
  }

  @Test("rows and slices name the scalars that they say")
  func slices() throws {
    var layout = ArenaLayout()
    let matrix = try layout.reserve(rows: 4, columns: 3)
    var arena = try Arena<Double>(layout)
    arena.write((0..<12).map(Double.init), to: matrix)
    let rows = arena.values(of: matrix.rows(1..<3))
    let row = arena.values(of: matrix.row(3))
    let slice = arena.values(of: matrix.slice(at: 2, rows: 2, columns: 2))
    let element = arena[matrix, 2, 1]
    #expect(rows == [3, 4, 5, 6, 7, 8])
    #expect(row == [9, 10, 11])
    #expect(slice == [2, 3, 4, 5])
    #expect(element == 7)
  }

  @Test("what cannot be addressed is refused, not attempted")
  func tooLarge() {
    var layout = ArenaLayout()
    #expect(throws: ArenaError.self) { try layout.reserve(rows: -1, columns: 3) }
    #expect(throws: ArenaError.self) { try layout.reserve(rows: 1 << 31, columns: 1) }
    #expect(throws: ArenaError.self) { try layout.reserve(rows: 1 << 31, columns: 1 << 33) }
    #expect(layout.count == 0)
  }

  @Test("memory that the system does not have is an error, not a trap")
  func outOfMemory() throws {
    var layout = ArenaLayout()
    _ = try layout.reserve(rows: Int(Int32.max), columns: 1 << 24)
    #expect(throws: ArenaError.self) {
      _ = try Arena<Double>(layout)
    }
  }

  @Test("OpenBLAS says what it is, and runs on one thread once an arena exists")
  func blas() throws {
    _ = try Arena<Float>(ArenaLayout())
    #expect(BLAS.threadCount == 1)
    #expect(BLAS.configuration.contains("OpenBLAS"))
    #expect(!BLAS.coreName.isEmpty)
  }

  @Test("the tiers in use are ones that this processor has")
  func tiers() {
    #expect(KernelTier.available.contains(.baseline))
    #expect(KernelTier.available.contains(.preferred))
    #expect(KernelTier.available.last == .highest)
  }
}
