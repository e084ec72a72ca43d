"""What each part of the recipe is worth: steps of a target, normalisation, scaling, rule, time limit.

    make ablation

Trains the environment's `tuned` settings with every combination of one or three steps (`--n-step`), with
and without layer normalisation (`--layer-norm`), with observations as they are or scaled by bounds
(`--input-scaling`), and with a time limit that bootstraps or terminates (`--time-limit`), for the expected
next action; and with the three other next actions (`--next-action`) where the rest is as in `tuned`. Each
row has the interquartile mean over the seeds of what the last network reaches in 100 fresh episodes, and
the 95 % percentile bootstrap interval of that mean (10,000 resamples). No seed is left out. Writes
ablation.md and .json. Takes an hour and a half on two cores; needs `make build` and Python's standard
library.
"""

import itertools
import json
import subprocess
import sys
import tempfile

import measuring
from measuring import Session

# An environment whose observations are not all bounded brings the bounds of its preset.
ENVIRONMENTS = ("MountainCar-v0", "CartPole-v1", "Acrobot-v1")
RULES = ("expected", "stored", "resampled", "greedy")
# Seconds of a run on one core, roughly.
SECONDS_OF_A_RUN = 4

Cell = tuple[int, bool, bool, str, str]


def cells(is_quick: bool) -> list[Cell]:
    """Steps, whether normalised, whether scaled, rule, and time limit of each row."""
    if is_quick:
        return [(1, False, False, "expected", "terminal"), (3, True, True, "expected", "bootstrap")]
    factorial = itertools.product(
        (1, 3), (False, True), (False, True), RULES[:1], ("bootstrap", "terminal"))
    rules = itertools.product((1, 3), (True,), (True,), RULES[1:], ("bootstrap",))
    return [*factorial, *rules]


def flags(cell: Cell) -> list[str]:
    steps, is_normalized, is_scaled, rule, limit = cell
    return ["--n-step", str(steps), "--layer-norm" if is_normalized else "--no-layer-norm",
            "--input-scaling", "bounds" if is_scaled else "none", "--next-action", rule,
            "--time-limit", limit]


def train(options, environment: str, cell: Cell, seeds: list[int]) -> list[float]:
    """What the last network of each seed reaches."""
    with tempfile.TemporaryDirectory() as folder:
        command = [options.program, "train", environment, "--preset", "tuned", *flags(cell),
                   "--seed", str(seeds[0]), "--seeds", str(len(seeds)), "--jobs", str(options.jobs),
                   # Only the last network counts: evaluations on the way change nothing, and take a sixth.
                   "--evaluation-every", "1000000", "--json", "--quiet", "--output", folder]
        if options.quick:
            command += ["--steps", "5000", "--learning-starts", "500"]
        result = subprocess.run(command, check=True, capture_output=True, text=True,
                                env=measuring.variables(options.kernels))
    return [json.loads(line)["evaluation"]["mean"] for line in result.stdout.splitlines()]


def shown(values: list[float] | None) -> str:
    if not values:
        return "failed"
    low, high = measuring.interval(values)
    return f"{measuring.interquartile_mean(values):.1f} ({low:.1f} to {high:.1f})"


def table(found: dict[tuple[str, Cell], list[float] | None], rows: list[Cell], title: str) -> str:
    yes = {True: "yes", False: "no"}
    lines = [title, "",
             "| steps | layer norm | scaled | next action | time limit | "
             + " | ".join(ENVIRONMENTS) + " |", "| --- " * (5 + len(ENVIRONMENTS)) + "|"]
    for row in rows:
        steps, is_normalized, is_scaled, rule, limit = row
        results = " | ".join(shown(found[environment, row]) for environment in ENVIRONMENTS)
        lines.append(f"| {steps} | {yes[is_normalized]} | {yes[is_scaled]} | {rule} | {limit} "
                     f"| {results} |")
    return "\n".join(lines)


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_seeds(parser)
    measuring.add_kernels(parser, "own")
    parser.add_argument("--jobs", type=int, default=len(measuring.CORES), metavar="N",
                        help="runs at a time (default: %(default)s)")
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    options = measuring.parse(parser)
    if not measuring.Path(options.program).exists():
        sys.exit(f"{options.program} is missing: `make build` builds it")

    seeds, rows = measuring.seeds(options), cells(options.quick)
    runs = len(rows) * len(ENVIRONMENTS)
    seconds = 1 if options.quick else SECONDS_OF_A_RUN * len(seeds) / options.jobs
    session = Session("ablation", options, runs, runs * seconds)
    found = {
        (environment, row): session.measure(
            f"{environment} {' '.join(flags(row))}", train, options, environment, row, seeds)
        for environment, row in itertools.product(ENVIRONMENTS, rows)}
    title = (f"`deep-sarsa train ENVIRONMENT --preset tuned` with five parts exchanged, "
             f"{measuring.describe_seeds(seeds)}, kernels {options.kernels}: interquartile mean of the "
             "last network over 100 fresh episodes, with its 95 % bootstrap interval over seeds.")
    session.write("ablation", table(found, rows, title), {"runs": [
        {"environment": environment, "flags": flags(row), "returns": returns}
        for (environment, row), returns in found.items()]})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
