"""This package against its peers: the same work, in the same run, in a shuffled order.

    make benchmark-peers
    make benchmark-peers OPTIONS="--only notebook --rounds 3"

Every measurement is a fresh process. Within a round each workload's systems take turns in an order
drawn from the round's number, so that a noisy minute hits them alike, and ratios are taken round by
round. What runs on one thread is pinned to one core. Speed is of training alone: ours excludes the
program's start, evaluations and files, a peer's excludes imports, compilation and warm-up. Of eight
seeds ours is all steps over the time of the whole process, its start and evaluations included.

OpenBLAS chooses its own kernels; in a second row of ours it has those for AVX2. Peers choose
theirs. Steps differ between systems, so that each runs for seconds; all budgets are in the JSON.
A reference product is measured before and after each measurement: where it ran slow the measurement
is void, and does not count. With --quick every system runs once, for 6,000 steps.

Writes peers.json with every measurement, peers.md and peers.svg. Takes 40 minutes; needs `make
benchmark-programs` and a Python with the packages of Benchmarks/Peers/requirements.txt, which `make`
installs once: 3 GB to download, 6 GB on disk.
"""

import argparse
import contextlib
import importlib.metadata
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import measuring
from measuring import CORES, ROOT, Session, Timed, spread
from peer_workloads import ONE_THREAD, OURS, OURS_AVX2, System, Workload, workloads

# Enough to get behind every peer's warm-up.
LEAST_STEPS = 6_000


@dataclass(frozen=True)
class Measurement:
    workload: str
    system: str
    round: int
    steps_per_second: float
    process_seconds: float
    arguments: list[str]
    variables: dict[str, str]
    pinned: bool
    machine: dict[str, str]
    report: list[dict]


def measure(workload: Workload, system: System, number: int,
            options: argparse.Namespace) -> Measurement:
    """One fresh process; the round's number is its seed."""
    steps = LEAST_STEPS if options.quick else max(LEAST_STEPS, round(system.steps * options.share))
    arguments = [*system.arguments, "--steps", str(steps), "--seed", str(number), "--json"]
    if system.script:
        program = [options.python.absolute(), ROOT / "Benchmarks/Peers" / system.script]
    else:
        program = [options.program.absolute(), "train"]
    pin = measuring.pinned() if system.pinned else []
    chosen = ONE_THREAD | system.variables
    # A peer, too, chooses for itself, whatever this shell has set.
    inherited = {name: value for name, value in measuring.variables().items() if name != "XLA_FLAGS"}
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        result = subprocess.run([*pin, *program, *arguments], check=True, capture_output=True,
                                text=True, env=inherited | chosen, cwd=folder)
        seconds = time.perf_counter() - started
        used = {} if system.script else measuring.machine(Path(folder))
    # Ours prints a line per seed.
    report = [json.loads(line) for line in result.stdout.splitlines()]
    speed = (report[0]["steps_per_second"] if len(report) == 1
             else sum(run["steps"] for run in report) / seconds)
    if speed is None:
        raise ValueError(f"{steps} steps end before the warm-up does")
    for run in report:
        run.pop("run", None)
    return Measurement(workload.name, system.name, number, speed, seconds,
                       [system.script or "deep-sarsa", *arguments], chosen, system.pinned,
                       used, report)


def measure_all(session: Session, chosen: list[Workload],
                options: argparse.Namespace) -> list[Timed]:
    found = [session.timed(f"round {number + 1}, {workload.name}, {system.name}", measure, workload,
                           system, number, options, cores=CORES[-1:] if system.pinned else CORES)
             for number in range(options.rounds)
             for workload in chosen
             for system in shuffled(workload.systems, f"{workload.name} {number}")]
    return [each for each in found if each]


def shuffled(systems: list[System], seed: str) -> list[System]:
    return random.Random(seed).sample(systems, len(systems))


def environment(measurements: list[Timed], options: argparse.Namespace) -> dict[str, str]:
    """What the numbers depend on, beside the commands."""
    used = {each.value.system: each.value.machine for each in measurements if each.value.machine}
    result = measuring.surroundings()
    if OURS in used:
        result |= {"OpenBLAS": used[OURS]["openBLAS"], "its kernels": used[OURS]["openBLASCore"],
                   "elementwise kernels": used[OURS]["kernels"], "compiler": used[OURS]["compiler"]}
    if OURS_AVX2 in used:
        result["its kernels for AVX2"] = used[OURS_AVX2]["openBLASCore"]
    packages = [line.partition("==")[0] for line in
                (ROOT / "Benchmarks/Peers/requirements.txt").read_text().splitlines()]
    versions = []
    for name in packages:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{name} {importlib.metadata.version(name)}")
    return result | {"packages": ", ".join(versions), "rounds": str(options.rounds)}


@dataclass(frozen=True)
class Row:
    """A system's speeds, and how many times as fast ours is: medians, lowest, highest."""

    name: str
    speeds: list[float]
    ratios: list[float]
    ratios_avx2: list[float]


