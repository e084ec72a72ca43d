internal import Foundation
internal import Mustache
internal import SARSAFormats

extension Report {
  /// The page: one file of HTML.
  ///
  /// Its content policy names the hashes of its own scripts and style, so a browser runs nothing else, and loads
  /// nothing.
  ///
  /// - Parameter library: the bundle of Vega, Vega-Lite and vega-embed, as a script that sets `vegaEmbed`.
  /// - Returns: the bytes of the file.
  /// - Complexity: O(n) for n bytes.
  public func page(with library: String) -> [UInt8] {
    let template: MustacheTemplate
    do {
      template = try MustacheTemplate(
        string: String(decoding: PackageResources.page_mustache, as: UTF8.self))
    } catch {
      fatalError("the template of reports: \(error)")
    }
    return Array(template.render(Page(of: self, with: library)).utf8)
  }
}

/// What the template asks for, by name.
private struct Page {
  let policy: String
  let title: String
  let style: String
  let heading: String
  let subtitle: String
  let answers: [Answer]
  let chartSections: [ChartSection]
  let player: Player?
  let missingPlayer: [String]
  let tableSections: [TableSection]
  let commands: [ReportOrigin.Command]
  let machines: [ReportOrigin.MachineFacts]
  let configurations: [ReportOrigin.Configuration]
  let program: String
  let charts: String
  let episodes: String
  let library: String
  let drawing: String
  let playing: String

  init(of report: Report, with library: String) {
    let style = Self.text(PackageResources.page_css)
    // No script may contain the end of its element.
    let library = library.replacing("</script", with: "<\\/script")
    let drawing = Self.text(PackageResources.charts_js)
    let playing = report.episodes.isEmpty ? "" : Self.text(PackageResources.player_js)
    let hashes = [library, drawing, playing].map(Self.hash).joined(separator: " ")
    policy =
      "default-src 'none'; script-src \(hashes); style-src \(Self.hash(style)); img-src data:; "
      + "base-uri 'none'; form-action 'none'"
    self.style = style
    (self.library, self.drawing, self.playing) = (library, drawing, playing)
    title = "\(report.heading): \(report.answers.first?.verdict ?? "") – Deep SARSA report"
    heading = report.heading
    subtitle = report.subtitle
    answers = report.answers.map(Answer.init)
    chartSections = report.charts.enumerated().map {
      ChartSection($0.offset, $0.element, under: report.heading)
    }
    player = report.episodes.isEmpty ? nil : Player(report.episodes)
    missingPlayer = report.episodes.isEmpty ? report.episodes.notes : []
    tableSections = report.tables.map(TableSection.init)
    commands = report.origin.commands
    machines = report.origin.machines
    configurations = report.origin.configurations
    program = "deep-sarsa \(Machine.version)"
    charts = Self.charts(chartSections)
    episodes = report.episodes.isEmpty ? "" : report.episodes.json
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The hash by which a content policy names a script or a style.
  private static func hash(_ text: String) -> String {
    "'sha256-\(Data(SHA256(Array(text.utf8)).bytes).base64EncodedString())'"
  }

  /// The data of all charts: themes and specifications.
  private static func charts(_ sections: [ChartSection]) -> String {
    let charts = sections.flatMap(\.charts).map { chart -> Tree in
      [
        "id": .text(chart.id), "height": .integer(chart.size == "wide" ? 320 : 240),
        "aspect": chart.aspect.map { .number($0) } ?? .null,
        "specification": chart.specification.rounded,
      ]
    }
    let themes: [Tree.Entry] = ChartTheme.allCases.map { .init($0.rawValue, $0.configuration) }
    let data: Tree = ["themes": .mapping(themes), "charts": .sequence(charts)]
    return data.plainJSON
  }
}

extension Tree {
  /// The tree with numbers of nine digits: no reader of a chart sees more, and data are half as long.
  fileprivate var rounded: Tree {
    switch self {
    case .number(let value): .number(Double(String(format: "%.9g", value)) ?? value)
    case .single(let value): Tree.number(Double(value)).rounded
    case .sequence(let elements): .sequence(elements.map(\.rounded))
    case .mapping(let entries): .mapping(entries.map { Entry($0.key, $0.value.rounded) })
    default: self
    }
  }
}

// MARK: - Parts of the page, whose names are unique because a template looks for a missing one further out

private struct Answer {
  let kind: String
  let of: String?
  let verdict: String
  let figure: String?
  let spread: String?
  let sentences: [String]
  let facts: [ReportAnswer.Fact]

  init(_ answer: ReportAnswer) {
    kind = answer.kind.rawValue
    of = answer.name
    verdict = answer.verdict
    figure = answer.figure
    spread = answer.spread
    sentences = answer.sentences
    facts = answer.facts
  }
}

private struct ChartSection {
  let sectionTitle: String
  let remark: String?
  let charts: [Figure]

  init(_ index: Int, _ section: Report.Charts, under heading: String) {
    // The task stands over the page already.
    let known = " in \(heading)"
    sectionTitle = section.title
    remark = section.note
    let isWide = section.charts.map { $0.name == "curve" || $0.specification["concat"] != nil }
    let narrow = isWide.count { !$0 }
    charts = section.charts.enumerated().map { place, chart in
      Figure(
        id: "chart-\(index)-\(chart.name)",
        chartTitle: chart.title.hasSuffix(known)
          ? String(chart.title.dropLast(known.count)) : chart.title,
        caption: chart.caption.isEmpty ? nil : chart.caption,
        size: isWide[place] || narrow == 1 ? "wide" : narrow.isMultiple(of: 3) ? "third" : "half",
        aspect: chart.aspect, specification: chart.specification)
    }
  }

  struct Figure {
    let id: String
    let chartTitle: String
    let caption: String?
    let size: String
    let aspect: Double?
    let specification: Tree
  }
}

private struct Player {
  let remarks: [String]
  let networks: [ReportEpisodes.Choice]
  let starts: [ReportEpisodes.Choice]

  init(_ episodes: ReportEpisodes) {
    remarks = episodes.notes
    networks = episodes.networks
    starts = episodes.starts
  }
}

private struct TableSection {
  let tableHeading: String
  let parts: [Part]

  init(_ tables: ReportTables) {
    tableHeading = tables.heading
    parts = tables.parts.map { part in
      Part(
        partTitle: part.partTitle, lines: part.lines,
        table: part.table.map { table in
          Cells(
            label: part.partTitle ?? tables.heading, columns: table.columns,
            rows: table.rows.map(Row.init))
        })
    }
  }

  struct Part {
    let partTitle: String?
    let lines: [String]
    let table: Cells?
  }

  struct Cells {
    let label: String
    let columns: [String]
    let rows: [Row]
  }

  struct Row {
    let cells: [String]
  }
}
