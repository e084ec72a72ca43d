"""See that rliable computes from `deep-sarsa compare --npz` what the program prints.

    python3 Tests/Interop/compare.py [--cases 20] [--program .build/release/deep-sarsa]

Scores of two settings on three environments are drawn, and written as the folders of runs that finished. The
arrays that the program makes of them are loaded with allow_pickle=False and brought to one scale. Interquartile
mean, mean, median, optimality gap and probability of improvement of rliable, and its interquartile mean along the
curves, must be those of --json to 1e-12. In every fourth case the environments have different numbers of runs,
which rliable does not take; there, each environment is checked alone. Takes half a minute.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--program", type=Path,
                        default=Path(__file__).resolve().parents[2] / ".build/release/deep-sarsa")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np
from rliable import metrics

# Returns as they might be: environment, the score of a bad and of a good run.
ENVIRONMENTS = {"Acrobot-v1": (-500, -70), "CartPole-v1": (9, 500), "FrozenLake-v1": (0, 0.75)}
SETTINGS = ("one-step", "three-step")
STEPS = (0, 500, 1000, 1500)


def write(folder: Path, environment: str, setting: str, seed: int, means: np.ndarray) -> None:
    """Writes the folder of a run with these evaluations, of which the last is its score."""
    folder.mkdir()
    (folder / "config.yaml").write_text(
        f"environment: {environment}\nexperimentName: {setting}\nseed: {seed}\n", encoding="utf-8")
    rows = [f"{step},{float(mean)!r},0.0,0.0,0.0,10\n" for step, mean in zip(STEPS, means)]
    (folder / "evaluations.csv").write_text(
        "step,mean,std,min,max,episodes\n" + "".join(rows), encoding="utf-8")
    score = float(means[-1])
    evaluation = {"episodes": 10, "max": score, "mean": score, "min": score, "seed": 0, "std": 0.0}
    (folder / "summary.json").write_text(json.dumps({
        "run": str(folder), "environment": environment, "seed": seed, "steps": STEPS[-1], "episodes": 1,
        "updates": 1, "wall_seconds": 1.0, "evaluation": evaluation, "best_evaluation": evaluation,
    }), encoding="utf-8")


def draw(random: np.random.Generator, folder: Path, are_equal: bool) -> None:
    """Writes the runs of a case; some scores are tied, as returns often are."""
    runs = int(random.integers(3, 25))
    for setting in SETTINGS:
        shift = random.uniform(-0.3, 0.3)
        for environment, (low, high) in ENVIRONMENTS.items():
            count = runs if are_equal else int(random.integers(3, 25))
            for seed in range(count):
                shares = np.round(random.normal(0.5 + shift, 0.4, len(STEPS)), 2)
                write(folder / f"{environment}-{setting}-{seed}", environment, setting, seed,
                      low + (high - low) * shares)


def close(found: float, expected: float, what: str) -> None:
    assert abs(found - expected) <= 1e-12 * max(1, abs(expected)), f"{what} is {found}, not {expected}"


def check(program: Path, folder: Path, are_equal: bool) -> int:
    """Compares the program's numbers with rliable's, and gives how many there were."""
    path = folder.parent / "scores.npz"
    text = subprocess.run([program, "compare", folder, "--json", "--npz", path],
                          check=True, capture_output=True, text=True).stdout
    result = json.loads(text)
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    assert tuple(arrays["settings"]) == SETTINGS and tuple(arrays["tasks"]) == tuple(ENVIRONMENTS)
    assert tuple(arrays["steps"]) == STEPS
    numbers = 0

    def aggregates(scores: np.ndarray, side: dict, what: str) -> int:
        close(side["interquartile_mean"]["value"], metrics.aggregate_iqm(scores), what + ": IQM")
        close(side["mean"], metrics.aggregate_mean(scores), what + ": mean")
        return 2

    for index, setting in enumerate(SETTINGS):
        if are_equal:
            scores = arrays[f"{setting}/scores"]
            assert scores.shape == arrays[f"{setting}/curve"].shape[:2]
            normalized = (scores - arrays["random"]) / (arrays["best"] - arrays["random"])
            side = result["overall"][index]
            numbers += aggregates(normalized, side, setting)
            close(side["median"], metrics.aggregate_median(normalized), setting + ": median")
            close(side["optimality_gap"], metrics.aggregate_optimality_gap(normalized), setting + ": gap")
            numbers += 2
        for number, task in enumerate(result["tasks"]):
            name = f"{setting}/{task['name']}"
            if are_equal:
                scores = arrays[f"{setting}/scores"][:, number]
                curve = arrays[f"{setting}/curve"][:, number]
            else:
                scores, curve = arrays[name + "/scores"], arrays[name + "/curve"]
            assert scores.tolist() == [run["score"] for run in task["settings"][index]["runs"]], name
            numbers += aggregates(scores[:, None], task["settings"][index], name)
            for step, estimate in enumerate(task["curves"][index]):
                close(estimate["value"], metrics.aggregate_iqm(curve[:, step, None]), name + ": curve")
                numbers += 1
    if are_equal:
        one, three = (arrays[f"{setting}/scores"] for setting in SETTINGS)
        close(result["verdicts"][0]["improvement"]["probability"]["value"],
              metrics.probability_of_improvement(three, one), "probability of improvement")
        numbers += 1
    return numbers


def main(options: argparse.Namespace) -> None:
    random = np.random.default_rng(20261127)
    numbers = 0
    for case in range(options.cases):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary, "runs")
            folder.mkdir()
            are_equal = case % 4 != 3
            draw(random, folder, are_equal)
            try:
                numbers += check(options.program, folder, are_equal)
            except (AssertionError, subprocess.CalledProcessError) as error:
                sys.exit(f"compare: case {case}: {error}")
    print(f"compare: {numbers} numbers of {options.cases} cases are rliable's")


if __name__ == "__main__":
    main(OPTIONS)
