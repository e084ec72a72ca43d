"""This package against its peers: the same work, in the same run, in a shuffled order.

    make benchmark-peers

Every measurement is a fresh process. Within a round each workload's systems take turns in an order
drawn from the round's number, so that a noisy minute hits them alike, and ratios are taken round by
round. What runs on one thread is pinned to one core. Speed is of training alone: ours excludes the
program's start, evaluations and files, a peer's excludes imports, compilation and warm-up. Of eight
seeds ours is all steps over the time of the whole process, its start and evaluations included.

OpenBLAS chooses its own kernels; in a second row of ours it has those for AVX2. Peers choose
theirs. Steps differ between systems, so that each runs for seconds; all budgets are in the JSON.

Writes `peers.json` with every measurement, `peers.md` and `peers.svg`.
"""

import argparse
import datetime
import importlib.metadata
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import matplotlib.pyplot as plt

from seeds import ROOT, machine

CORES = sorted(os.sched_getaffinity(0))
SEEDS = 8
# Enough to get behind every peer's warm-up.
LEAST_STEPS = 6_000
OURS, OURS_AVX2 = "deep-sarsa", "deep-sarsa, AVX2 kernels"
ONE_THREAD = {name: "1" for name in (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
XLA_ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
# What this shell may have set and a system is to choose for itself.
UNSET = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DEEP_SARSA_KERNELS", "XLA_FLAGS"]


@dataclass(frozen=True)
class System:
    """A program at a workload; `script` is empty for ours."""

    name: str
    script: str
    arguments: list[str]
    steps: int
    pinned: bool = True
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    description: str
    systems: list[System]


@dataclass(frozen=True)
class Measurement:
    workload: str
    system: str
    round: int
    steps_per_second: float
    process_seconds: float
    load_average: float
    arguments: list[str]
    variables: dict[str, str]
    pinned: bool
    machine: dict[str, str]
    report: list[dict]


def ours(arguments: list[str], steps: int, pinned: bool = True) -> list[System]:
    common = [*arguments, "--evaluation-every", "1e9", "--evaluation-episodes", "1", "--quiet"]
    return [System(OURS, "", common, steps, pinned),
            System(OURS_AVX2, "", common, steps // 2, pinned, {"OPENBLAS_CORETYPE": "Haswell"})]


def notebook_workload(name: str, title: str, hidden: str, batch: int, share: float) -> Workload:
    """The notebook's loop; `share` of its steps, for larger networks take longer."""
    ours_sizes = ["--hidden-sizes", hidden, "--batch-size", str(batch),
                  "--learning-starts", str(batch)]
    sizes = ["--hidden-sizes", hidden, "--batch-size", str(batch)]

    def steps(number: int) -> int:
        return round(number * share)

    return Workload(
        name, title,
        f"MountainCar-v0, ReLU network 2-{hidden.replace(',', '-')}-3, minibatches of {batch}, an "
        "AdamW update per environment step, memory of 1,000,000, target copied every 10 episodes; "
        "one thread",
        [*ours(["MountainCar-v0", "--preset", "notebook", *ours_sizes], steps(300_000)),
         System("JAX, one jitted scan", "notebook_jax.py", sizes, steps(120_000),
                variables=XLA_ONE_THREAD),
         System("JAX, free to use all cores", "notebook_jax.py", sizes, steps(120_000),
                pinned=False),
         System("NumPy", "notebook_numpy.py", sizes, steps(40_000)),
         System("PyTorch, compiled", "notebook_pytorch_fast.py", sizes, steps(30_000)),
         System("PyTorch", "notebook_pytorch.py", sizes, steps(10_000))])


def workloads() -> dict[str, list[Workload]]:
    seeds = ["--seeds", str(SEEDS)]
    return {
        "notebook": [notebook_workload("notebook", "The notebook's loop", "128,64", 32, 1)],
        "seeds": [Workload(
            "seeds", f"{SEEDS} seeds of the notebook's loop",
            f"the same with {SEEDS} seeds on all {len(CORES)} cores; steps of all seeds together; "
            "ours count its start, its files and its last evaluations, JAX's no compilation",
            [*ours(["MountainCar-v0", "--preset", "notebook", *seeds, "--jobs", str(len(CORES))],
                   100_000, pinned=False),
             System("JAX, seeds under vmap", "notebook_jax.py", [*seeds, "--together", "vmap"],
                    16_000, pinned=False),
             System("JAX, a seed per thread", "notebook_jax.py",
                    [*seeds, "--together", "threads"], 40_000, pinned=False,
                    variables={"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"})])],
        "modurl": [Workload(
            "modurl", "ModuRL's DQN workload",
            "CartPole-v1, tanh network 4-64-64-2, minibatches of 64 out of 10,000, an Adam update "
            "every 4 steps, squared error, Q-learning's target; one thread",
            [*ours(["CartPole-v1", "--hidden-sizes", "64,64", "--activation", "tanh",
                    "--buffer-size", "10000", "--batch-size", "64", "--learning-starts", "1024",
                    "--train-frequency", "4", "--optimizer", "adam", "--learning-rate", "2.5e-4",
                    "--adam-eps", "1e-5", "--loss", "mse", "--gamma", "0.99", "--epsilon", "0.1",
                    "--next-action", "greedy", "--selection", "target",
                    "--target-network-frequency", "1000", "--time-limit", "bootstrap"], 500_000),
             System("CleanRL's style", "cleanrl_style.py", [], 24_000),
             System("Stable-Baselines3", "sb3_dqn.py", [], 16_000)])],
        "large": [
            notebook_workload(f"large-{batch}", f"2-256-256-3, minibatches of {batch}",
                              "256,256", batch, share)
            for batch, share in ((128, 0.15), (256, 0.08))],
    }


def measure(workload: Workload, system: System, number: int,
            options: argparse.Namespace) -> Measurement:
    """One fresh process; the round's number is its seed."""
    steps = max(LEAST_STEPS, round(system.steps * options.share))
    arguments = [*system.arguments, "--steps", str(steps), "--seed", str(number), "--json"]
    if system.script:
        program = [options.python.absolute(), ROOT / "Benchmarks/Peers" / system.script]
    else:
        program = [options.program.absolute(), "train"]
    pin = ["taskset", "--cpu-list", str(CORES[-1])] if system.pinned else []
    variables = ONE_THREAD | system.variables
    inherited = {name: value for name, value in os.environ.items() if name not in UNSET}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        result = subprocess.run([*pin, *program, *arguments], check=True, stdout=subprocess.PIPE,
                                text=True, env=inherited | variables, cwd=folder)
        seconds = time.perf_counter() - started
        used = {} if system.script else machine(Path(folder))
    # Ours prints a line per seed.
    report = [json.loads(line) for line in result.stdout.splitlines()]
    speed = (report[0]["steps_per_second"] if len(report) == 1
             else sum(run["steps"] for run in report) / seconds)
    print(f"round {number}, {workload.name}, {system.name}: {speed:,.0f} steps/s", file=sys.stderr)
    for run in report:
        run.pop("run", None)
    return Measurement(workload.name, system.name, number, speed, seconds, load,
                       [system.script or "deep-sarsa", *arguments], variables, system.pinned,
                       used, report)


def measure_all(chosen: list[Workload], options: argparse.Namespace) -> list[Measurement]:
    return [measure(workload, system, number, options)
            for number in range(options.rounds)
            for workload in chosen
            for system in shuffled(workload.systems, f"{workload.name} {number}")]


def shuffled(systems: list[System], seed: str) -> list[System]:
    return random.Random(seed).sample(systems, len(systems))


def environment(measurements: list[Measurement], options: argparse.Namespace) -> dict[str, str]:
    """What the numbers depend on, beside the commands."""
    used, avx2 = (next(each.machine for each in measurements if each.system == name)
                  for name in (OURS, OURS_AVX2))
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.strip()
    packages = [line.partition("==")[0] for line in
                (ROOT / "Benchmarks/Peers/requirements.txt").read_text().splitlines()]
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit,
        "processor": used["processor"],
        "cores": str(len(CORES)),
        "OpenBLAS": used["openBLAS"],
        "its kernels": f"{used['openBLASCore']}; for AVX2 {avx2['openBLASCore']}",
        "elementwise kernels": used["kernels"],
        "compiler": used["compiler"],
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages),
        "rounds": str(options.rounds),
    }


@dataclass(frozen=True)
class Row:
    """A system's speeds, and how many times as fast ours is: medians, lowest, highest."""

    name: str
    speeds: list[float]
    ratios: list[float]
    ratios_avx2: list[float]


def rows(workload: Workload, measurements: list[Measurement]) -> list[Row]:
    speeds: dict[str, list[float]] = {}
    for system in workload.systems:
        speeds[system.name] = [measurement.steps_per_second for measurement in measurements
                               if (measurement.workload, measurement.system)
                               == (workload.name, system.name)]
    return [Row(name, own, [a / b for a, b in zip(speeds[OURS], own)],
                [a / b for a, b in zip(speeds[OURS_AVX2], own)])
            for name, own in speeds.items()]


def spread(values: list[float], form: str) -> str:
    return (f"{statistics.median(values):{form}} "
            f"({min(values):{form}} to {max(values):{form}})")


def markdown(chosen: list[Workload], measurements: list[Measurement],
             surroundings: dict[str, str]) -> str:
    loads = [measurement.load_average for measurement in measurements]
    lines = [
        "# Speed beside peers", "",
        "Made by `make benchmark-peers`; every measurement is in [peers.json](peers.json), how "
        "they are taken in [Benchmarks/peers.py](../../Benchmarks/peers.py).", "",
        "![Steps per second of every system](peers.svg)", "",
        "Environment steps per second, updates included: median of the rounds, and in brackets the "
        "lowest and the highest. Ratios say how many times as fast ours is, round by round: with "
        "the kernels that OpenBLAS chooses, and with those for AVX2.", ""]
    for workload in chosen:
        lines += [f"## {workload.title}", "", f"{workload.description}.", "",
                  "| system | steps/s | deep-sarsa ÷ it | with AVX2 kernels ÷ it |",
                  "| --- | --- | --- | --- |"]
        for row in rows(workload, measurements):
            ratios = ["", ""] if row.name in (OURS, OURS_AVX2) else [
                spread(row.ratios, ".1f"), spread(row.ratios_avx2, ".1f")]
            lines.append(f"| {row.name} | {spread(row.speeds, ',.0f')} | {' | '.join(ratios)} |")
        lines.append("")
    lines += ["## The machine", "", "| | |", "| --- | --- |",
              *(f"| {name} | {value} |" for name, value in surroundings.items()),
              f"| load average before a measurement | {spread(loads, '.1f')} |", ""]
    return "\n".join(lines)


def draw(chosen: list[Workload], measurements: list[Measurement], path: Path) -> None:
    """Bars of medians on a logarithmic axis, whiskers from lowest to highest, as an SVG that
    depends on nothing but the numbers."""
    plt.rcParams.update({"svg.hashsalt": "peers", "font.family": "DejaVu Sans", "font.size": 9})
    tables = [rows(workload, measurements) for workload in chosen]
    figure, axes = plt.subplots(
        len(chosen), 1, squeeze=False, layout="constrained", sharex=True,
        figsize=(8, 0.6 + sum(0.55 + 0.27 * len(table) for table in tables)),
        height_ratios=[1 + len(table) for table in tables])
    for axis, workload, table in zip(axes[:, 0], chosen, tables):
        medians = [statistics.median(row.speeds) for row in table]
        whiskers = [[median - min(row.speeds) for median, row in zip(medians, table)],
                    [max(row.speeds) - median for median, row in zip(medians, table)]]
        names = [row.name for row in table]
        axis.barh(names, medians, height=0.7, xerr=whiskers,
                  color=["#d9822b" if name in (OURS, OURS_AVX2) else "#8a9ba8" for name in names],
                  error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "#30404d"})
        for place, row in enumerate(table):
            axis.annotate(f"{medians[place]:,.0f}", (max(row.speeds), place), xytext=(5, 0),
                          textcoords="offset points", va="center")
        axis.set(xscale="log")
        axis.set_title(workload.title, loc="left", fontweight="bold", fontsize=10)
        axis.invert_yaxis()
        axis.grid(axis="x", color="#e1e8ed")
        axis.set_axisbelow(True)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
        axis.margins(x=0.12)
    slowest = min(min(row.speeds) for table in tables for row in table)
    axes[-1, 0].set_xlim(left=10 ** math.floor(math.log10(slowest)))
    axes[-1, 0].set_xlabel("environment steps per second (logarithmic)")
    axes[-1, 0].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.savefig(path, metadata={"Date": None})


def parse_arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default=",".join(workloads()), metavar="NAME,NAME,…",
                         help="workloads (default: %(default)s)")
    options.add_argument("--share", type=float, default=1, help="of the usual numbers of steps")
    options.add_argument("--program", type=Path, default=ROOT / ".build/release/deep-sarsa")
    options.add_argument("--python", type=Path, default=Path(sys.executable),
                         help="a Python that has the peers' packages")
    options.add_argument("--output", type=Path, default=ROOT / "docs/benchmarks")
    arguments = options.parse_args()
    unknown = set(arguments.only.split(",")) - set(workloads())
    if unknown:
        options.error(f"--only knows {', '.join(workloads())}, not {', '.join(sorted(unknown))}")
    return arguments


def main() -> None:
    options = parse_arguments()
    chosen = [workload for name in options.only.split(",") for workload in workloads()[name]]
    measurements = measure_all(chosen, options)
    surroundings = environment(measurements, options)
    options.output.mkdir(parents=True, exist_ok=True)
    record = {"environment": surroundings, "measurements": [asdict(each) for each in measurements]}
    (options.output / "peers.json").write_text(json.dumps(record, indent=1) + "\n")
    (options.output / "peers.md").write_text(markdown(chosen, measurements, surroundings))
    draw(chosen, measurements, options.output / "peers.svg")


if __name__ == "__main__":
    main()
