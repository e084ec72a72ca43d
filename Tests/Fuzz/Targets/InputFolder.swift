import SARSAFiles
import TestSupport

/// A folder for inputs of readers that take a path.
struct InputFolder {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The folder's path.
  var path: String { folder.path }

  /// Writes a file, in place of an earlier one, and gives its path.
  func write(_ bytes: [UInt8], as name: String) -> String {
    do {
      let file = try AppendedFile(path + "/" + name, keeping: 0)
      try file.write(bytes)
    } catch { fatalError("\(error)") }
    return path + "/" + name
  }
}
