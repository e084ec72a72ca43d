internal import DeepSARSA
internal import SARSAFiles
internal import SARSAFormats

// Comparisons as files for numpy and TensorBoard: steps only, and no clock, so that the same results give the
// same bytes.

extension Comparison {
  /// Writes the scores and curves of all runs for `numpy.load`.
  ///
  /// | array | type | shape |
  /// | --- | --- | --- |
  /// | `steps` | int64 | [evaluations], those that the runs of all tasks share |
  /// | `settings`, `tasks` | text | [settings], [tasks] |
  /// | `random`, `best` | float64 | [tasks], the scale of each; NaN if it is not known |
  /// | `NAME/scores` | float64 | [runs, tasks], for each setting |
  /// | `NAME/curve` | float64 | [runs, tasks, evaluations] |
  ///
  /// A setting whose tasks have different numbers of runs has `NAME/TASK/scores` and `NAME/TASK/curve` instead,
  /// without the side of tasks. A row is a run, of each task in the order of their seeds.
  ///
  /// - Throws: `RunError.system` if the file cannot be written.
  public func writeArrays(to path: String) throws(RunError) {
    let steps = sharedSteps
    var arrays: [NPZ.Array] = []
    var numbers = NPZ.Array(name: "steps", element: .int64, rowShape: [steps.count])
    for step in steps { numbers.append(Int64(step)) }
    arrays.append(numbers)
    arrays.append(.texts(tasks[0].sides.map(\.name), named: "settings"))
    arrays.append(.texts(tasks.map(\.name), named: "tasks"))
    arrays.append(.numbers(tasks.map { $0.scale?.random ?? .nan }, named: "random"))
    arrays.append(.numbers(tasks.map { $0.scale?.best ?? .nan }, named: "best"))
    for (index, side) in tasks[0].sides.enumerated() {
      let sides = tasks.map { $0.sides[index] }
      let count = side.runs.count
      if sides.allSatisfy({ $0.runs.count == count }) {
        let curves = sides.map { $0.means(at: steps) }
        arrays.append(
          .numbers(
            (0..<count).flatMap { run in sides.map { $0.scores[run] } },
            named: side.name + "/scores",
            shape: [count, tasks.count]))
        arrays.append(
          .numbers(
            (0..<count).flatMap { run in curves.flatMap { $0[run] } }, named: side.name + "/curve",
            shape: [count, tasks.count, steps.count]))
      } else {
        for (task, side) in zip(tasks, sides) {
          let name = side.name + "/" + task.name
          arrays.append(.numbers(side.scores, named: name + "/scores"))
          arrays.append(
            .numbers(
              side.means(at: steps).flatMap(\.self), named: name + "/curve",
              shape: [side.runs.count, steps.count]))
        }
      }
    }
    try converting(RunError.system) { [arrays] () throws(SystemError) in
      try NPZ.write(arrays, to: path)
    }
  }

  /// The steps at which every run of every task was evaluated.
  private var sharedSteps: [Int] {
    tasks.dropFirst().reduce(Set(tasks[0].steps)) { $0.intersection($1.steps) }.sorted()
  }

  /// Writes the curve of each setting for TensorBoard: `tensorboard --logdir FOLDER`.
  ///
  /// Each setting has a folder with an event file, which replaces that of an earlier comparison. A task has
  /// three curves: `TASK/iqm`, the interquartile mean, and `TASK/lower` and `TASK/upper`, the ends of its 95 %
  /// interval. All events have the time 0.
  ///
  /// - Throws: `RunError.system` if a file cannot be written.
  public func writeEvents(to folder: String) throws(RunError) {
    for (index, side) in tasks[0].sides.enumerated() {
      var points: [Int: [(tag: String, value: Float)]] = [:]
      for task in tasks {
        for (step, estimate) in zip(task.steps, task.curve(of: task.sides[index])) {
          points[step, default: []] += [
            ("\(task.name)/iqm", Float(estimate.value)),
            ("\(task.name)/lower", Float(estimate.lower)),
            ("\(task.name)/upper", Float(estimate.upper)),
          ]
        }
      }
      var bytes = EventRecord.header(wallTime: 0).encoded()
      for (step, values) in points.sorted(by: { $0.key < $1.key }) {
        bytes += EventRecord.scalars(values, step: step, wallTime: 0).encoded()
      }
      // TensorBoard takes a colon as the end of a path.
      let path = folder + "/" + side.name.replacing(":", with: "-")
      try converting(RunError.system) { [bytes] () throws(SystemError) in
        try Files.createDirectories(path)
        try Files.replace(path + "/" + RunFolder.File.events.rawValue, with: bytes)
      }
    }
  }
}

extension NPZ.Array {
  /// An array of numbers; without a shape they are a list.
  fileprivate static func numbers(
    _ values: [Double], named name: String, shape: [Int]? = nil
  ) -> NPZ.Array {
    var array = NPZ.Array(name: name, element: .float64, rowShape: shape ?? [values.count])
    for value in values { array.append(value) }
    return array
  }

  /// An array of texts, as long as the longest; numpy leaves out the NULs at the ends of the others.
  fileprivate static func texts(_ texts: [String], named name: String) -> NPZ.Array {
    let length = texts.reduce(0) { max($0, $1.unicodeScalars.count) }
    var array = NPZ.Array(name: name, element: .text(length), rowShape: [texts.count])
    for text in texts {
      array.append(
        text + String(repeating: "\0", count: length - text.unicodeScalars.count))
    }
    return array
  }
}
