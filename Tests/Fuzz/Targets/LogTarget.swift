import DeepSARSA
import SARSAExperiments

/// The logs of a run, which `inspect`, `compare` and `watch` read.
struct LogTarget: FuzzTarget {
  static let name = "logs"

  private let folder: InputFolder

  init() throws {
    folder = try InputFolder()
    _ = folder.write(
      Array(RunSettings(environment: "CartPole-v1").yaml.utf8), as: RunFolder.File.config.rawValue)
  }

  func seeds() throws -> [String: [UInt8]] {
    [
      "episodes":
        "step,episode,return,length,end\n19,1,19.0,19,terminated\n40,2,21.0,21,truncated\n",
      "evaluations":
        "step,mean,std,min,max,episodes\n0,9.5,0.5,9.0,10.0,2\n70,nan,inf,-1e3,0x1p3,2\n",
      "both": "step,return,mean\n1,2,3\n4,5,6\n7,8",
    ].mapValues { Array($0.utf8) }
  }

  /// Both logs have the same bytes: each reader takes the columns that it knows.
  func read(_ bytes: [UInt8]) {
    _ = folder.write(bytes, as: RunFolder.File.episodes.rawValue)
    for evaluations in [bytes, Array("step,mean\n".utf8)] {
      _ = folder.write(evaluations, as: RunFolder.File.evaluations.rawValue)
      if let inspection = try? Inspections.inspection(of: folder.path) {
        _ = JSON.text(inspection.object)
      }
    }
    _ = folder.write(Array("step,return\n".utf8), as: RunFolder.File.episodes.rawValue)
    _ = folder.write(bytes, as: RunFolder.File.evaluations.rawValue)
    if let inspection = try? Inspections.inspection(of: folder.path) {
      _ = JSON.text(inspection.object)
    }
    var watch = try? Watch([folder.path])
    watch?.look()
    _ = watch?.picture(columns: 60, rows: 20)
    if let run = RunFolder(existing: folder.path), let result = try? RunResult(reading: run) {
      guard result.curve.evaluations.allSatisfy({ $0.mean.isFinite && $0.step >= 0 }) else {
        fail("a curve has a number that no run writes: \(result.curve)")
      }
    }
  }
}
