"""What a step through the bridge costs, beside a loop in Python over the same environments.

    make benchmark-bridge

Round by round, in shuffled order and fresh processes: environments stepped by the bridge, the same by a
bare loop in Python, and the bridge's Python without anybody at the other end, for one environment and
for 32 in a message. Prints a Markdown table of medians, with the lowest and the highest: what the
bridge adds to a step, the share of the bare loop's speed that is left, and where the time goes.
"""

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent / "Bridge"
SCRIPT = ROOT / "Sources/Gymnasium/bridge.py"


def measure(kind: str, program: str, name: str, count: int, steps: int) -> float:
    """Microseconds of a step of one environment."""
    sizes = [name, str(count), str(steps // count)]
    commands = {
        "bridge": [program, *sizes],
        "bare": [sys.executable, str(HERE / "bare_loop.py"), *sizes],
        "child": [sys.executable, str(HERE / "child_alone.py"), str(SCRIPT), *sizes],
    }
    environment = os.environ | {"DEEP_SARSA_PYTHON": sys.executable, "PYTHONHASHSEED": "0",
                                "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    result = subprocess.run(commands[kind], check=True, stdout=subprocess.PIPE, text=True,
                            env=environment)
    return float(result.stdout)


def spread(values: list[float], digits: int = 1) -> str:
    return (f"{statistics.median(values):.{digits}f} "
            f"({min(values):.{digits}f}–{max(values):.{digits}f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environment", default="CartPole-v1")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=60_000)
    parser.add_argument("--program", default=str(ROOT / ".build-counts/release/bridge"))
    options = parser.parse_args()

    counts = (1, 32)
    kinds = ("bridge", "bare", "child")
    times: dict[tuple[str, int], list[float]] = {(k, n): [] for k in kinds for n in counts}
    for _ in range(options.rounds):
        order = list(times)
        random.shuffle(order)
        for kind, count in order:
            times[kind, count].append(
                measure(kind, options.program, options.environment, count, options.steps))

    import gymnasium

    print(f"`{options.environment}`, Gymnasium {gymnasium.__version__}, "
          f"Python {platform.python_version()}, {os.cpu_count()} processors, "
          f"{options.rounds} rounds of {options.steps} steps, µs a step of one environment.\n")
    print("| environments a message | bare loop | bridge | added | speed left | "
          "of that: Python's end | waking, and this end |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for count in counts:
        bridge, bare, child = (times[kind, count] for kind in kinds)
        added = [a - b for a, b in zip(bridge, bare)]
        left = [100 * b / a for a, b in zip(bridge, bare)]
        python = [c - b for c, b in zip(child, bare)]
        rest = [a - c for a, c in zip(bridge, child)]
        print(f"| {count} | {spread(bare)} | {spread(bridge)} | {spread(added)} | "
              f"{spread(left, 0)} % | {spread(python)} | {spread(rest)} |")


if __name__ == "__main__":
    main()
