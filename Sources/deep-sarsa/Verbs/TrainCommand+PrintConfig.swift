import SARSAExperiments

// The settings of a run, printed without training.

extension TrainCommand {
  /// Prints the settings as in `config.yaml`: a YAML document, or a line of JSON, for each seed.
  func printConfig(_ settings: RunSettings, seeds: [UInt64]) throws {
    var settings = settings
    for seed in seeds {
      settings.seed = seed
      let separator = seed == seeds.first ? "" : "---\n"
      try StandardStream.output.write(
        options.json ? settings.json + "\n" : separator + settings.yaml)
    }
  }
}
