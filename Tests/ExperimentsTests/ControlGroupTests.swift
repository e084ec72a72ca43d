import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Memory limits of control groups")
struct ControlGroupTests {
  /// Makes files below a folder.
  private func make(_ files: [String: String], in root: TemporaryFolder) throws {
    for (name, text) in files {
      let url = URL(filePath: root.path(name))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }

  @Test("version 2: the least of the group and of those around it")
  func version2() throws {
    let root = try TemporaryFolder()
    try make(
      [
        "memory.max": "max\n", "slice/memory.max": "3000\n", "slice/job/memory.max": "5000\n",
        "slice/job/task/memory.max": "max\n", "other/memory.max": "7\n",
      ], in: root)
    func limit(_ groups: String) -> Int? {
      ControlGroups.memoryLimit(of: groups, under: root.path)
    }
    #expect(limit("0::/slice/job/task\n") == 3_000)
    #expect(limit("0::/\n") == nil)
    #expect(limit("0::/of/another/namespace\n") == nil)
    try make(["memory.max": "2000\n"], in: root)
    #expect(limit("0::/of/another/namespace\n") == 2_000)
  }

  @Test("version 1: the group of the memory's hierarchy, and those around it")
  func version1() throws {
    let root = try TemporaryFolder()
    try make(
      [
        "memory/memory.limit_in_bytes": "9223372036854771712\n",
        "memory/slurm/uid_7/memory.limit_in_bytes": "4096\n",
        "memory/slurm/uid_7/job/memory.limit_in_bytes": "9223372036854771712\n",
        "cpu/slurm/memory.limit_in_bytes": "7\n",
      ], in: root)
    let groups =
      "5:cpu,cpuacct:/slurm\n4:memory,hugetlb:/slurm/uid_7/job\n1:name=systemd:/x\n0::/y\n"
    #expect(ControlGroups.memoryLimit(of: groups, under: root.path) == 4_096)
    #expect(ControlGroups.memoryLimit(of: "nonsense\n::\n", under: root.path) == nil)
  }
}
