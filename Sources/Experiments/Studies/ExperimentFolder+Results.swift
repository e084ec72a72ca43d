internal import SARSAFiles

// The files that an experiment's results are written to.

extension ExperimentFolder {
  /// Writes `results.json`, `results.md`, `scores.npz` and `curves/`: equal results have equal bytes.
  ///
  /// - Throws: `RunError.system` if a file cannot be written.
  public func write(_ comparison: Comparison) throws(RunError) {
    try converting(RunError.system) { () throws(SystemError) in
      // Without the lock, another process is just writing the same.
      if let lock = try FolderLock(path) {
        let curves = path + "/curves"
        for folder in try [path] + Files.names(in: curves).map({ curves + "/" + $0 }) {
          try ReplacementFile.removeTemporaryFiles(in: folder)
        }
        _ = consume lock
      }
      try Files.replace(path + "/results.json", with: Array((JSON.text(comparison) + "\n").utf8))
      try Files.replace(path + "/results.md", with: Array(comparison.markdown.utf8))
    }
    try comparison.writeArrays(to: path + "/scores.npz")
    try comparison.writeEvents(to: path + "/curves")
  }
}
