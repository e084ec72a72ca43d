/// How a Gymnasium environment's process is run.
public struct GymnasiumOptions: Hashable, Sendable {
  /// The Python that has Gymnasium: a path, or a name to look for in PATH.
  ///
  /// Without one the variable `DEEP_SARSA_PYTHON` says it, and without that it is `python3`.
  public var python: String?
  /// Whether ids may name a module to import, `module:Name-v0`, which runs its code.
  public var trustsCode = false
  /// How long the process may take to make its environments.
  public var startTimeout = Duration.seconds(60)
  /// How long a reset may take.
  public var resetTimeout = Duration.seconds(30)
  /// How long a step may take.
  public var stepTimeout = Duration.seconds(10)
  /// How often a process that died or hung is replaced by a new one.
  ///
  /// The new one takes all steps since the last seed again; that it is not the same thereafter is an
  /// error all the same.
  public var restarts = 0
  /// Whether an observation out of its space's bounds is an error.
  ///
  /// Even environments of Gymnasium itself go beyond theirs, LunarLander's angle among them.
  public var checksBounds = false

  /// The defaults.
  public init() {}

  /// The variable that names a Python.
  public static let pythonVariable = "DEEP_SARSA_PYTHON"
}
