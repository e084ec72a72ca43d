/// The options of a Gymnasium environment's process.
public struct GymnasiumOptions: Sendable {
  /// The Python that has Gymnasium: a path, or a name that is looked for in PATH.
  ///
  /// `nil` stands for the value of the environment variable `DEEP_SARSA_PYTHON`, or for `python3` if it is
  /// not set.
  public var python: String?
  /// Whether ids may name a module to import, `module:Name-v0`, which runs its code.
  public var trustsCode = false
  /// Whether `info["action_mask"]` says which actions are legal, in environments that have it.
  ///
  /// An environment has masks if its first reset gives one; then every reset and step must.
  public var usesActionMasks = true
  /// Whether each episode starts with a reset with a drawn seed; otherwise only the first, and the random stream
  /// goes on.
  ///
  /// An episode then depends on nothing before it, so that a new process needs to repeat the steps of the
  /// episodes under way only.
  public var seedsEpisodes = false
  /// Whether the environment can be drawn, by its `rgb_array`: it is made with this `render_mode`.
  ///
  /// One that has none is then an error. Drawing changes no step.
  public var drawsPictures = false
  /// The time limit for starting the process and making its first environment, and for making each
  /// further one.
  public var startTimeout = Duration.seconds(60)
  /// The time limit of a single reset of a single environment, also of a reset at the end of an episode.
  public var resetTimeout = Duration.seconds(30)
  /// The time limit of a single step of a single environment, and of a single picture.
  public var stepTimeout = Duration.seconds(10)
  /// How often a process that ended, exceeded a limit or sent an invalid message is replaced by a new one.
  ///
  /// The new process repeats all steps since the last seed. If its observation then differs, that is an
  /// error.
  public var restarts = 0
  /// Whether to stop waiting for the process, which is then killed; the error is
  /// `GymnasiumError.Reason.cancelled`.
  ///
  /// It is called at least every 0.1 s during a wait, on the waiting thread, and before each step that a
  /// new process repeats. It must be fast, for example read a flag that a signal handler sets.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Whether an observation outside the bounds of its space is an error.
  ///
  /// Some of Gymnasium's own environments exceed their bounds, for example LunarLander's angle.
  public var checksBounds = false

  /// The defaults.
  public init() {}

  /// The variable that names a Python.
  public static let pythonVariable = "DEEP_SARSA_PYTHON"

  /// The Python that is named, here or by the variable; `nil` if none is.
  package var namedPython: String? {
    [python, ProcessEnvironment.variable(Self.pythonVariable)].compactMap { $0 }
      .first { !$0.isEmpty }
  }
}
