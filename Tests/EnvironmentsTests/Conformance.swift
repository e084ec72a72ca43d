import Foundation
import SARSAEnvironments

/// The promises that an environment does not keep, its state written down as JSON.
func brokenPromises<World: Environment>(of world: World) throws -> Set<EnvironmentPromise> {
  let checker = EnvironmentChecker(world) {
    try JSONDecoder().decode(World.State.self, from: JSONEncoder().encode($0))
  }
  return Set(try checker.report().broken.keys)
}
