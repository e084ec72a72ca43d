internal import Foundation

/// The limits that Linux's control groups put on a process, as containers and Slurm do.
package enum ControlGroups {
  /// The least memory limit of the process's groups and of all groups around them.
  ///
  /// - Parameters:
  ///   - groups: the content of `/proc/self/cgroup`: in version 2 a line `0::/path`, in version 1 a line
  ///     `number:controllers:/path` for each hierarchy.
  ///   - root: the folder where they are mounted.
  /// - Returns: the limit in bytes; `nil` without one.
  package static func memoryLimit(of groups: String, under root: String = "/sys/fs/cgroup") -> Int?
  {
    groups.split(separator: "\n").compactMap { line -> Int? in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      if fields[0] == "0" && fields[1].isEmpty {
        return limit("memory.max", from: String(fields[2]), below: root)
      }
      guard fields[1].split(separator: ",").contains("memory") else { return nil }
      return limit("memory.limit_in_bytes", from: String(fields[2]), below: root + "/memory")
    }
    .min()
  }

  /// The least number in the files of a name, from a folder up to the root.
  ///
  /// Within a container, the path may be the host's and not exist below the root; the root's own file counts.
  private static func limit(_ name: String, from path: String, below root: String) -> Int? {
    var folders = [root]
    for component in path.split(separator: "/") {
      folders.append(folders[folders.count - 1] + "/" + component)
    }
    return folders.compactMap { folder in
      (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8))
        .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    .min()
  }
}
