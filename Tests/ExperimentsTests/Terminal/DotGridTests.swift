import SARSAExperiments
import Testing

@Suite("A grid of braille dots")
struct DotGridTests {
  @Test("lines: each dot of a character has the place that Unicode gives it")
  func places() {
    let expected = [["⠁", "⠈"], ["⠂", "⠐"], ["⠄", "⠠"], ["⡀", "⢀"]]
    for y in 0..<4 {
      for x in 0..<2 {
        var grid = DotGrid(width: 2, height: 4)
        grid.set(x: x, y: y)
        #expect(grid.lines == [expected[y][x]])
        #expect(grid.isSet(x: x, y: y) && !grid.isSet(x: 1 - x, y: y))
      }
    }
  }

  @Test("lines: as many characters as the dots need, also if the last are not full")
  func sizes() {
    #expect(DotGrid(width: 3, height: 5).lines == ["⠀⠀", "⠀⠀"])
    #expect(DotGrid(width: 0, height: 4).lines == [])
    #expect(DotGrid(width: 4, height: 0).lines == [])
  }

  @Test("set(x:y:): a dot outside of the grid is left out, also where its last character has room")
  func outside() {
    let empty = DotGrid(width: 3, height: 5)
    var grid = empty
    for (x, y) in [(-1, 0), (0, -1), (3, 0), (0, 5), (.max, .min)] {
      grid.set(x: x, y: y)
      #expect(!grid.isSet(x: x, y: y))
    }
    #expect(grid == empty)
  }

  @Test("line(fromX:y:toX:y:): has both ends and no gap, in every direction")
  func line() {
    for (x, y) in [(7, 7), (0, 7), (7, 0), (3, 7), (7, 2)] {
      var forth = DotGrid(width: 8, height: 8)
      forth.line(fromX: 0, y: 0, toX: x, y: y)
      #expect(forth.isSet(x: 0, y: 0) && forth.isSet(x: x, y: y))
      let set = (0..<8).flatMap { y in (0..<8).filter { forth.isSet(x: $0, y: y) } }
      #expect(set.count == max(x, y) + 1)
    }
    var point = DotGrid(width: 2, height: 4)
    point.line(fromX: 1, y: 2, toX: 1, y: 2)
    #expect(point.lines == ["⠠"])
  }
}
