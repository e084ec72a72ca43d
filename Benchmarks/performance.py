"""How fast training is, how close to what the machine could do, and how its cost grows.

    make benchmark-performance

Measures, and writes to docs/benchmarks/performance.md and .json:

- every phase of the notebook's training step beside the best time that its work takes by itself,
  with OpenBLAS's own choice of kernels and with Haswell's, in one process each (`roofline`);
- how the step grows with network, minibatch, memory and environments, beside its limit's growth;
- how many steps a second several seeds make together, for one run and for two at a time, and for as
  many processes, in turn;
- the memory of a process over ten million steps.

A limit counts the lesser of the isolated and the measured time of each phase. A measurement is void
where a product of 32×64×128 is slower than the machine can be: the table then says so. Processes are
pinned to a core unless they are to use two. Needs nothing but Python's standard library.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PHASES = {"act": "act", "environment": "environment", "remember": "remember",
          "sample": "sample, targets, loss", "forward": "forward", "backward": "backward",
          "optimize": "optimise", "synchronize": "synchronise"}
# GFLOP/s below which somebody else uses the processor, by what the kernels are written for; on a
# processor slower than a Zen 5 of 4 GHz they are too high.
LEAST_GIGAFLOPS = {"Haswell": 85.0}
NOTEBOOK = ["train", "MountainCar-v0", "--preset", "notebook", "--evaluation-every", "1e9",
            "--evaluation-episodes", "1", "--json", "--quiet"]


def variables(kernels: str | None) -> dict[str, str]:
    """The environment: OpenBLAS chooses for itself unless a core type is given."""
    result = {name: value for name, value in os.environ.items()
              if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DEEP_SARSA_KERNELS")}
    return result | ({"OPENBLAS_CORETYPE": kernels} if kernels else {})


def pinned() -> list[str]:
    return ["taskset", "-c", str(max(os.sched_getaffinity(0)))]


def roofline(program: str, kernels: str | None, **shape: object) -> dict:
    arguments = [f"{name}={value}" for name, value in shape.items()]
    output = subprocess.run([*pinned(), program, *arguments], check=True, capture_output=True,
                            text=True, env=variables(kernels)).stdout
    result = json.loads(output)
    for phase, limit in result["limits"].items():
        result["limits"][phase] = min(limit, result["phases"].get(phase, limit))
    result["limit"] = sum(result["limits"].values())
    result["step"] = min(result["steps"])
    result["void"] = result["gigaflops"] < LEAST_GIGAFLOPS.get(result["core"], 200.0)
    return result


def phase_table(result: dict) -> str:
    lines = [f"{result['core']} kernels, elementwise kernels {result['kernels']}: 32×64×128 runs at "
             f"{result['gigaflops']:.0f} GFLOP/s"
             + (", too slow to count: **void**.\n" if result["void"] else ".\n"),
             "| phase | at best, µs | in training, µs |\n| --- | --- | --- |"]
    for phase, name in PHASES.items():
        measured = result["phases"].get(phase)
        lines.append(f"| {name} | {result['limits'][phase]:.2f} | "
                     f"{'–' if measured is None else f'{measured:.2f}'} |")
    step, alone = result["step"], result["operations"] / result["gigaflops"] * 1e-3
    lines += [
        f"| **a step** | **{result['limit']:.2f}** | **{step:.2f}** "
        f"(median {statistics.median(result['steps']):.2f}) |",
        f"\nThe step runs at {result['limit'] / step:.2f} of its limit. Its "
        f"{result['operations'] / 1e6:.2f} million floating-point operations alone would take "
        f"{alone:.2f} µs, {alone / step:.2f} of the step. That is {1e6 / step:,.0f} steps a second.\n"]
    return "\n".join(lines)


def growth_table(results: list[tuple[str, dict]]) -> str:
    lines = ["| what differs | step, µs | limit, µs | step/limit | step grows | limit grows |\n"
             "| --- | --- | --- | --- | --- | --- |"]
    base = results[0][1]
    for name, result in results:
        lines.append(
            f"| {name}{' (void)' if result['void'] else ''} | {result['step']:.2f} | "
            f"{result['limit']:.2f} | {result['step'] / result['limit']:.2f} | "
            f"{result['step'] / base['step']:.2f} | {result['limit'] / base['limit']:.2f} |")
    return "\n".join(lines) + "\n"


def growth(program: str) -> list[tuple[str, dict]]:
    shapes: list[tuple[str, dict[str, object]]] = [("the notebook's: 128,64, minibatch 32, memory "
                                                    "1,000,000, one environment", {})]
    shapes += [(f"layers of {h}", {"hidden": h}) for h in
               ("32,32", "64,64", "256,256", "512,512")]
    shapes += [(f"minibatch {b}", {"batch": b}) for b in (8, 16, 64, 256)]
    shapes += [(f"memory {c:,}", {"capacity": c}) for c in (1_000, 100_000, 10_000_000)]
    shapes += [(f"{e} environments", {"environments": e}) for e in (8, 64)]
    return [(name, roofline(program, None, steps=4_000 if "512" in name else 20_000, **shape))
            for name, shape in shapes]


def train_speed(program: str, arguments: list[str], folder: str, processes: int,
                kernels: str | None) -> float:
    """Steps a second of training alone, of all runs of all processes together."""
    started = [subprocess.Popen(
        [program, *NOTEBOOK, *arguments, "--seed", str(100 * i), "--output", folder],
        stdout=subprocess.PIPE, text=True, env=variables(kernels)) for i in range(processes)]
    outputs = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        sys.exit("performance: a run failed")
    return sum(json.loads(line)["steps_per_second"]
               for output in outputs for line in output.splitlines())


def seeds_table(program: str, rounds: int) -> str:
    """One run, two runs in one process, two processes; in turn, so that all see the same machine."""
    lines = ["| kernels | one run | two in one process | two processes | efficiency of one process | "
             "of processes |\n| --- | --- | --- | --- | --- | --- |"]
    for kernels in (None, "Haswell"):
        found: dict[str, list[float]] = {"one": [], "threads": [], "processes": []}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(rounds):
                length = ["--total-timesteps", "60000"]
                turns = {"one": (length, 1), "processes": (length, 2),
                         "threads": ([*length, "--seeds", "2", "--jobs", "2"], 1)}
                for name, (arguments, processes) in turns.items():
                    found[name].append(train_speed(program, arguments, folder, processes, kernels))
        middle = {name: statistics.median(values) for name, values in found.items()}
        efficiency = {
            name: statistics.median(pair / one / 2 for pair, one in zip(found[name], found["one"]))
            for name in ("threads", "processes")}
        lines.append(
            f"| {kernels or 'own choice'} | {middle['one']:,.0f} | {middle['threads']:,.0f} | "
            f"{middle['processes']:,.0f} | {efficiency['threads']:.2f} | "
            f"{efficiency['processes']:.2f} |")
    return "\n".join(lines) + "\n"


def resident_table(program: str, steps: int) -> str:
    """Resident memory along one run whose memory is full after a tenth of it."""
    page = os.sysconf("SC_PAGE_SIZE")
    samples: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen(
            [program, *NOTEBOOK, "--total-timesteps", str(steps), "--buffer-size",
             str(steps // 10), "--train-frequency", "16", "--output", folder],
            stdout=subprocess.DEVNULL, env=variables(None))
        while process.poll() is None:
            try:
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
                samples.append((time.perf_counter() - start, pages * page / 1e6))
            except (OSError, IndexError):
                break
            time.sleep(0.05)
        process.wait()
    end = samples[-1][0]
    lines = ["| share of the run | resident, MB |\n| --- | --- |"]
    for share in (0.02, 0.2, 0.4, 0.6, 0.8, 0.99):
        lines.append(f"| {share:.0%} | "
                     f"{next(size for seconds, size in samples if seconds >= share * end):.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    parser.add_argument("--roofline", default=str(ROOT / ".build-counts/release/roofline"))
    parser.add_argument("--rounds", type=int, default=9, help="of the runs side by side")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/benchmarks")
    options = parser.parse_args()

    own, haswell = (roofline(options.roofline, kernels) for kernels in (None, "Haswell"))
    grown = growth(options.roofline)
    names = {line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")}
    text = f"""# Performance, measured

