import SARSAExperiments
import Testing

@Suite("A plot of curves")
struct CurvePlotTests {
  private func curve(_ values: [Double]) -> [CurvePlot.Point] {
    values.enumerated().map { .init(x: Double($0), y: $1) }
  }

  @Test(
    "lines(columns:rows:): a rising curve goes from the lower left to the upper right, with labels at the ends"
  )
  func rising() {
    let lines = CurvePlot([curve([0, 10, 20, 30])]).lines(columns: 16, rows: 3)
    #expect(lines[0].hasPrefix("   30 ") && lines[1].hasPrefix("    0 "))
    #expect(lines.allSatisfy { $0.count == 16 } && lines[2] == "      0        3")
    #expect(lines[0].last != "⠀" && lines[1].dropFirst(6).first != "⠀")
    #expect(lines[0].dropFirst(6).first == "⠀" && lines[1].last == "⠀")
  }

  @Test("lines(columns:rows:): every size fits, and where there is no room there are no lines")
  func sizes() {
    let plot = CurvePlot([curve([1, 5, 2]), curve([3])], goal: 4, span: 0...100)
    for (columns, rows) in [(20, 3), (40, 5), (120, 40), (9, 2), (3, 10), (0, 0)] {
      let lines = plot.lines(columns: columns, rows: rows)
      #expect(lines.isEmpty ? columns < 14 || rows < 3 : lines.count == rows)
      #expect(lines.allSatisfy { $0.count == columns })
    }
    #expect(CurvePlot([[]]).lines(columns: 40, rows: 10).isEmpty)
    #expect(!CurvePlot([curve([7, 7])]).lines(columns: 40, rows: 10).isEmpty)
    #expect(CurvePlot([curve([.nan, .infinity])]).lines(columns: 40, rows: 10).isEmpty)
    #expect(!CurvePlot([curve([-1e308, 1e308])]).lines(columns: 60, rows: 10).isEmpty)
    // Many points in a column, whose sum is infinite.
    let high = [0] + Array(repeating: 1.7e308, count: 200)
    #expect(!CurvePlot([curve(high)]).lines(columns: 60, rows: 10).isEmpty)
  }

  @Test("init(_:goal:span:): the goal is a dotted line, and the axis goes on to its end")
  func goal() {
    let lines = CurvePlot([curve([0, 0])], goal: 8, span: 0...10).lines(columns: 16, rows: 4)
    #expect(lines[0] == "    8 ⠁⠀⠁⠀⠁⠀⠁⠀⠁⠀" && lines[3].hasSuffix("10"))
    // The curve ends where its points do.
    #expect(lines[2].dropFirst(6).first != "⠀" && lines[2].last == "⠀")
  }
}
