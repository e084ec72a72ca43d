"""The notebook's training loop: this package against PyTorch, in one run, in turn.

    make benchmark-notebook

Both sides train MountainCar-v0 with the notebook's hyperparameters on one thread for a fixed number
of environment steps; each process is fresh, the order alternates, medians and their ratio are
printed. Speed is of training alone: ours from the first step, evaluations and files excluded, over
a run whose first 320 steps make no update; PyTorch's after its first 1,000 steps, for it starts
slowly. Ours takes more steps because it would be over too soon. OpenBLAS is let choose its own
kernels unless --keep-kernels leaves OPENBLAS_CORETYPE as it is; PyTorch always chooses its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def steps_per_second(command: list[str], environment: dict[str, str]) -> float:
    result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(result.stdout)["steps_per_second"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300_000, help="of ours")
    parser.add_argument("--peer-steps", type=int, default=15_000, help="of PyTorch's")
    parser.add_argument("--keep-kernels", action="store_true")
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    options = parser.parse_args()

    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if not options.keep_kernels:
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            environment.pop(name, None)

    ours, peers = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.rounds):
            turns = [
                (ours, [options.program, "train", "MountainCar-v0", "--preset", "notebook",
                        "--total-timesteps", str(options.steps), "--evaluation-every", "1e9",
                        "--evaluation-episodes", "1", "--json", "--quiet", "--output", folder]),
                (peers, [options.python, str(ROOT / "Benchmarks/Peers/notebook_pytorch.py"),
                         "--steps", str(options.peer_steps), "--json"]),
            ]
            for results, command in turns if seed % 2 == 0 else reversed(turns):
                results.append(steps_per_second([*command, "--seed", str(seed)], environment))
            print(f"round {seed}: {ours[-1]:.0f} and {peers[-1]:.0f} steps/s", file=sys.stderr)
        config = next(Path(folder).glob("*/config.yaml")).read_text(encoding="utf-8")

    core = next(line for line in config.splitlines() if "openBLASCore" in line).split()[-1]
    ratios = [a / b for a, b in zip(ours, peers)]
    print("| system | steps/s, median | lowest | highest |\n| --- | --- | --- | --- |")
    for name, values in ((f"deep-sarsa ({core} kernels)", ours), ("PyTorch", peers)):
        print(f"| {name} | {statistics.median(values):.0f} | {min(values):.0f} | "
              f"{max(values):.0f} |")
    print(f"\nratio, round by round: median {statistics.median(ratios):.1f}, "
          f"from {min(ratios):.1f} to {max(ratios):.1f}")


if __name__ == "__main__":
    sys.exit(main())
