import SARSAExperiments
import Testing

@Suite("A sparkline")
struct SparklineTests {
  @Test(
    "text: the lowest value is the lowest block, the highest the highest, and those between in proportion"
  )
  func blocks() {
    #expect(Sparkline([0, 1, 2, 3, 4, 5, 6, 7], columns: 8).text == "▁▂▃▄▅▆▇█")
    #expect(Sparkline([-200, -200, -154, -110], columns: 8).text == "▁▁▅█")
    #expect(Sparkline([5, 5], columns: 8).text == "▁▁")
    #expect(Sparkline([], columns: 8).text == "" && Sparkline([1], columns: 0).text == "")
    #expect(Sparkline([-1e308, 0, 1e308], columns: 3).text == "▁▅█")
  }

  @Test("text: more values than columns share them, as their mean")
  func means() {
    let line = Sparkline([0, 0, 0, 2, 8, 8], columns: 3)
    #expect(line.values == [0, 1, 8] && line.text == "▁▂█")
    let odd = Sparkline([0, 1, 3, 3, 3], columns: 2)
    #expect(odd.values.count == 2 && odd.values[0] == 0.5 && abs(odd.values[1] - 3) < 1e-12)
  }

  @Test("init(_:columns:upTo:): the blocks reach to the goal, and beyond it if the values do")
  func goal() {
    #expect(Sparkline([-200, -155], columns: 8, upTo: -110).text == "▁▅")
    #expect(Sparkline([-200, -110], columns: 8, upTo: -110).text == "▁█")
    #expect(Sparkline([0, 10], columns: 8, upTo: 5).text == "▁█")
    #expect(Sparkline([.nan, 1, .infinity, 2], columns: 8).text == "▁█")
  }
}
