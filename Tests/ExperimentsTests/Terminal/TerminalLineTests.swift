import SARSAExperiments
import Testing

@Suite("A line for a terminal")
struct TerminalLineTests {
  private let line = TerminalLine([
    .init("episode 12", rank: 3), .init("step 500", rank: 0), .init("ε 0.1", rank: 2),
    .init("0:10 left", rank: 1),
  ])

  @Test("fitted(to:): the fields of the highest rank are left out, and the others keep their order")
  func ranks() {
    #expect(line.columns == 38 && line.fitted(to: 38) == line)
    #expect(line.fitted(to: 37).text == "step 500  ε 0.1  0:10 left")
    #expect(line.fitted(to: 26).text == "step 500  ε 0.1  0:10 left")
    #expect(line.fitted(to: 25).text == "step 500  0:10 left")
    #expect(line.fitted(to: 18).text == "step 500")
  }

  @Test("fitted(to:): what is left is cut, so that no line is ever wider")
  func cut() {
    for columns in 0...40 { #expect(line.fitted(to: columns).columns <= columns) }
    #expect(line.fitted(to: 5).text == "step…" && line.fitted(to: 0).text == "")
  }

  @Test("terminalColumns: characters of East Asian scripts take two, combining marks none")
  func width() {
    #expect("ε ▁⠿".terminalColumns == 4 && "環境".terminalColumns == 4)
    #expect("e\u{301}".terminalColumns == 1 && "環境".cut(toTerminalColumns: 3) == "環…")
  }

  @Test(
    "cutInside(toTerminalColumns:): beginning and end are kept, what does not fit between them is not"
  )
  func cutInside() {
    let name = "CartPole-v1__deep-sarsa__1__1795852787"
    #expect(name.cutInside(toTerminalColumns: 24) == "CartPol…a__1__1795852787")
    #expect("環境環境".cutInside(toTerminalColumns: 7) == "環…環境")
    for limit in 0...40 {
      let cut = name.cutInside(toTerminalColumns: limit)
      #expect(cut.terminalColumns == min(limit, name.count), "\(cut)")
    }
  }

  @Test("wrapped(after:toTerminalColumns:): every line fits, and no word is lost")
  func wrapped() {
    let text = "every layout, odd shapes, Float and /a/path/that/is/longer/than/any/line of it"
    for start in ["", "  ok    products: 2 threads   "] {
      for limit in [31, 40, 80, 200] {
        let lines = text.wrapped(after: start, toTerminalColumns: limit)
        #expect(lines.allSatisfy { $0.terminalColumns <= limit }, "\(lines)")
        let all = lines.joined().filter { $0 != " " }
        #expect(all == (start + text).filter { $0 != " " })
      }
    }
    #expect("a b".wrapped(after: "  x  ", toTerminalColumns: 40) == ["  x  a b"])
    #expect("aa bb cc".wrapped(after: "xx  ", toTerminalColumns: 9) == ["xx  aa bb", "    cc"])
  }

  @Test("a table leaves out the least important columns, then cuts names, and fits")
  func table() {
    let table = TerminalTable(
      [
        .init("run", rank: 0, narrowest: 4), .init("done", rank: 1, isNumeric: true),
        .init("left", rank: 2, isNumeric: true),
      ],
      rows: [[.init("CartPole-v1"), .init("7 %"), .init("0:10")]])
    #expect(
      table.lines(columns: 40).map(\.text) == [
        "run          done  left", "CartPole-v1   7 %  0:10",
      ])
    #expect(
      table.lines(columns: 20).map(\.text) == ["run       done  left", "CartPol…   7 %  0:10"])
    #expect(table.lines(columns: 12).map(\.text) == ["run     done", "CartP…   7 %"])
    for columns in 0...30 {
      #expect(table.lines(columns: columns).allSatisfy { $0.columns <= columns })
    }
  }

  @Test("sharedFolderPrefix: what the folders of runs have in common, up to a whole part of a name")
  func prefix() {
    #expect(
      ["runs/A-v1__x__1__17", "runs/A-v1__x__12__17"].sharedFolderPrefix == "runs/A-v1__x__")
    #expect(["runs/A-v1__x__1__17", "runs/A-v0__x__1__17"].sharedFolderPrefix == "runs/")
    #expect(["runs/A-v1__x__1__17"].sharedFolderPrefix == "runs/" && ["a"].sharedFolderPrefix == "")
    #expect(["a", "b"].sharedFolderPrefix == "" && [String]().sharedFolderPrefix == "")
  }

  @Test("asTime and compact: few characters, at any size")
  func numbers() {
    #expect(65.0.asTime == "1:05" && 7_200.4.asTime == "2:00:00" && (-1.0).asTime == "0:00")
    #expect(
      [0, -97.6, 0.0204, 12_500, 120_000, 3e6, -2e9, 1e300].map(\.compact)
        == ["0", "-97.6", "0.020", "12.5k", "120k", "3M", "-2G", "1.0e+300"])
  }
}
