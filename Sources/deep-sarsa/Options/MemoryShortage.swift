import DeepSARSA
import SARSAExperiments

/// What takes more memory than is available.
struct MemoryShortage {
  /// The settings that ask for most of it.
  let settings: [Setting<RunSettings>]
  /// Their values as text.
  let value: String
  /// What is allowed instead, in words.
  let allowed: String
  /// The message about a file that has the settings.
  let message: String

  /// Finds what runs need that are trained at a time; `nil` if it fits.
  init?(of run: RunSettings, in specification: EnvironmentSpecification, runs: Int) {
    let hyperparameters = run.hyperparameters
    let memory = hyperparameters.memory(for: specification)
    let needed = (memory.experience + memory.network) * Double(runs)
    let available = Double(Machine.availableMemory)
    if needed <= available { return nil }
    let agent = hyperparameters.algorithm.agent.sizes(hyperparameters, for: specification)
    let network =
      hyperparameters.network.description == nil ? "network.hiddenSizes" : "network.description"
    let paths =
      memory.experience >= memory.network
      ? [agent.experienceSetting] : [network, agent.batchSetting]
    let settings = paths.compactMap { path in RunSettings.settings.first { $0.path == path } }
    let value = settings.map { $0.text(run) ?? "" }.joined(separator: " with ")
    let allowed =
      "what fits into \(available.rounded(0)) bytes; "
      + (runs == 1 ? "this needs" : "\(runs) runs at a time (--jobs) need")
      + " \(needed.rounded(0))"
    let places = settings.map { $0.place(inFileOf: run) }.joined(separator: " or ")
    self.settings = settings
    self.value = value
    self.allowed = allowed
    message = "\(places) is \(value); allowed: \(allowed)"
  }
}
