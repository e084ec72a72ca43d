"""Statistics of drawn scores by rliable, and p-values by trying every split.

Makes Tests/Fixtures/rliable.json. From the repository root:

    python Tests/Fixtures/generate/rliable_scores.py

`make rliable` makes another file with more cases and another seed.
"""

from __future__ import annotations

import argparse
import itertools
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "rliable.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--cases", type=int, default=24, help="score matrices (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=2027, help="of the drawn scores (default: %(default)s)")
    parser.add_argument("--every", type=int, default=5,
                        help="each case of this number has intervals (default: %(default)s)")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np
import rliable.metrics as metrics
from rliable import library

from fixture_io import f64, generator_info, write_json

THRESHOLDS = np.array([-0.25, 0.0, 0.25, 0.5, 0.625, 0.75, 1.0])
TARGET = 0.75
# rliable ignores the random state that it is given, and draws from numpy's global generator.
SEEDS = range(5)
RESAMPLES = 20_000
# Its probability of improvement takes a millisecond or more for each resample.
COMPARED_RESAMPLES = 2_000
# The most splits that are tried.
MOST_SPLITS = 5_000


def drawn(random: np.random.Generator, case: int, runs: int, tasks: int) -> np.ndarray:
    """Scores [runs, tasks]: normal, in steps with many ties, skewed, or solved or not."""
    shape = (runs, tasks)
    kind = case % 4
    if kind == 0:
        return random.normal(0.6, 0.3, shape)
    if kind == 1:
        return random.integers(-2, 9, shape) / 8
    if kind == 2:
        return 1 - random.lognormal(-1.5, 1.0, shape)
    return np.where(random.random(shape) < 0.8, 1 - random.random(shape) / 16, random.random(shape) / 8)


def aggregates(scores: np.ndarray) -> np.ndarray:
    return np.array([metrics.aggregate_iqm(scores), metrics.aggregate_mean(scores), metrics.aggregate_median(scores),
                     metrics.aggregate_optimality_gap(scores, TARGET)])


def improvement(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.array([metrics.probability_of_improvement(scores, others)])


def ends(scores: Any, function: Any, resamples: int) -> dict[str, list[list[str]]]:
    """The lower and the upper ends of the intervals of all numbers, for each seed."""
    lower, upper = [], []
    for seed in SEEDS:
        np.random.seed(seed)
        interval = library.get_interval_estimates({"": scores}, function, reps=resamples)[1][""]
        lower.append(f64(interval[0]))
        upper.append(f64(interval[1]))
    return {"lower_f64": lower, "upper_f64": upper}


def profiles(scores: np.ndarray) -> np.ndarray:
    return np.concatenate([library.score_distributions(scores, THRESHOLDS),
                           library.average_score_distributions(scores, THRESHOLDS)])


def exact_p(scores: np.ndarray, others: np.ndarray) -> float | None:
    """The share of splits that are as far from ½ as the observed one or farther; `None` if there are too many."""
    count, pooled = len(scores), np.concatenate([scores, others])
    if math.comb(len(pooled), count) ** scores.shape[1] > MOST_SPLITS:
        return None

    def distances(column: np.ndarray) -> list[int]:
        """Twice the wins minus the pairs, for each choice of runs."""
        found = []
        for chosen in itertools.combinations(range(len(column)), count):
            rest = [column[i] for i in range(len(column)) if i not in chosen]
            found.append(sum(int(x > y) - int(x < y) for x in (column[i] for i in chosen) for y in rest))
        return found

    tasks = [distances(column) for column in pooled.T]
    # The first choice is the observed one.
    observed = abs(sum(task[0] for task in tasks))
    sums = [abs(sum(split)) for split in itertools.product(*tasks)]
    return float(Fraction(sum(total >= observed for total in sums), len(sums)))


def case(random: np.random.Generator, number: int, has_intervals: bool) -> dict[str, Any]:
    tasks = 1 if number % 3 == 0 else int(random.integers(2, 9))
    runs, other_runs = int(random.integers(2, 15)), int(random.integers(2, 15))
    if number % 6 == 0:
        runs, other_runs = int(random.integers(3, 7)), int(random.integers(3, 7))
    scores = drawn(random, number, runs, tasks)
    # The others are like the scores, a little worse, and share some of them.
    others = drawn(random, number, other_runs, tasks) - 0.125
    low, high = random.normal(-1, 0.5, tasks), random.normal(2, 0.5, tasks)
    content: dict[str, Any] = {
        "runs": runs, "other_runs": other_runs, "tasks": tasks,
        "scores_f64": f64(scores), "others_f64": f64(others),
        "low_f64": f64(low), "high_f64": f64(high),
        "aggregates_f64": f64(aggregates(scores)),
        "normalized_f64": f64(aggregates((scores - low) / (high - low))),
        "profiles_f64": f64(profiles(scores)),
        "improvement_f64": f64(improvement(scores, others)),
    }
    p = exact_p(scores, others)
    if p is not None:
        content["p_f64"] = f64([p])
    if has_intervals:
        content["intervals"] = {
            "aggregates": ends(scores, aggregates, RESAMPLES),
            "profiles": ends(scores, profiles, COMPARED_RESAMPLES),
            "improvement": ends([scores, others], improvement, COMPARED_RESAMPLES),
        }
    return content


def main(arguments: argparse.Namespace) -> None:
    import scipy

    import importlib.metadata

    random = np.random.default_rng(arguments.seed)
    content = {
        "generator": {**generator_info(__file__, scipy), "rliable": importlib.metadata.version("rliable")},
        "thresholds_f64": f64(THRESHOLDS),
        "target_f64": f64([TARGET]),
        "cases": [case(random, number, number % arguments.every == 1) for number in range(arguments.cases)],
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_json(arguments.output, content)


if __name__ == "__main__":
    main(OPTIONS)
