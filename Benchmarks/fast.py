"""How long `train CartPole-v1 --preset fast` takes, from process start to its last evaluation.

    make build && python3 Benchmarks/fast.py

Every seed is a fresh process, timed from outside, on one core. Training stops when an evaluation of
100 episodes on the way reaches 475; the network is then judged on 100 fresh episodes, which belong to
the time as well. A Markdown table is printed: seconds, steps, and the mean over those fresh episodes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def train(program: str, seed: int, environment: dict[str, str], core: int) -> tuple[float, dict]:
    """Seconds of the whole process, and its JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["taskset", "-c", str(core), program, "train", "CartPole-v1", "--preset", "fast",
                   "--seed", str(seed), "--quiet", "--json", "--output", folder]
        start = time.perf_counter()
        result = subprocess.run(command, check=True, capture_output=True, text=True,
                                env=environment)
        seconds = time.perf_counter() - start
        run = json.loads(result.stdout)
        config = Path(run["run"], "config.yaml").read_text(encoding="utf-8")
    run["core"] = next(
        line for line in config.splitlines() if "openBLASCore" in line).split()[-1]
    return seconds, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0 to N−1")
    parser.add_argument("--keep-kernels", action="store_true",
                        help="leave OPENBLAS_CORETYPE as it is")
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    options = parser.parse_args()

    environment = dict(os.environ)
    if not options.keep_kernels:
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DEEP_SARSA_KERNELS"):
            environment.pop(name, None)
    core = max(os.sched_getaffinity(0))
    train(options.program, 0, environment, core)  # so that no run pays for a cold disk
    runs = [train(options.program, seed, environment, core) for seed in range(options.seeds)]

    seconds = [each for each, _ in runs]
    steps = [run["steps"] for _, run in runs]
    means = [run["best_evaluation"]["mean"] for _, run in runs]
    print(f"`deep-sarsa train CartPole-v1 --preset fast`, seeds 0 to {options.seeds - 1}, "
          f"{runs[0][1]['core']} kernels, one core.\n")
    print("| | seconds, start to end | steps | mean of 100 fresh episodes |\n| --- | --- | --- | --- |")
    for name, pick in (("median", statistics.median), ("lowest", min), ("highest", max)):
        print(f"| {name} | {pick(seconds):.2f} | {pick(steps):.0f} | {pick(means):.1f} |")
    reached = sum(mean >= 475 for mean in means)
    print(f"\n475 or more on the fresh episodes: {reached} of {options.seeds}.")


if __name__ == "__main__":
    sys.exit(main())
