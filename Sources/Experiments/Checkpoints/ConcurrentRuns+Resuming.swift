internal import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats

extension ConcurrentRuns.Run {
  /// Reads the settings of a run that goes on, or that finished and gets more steps.
  ///
  /// - Throws: `RunError` if it is not a run's folder, or its settings are not allowed.
  public init(resuming path: String, steps: Int? = nil) throws(RunError) {
    let folder = try RunFolder(required: path)
    var settings = try SettingsFile(reading: folder.path(of: .config)).settings()
    guard !settings.environment.isEmpty else {
      throw .badSettings(folder.path(of: .config), "it does not name an environment")
    }
    if let steps { settings.hyperparameters.budget.steps = steps }
    self.init(folder, settings)
  }

  /// The result of a run that has finished, and does not get more steps; `nil` for one that has to go on.
  ///
  /// What the end of the run left to be removed is removed.
  ///
  /// - Throws: `RunError.disagreement` for fewer steps than the run has made, and for a finished run without a
  ///   checkpoint that gets more; otherwise if a file cannot be read or written.
  public func result(steps: Int? = nil) throws(RunError) -> RunSummary? {
    guard let summary = try folder.summary() else { return nil }
    if steps != nil { try folder.requireBudget(of: settings, after: summary.steps) }
    if let steps, steps > summary.steps {
      let all = try converting(RunError.system) { () throws(SystemError) in
        try folder.checkpoints.steps()
      }
      if all.isEmpty {
        throw .disagreement(
          folder.path,
          "the run finished without a checkpoint (--checkpoint-every 0), so it cannot go on")
      }
      return nil
    }
    let lock = try folder.lock()
    try folder.removeTemporaryFiles()
    if !settings.checkpoints.keepsReplay { try folder.dropReplay() }
    _ = consume lock
    return summary
  }
}

extension RunFolder {
  /// Throws `RunError.disagreement` if a budget ends before the steps that its run has made.
  func requireBudget(of settings: RunSettings, after made: Int) throws(RunError) {
    // Environments beside each other may go beyond the budget.
    guard let steps = settings.hyperparameters.budget.steps,
      made >= steps, made - steps >= settings.hyperparameters.environmentCount
    else { return }
    throw .disagreement(
      path, "its budget is \(steps) steps, and it has made \(made); allowed: \(made) or more")
  }

  /// The machine that the run was on, if it is recorded.
  ///
  /// Of several, a text names one after the other.
  ///
  /// - Throws: `RunError` if the settings cannot be read.
  public func machine() throws(RunError) -> Machine? {
    try SettingsFile(reading: path(of: .config)).machine
  }
}

extension Machine {
  /// The texts on which the bytes of results depend.
  private static var parts: [(name: String, path: WritableKeyPath<Machine, String>)] {
    [
      ("program", \.program), ("compiler", \.compiler), ("C library", \.cLibrary),
      ("kernels of OpenBLAS", \.openBLASCore), ("OpenBLAS", \.openBLAS),
    ]
  }

  /// The first thing on which the bytes of results depend and that differs on another machine, in words.
  public func firstDifference(from other: Machine) -> String? {
    for (name, part) in Self.parts where self[keyPath: part] != other[keyPath: part] {
      let (before, now) = (self[keyPath: part], other[keyPath: part])
      return before.hasSuffix(Self.next + now)
        ? "\(name) was \(before)" : "\(name) was \(before) before, and is \(now) now"
    }
    return openBLASThreads == other.openBLASThreads
      ? nil
      : "threads of OpenBLAS were \(openBLASThreads) before, and are \(other.openBLASThreads) now"
  }

  /// What stands between the texts of one machine and the next.
  private static let next = ", then "

  /// The machines of a run that goes on on another one; this one if nothing of the other differs.
  func followed(by other: Machine) -> Machine {
    var result = self
    for (_, part) in Self.parts {
      let (before, now) = (self[keyPath: part], other[keyPath: part])
      if before != now && !before.hasSuffix(Self.next + now) {
        result[keyPath: part] = before + Self.next + now
      }
    }
    return result
  }
}
