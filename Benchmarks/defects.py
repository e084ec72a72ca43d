"""Measure what the notebook's defects cost: its recipe with 20 seeds, one defect changed at a time.

    make defects

Two of them are switches of the command line. The third, one ε coin for a whole minibatch, is a mistake
that the program does not offer: a copy of the sources is patched and built for it. Prints a Markdown
table (docs/algorithm.md). Needs nothing but Python's standard library.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from seeds import ROOT, train

RECIPE = ["MountainCar-v0", "--preset", "notebook"]
PATCH = ROOT / "Benchmarks/Defects/coin_per_batch.patch"


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
    subprocess.run(["swift", "build", "-c", "release", "--product", "deep-sarsa"], cwd=folder,
                   check=True, stdout=sys.stderr)
    return str(folder / ".build/release/deep-sarsa")


def row(name: str, runs: list[dict]) -> str:
    training = [run["training_return_last_100"] for run in runs]
    last = [run["evaluation"]["mean"] for run in runs]
    best = [run["best_evaluation"]["mean"] for run in runs]
    cells = [f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
             for values in (training, last, best)]
    learned = sum(value > -200 for value in best)
    return f"| {name} | {' | '.join(cells)} | {learned} of {len(runs)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0 to N−1")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        patched = patched_program(Path(folder) / "patched")
        variants = [
            ("the preset: limit terminal, memory 1,000,000, a coin per row", options.program, []),
            ("time limit bootstrapped", options.program, ["--time-limit", "bootstrap"]),
            ("memory 100,000", options.program, ["--buffer-size", "1e5"]),
            ("one coin per minibatch, as in the notebook", patched, []),
        ]
        jobs = [[pool.submit(train, executable, RECIPE + arguments, seed, folder)
                 for seed in range(options.seeds)] for _, executable, arguments in variants]
        results = [[job.result() for job in variant] for variant in jobs]

    machine = results[0][0]["machine"]
    print(f"`{' '.join(RECIPE)}`, seeds 0 to {options.seeds - 1}; OpenBLAS core "
          f"{machine['openBLASCore']}, kernels {machine['kernels']}; medians, lowest to highest.\n")
    print("| | training, last 100 | greedy, last network | greedy, best network | arrived |")
    print("| --- | --- | --- | --- | --- |")
    for (name, _, _), runs in zip(variants, results):
        print(row(name, runs))


if __name__ == "__main__":
    sys.exit(main())
