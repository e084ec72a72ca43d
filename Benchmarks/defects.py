"""Measure what the notebook's defects cost: its recipe with 20 seeds, one defect changed at a time.

    make defects

Two of them are switches of the command line. The third, one ε coin for a whole minibatch, is a mistake
that the program does not offer: a copy of the sources is patched and built for it. Writes defects.md
and .json (docs/algorithm.md). Takes 10 minutes on two cores, 2 of them for the build; needs `make
build`, git, Swift and Python's standard library.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import measuring
from measuring import ROOT, Session
from seeds import train

RECIPE = ["MountainCar-v0", "--preset", "notebook"]
PATCH = ROOT / "Benchmarks/Defects/coin_per_batch.patch"
VARIANTS = [
    ("the preset: time limit terminal, memory 1,000,000, a random draw per row", False, []),
    ("time limit bootstrapped", False, ["--time-limit", "bootstrap"]),
    ("memory 100,000", False, ["--buffer-size", "1e5"]),
    ("one random draw per minibatch, as in the notebook", True, []),
]


def patched_program(folder: Path) -> str:
    """Builds the sources with the patch, in a folder of their own."""
    files = subprocess.run(["git", "ls-files", "Package.swift", "Sources", "Tests"], cwd=ROOT,
                           check=True, capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    resolved = ROOT / "Package.resolved"
    if resolved.exists():
        shutil.copy2(resolved, folder)
    subprocess.run(["git", "apply", str(PATCH)], cwd=folder, check=True)
    subprocess.run([os.environ.get("SWIFT", "swift"), "build", "-c", "release", "--product",
                    "deep-sarsa"], cwd=folder, check=True, stdout=sys.stderr)
    return str(folder / ".build/release/deep-sarsa")


def row(name: str, runs: list[dict]) -> str:
    training = [run["training_return_last_100"] for run in runs
                if run["training_return_last_100"] is not None]
    last = [run["evaluation"]["mean"] for run in runs]
    best = [run["best_evaluation"]["mean"] for run in runs]
    cells = [measuring.spread(values, ".1f") if values else "–" for values in (training, last, best)]
    learned = sum(value > -200 for value in best)
    return f"| {name} | {' | '.join(cells)} | {learned} of {len(runs)} |"


def table(seeds: list[int], results: dict[str, list[dict]]) -> str:
    machine = next(runs for runs in results.values() if runs)[0]["machine"]
    return "\n".join([
        f"`{' '.join(RECIPE)}`, {measuring.describe_seeds(seeds)}; OpenBLAS core "
        f"{machine['openBLASCore']}, kernels {machine['kernels']}; medians, lowest to highest.", "",
        "| | training, last 100 | greedy, last network | greedy, best network | reached the goal |",
        "| --- | --- | --- | --- | --- |",
        *(row(name, runs) for name, runs in results.items() if runs)])


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_seeds(parser)
    measuring.add_kernels(parser, "own")
    parser.add_argument("--jobs", type=int, default=len(measuring.CORES),
                        help="processes side by side (default: %(default)s)")
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    options = measuring.parse(parser)
    measuring.require(options.program)
    if "," in options.kernels:
        parser.error(f"--kernels {options.kernels}: allowed is one name")

    seeds = measuring.seeds(options)
    short = ["--episodes", "25"] if options.quick else []
    build, run = 150.0, (1.0 if options.quick else 10.0) / options.jobs
    session = Session("defects", options, 1 + len(VARIANTS) * len(seeds),
                      build + run * len(VARIANTS) * len(seeds))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        patched = session.measure("building a copy with the notebook's coin", patched_program,
                                  Path(folder) / "patched", seconds=build)
        jobs = {name: [pool.submit(
            session.measure, f"{name}, seed {seed}", train, patched if is_patched else options.program,
            RECIPE + arguments + short, seed, folder, options.kernels, seconds=run)
            for seed in seeds] for name, is_patched, arguments in VARIANTS
            if patched or not is_patched}
        results = {name: [job.result() for job in variant if job.result()]
                   for name, variant in jobs.items()}
    if any(results.values()):
        session.write("defects", table(seeds, results), {"seeds": seeds, "variants": results})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
