// The part of a process that a cluster has started, by the variables that it sets.

extension ExperimentPart {
  /// The part of a process of an array of Slurm's jobs, of a step of Slurm's with several tasks, or of Open MPI.
  ///
  /// Slurm sets `SLURM_ARRAY_TASK_ID`, `_MIN`, `_MAX`, `_STEP` and `_COUNT` in the jobs of an array, and `srun` sets
  /// `SLURM_PROCID` and `SLURM_STEP_NUM_TASKS` in the tasks of a step. `mpirun` sets `OMPI_COMM_WORLD_RANK` and
  /// `OMPI_COMM_WORLD_SIZE`. Where there is an array and a rank, each job of the array is divided by its ranks.
  ///
  /// A batch script has `SLURM_PROCID` too, always 0, but it is no step: it has all runs of its job.
  ///
  /// It is `nil` if there is neither an array nor a rank.
  ///
  /// - Parameter variables: the environment of the process.
  /// - Throws: `PartError` for values that no cluster sets, and for an array whose numbers are not equally spaced.
  public init?(ofProcess variables: [String: String]) throws(PartError) {
    let array = try Self.arrayIndex(variables)
    // Processes of `mpirun` also have the rank of the daemon that started them.
    var rank = try Self.rank(variables, "OMPI_COMM_WORLD_RANK", of: "OMPI_COMM_WORLD_SIZE")
    // A batch script that was submitted from a step has that step's number of tasks, but its job's `SLURM_NTASKS`.
    let tasks = "SLURM_STEP_NUM_TASKS"
    if rank == nil, variables["SLURM_NTASKS"] == variables[tasks] {
      rank = try Self.rank(variables, "SLURM_PROCID", of: tasks)
    }
    guard array != nil || rank != nil else { return nil }
    let (index, count) = array ?? (0, 1)
    let (place, size) = rank ?? (0, 1)
    let parts = count.multipliedReportingOverflow(by: size)
    guard !parts.overflow,
      let part = ExperimentPart(index * size + place + 1, of: parts.partialValue)
    else { throw PartError("\(count) jobs of \(size) processes are too many parts") }
    self = part
  }

  private static func arrayIndex(
    _ variables: [String: String]
  ) throws(PartError) -> (index: Int, count: Int)? {
    let name = "SLURM_ARRAY_TASK_"
    guard variables[name + "ID"] != nil else { return nil }
    let id = try number(variables, name + "ID")
    let (first, last) = (try number(variables, name + "MIN"), try number(variables, name + "MAX"))
    let (step, count) = (
      try number(variables, name + "STEP"), try number(variables, name + "COUNT")
    )
    // Slurm says 1 for the step of a list with gaps. None of its jobs may take the part of another.
    guard step > 0, (first...max(first, last)).contains(id), (id - first) % step == 0,
      (last - first) / step == count - 1
    else {
      throw PartError(
        "\(name)ID is \(id), one of \(count) from \(first) to \(last) in steps of \(step); allowed: an array whose "
          + "numbers are equally spaced, such as --array=1-\(count)")
    }
    return ((id - first) / step, count)
  }

  private static func rank(
    _ variables: [String: String], _ rank: String, of size: String
  ) throws(PartError) -> (rank: Int, size: Int)? {
    guard variables[rank] != nil, variables[size] != nil else { return nil }
    let (place, count) = (try number(variables, rank), try number(variables, size))
    guard place < count else {
      throw PartError("\(rank) is \(place); allowed: below \(size), which is \(count)")
    }
    return (place, count)
  }

  private static func number(
    _ variables: [String: String], _ name: String
  ) throws(PartError) -> Int {
    guard let text = variables[name] else { throw PartError("\(name) is missing") }
    guard let number = Int(text), number >= 0 else {
      throw PartError("\(name) is '\(text)'; allowed: a whole number, 0 or more")
    }
    return number
  }
}

/// Why the variables of a process do not say which part it has.
public struct PartError: Error, Hashable, CustomStringConvertible {
  /// One line that names the variable, its value, and what is allowed.
  public let description: String

  init(_ description: String) { self.description = description }
}
