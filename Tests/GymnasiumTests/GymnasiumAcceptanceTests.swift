import Foundation
import SARSAEnvironments
import SARSAGymnasium
import Testing

@Suite("States of Gymnasium environments that a file brings")
struct GymnasiumAcceptanceTests {
  @Test("must have as many seeds, actions and observations as there are environments")
  func vector() throws {
    var vector = try fake().vector(count: 2)
    var result = VectorStep(for: vector)
    #expect(vector.accepts(vector.state))
    try vector.reset(seeds: [4, 5], into: &result)
    try vector.step([1, 2], into: &result)
    let text = String(decoding: try JSONEncoder().encode(vector.state), as: UTF8.self)
    func accepts(_ old: String, _ new: String) throws -> Bool {
      try #require(text.contains(old), "\(text)")
      let other = text.replacingOccurrences(of: old, with: new)
      return vector.accepts(
        try JSONDecoder().decode(GymnasiumVector.State.self, from: Data(other.utf8)))
    }
    #expect(try accepts("[1,2]", "[1,2]"))
    #expect(try accepts("[1,2]", "[1,2,65535,65535,0,0]"))
    for actions in ["[1]", "[1,2,0]", "[1,3]", "[1,65535]"] {
      #expect(try !accepts("[1,2]", actions), "\(actions)")
    }
    for seeds in ["[]", "[4]", "[4,5,6]"] { #expect(try !accepts("[4,5]", seeds), "\(seeds)") }
    #expect(try !accepts("[1,4,1,5]", "[1,4,1]"))

    // Of other steps it is accepted, and the process then says that they lead elsewhere.
    let other = text.replacingOccurrences(of: "[1,4,1,5]", with: "[1,4,1,6]")
    vector.state = try JSONDecoder().decode(GymnasiumVector.State.self, from: Data(other.utf8))
    let error = #expect(throws: GymnasiumError.self) { try vector.step([0, 0], into: &result) }
    #expect(error?.reason == .notReproducible)
  }

  @Test("must have a last observation of the environment's size, or none")
  func lastObservation() throws {
    var world = try fake()
    try world.reset(seed: 4)
    for _ in 0..<5 { _ = try world.step(0) }
    #expect(world.accepts(world.state))
    let text = String(decoding: try JSONEncoder().encode(world.state), as: UTF8.self)
    for (observation, isAccepted) in [("[5,4]", true), ("null", true), ("[5]", false)] {
      let other = text.replacingOccurrences(
        of: #""lastObservation":[5,4]"#, with: #""lastObservation":\#(observation)"#)
      let state = try JSONDecoder().decode(
        GymnasiumEnvironment.State.self, from: Data(other.utf8))
      #expect(world.accepts(state) == isAccepted, "\(other)")
    }
  }
}
