import Foundation
import SARSAEnvironments
import SARSAGymnasium

/// The fake as an environment, with a fault in some step.
func fake(
  _ fault: String = "none", at step: Int = 3, id: String = "Fake-v0",
  _ change: (inout GymnasiumOptions) -> Void = { _ in }
) throws(GymnasiumError) -> GymnasiumEnvironment {
  var options = GymnasiumOptions()
  options.python = fakeExecutable
  options.startTimeout = .milliseconds(fault == "hangsAtStart" ? 100 : 30_000)
  options.stepTimeout = .milliseconds(fault.lowercased().contains("hangs") ? 100 : 30_000)
  options.checksBounds = true
  change(&options)
  return try GymnasiumEnvironment(
    id, arguments: ["fault": .text(fault), "at": .integer(step)], options: options)
}

/// The fake, beside the test bundle.
private var fakeExecutable: String {
  let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  return URL(filePath: bundle ?? "").deletingLastPathComponent()
    .appending(path: "fake-gymnasium").path()
}

/// The processes that this one has started and that are still there, as zombies too.
var childProcesses: [Int] {
  let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return processes.compactMap(Int.init).filter { parent(of: $0) == Int(getpid()) }
}

/// The parent of a process, or `nil` if there is no such process, or only its remains.
func parent(of process: Int) -> Int? {
  guard let status = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
    return nil
  }
  // The name in parentheses may hold anything.
  let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?
    .split(separator: " ")
  return fields.flatMap { $0.count > 1 ? Int($0[1]) : nil }
}

/// The numbers of open descriptors.
var openDescriptors: Int {
  (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
}
