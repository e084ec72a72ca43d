import DeepSARSA
import SARSAExperiments
import SARSAGymnasium

// Gymnasium is optional, so its absence is not a failure.

extension DoctorCommand {
  /// Checks whether Gymnasium works, and whether its CartPole equals the built-in one.
  func bridge() throws -> [Check] {
    let options = try environmentOptions.bridge.maker().options
    let there: GymnasiumEnvironment
    do throws(GymnasiumError) {
      there = try GymnasiumEnvironment("CartPole-v1", options: options)
    } catch {
      // If a Python was named explicitly, its absence is a failure.
      if options.namedPython != nil {
        return [Check("Gymnasium", passed: false, detail: "\(error)")]
      }
      let what =
        if case .python = error.reason { "there is no Python to run it" } else {
          "python3 does not have it"
        }
      return [
        Check(
          "Gymnasium",
          absent: "\(what); only environments named gymnasium:ID need it "
            + "(pip install gymnasium, or name a Python with --python)")
      ]
    }
    return [
      Check("Gymnasium", passed: true, detail: there.versions),
      equality(of: there, and: TimeLimit(CartPole(), maximumSteps: 500)),
    ]
  }

  /// Checks whether two environments give the same results for the same seed and actions.
  private func equality(
    of there: GymnasiumEnvironment, and here: TimeLimit<CartPole>
  ) -> Check {
    let name = "CartPole-v1 of Gymnasium and built in"
    var (there, here) = (there, here)
    var random = PCG64(seed: 0)
    let steps = 1_000
    do {
      try there.reset(seed: 0)
      here.reset(seed: 0)
      for i in 0..<steps {
        let action = random.integer(below: 2)
        let step = here.step(action)
        guard try there.step(action) == step, there.observation == here.observation else {
          return Check(name, passed: false, detail: "they differ in step \(i + 1)")
        }
        if step.isLast {
          try there.reset(seed: nil)
          here.reset(seed: nil)
        }
      }
    } catch {
      return Check(name, passed: false, detail: "\(error)")
    }
    return Check(name, passed: true, detail: "\(steps) steps with equal bits")
  }
}
