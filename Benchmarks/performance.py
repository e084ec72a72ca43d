"""How fast training is, how close to what the machine could do, and how its cost grows.

    make benchmark-performance

Measures, and writes to performance.md and .json:

- every phase of the notebook's training step beside the best time that its work takes by itself,
  with OpenBLAS's own choice of kernels and with Haswell's, in one process each (`roofline`);
- an update alone, without the passes of its targets, of a network with a convolution, beside its parts;
- how the step grows with network, minibatch, memory and environments, beside its limit's growth;
- how many steps a second several seeds make together, for one run and for two at a time, and for as
  many processes, in turn;
- the memory of a process over ten million steps.

A limit counts the lesser of the isolated and the measured time of each phase. A reference product is
measured before and after each round; a round is void where the product ran slow, and a row is marked
void where every round was. Processes are pinned to a core unless they are to use two. Takes 15 minutes;
needs `make benchmark-programs` and Python's standard library.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measuring
from measuring import CORES, Session, Timed

PHASES = {"act": "act", "environment": "environment", "remember": "remember",
          "sample": "sample, targets, loss", "forward": "forward", "backward": "backward",
          "optimize": "optimise", "synchronize": "synchronise"}
NOTEBOOK = ["train", "MountainCar-v0", "--preset", "notebook", "--evaluation-every", "1e9",
            "--evaluation-episodes", "1", "--json", "--quiet"]
# Networks of MinAtar's Breakout, with a minibatch of 32.
UPDATES: dict[str, dict[str, object]] = {
    "16 filters, then 128": {"filters": "16", "hidden": "128"},
    "16,16 filters, then 128": {"filters": "16,16", "hidden": "128"}}
BASE = "the notebook's: 128,64, minibatch 32, memory 1,000,000, one environment"
# What differs from it, and the seconds that a measurement takes.
SHAPES: list[tuple[str, dict[str, object], float]] = [
    (BASE, {}, 17),
    *((f"layers of {h}", {"hidden": h}, s) for h, s in
      (("32,32", 8), ("64,64", 12), ("256,256", 110), ("512,512", 85))),
    *((f"minibatch {b}", {"batch": b}, s) for b, s in ((8, 10), (16, 12), (64, 30), (256, 105))),
    *((f"memory {c:,}", {"capacity": c}, s) for c, s in
      ((1_000, 17), (100_000, 17), (10_000_000, 30))),
    *((f"{e} environments", {"environments": e}, 17) for e in (8, 64)),
]


def roofline(program: str, kernels: str, shape: dict[str, object], *verb: str) -> dict:
    arguments = [*verb, *(f"{name}={value}" for name, value in shape.items())]
    output = subprocess.run([*measuring.pinned(), program, *arguments], check=True,
                            capture_output=True, text=True, env=measuring.variables(kernels)).stdout
    result = json.loads(output)
    for phase, limit in result["limits"].items():
        result["limits"][phase] = min(limit, result["phases"].get(phase, limit))
    result["limit"] = sum(result["limits"].values())
    return result


def judge(session: Session, result: dict) -> None:
    """Takes the least step of the rounds that count, and marks the row if none does."""
    around = zip(result["steps"], result["references"], result["references"][1:])
    steps, result["mark"] = session.counting(
        [Timed(step, list(both)) for step, *both in around])
    result["step"], result["median"] = min(steps), statistics.median(steps)
    result["gigaflops"] = max(each["best"] for each in result["references"])


def phase_table(result: dict) -> str:
    lines = [f"{result['core']} kernels, elementwise kernels {result['kernels']}: 32×64×128 runs at "
             f"{result['gigaflops']:.0f} GFLOP/s{result['mark']}.\n",
             "| phase | at best, µs | in training, µs |\n| --- | --- | --- |"]
    for phase, name in PHASES.items():
        measured = result["phases"].get(phase)
        lines.append(f"| {name} | {result['limits'][phase]:.2f} | "
                     f"{'–' if measured is None else f'{measured:.2f}'} |")
    step, alone = result["step"], result["operations"] / result["gigaflops"] * 1e-3
    lines += [
        f"| **a step**{result['mark']} | **{result['limit']:.2f}** | **{step:.2f}** "
        f"(median {result['median']:.2f}) |",
        f"\nThe step runs at {result['limit'] / step:.2f} of its limit. Its "
        f"{result['operations'] / 1e6:.2f} million floating-point operations alone would take "
        f"{alone:.2f} µs, {alone / step:.2f} of the step. That is {1e6 / step:,.0f} steps a second.\n"]
    return "\n".join(lines)


def update_table(results: dict[str, dict]) -> str:
    lines = ["| network | million operations | alone, µs | with all parts at best, µs | an update, µs | "
             "parts/update |\n| --- | --- | --- | --- | --- | --- |"]
    for name, result in results.items():
        operations, limit, step = result["operations"], result["limit"], result["step"]
        lines.append(
            f"| {name}{result['mark']} | {operations / 1e6:.1f} | "
            f"{operations / result['gigaflops'] * 1e-3:.0f} | {limit:.0f} | {step:.0f} | {limit / step:.2f} |")
    return "\n".join(lines) + "\n"


def growth_table(results: dict[str, dict]) -> str:
    lines = ["| what differs | step, µs | limit, µs | step/limit | step grows | limit grows |\n"
             "| --- | --- | --- | --- | --- | --- |"]
    base = results.get(BASE)
    for name, result in results.items():
        grows = [f"{result[key] / base[key]:.2f}" if base else "–" for key in ("step", "limit")]
        lines.append(
            f"| {name}{result['mark']} | {result['step']:.2f} | {result['limit']:.2f} | "
            f"{result['step'] / result['limit']:.2f} | {' | '.join(grows)} |")
    return "\n".join(lines) + "\n"


def train_speed(program: str, arguments: list[str], processes: int, kernels: str) -> float:
    """Steps a second of training alone, of all runs of all processes together."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, *NOTEBOOK, *arguments, "--output", folder]
        started = [subprocess.Popen(
            [*command, "--seed", str(100 * i)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=measuring.variables(kernels)) for i in range(processes)]
        outputs = [process.communicate() for process in started]
    for process, (output, errors) in zip(started, outputs):
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    return sum(json.loads(line)["steps_per_second"]
               for output, _ in outputs for line in output.splitlines())


def side_by_side(session: Session, program: str, rounds: int, steps: int) -> dict[str, list[Timed]]:
    """One run, two runs in one process, two processes; in turn, so that all see the same machine."""
    length = ["--total-timesteps", str(steps)]
    turns = {"one": (length, 1), "threads": ([*length, "--seeds", "2", "--jobs", "2"], 1),
             "processes": (length, 2)}
    found: dict[str, list[Timed]] = {}
    for kernels, slowness in (("own", 1), ("Haswell", 2)):
        for number in range(rounds):
            one = [session.timed(
                f"seeds at a time, round {number + 1} with kernels {kernels}: {name}", train_speed,
                program, arguments, processes, kernels, cores=CORES, seconds=slowness * steps / 30_000)
                for name, (arguments, processes) in turns.items()]
            if all(one):  # A round counts whole.
                found.setdefault(kernels, []).append(Timed(
                    dict(zip(turns, (each.value for each in one))),
                    [r for each in one for r in each.references]))
    return found


def seeds_table(session: Session, found: dict[str, list[Timed]]) -> str:
    lines = ["| kernels | one run | two in one process | two processes | efficiency of one process | "
             "of processes |\n| --- | --- | --- | --- | --- | --- |"]
    for kernels, measured in found.items():
        rounds, mark = session.counting(measured)
        middle = [f"{statistics.median(each[name] for each in rounds):,.0f}"
                  for name in ("one", "threads", "processes")]
        efficiency = [f"{statistics.median(each[name] / each['one'] / 2 for each in rounds):.2f}"
                      for name in ("threads", "processes")]
        title = "own choice" if kernels == "own" else kernels
        lines.append(f"| {title}{mark} | {' | '.join(middle + efficiency)} |")
    return "\n".join(lines) + "\n"


def resident(program: str, steps: int) -> list[tuple[float, float]]:
    """Resident MB at shares of one run whose memory is full after a tenth of it."""
    page = os.sysconf("SC_PAGE_SIZE")
    samples: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        command = [program, *NOTEBOOK, "--total-timesteps", str(steps), "--buffer-size",
                   str(steps // 10), "--train-frequency", "16", "--output", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=measuring.variables())
        while process.poll() is None:
            try:
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
                samples.append((time.perf_counter() - start, pages * page / 1e6))
            except (OSError, IndexError):
                break
            time.sleep(0.05)
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
    end = samples[-1][0]
    return [(share, next(size for seconds, size in samples if seconds >= share * end))
            for share in (0.02, 0.2, 0.4, 0.6, 0.8, 0.99)]


def resident_table(shares: list[tuple[float, float]]) -> str:
    return "\n".join(["| share of the run | resident, MB |\n| --- | --- |",
                      *(f"| {share:.0%} | {size:.1f} |" for share, size in shares)]) + "\n"


def document(session: Session, phases: dict[str, dict], updates: dict[str, dict], grown: dict[str, dict],
             together: dict[str, list[Timed]], rounds: int, shares: list[tuple[float, float]] | None,
             steps: int) -> str:
    """All tables of what was measured."""
    machine = measuring.surroundings()
    text = f"""# Performance, measured

Written by `make benchmark-performance`. {machine['processor']}, {machine['cores']} cores, one thread
unless it says otherwise. The notebook's training step: 2-128-64-3, a minibatch of 32, a full memory of
1,000,000, one update per step. Least times of the rounds in which a reference product ran at its full
speed; a row without such a round is void.
"""
    if phases:
        size = next(iter(phases.values()))["bytesPerTransition"]
        text += f"\n## A step beside its limit\n\nA transition takes {size} bytes.\n\n"
        text += "\n".join(phase_table(each) for each in phases.values())
    if updates:
        first = next(iter(updates.values()))
        text += f"""
## An update with a convolution

Forward pass, backward pass and AdamW for 32 boards of MinAtar's Breakout, without the passes that targets take:
filters of 3 by 3 cells, 6 actions. With {first['core']} kernels 32×64×128 runs at
{first['gigaflops']:.0f} GFLOP/s; "alone" are the products at that speed.

{update_table(updates)}"""
    if grown:
        text += f"""
## How the cost of a step grows

{growth_table(grown)}
Each per step of one environment with its one update, with OpenBLAS's own choice of kernels. What grows
faster than its limit is where there is something left to gain; a product of more than a million
multiplications goes through OpenBLAS's packing, in the limit too.
"""
    if together:
        text += f"""
## Several seeds at a time

Steps a second of training alone, medians of {rounds} rounds in turn; efficiency against twice
one run, round by round.

{seeds_table(session, together)}"""
    if shares:
        text += f"""
## Memory over {steps:,} steps

A memory of {steps // 10:,} transitions, full after a tenth of the run, one update in 16 steps.

{resident_table(shares)}"""
    return text


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    parser.add_argument("--roofline", default=str(measuring.ROOFLINE))
    parser.add_argument("--rounds", type=int, default=9,
                        help="of the runs side by side (default: %(default)s; 1 with --quick)")
    options = measuring.parse(parser)
    measuring.require(options.program, options.roofline, measuring.ROOFLINE)
    rounds, steps, length = (1, 10_000, 400_000) if options.quick else (
        options.rounds, 60_000, 10_000_000)
    share = 0.1 if options.quick else 1.0
    shortened: dict[str, object] = {"rounds": 1, "steps": 500} if options.quick else {}

    memory = length / 150_000
    session = Session("performance", options, 2 + len(UPDATES) + len(SHAPES) + 6 * rounds + 1,
                      70 * share + memory + 8 * len(UPDATES)
                      + sum(each for *_, each in SHAPES) * share + rounds * 9 * steps / 30_000)
    phases = {name: each for name in ("own", "Haswell") if (each := session.measure(
        f"a step beside its limit, kernels {name}", roofline, options.roofline, name,
        {} | shortened, seconds=35 * share))}
    rounds_of_updates = {"rounds": 1} if options.quick else {}
    updates = {name: each for name, shape in UPDATES.items() if (each := session.measure(
        f"an update: {name}", roofline, options.roofline, "own", shape | rounds_of_updates, "update",
        seconds=8))}
    grown = {name: each for name, shape, seconds in SHAPES if (each := session.measure(
        f"growth: {name}", roofline, options.roofline, "own",
        {"steps": 4_000 if "512" in name else 20_000} | shape | shortened, seconds=seconds * share))}
    together = side_by_side(session, options.program, rounds, steps)
    shares = session.measure(f"resident memory over {length:,} steps", resident, options.program,
                             length, seconds=memory)
    results = [*phases.values(), *updates.values(), *grown.values()]
    for result in results:
        session.saw(result["references"])
    for result in results:
        judge(session, result)
    session.write("performance", document(session, phases, updates, grown, together, rounds, shares, length), {
        "phases": phases, "updates": updates, "growth": grown, "resident": shares, "seeds": {
            name: [{**each.value, "reference": session.share(each.references)} for each in measured]
            for name, measured in together.items()}})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
