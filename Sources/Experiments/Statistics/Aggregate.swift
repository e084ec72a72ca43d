/// One number for the scores of all runs on all tasks.
///
/// The definitions are those of rliable, which has no `worst`. Source: R. Agarwal et al., "Deep Reinforcement
/// Learning at the Edge of the Statistical Precipice", 2021, https://doi.org/10.48550/arXiv.2108.13264. A task
/// with more runs than another weighs more where scores of all tasks are taken together; rliable allows only
/// equal numbers of runs.
public enum Aggregate: Hashable, Sendable {
  /// The mean of the middle half: of all n scores in order, ⌊n/4⌋ are left out at either end.
  ///
  /// It needs fewer runs than the median, and single runs that fail or excel change it less than the mean.
  case interquartileMean
  /// The mean of the tasks' means.
  case mean
  /// The median of the tasks' means; with one task it is its mean.
  case median
  /// The lowest score of all.
  ///
  /// A resample has no score below the lowest one, so a bootstrap interval of it ends there.
  case worst
  /// γ − mean of min(x, γ) over all scores: how far below γ they are. Less is better.
  case optimalityGap(to: Double)
  /// The share of all scores above a number: a point of the run-score profile.
  case shareOfRuns(above: Double)
  /// The share of tasks whose mean is above a number.
  case shareOfTasks(above: Double)
}
