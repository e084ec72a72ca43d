"""Train the `tuned` presets with many seeds, and say what their last networks reach.

    make seeds
    make seeds OPTIONS="--seeds 5 --kernels own -- CartPole-v1 --gamma 0.98"

Without arguments behind `--` it trains every `tuned` preset of a built-in environment; with arguments,
`deep-sarsa train` is given these. The last network of each seed then plays fresh episodes that no evaluation on
the way has seen. A row has the interquartile mean over the seeds with its 95 % bootstrap interval, the lowest
and the highest seed, how many seeds reach the environment's threshold, and the mean share of evaluations at it
after an evaluation first reached it. Seeds run side by side, one process each, one thread each. No seed is left
out. Writes seeds.md and .json. Takes 35 minutes on two cores; needs `make build` and Python's standard library.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import measuring
from measuring import Session

# Environments, with the most seeds, the fresh episodes, and the seconds of a seed on one core, roughly.
SETTINGS = [
    ("MountainCar-v0", 20, 1_000, 9.0), ("CartPole-v1", 20, 1_000, 5.0), ("Acrobot-v1", 20, 1_000, 10.0),
    ("FrozenLake-v1", 20, 1_000, 1.0), ("CliffWalking-v1", 20, 10, 5.0), ("Taxi-v4", 20, 1_000, 1.0),
    ("bsuite/Catch-v0", 20, 1_000, 0.5), ("bsuite/DeepSea-v0", 20, 10, 0.5), ("MinAtar/Asterix-v1", 2, 100, 120.0),
    ("MinAtar/Breakout-v1", 2, 100, 120.0), ("MinAtar/Freeway-v1", 2, 100, 150.0),
    ("MinAtar/Seaquest-v1", 2, 100, 180.0), ("MinAtar/SpaceInvaders-v1", 2, 100, 130.0)]


def call(command: list[str], kernels: str) -> dict:
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True,
                                     env=measuring.variables(kernels)).stdout)


def train(program: str, arguments: list[str], seed: int, episodes: int, folder: str, kernels: str) -> dict:
    """A run's JSON object, with the returns of its last network in fresh episodes, and the machine."""
    run = call([program, "train", *arguments, "--seed", str(seed), "--json", "--quiet",
                "--output", folder], kernels)
    fresh = call([program, "evaluate", run["run"], "--episodes", str(episodes), "--json"], kernels)
    return {**run, "run": Path(run["run"]).name, "fresh": fresh, "machine": measuring.machine(Path(run["run"]))}


def row(arguments: list[str], runs: list[dict]) -> str:
    returns = [run["fresh"]["mean"] for run in runs]
    low, high = measuring.interval(returns)
    after = [run["after_threshold"] for run in runs if run["after_threshold"]]
    shares = [each["share"] for each in after if each["share"] is not None]
    reached = share = "–"
    if after:
        threshold = after[0]["threshold"]
        reached = f"{sum(mean >= threshold for mean in returns)} at {threshold:g}"
        share = f"{statistics.fmean(shares):.2f}" if shares else "–"
    return (f"| {' '.join(arguments)} | {max(run['steps'] for run in runs):,} | {len(runs)} "
            f"| {measuring.interquartile_mean(returns):.2f} ({low:.2f} to {high:.2f}) "
            f"| {min(returns):.2f} | {max(returns):.2f} | {reached} | {share} |")


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_seeds(parser)
    measuring.add_kernels(parser, "own")
    parser.add_argument("--jobs", type=int, default=len(measuring.CORES),
                        help="processes side by side (default: %(default)s)")
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    parser.add_argument("arguments", nargs="*", help="what `train` is given, behind --")
    options = measuring.parse(parser)
    measuring.require(options.program)

    settings = [([name], most, episodes, seconds) for name, most, episodes, seconds in SETTINGS]
    if options.arguments:
        settings = [(options.arguments, options.seeds, 1_000, 11.0)]
    if options.quick:  # Nor do seeds train for long, but where the caller has set the length.
        short = [] if options.arguments else ["--total-timesteps", "5000"]
        settings = [(each[0] + short, each[1], 5, 1.0) for each in settings]
    kernels = options.kernels.split(",")
    seeds = measuring.seeds(options)
    jobs = [(name, arguments, seed, episodes, seconds) for name in kernels
            for arguments, most, episodes, seconds in settings for seed in seeds[:most]]
    session = Session("seeds", options, len(jobs), sum(job[-1] for job in jobs) / options.jobs)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        waiting = [(name, arguments, seed, pool.submit(
            session.measure, f"{' '.join(arguments)} with seed {seed}, kernels {name}", train,
            options.program, arguments, seed, episodes, folder, name, seconds=seconds / options.jobs))
            for name, arguments, seed, episodes, seconds in jobs]
        found: dict[tuple[str, str], list[dict]] = {}
        for name, arguments, seed, job in waiting:
            if job.result():
                found.setdefault((name, " ".join(arguments)), []).append({**job.result(), "seed": seed})
    tables = []
    for name in kernels:
        rows = [row(arguments.split(), runs) for (kind, arguments), runs in found.items() if kind == name]
        if not rows:
            continue
        used = next(runs[0]["machine"] for (kind, _), runs in found.items() if kind == name)
        tables.append("\n".join([
            f"`deep-sarsa train ENVIRONMENT`, seeds from {seeds[0]} on; OpenBLAS core {used['openBLASCore']}, "
            f"kernels {used['kernels']}, {used['processor']}.", "",
            "| environment | steps | seeds | last network, interquartile mean (95 % interval) | lowest | highest "
            "| seeds at the threshold | share after |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |", *rows]))
    if tables:
        session.write("seeds", "\n\n".join(tables), {"runs": [
            {"kernels": name, "arguments": arguments, "seeds": runs}
            for (name, arguments), runs in found.items()]})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
