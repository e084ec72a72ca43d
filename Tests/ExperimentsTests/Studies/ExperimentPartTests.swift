import DeepSARSA
import SARSAExperiments
import Testing

@Suite("A part of an experiment")
struct ExperimentPartTests {
  private func experiment(groups: Int, seeds: Int) throws -> Experiment {
    try Experiment(
      groups: (0..<groups).map {
        .init(setting: "s\($0)", task: "t", settings: RunSettings(environment: "E"))
      }, seeds: (0..<UInt64(seeds)).map { $0 }, source: "test")
  }

  @Test(
    "every run is in one part, all parts have their share of each group and seed, and new seeds move no run"
  )
  func division() throws {
    for (groups, seeds, count) in [(3, 20, 4), (4, 8, 4), (1, 7, 2), (12, 20, 7), (2, 3, 9)] {
      let experiment = try experiment(groups: groups, seeds: seeds)
      let longer = try self.experiment(groups: groups, seeds: seeds + 3)
      var all: [Experiment.Run] = []
      for number in 1...count {
        let part = try #require(ExperimentPart(number, of: count))
        let runs = experiment.runs(of: part)
        all += runs
        #expect(longer.runs(of: part).filter { $0.seed < seeds } == runs)
        for group in experiment.groups {
          let share = runs.count { $0.group == group }
          #expect(share == seeds / count || share == seeds / count + 1)
        }
        for seed in experiment.seeds {
          let share = runs.count { $0.seed == seed }
          #expect(share == groups / count || share == groups / count + 1)
        }
      }
      #expect(Set(all) == Set(experiment.runs()) && all.count == groups * seeds)
    }
  }

  @Test(
    "is written as k/n, with k from 1 to n",
    arguments: ["0/2", "3/2", "1/0", "1", "1/2/3", "/", "a/b", "", "-1/2", "1/ 2"])
  func text(text: String) {
    #expect(ExperimentPart(text) == nil)
    #expect(ExperimentPart("2/3") == ExperimentPart(2, of: 3))
    #expect(ExperimentPart("1/1") == .all)
  }

  /// The variables of one of several jobs with the numbers from `first` on, unless the last one is another.
  private static func array(
    _ id: Int, _ first: Int, _ step: Int, _ count: Int, last: Int? = nil
  ) -> [String: String] {
    [
      "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(first)",
      "SLURM_ARRAY_TASK_MAX": "\(last ?? first + step * (count - 1))",
      "SLURM_ARRAY_TASK_STEP": "\(step)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
    ]
  }

  @Test(
    "is found in the variables of Slurm's arrays and steps, and of Open MPI; array and rank multiply"
  )
  func variables() throws {
    let step = ["SLURM_PROCID": "1", "SLURM_NTASKS": "3", "SLURM_STEP_NUM_TASKS": "3"]
    let mpi = ["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "5"]
    let batch = ["SLURM_PROCID": "0", "SLURM_NTASKS": "4"]
    let cases: [([String: String], ExperimentPart?)] = [
      ([:], nil),
      (Self.array(1, 1, 1, 4), ExperimentPart(1, of: 4)),
      (Self.array(6, 0, 2, 4), ExperimentPart(4, of: 4)),
      (step, ExperimentPart(2, of: 3)),
      (mpi, ExperimentPart(3, of: 5)),
      // A batch script with several tasks is one process.
      (batch, nil),
      // So is one that was submitted from a step of two tasks.
      (["SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_STEP_NUM_TASKS": "2"], nil),
      // The daemon of `mpirun` is a step of one task.
      (
        ["SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_STEP_NUM_TASKS": "1"].merging(mpi) { $1 },
        ExperimentPart(3, of: 5)
      ),
      (Self.array(3, 3, 1, 1), .all),
      (batch.merging(mpi) { $1 }, ExperimentPart(3, of: 5)),
      (batch.merging(Self.array(3, 1, 1, 4)) { $1 }, ExperimentPart(3, of: 4)),
      (step.merging(Self.array(6, 0, 2, 4)) { $1 }, ExperimentPart(11, of: 12)),
      (mpi.merging(Self.array(2, 2, 1, 2)) { $1 }, ExperimentPart(3, of: 10)),
    ]
    for (variables, part) in cases {
      #expect(try ExperimentPart(ofProcess: variables) == part, "\(variables)")
    }
  }

  @Test("values that no cluster sets are told")
  func wrongVariables() throws {
    let cases: [([String: String], String)] = [
      (
        Self.array(1, 1, 1, 3, last: 7),
        "SLURM_ARRAY_TASK_ID is 1, one of 3 from 1 to 7 in steps of 1; allowed: an array whose numbers are "
          + "equally spaced, such as --array=1-3"
      ),
      (
        Self.array(7, 0, 2, 4),
        "SLURM_ARRAY_TASK_ID is 7, one of 4 from 0 to 6 in steps of 2; allowed: an array whose numbers are "
          + "equally spaced, such as --array=1-4"
      ),
      (
        Self.array(1, 1, 0, 1),
        "SLURM_ARRAY_TASK_ID is 1, one of 1 from 1 to 1 in steps of 0; allowed: an array whose numbers are "
          + "equally spaced, such as --array=1-1"
      ),
      (
        Self.array(0, 0, 1, 3, last: .max),
        "SLURM_ARRAY_TASK_ID is 0, one of 3 from 0 to \(Int.max) in steps of 1; allowed: an array whose numbers are "
          + "equally spaced, such as --array=1-3"
      ),
      (["SLURM_ARRAY_TASK_ID": "1"], "SLURM_ARRAY_TASK_MIN is missing"),
      (
        ["OMPI_COMM_WORLD_RANK": "x", "OMPI_COMM_WORLD_SIZE": "2"],
        "OMPI_COMM_WORLD_RANK is 'x'; allowed: a whole number, 0 or more"
      ),
      (
        ["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "2"],
        "OMPI_COMM_WORLD_RANK is 2; allowed: below OMPI_COMM_WORLD_SIZE, which is 2"
      ),
      (
        ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "\(Int.max)"].merging(
          Self.array(0, 0, 1, 3)
        ) { $1 },
        "3 jobs of \(Int.max) processes are too many parts"
      ),
    ]
    for (variables, message) in cases {
      let error = #expect(throws: PartError.self) { try ExperimentPart(ofProcess: variables) }
      #expect(error?.description == message)
    }
  }
}