Written by `make benchmark-performance`. {', '.join(sorted(names)) or platform.machine()},
{os.cpu_count()} cores, one thread unless it says otherwise. The notebook's training step: 2-128-64-3,
a minibatch of 32, a full memory of 1,000,000, one update per step. Least times of
{own['rounds']} rounds; a transition takes {own['bytesPerTransition']} bytes.

## A step beside its limit

{phase_table(own)}
{phase_table(haswell)}
## How the cost of a step grows

{growth_table(grown)}
Each per step of one environment with its one update, with OpenBLAS's own choice of kernels. What grows
faster than its limit is where there is something left to gain; a product of more than a million
multiplications goes through OpenBLAS's packing, in the limit too.

## Several seeds at a time

Steps a second of training alone, medians of {options.rounds} rounds in turn; efficiency against twice
one run, round by round.

{seeds_table(options.program, options.rounds)}
## Memory over ten million steps

A memory of 1,000,000 transitions, full after a tenth of the run, one update in 16 steps.

{resident_table(options.program, 10_000_000)}"""
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "performance.md").write_text(text, encoding="utf-8")
    (options.output / "performance.json").write_text(json.dumps(
        {"own": own, "haswell": haswell, "growth": dict(grown)}, indent=1, sort_keys=True) + "\n",
        encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.exit(main())
