import ArgumentParser
import DeepSARSA
import Foundation
import SARSAGymnasium

/// The unknown verb or flag of a command that the parser refused, with a suggestion.
///
/// The parser itself suggests flags that have nothing in common with the given one, and makes no
/// suggestion for flags of other verbs or of CleanRL, or for a misspelt verb.
struct Mistake {
  /// The message for the user, or `nil` if the verb and all flags are known: then the parser's is better.
  let message: String?

  init(in words: [String]) {
    guard let root = Tool.command else {
      message = nil
      return
    }
    let verbs = root.subcommands ?? []
    let isHelp = words.first == "help"
    guard let word = isHelp ? words.dropFirst().first : words.first,
      let verb = verbs.first(where: { $0.commandName == word })
    else {
      message = Self.message(forVerb: isHelp ? words.dropFirst().first : words.first, among: verbs)
      return
    }
    message =
      isHelp ? nil : Self.firstMistake(in: words.dropFirst(), of: verb, others: verbs)
  }

  private static func firstMistake(
    in words: ArraySlice<String>, of verb: Tool.Command, others: [Tool.Command]
  ) -> String? {
    // The parser adds `help` to a verb with verbs of its own.
    let nested = (verb.subcommands ?? []).filter { $0.commandName != "help" }
    guard !nested.isEmpty, let word = words.first else {
      return flagMistake(in: words, of: verb, named: verb.commandName, others: others)
    }
    if let inner = nested.first(where: { $0.commandName == word }) {
      return flagMistake(
        in: words.dropFirst(), of: inner, named: "\(verb.commandName) \(word)", others: others)
    }
    // A verb that is meant if none is given has the flags, and may take any word.
    let standard = nested.first { $0.commandName == verb.defaultSubcommand }
    let takesWords = standard?.arguments?.contains { $0.kind == "positional" } == true
    if takesWords || Flag(word) != nil {
      return flagMistake(
        in: words, of: standard ?? verb, named: verb.commandName, others: others)
    }
    let names = nested.map(\.commandName)
    let hint = CommandError.hint(nearest(word, among: names)) ?? ""
    return "'\(word)' is not a verb of \(verb.commandName)\(hint); allowed: "
      + names.joined(separator: ", ")
  }

  private static func message(forVerb word: String?, among verbs: [Tool.Command]) -> String? {
    guard let word, !parserWords.contains(word) else { return nil }
    let names = verbs.map(\.commandName)
    let list = names.joined(separator: ", ")
    if let flag = Flag(word) {
      let owners = verbs.filter { $0.argument(named: flag.spelling) != nil }.map(\.commandName)
      return owners.isEmpty
        ? "\(flag.spelling) is given where a verb is needed; allowed: \(list)"
        : "\(flag.spelling) needs a verb before it: \(owners.joined(separator: ", "))"
    }
    if EnvironmentRegistry.ids.contains(word) || word.hasPrefix(GymnasiumEnvironment.prefix) {
      return "'\(word)' needs a verb before it, as in 'deep-sarsa train \(word)'"
    }
    let hint = CommandError.hint(nearest(word, among: names)) ?? ""
    return "'\(word)' is not a verb\(hint); allowed: \(list)"
  }

  /// The words in the position of a verb that the parser handles.
  private static let parserWords = [
    "help", "-h", "--help", "--help-hidden", "--version", "--generate-completion-script",
    "--experimental-dump-help",
  ]

  private static func flagMistake(
    in words: some Sequence<String>, of verb: Tool.Command, named name: String,
    others: [Tool.Command]
  ) -> String? {
    var isValue = false
    for word in words {
      if isValue {
        isValue = false
        continue
      }
      if word == "--" { return nil }
      guard let flag = Flag(word) else { continue }
      guard let argument = verb.argument(named: flag.spelling) else {
        return message(for: flag, of: verb, named: name, others: others)
      }
      if argument.kind == "option" {
        isValue = flag.value == nil
      } else if let value = flag.value {
        let opposite =
          "--" + (flag.isNegative ? String(flag.name.dropFirst("no-".count)) : "no-" + flag.name)
        return "\(flag.spelling) takes no value, but has '\(value)'"
          + (verb.argument(named: opposite) == nil ? "" : "; its opposite is \(opposite)")
      }
    }
    return nil
  }

