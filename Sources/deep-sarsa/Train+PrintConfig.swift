import SARSAExperiments

// What a run would be told, without the run.

extension Train {
  /// Prints what `config.yaml` would begin with, a document for each seed, or a line of JSON for each.
  func printConfig(_ settings: RunSettings, seeds: [UInt64]) throws {
    var settings = settings
    for seed in seeds {
      settings.seed = seed
      let separator = seed == seeds.first ? "" : "---\n"
      try StandardStream.output.write(
        common.json ? JSON.text(settings) + "\n" : separator + settings.yaml)
    }
  }
}
