internal import DeepSARSA
internal import SARSAFormats

/// How the runs of a report were made: commands, settings and machines.
struct ReportOrigin: Sendable {
  /// A line of a shell, and what it does.
  struct Command: Sendable {
    var name: String
    var command: String
  }

  /// Software and hardware, and which runs were trained there.
  struct MachineFacts: Sendable {
    var name: String
    var facts: [ReportAnswer.Fact]
  }

  /// The settings of runs that differ in their seeds only, as YAML.
  struct Configuration: Sendable {
    var name: String
    var text: String
  }

  var commands: [Command]
  var machines: [MachineFacts]
  var configurations: [Configuration]

  /// The most settings that are written out.
  private static let configurationLimit = 24

  /// Reads how runs were made.
  init(of groups: [RunGroup], at paths: [String]) throws(RunError) {
    var firsts: [(group: RunGroup, run: RunRecord)] = []
    for group in groups {
      for run in group.runs where try run.folder.hasSettings() {
        firsts.append((group, run))
        break
      }
    }
    commands = []
    var machines: [Machine] = []
    for (index, (group, run)) in firsts.enumerated() {
      let file = run.folder.path(of: .config)
      let tree = try SettingsFile.tree(of: file)
      if let machine = SettingsFile(path: file, tree: tree).machine, !machines.contains(machine) {
        machines.append(machine)
      }
      if index < 3 {
        commands.append(
          Command(
            name: firsts.count == 1 ? "The run again" : "A run of \(group.setting) again",
            command: tree.commandLine
              ?? "deep-sarsa train --config \(run.folder.path.quotedForShell)\([run.settings].trustFlag)"
          ))
      }
    }
    let words = paths.map(\.quotedForShell).joined(separator: " ")
    let flag = firsts.map(\.run.settings).trustFlag
    commands.append(
      Command(name: "This page again", command: "deep-sarsa report \(words) -o report.html\(flag)"))
    self.machines = machines.enumerated().map { index, machine in
      MachineFacts(
        name: machines.count == 1 ? "Machine" : "Machine \(index + 1)", facts: machine.facts)
    }
    configurations = firsts.prefix(Self.configurationLimit).map { group, run in
      Configuration(
        name: firsts.count == 1
          ? "Every setting" : "Every setting of \(group.setting) in \(group.task)",
        text: run.settings.yaml)
    }
  }
}

extension Tree {
  /// The command line that a run's settings record, as a line of a shell.
  fileprivate var commandLine: String? {
    guard let words = self["origin"]?["commandLine"]?.elements else { return nil }
    let texts = words.compactMap { if case .text(let word) = $0 { word } else { nil } }
    return texts.isEmpty ? nil : texts.map(\.quotedForShell).joined(separator: " ")
  }
}

extension Machine {
  /// What it is, by name.
  fileprivate var facts: [ReportAnswer.Fact] {
    [
      ("Program", program), ("Compiler", "\(compiler), \(buildMode)"), ("Processor", processor),
      ("OpenBLAS", openBLAS), ("OpenBLAS's kernels", openBLASCore),
      ("Threads of a product", "\(openBLASThreads)"), ("Elementwise kernels", kernels),
      ("C library", cLibrary),
    ].map { ReportAnswer.Fact(name: $0.0, value: $0.1) }
  }
}
