import SARSAExperiments
import Testing

@Suite("A learning curve and a threshold")
struct CurveStabilityTests {
  /// Evaluations every 1,000 steps, which take two seconds.
  private func curve(_ means: [Double]) -> LearningCurve {
    LearningCurve(
      means.enumerated().map { index, mean in
        .init(step: 1_000 * index, seconds: 2 * Double(index), mean: mean)
      })
  }

  @Test("stability(threshold:): has the time, the share after it, the worst, and the collapse")
  func collapsed() throws {
    let stability = curve([-200, -180, -110, -105, -155, -154, -100]).stability(threshold: -110)
    #expect(stability.steps == .init(2_000, isReached: true))
    #expect(stability.seconds == .init(4, isReached: true))
    let record = try #require(stability.record)
    #expect(record.firstStep == 2_000 && record.evaluations == 4 && record.reached == 2)
    #expect(record.share == 0.5 && record.worst == -155)
    #expect(stability.halfWay == -155)
    #expect(stability.collapseStep == 4_000 && stability.hasCollapsed)
  }

  @Test("stability(threshold:): a fall that is less than half-way back is no collapse")
  func stable() {
    let stability = curve([-200, -100, -154.9, -100]).stability(threshold: -110)
    #expect(!stability.hasCollapsed && stability.record?.worst == -154.9)
    // A low mean before the threshold is none either.
    #expect(!curve([-200, -150, -200, -110]).stability(threshold: -110).hasCollapsed)
  }

  @Test("stability(threshold:): a run that does not reach it is censored at its last evaluation")
  func unreached() {
    let stability = curve([-200, -180, -120]).stability(threshold: -110)
    #expect(stability.steps == .init(2_000, isReached: false))
    #expect(stability.seconds == .init(4, isReached: false))
    #expect(stability.record == nil && stability.collapseStep == nil)
    let none = LearningCurve([]).stability(threshold: 1)
    #expect(none.steps == .init(0, isReached: false) && none.seconds == nil)
  }

  @Test("stability(threshold:untrained:): without a lower untrained mean there is no half-way mark")
  func untrained() {
    let late = LearningCurve([
      .init(step: 1_000, mean: 5), .init(step: 2_000, mean: 1), .init(step: 3_000, mean: 2),
    ])
    #expect(late.untrained == nil)
    #expect(late.stability(threshold: 4).halfWay == nil)
    #expect(late.stability(threshold: 4).seconds == nil)
    #expect(late.stability(threshold: 4, untrained: 0).collapseStep == 2_000)
    #expect(late.stability(threshold: 4, untrained: -3).collapseStep == nil)
    #expect(late.stability(threshold: 4, untrained: 4).halfWay == nil)
    // A network that is as good without training has nothing to lose.
    let solved = curve([5, 0, 5]).stability(threshold: 4)
    #expect(solved.halfWay == nil && !solved.hasCollapsed && solved.record?.worst == 0)
  }
}

@Suite("Times to a threshold")
struct TimesToThresholdTests {
  private func times(_ reached: [Double], censored: [Double] = []) -> TimesToThreshold {
    TimesToThreshold(
      censored.map { .init($0, isReached: false) } + reached.map { .init($0, isReached: true) })
  }

  @Test("median: without censored runs it is the one in the middle, or the lower of two")
  func complete() {
    #expect(times([3, 1, 2]).median == 2)
    #expect(times([4, 3, 1, 2]).median == 2)
    #expect(times([7]).median == 7)
    for count in 1...60 {
      #expect(times((1...count).map(Double.init)).median == Double((count + 1) / 2))
    }
  }

  @Test("median: runs that do not reach the threshold count as slower, and are not left out")
  func censored() {
    let some = times([10, 20, 30], censored: [100, 100])
    #expect(some.reached == 3 && some.censored == 2 && some.times.count == 5)
    #expect(some.median == 30)
    #expect(times([10, 20], censored: [100, 100, 100]).median == nil)
    #expect(times([10, 20], censored: [100, 100]).median == 20)
    #expect(times([], censored: [100]).median == nil && times([]).median == nil)
  }

  @Test("share(by:): is Kaplan and Meier's where budgets differ")
  func differentBudgets() {
    // After 10 the share is 1/5; the run of 15 leaves; after 20 it is 1 − 4/5·2/3, after 30 1 − 4/5·1/3.
    let times = times([10, 20, 30], censored: [15, 40])
    let expected: [(time: Double, share: Double)] = [
      (9, 0), (10, 0.2), (19, 0.2), (20, 7.0 / 15), (30, 11.0 / 15), (99, 11.0 / 15),
    ]
    for (time, share) in expected {
      #expect(abs(times.share(by: time) - share) < 1e-15)
    }
    #expect(times.median == 30)
  }

  @Test(
    "a run that is censored at the time at which another reaches the threshold is still at risk")
  func sameTime() {
    let times = times([10, 10], censored: [10, 10])
    #expect(times.share(by: 10) == 0.5 && times.median == 10)
    #expect(times.times.map(\.isReached) == [true, true, false, false])
  }
}