def rows(session: Session, workload: Workload, measurements: list[Timed]) -> list[Row]:
    """Of the measurements that count; a system without any has a mark, one that failed no row."""
    speeds: dict[str, dict[int, float]] = {}
    marks: dict[str, str] = {}
    for system in workload.systems:
        own = [each for each in measurements
               if (each.value.workload, each.value.system) == (workload.name, system.name)]
        if own:
            values, marks[system.name] = session.counting(own)
            speeds[system.name] = {each.round: each.steps_per_second for each in values}

    def ratios(ours: str, name: str) -> list[float]:
        if name in (OURS, OURS_AVX2):
            return []
        return [speed / speeds[name][number] for number, speed in speeds.get(ours, {}).items()
                if number in speeds[name]]
    return [Row(name + marks[name], list(own.values()), ratios(OURS, name), ratios(OURS_AVX2, name))
            for name, own in speeds.items()]


def markdown(tables: list[tuple[Workload, list[Row]]], surroundings: dict[str, str]) -> str:
    lines = [
        "# Speed beside peers", "",
        "Made by `make benchmark-peers`; every measurement is in [peers.json](peers.json), how "
        "they are taken in [Benchmarks/peers.py](../../Benchmarks/peers.py).", "",
        "![Steps per second of every system](peers.svg)", "",
        "Environment steps per second, updates included: median of the rounds, and in brackets the "
        "lowest and the highest. Ratios say how many times as fast ours is, round by round: with "
        "the kernels that OpenBLAS chooses, and with those for AVX2. A round beside which a "
        "reference product ran slow does not count.", ""]
    for workload, table in tables:
        lines += [f"## {workload.title}", "", f"{workload.description}.", "",
                  "| system | steps/s | deep-sarsa ÷ it | with AVX2 kernels ÷ it |",
                  "| --- | --- | --- | --- |"]
        for row in table:
            ratios = [spread(each, ".1f") if each else "" for each in (row.ratios, row.ratios_avx2)]
            lines.append(f"| {row.name} | {spread(row.speeds, ',.0f')} | {' | '.join(ratios)} |")
        lines.append("")
    lines += ["## The machine", "", "| | |", "| --- | --- |",
              *(f"| {name} | {value} |" for name, value in surroundings.items()), ""]
    return "\n".join(lines)


def draw(tables: list[tuple[Workload, list[Row]]], path: Path) -> None:
    """Bars of medians on a logarithmic axis, whiskers from lowest to highest, as an SVG that
    depends on nothing but the numbers."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "peers", "font.family": "DejaVu Sans", "font.size": 9})
    figure, axes = plt.subplots(
        len(tables), 1, squeeze=False, layout="constrained", sharex=True,
        figsize=(8, 0.6 + sum(0.55 + 0.27 * len(table) for _, table in tables)),
        height_ratios=[1 + len(table) for _, table in tables])
    for axis, (workload, table) in zip(axes[:, 0], tables):
        medians = [statistics.median(row.speeds) for row in table]
        whiskers = [[median - min(row.speeds) for median, row in zip(medians, table)],
                    [max(row.speeds) - median for median, row in zip(medians, table)]]
        names = [row.name for row in table]
        axis.barh(names, medians, height=0.7, xerr=whiskers,
                  color=["#d9822b" if name.startswith(OURS) else "#8a9ba8" for name in names],
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
    slowest = min(min(row.speeds) for _, table in tables for row in table)
    axes[-1, 0].set_xlim(left=10 ** math.floor(math.log10(slowest)))
    axes[-1, 0].set_xlabel("environment steps per second (logarithmic)")
    axes[-1, 0].xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    figure.savefig(path, metadata={"Date": None})


def parse_arguments() -> argparse.Namespace:
    options = measuring.parser(__doc__)
    options.add_argument("--rounds", type=int, default=5, help="(default: %(default)s; 1 with --quick)")
    options.add_argument("--only", default=",".join(workloads()), metavar="NAME,NAME,…",
                         help="workloads (default: %(default)s)")
    options.add_argument("--share", type=float, default=1, help="of the usual numbers of steps")
    options.add_argument("--program", type=Path, default=measuring.PROGRAM)
    options.add_argument("--python", type=Path, default=Path(sys.executable),
                         help="a Python that has the peers' packages (default: this one)")
    arguments = measuring.parse(options)
    unknown = set(arguments.only.split(",")) - set(workloads())
    if unknown:
        options.error(f"--only knows {', '.join(workloads())}, not {', '.join(sorted(unknown))}")
    if arguments.quick:
        arguments.rounds = 1
        # What is large runs the same programs, for minutes.
        arguments.only = ",".join(name for name in arguments.only.split(",") if name != "large"
                                  ) or arguments.only
    return arguments


def main() -> int:
    options = parse_arguments()
    measuring.require(options.program, measuring.ROOFLINE)
    chosen = [workload for name in options.only.split(",") for workload in workloads()[name]]
    count = options.rounds * sum(len(workload.systems) for workload in chosen)
    session = Session("peers", options, count, count * 18.0)
    measurements = measure_all(session, chosen, options)
    tables = [(workload, table) for workload in chosen
              if (table := rows(session, workload, measurements))]
    if tables:
        surroundings = environment(measurements, options)
        try:
            draw(tables, session.folder() / "peers.svg")
        except ImportError as error:
            session.fail("peers.svg", str(error))
        session.write("peers", markdown(tables, surroundings), {
            "environment": surroundings, "measurements": [
                {**asdict(each.value), "reference": session.share(each.references)}
                for each in measurements]})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
