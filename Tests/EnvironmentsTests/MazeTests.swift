import SARSAEnvironments
import SARSARandomSources
import Testing

@Suite("The maze")
struct MazeTests {
  private static let up = 0, right = 1, down = 2, left = 3

  private func move(_ action: Int, from cell: Int) -> Int {
    Maze().model.outcomes(of: action, in: cell)[0].state
  }

  @Test("walls and the border hold in both directions, and open moves can be taken back")
  func walls() {
    var blocked = 0
    for cell in 0..<Maze.goal {
      for (action, back, offset) in [(Self.right, Self.left, 1), (Self.down, Self.up, Maze.side)] {
        let isInside =
          action == Self.right ? cell % Maze.side < Maze.side - 1 : cell < 4 * Maze.side
        let next = move(action, from: cell)
        #expect(next == cell || (isInside && next == cell + offset))
        if isInside && cell + offset != Maze.goal {
          #expect((move(back, from: cell + offset) == cell) == (next != cell))
        }
        if isInside && next == cell { blocked += 1 }
      }
    }
    #expect(blocked == 15)
    for column in 0..<Maze.side { #expect(move(Self.up, from: column) == column) }
    for row in 0..<Maze.side { #expect(move(Self.left, from: 5 * row) == 5 * row) }
  }

  @Test("the shortest ways are those counted by hand")
  func distances() {
    let expected = [
      10, 11, 12, 13, 14, 9, 12, 17, 14, 15, 8, 13, 16, 15, 16, 7, 14, 3, 2, 1, 6, 5, 4, 1, 0,
    ]
    #expect((0..<Maze.cellCount).map(Maze.distance) == expected)
  }

  @Test("the shortest way from the corner earns −10 and ends at the goal")
  func episode() {
    var maze = Maze()
    maze.reset(seed: 1)
    var total = 0.0
    var last = Step(reward: 0)
    while !last.isLast {
      let cell = maze.state.cell
      let action = (0..<4).first {
        Maze.distance(from: move($0, from: cell)) < Maze.distance(from: cell)
      }
      last = maze.step(action ?? 0)
      total += last.reward
    }
    #expect(total == -10 && last.isTerminated && maze.state.cell == Maze.goal)
    var marked = [Float](repeating: 0, count: Maze.cellCount)
    marked[Maze.goal] = 1
    #expect(maze.observation == marked)
  }

  @Test("exploring starts take every cell but the goal as often")
  func starts() {
    var maze = Maze(start: .anywhere)
    maze.reset(seed: 3)
    var counts = [Int](repeating: 0, count: Maze.cellCount)
    for _ in 0..<24_000 {
      maze.reset(seed: nil)
      counts[maze.state.cell] += 1
    }
    #expect(counts[Maze.goal] == 0)
    // Four standard deviations of a count of 1,000 are 124.
    #expect(counts.dropLast().allSatisfy { abs($0 - 1_000) < 124 }, "\(counts)")
  }

  @Test("the shaped reward is minus the next cell's share of the longest way")
  func shaped() {
    var maze = Maze(reward: .distance)
    maze.state.cell = 10
    let towards = maze.step(Self.down)
    #expect(towards.reward == -7.0 / 17 && !towards.isTerminated)
    let back = maze.step(Self.up)
    #expect(back.reward == -8.0 / 17)
    maze.state.cell = 19
    let last = maze.step(Self.down)
    #expect(last.reward == 0 && last.isTerminated)
  }

  @Test("its tables say what its steps do", arguments: Maze.Reward.allCases)
  func tables(reward: Maze.Reward) {
    let maze = Maze(reward: reward)
    let model = maze.model
    #expect(model.stateCount == 25 && model.actionCount == 4)
    for cell in 0..<Maze.goal {
      for action in 0..<4 {
        var world = maze
        world.state.cell = cell
        let step = world.step(action)
        let expected = FiniteModel.Outcome(
          state: world.state.cell, reward: step.reward, isTerminated: step.isTerminated)
        #expect(model.outcomes(of: action, in: cell) == [expected])
      }
    }
  }
}
