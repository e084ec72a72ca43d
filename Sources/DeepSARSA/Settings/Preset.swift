/// Named settings of an environment: hyperparameters, evaluation settings, and how they were found.
///
/// ```swift
/// let presets = Hyperparameters.presets(for: "CartPole-v1")  // tuned, fast, general, …
/// ```
///
/// The package's presets are files in `Sources/DeepSARSA/Presets`. `docs/presets.md` describes such a file.
public struct Preset: Codable, Hashable, Sendable {
  /// The name, such as `tuned`; the presets of an environment have different names.
  public var name: String
  /// What the preset is, in one sentence without a full stop.
  public var summary = ""
  /// Sentences that say why its values are what they are, and where they are from.
  public var notes: [String] = []
  /// The ids of its environments, without a prefix; `nil` stands for all environments.
  public var environments: [String]?
  /// The settings of the evaluations during training.
  public var evaluation = EvaluationSettings()
  /// The algorithm's settings.
  public var hyperparameters = Hyperparameters()
  /// How the values were found; `nil` if that is not known.
  public var search: Search?
  /// What the preset was measured to reach; `nil` if it was not measured.
  public var report: Report?

  /// Makes a preset with the defaults, for every environment.
  public init(_ name: String) { self.name = name }
}

extension Preset {
  /// How the values of a preset were found.
  public struct Search: Codable, Hashable, Sendable {
    /// How they were chosen, in one sentence without a full stop.
    public var method: String
    /// The number of settings that were tried; `nil` if it is not known.
    public var settings: Int?
    /// Ranges with all seeds that settings were tried with; `nil` if the seeds are not known.
    public var seeds: [SeedRange]?

    /// Describes a search.
    public init(method: String, settings: Int? = nil, seeds: [SeedRange]? = nil) {
      self.method = method
      self.settings = settings
      self.seeds = seeds
    }
  }

  /// What a preset was measured to reach.
  public struct Report: Codable, Hashable, Sendable {
    /// The seeds of the runs, none of which the search has seen.
    public var seeds: [SeedRange]
    /// The budget of a run in environment steps; `nil` if it is not one in steps.
    public var steps: Int?
    /// What the scores are; `nil` if there are none.
    public var measure: String?
    /// The scores; `nil` if the source says something else than scores.
    public var scores: [Score]?
    /// Where the report is from, such as a heading of `docs/results.md`.
    public var source: String

    /// Makes a report.
    public init(
      seeds: [SeedRange], steps: Int? = nil, measure: String? = nil, scores: [Score]? = nil,
      source: String
    ) {
      self.seeds = seeds
      self.steps = steps
      self.measure = measure
      self.scores = scores
      self.source = source
    }
  }

  /// What a preset reaches in one environment.
  public struct Score: Codable, Hashable, Sendable {
    /// The environment's id.
    public var environment: String
    /// The score.
    public var value: Double
    /// The lower end of its 95 % interval; `nil` if there is no interval.
    public var lower: Double?
    /// The upper end of its 95 % interval.
    public var upper: Double?

    /// Makes a score.
    public init(environment: String, value: Double, lower: Double? = nil, upper: Double? = nil) {
      self.environment = environment
      self.value = value
      self.lower = lower
      self.upper = upper
    }
  }

  /// Consecutive seeds.
  public struct SeedRange: Codable, Hashable, Sendable, CustomStringConvertible {
    /// The first seed.
    public var first: UInt64
    /// The last seed, which is not below the first.
    public var last: UInt64

    /// Makes a range.
    public init(first: UInt64, last: UInt64) {
      self.first = first
      self.last = last
    }

    /// Whether a seed is in both ranges.
    public func overlaps(_ other: SeedRange) -> Bool { first <= other.last && other.first <= last }

    /// The range as text: `1 to 20`.
    public var description: String { first == last ? "\(first)" : "\(first) to \(last)" }
  }
}
