"""Train many seeds with the command line, and say what they learned.

    make seeds
    make seeds OPTIONS="--seeds 5 --kernels own -- CartPole-v1 --gamma 0.98"

Without arguments behind `--` it trains every setting of docs/results.md, with the kernels that OpenBLAS
chooses and with those for Haswell; with arguments, `deep-sarsa train` is given these. Seeds run side by
side, one process each, one thread each. Writes seeds-….md and .json, one of each for every setting and
kind of kernel. Takes 20 minutes on two cores; needs `make build` and Python's standard library.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import measuring
from measuring import Session

# The settings of docs/results.md, with the seconds that a seed of each takes on one core.
SETTINGS = [(["MountainCar-v0"], 11.0), (["CartPole-v1"], 6.0), (["Acrobot-v1"], 9.0),
            (["MountainCar-v0", "--preset", "notebook"], 10.0)]


def train(program: str, arguments: list[str], seed: int, folder: str, kernels: str) -> dict:
    """One run's JSON object, with the machine's part of its config beside it."""
    command = [program, "train", *arguments, "--seed", str(seed), "--json", "--quiet",
               "--output", folder]
    run = json.loads(subprocess.run(command, check=True, capture_output=True, text=True,
                                    env=measuring.variables(kernels)).stdout)
    machine = measuring.machine(Path(run["run"]))
    return {**run, "run": Path(run["run"]).name, "machine": machine}


def row(name: str, run: dict) -> str:
    last, best = run["evaluation"], run["best_evaluation"]
    recent = run["training_return_last_100"]
    training = "–" if recent is None else f"{recent:.1f}"
    return (f"| {name} | {run['steps']} | {training} | "
            f"{last['mean']:.1f} | {best['mean']:.1f} |")


def summary(name: str, pick, runs: list[dict]) -> str:
    """One line over all seeds: `pick` is the median, the least or the greatest."""
    recent = [run["training_return_last_100"] for run in runs
              if run["training_return_last_100"] is not None]
    return row(name, {
        "steps": round(pick([run["steps"] for run in runs])),
        "training_return_last_100": pick(recent) if recent else None,
        "evaluation": {"mean": pick([run["evaluation"]["mean"] for run in runs])},
        "best_evaluation": {"mean": pick([run["best_evaluation"]["mean"] for run in runs])},
    })


def table(arguments: list[str], seeds: list[int], runs: dict[int, dict]) -> str:
    used = next(iter(runs.values()))["machine"]
    lines = [
        f"`deep-sarsa train {' '.join(arguments)}`, {measuring.describe_seeds(seeds)}; "
        f"OpenBLAS core {used['openBLASCore']}, kernels {used['kernels']}, {used['processor']}.", "",
        "| seed | steps | training, last 100 | greedy, last network | greedy, best network |",
        "| --- | --- | --- | --- | --- |",
        *(row(str(seed), run) for seed, run in runs.items())]
    lines += [summary(name, pick, list(runs.values())) for name, pick in
              (("median", statistics.median), ("lowest", min), ("highest", max))]
    return "\n".join(lines)


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_seeds(parser)
    measuring.add_kernels(parser, measuring.BOTH_KERNELS)
    parser.add_argument("--jobs", type=int, default=len(measuring.CORES),
                        help="processes side by side (default: %(default)s)")
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    parser.add_argument("arguments", nargs="*", help="what `train` is given, behind --")
    options = measuring.parse(parser)
    measuring.require(options.program)

    settings = [(options.arguments, 11.0)] if options.arguments else SETTINGS
    if options.quick:  # Nor do seeds train for long, but where the caller has set the length.
        short = [] if options.arguments else ["--total-timesteps", "5000"]
        settings = [(arguments + short, 1.0) for arguments, _ in settings]
    kernels = options.kernels.split(",")
    seeds = measuring.seeds(options)
    count = len(settings) * len(kernels) * len(seeds)
    seconds = sum(each for _, each in settings) * len(kernels) * len(seeds) / options.jobs
    session = Session("seeds", options, count, seconds)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        groups = [
            (arguments, [(seed, pool.submit(
                session.measure, f"{' '.join(arguments)} with seed {seed}, kernels {name}", train,
                options.program, arguments, seed, folder, name,
                seconds=each / options.jobs)) for seed in seeds])
            for arguments, each in settings for name in kernels]
        found = [(arguments, {seed: job.result() for seed, job in jobs if job.result()})
                 for arguments, jobs in groups]
    for arguments, runs in found:
        if not runs:
            continue
        core = next(iter(runs.values()))["machine"]["openBLASCore"]
        name = re.sub(r"[^A-Za-z0-9.]+", "-", " ".join(["seeds", *arguments, core])).strip("-")
        session.write(name, table(arguments, seeds, runs),
                      {"arguments": arguments, "seeds": runs})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