  private static func message(
    for flag: Flag, of verb: Tool.Command, named name: String, others: [Tool.Command]
  ) -> String {
    let what = "\(flag.spelling) is not a flag of \(name)"
    if let explanation = foreignFlags[
      flag.isNegative ? String(flag.name.dropFirst("no-".count)) : flag.name]
    {
      return what + ": " + explanation
    }
    let names = verb.flags
    // Written with one hyphen, or with a dash.
    if names.contains("--" + flag.name) {
      return what + (CommandError.hint("--" + flag.name) ?? "")
    }
    let owners = others.filter { $0.argument(named: flag.spelling) != nil }.map(\.commandName)
    if !owners.isEmpty { return what + "; it belongs to " + owners.joined(separator: ", ") }
    let suggestion = nearest(flag.name, among: names.map { String($0.drop { $0 == "-" }) })
    return what + (CommandError.hint(suggestion.map { "--" + $0 }) ?? "")
  }

  /// Flags of other programs, including all unsupported ones of CleanRL's `dqn.py`, and their replacement.
  private static let foreignFlags: [String: String] = {
    let processor = "CleanRL's choice of a GPU; training here uses processor cores, so leave it out"
    let tracking =
      "CleanRL's logging to Weights & Biases; here every run logs to CSV files in its folder, "
      + "under --output"
    let upload =
      "CleanRL's upload to Hugging Face; nothing is uploaded here: a run's folder has the network as "
      + "model.safetensors"
    let picture =
      "'deep-sarsa render RUN -o episode.gif' makes a film of a trained network"
    return [
      "cuda": processor, "gpu": processor, "device": processor,
      "torch-deterministic":
        "CleanRL's switch for repeatable PyTorch; here the same --seed always gives the same run",
      "track": tracking, "wandb-project-name": tracking, "wandb-entity": tracking,
      "capture-video": "CleanRL's recording of videos; " + picture,
      "render": picture, "render-mode": picture,
      "save-model":
        "CleanRL's switch to keep the network; every run here keeps its last and its best one, so "
        + "leave it out",
      "upload-model": upload, "hf-entity": upload,
      "gym-id": "an old spelling of CleanRL's; write --env-id",
      "verbose": "progress is printed unless --quiet is given",
      "resume": "a run that was stopped goes on with the verb: 'deep-sarsa resume RUN'",
      "double-dqn": "Double DQN's target is --next-action greedy --selection online",
    ]
  }()
}

/// A word that looks like a flag.
private struct Flag {
  /// The flag as it was written, without its value.
  let spelling: String
  /// The flag without its hyphens.
  let name: String
  /// The text after its equals sign.
  let value: String?

  /// Whether it begins with `no-`.
  var isNegative: Bool { name.hasPrefix("no-") }

  /// Reads a word that begins with hyphens, or with the dashes into which some programs turn hyphens.
  init?(_ word: String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    spelling = String(parts[0])
    name = String(parts[0].drop { "-‐–—−".contains($0) })
    value = parts.count > 1 ? String(parts[1]) : nil
    guard name != spelling, let first = name.first, first.isLetter else { return nil }
  }
}

/// The verbs and flags, read from the parser's own description so that the list is always correct.
private struct Tool: Decodable {
  let command: Command

  static var command: Command? {
    let text = DeepSARSACommand._dumpHelp()
    return try? JSONDecoder().decode(Tool.self, from: Data(text.utf8)).command
  }

  struct Command: Decodable {
    let commandName: String
    let defaultSubcommand: String?
    let subcommands: [Command]?
    let arguments: [Argument]?

    func argument(named spelling: String) -> Argument? {
      arguments?.first { $0.has(spelling) }
    }

    /// All flags, with their hyphens.
    var flags: [String] { (arguments ?? []).flatMap(\.spellings) }
  }

  struct Argument: Decodable {
    let kind: String
    let names: [Name]?

    var spellings: [String] {
      (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
    }

    func has(_ spelling: String) -> Bool { spellings.contains(spelling) }
  }

  struct Name: Decodable {
    let kind: String
    let name: String
  }
}
