"""Train many seeds with the command line, and print what they learned as a Markdown table.

    make build && python3 Benchmarks/seeds.py --seeds 20 -- MountainCar-v0 --preset notebook

Everything behind `--` goes to `deep-sarsa train`. Seeds run side by side, one process each, one
thread each; which kernels OpenBLAS uses is printed with the table, for the numbers depend on it.
Needs nothing but Python's standard library.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def machine(folder: Path) -> dict[str, str]:
    """The machine's part of the first config in a folder of runs."""
    config = next(folder.rglob("config.yaml")).read_text(encoding="utf-8")
    lines = [line.strip() for line in config.split("machine:\n")[1].splitlines()]
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def train(program: str, arguments: list[str], seed: int, folder: str) -> dict:
    """One run's JSON object, with the machine's part of its config beside it."""
    command = [program, "train", *arguments, "--seed", str(seed), "--json", "--quiet",
               "--output", folder]
    run = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return run | {"machine": machine(Path(run["run"]))}


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0 to N−1")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    parser.add_argument("arguments", nargs="+", help="what `train` is given, behind --")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        runs = list(pool.map(
            lambda seed: train(options.program, options.arguments, seed, folder),
            range(options.seeds)))

    used = runs[0]["machine"]
    print(f"`deep-sarsa train {' '.join(options.arguments)}`, seeds 0 to {options.seeds - 1}; "
          f"OpenBLAS core {used['openBLASCore']}, kernels {used['kernels']}, "
          f"{used['processor']}.\n")
    print("| seed | steps | training, last 100 | greedy, last network | greedy, best network |")
    print("| --- | --- | --- | --- | --- |")
    for seed, run in enumerate(runs):
        print(row(str(seed), run))
    print(summary("median", statistics.median, runs))
    print(summary("lowest", min, runs))
    print(summary("highest", max, runs))


if __name__ == "__main__":
    sys.exit(main())
