internal import DeepSARSA
internal import SARSAFiles

/// The checkpoints of a run: `step-000050000.safetensors` and so on.
///
/// The newest two that were due are kept, and one that was written early, as at a signal, until the next.
struct CheckpointFolder {
  /// The folder's path.
  let path: String
  /// The folder of the journal that they name.
  let journalFolder: String

  private static let kept = 2
  private static let prefix = "step-"
  private static let suffix = ".safetensors"

  /// The steps of all checkpoints, in ascending order; the name counts, never the time.
  func steps() throws(SystemError) -> [Int] {
    try Files.names(in: path).compactMap { name in
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
      let step = Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
      return step.flatMap { Self.name($0) == name ? $0 : nil }
    }
    .sorted()
  }

  private static func name(_ step: Int) -> String { prefix + step.digits(9) + suffix }

  private func file(_ step: Int) -> String { path + "/" + Self.name(step) }

  /// The newest checkpoint that can be read and verified, and what is wrong with the newer ones.
  ///
  /// - Returns: no checkpoint if there are none at all.
  /// - Throws: `RunError` of the newest if there are some, and none is whole.
  func newest() throws(RunError) -> (checkpoint: Checkpoint?, faults: [RunError]) {
    let steps = try converting(RunError.system) { () throws(SystemError) in try self.steps() }
    var faults: [RunError] = []
    for step in steps.reversed() {
      do throws(RunError) {
        return (
          try Checkpoint(reading: file(step), step: step, journalFolder: journalFolder), faults
        )
      } catch {
        faults.append(error)
      }
    }
    if let first = faults.first { throw first }
    return (nil, [])
  }

  /// Writes a checkpoint, and reads it back.
  func write(_ bytes: [UInt8], step: Int) throws(SystemError) {
    let file = file(step)
    // Not its parent folders: if the run's folder was moved, this fails, and nothing is written at the old place.
    _ = try Files.createNewDirectory(path)
    try Files.replace(file, with: bytes)
    guard try Files.has(file, content: bytes) else {
      throw SystemError(.write, file, code: SystemError.changedFile)
    }
  }

  /// Removes checkpoints: all but the newest two up to a step that were not written early, and that of the step.
  ///
  /// A checkpoint of a later step is left from before the run was resumed from an earlier one.
  ///
  /// - Parameters:
  ///   - step: the step of the checkpoint that was just written.
  ///   - isLast: whether nothing will be removed again, so that what is removed must stay so after a power failure.
  ///   - isScheduled: whether a run writes a checkpoint at a step without being asked.
  /// - Throws: `SystemError` if a file cannot be removed.
  func prune(
    at step: Int, isLast: Bool, isScheduled: (Int) -> Bool
  ) throws(SystemError) {
    let steps = try steps()
    let kept = steps.filter { $0 <= step && isScheduled($0) }.suffix(Self.kept) + [step]
    let removed = steps.filter { !kept.contains($0) }
    for step in removed { try Files.remove(file(step)) }
    if isLast && !removed.isEmpty { try Files.synchronizeFolder(path) }
  }

  /// Replaces the newest checkpoint by one without journals, and removes all others and the journals.
  ///
  /// An agent without a replay memory can always get more steps, so its checkpoint stays as it is.
  ///
  /// It can be repeated after an interruption.
  func dropJournal() throws(RunError) {
    guard let checkpoint = try newest().checkpoint else { return }
    let bytes = try converting({ RunError($0, in: checkpoint.path) }) { () throws(ArchiveError) in
      try checkpoint.encodedWithoutJournal()
    }
    try converting(RunError.system) { () throws(SystemError) in
      if checkpoint.journal != nil { try write(bytes, step: checkpoint.step) }
      // A process that ended may have written it, and not flushed its name.
      try Files.synchronizeFolder(path)
      try prune(at: checkpoint.step, isLast: true, isScheduled: { _ in false })
      if checkpoint.journal != nil || checkpoint.lists.isEmpty {
        try ListJournal.removeAll(in: journalFolder)
      }
      try ReplayJournal.removeAll(in: journalFolder)
    }
  }
}
