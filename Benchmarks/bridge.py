"""What a step through the bridge costs, beside a loop in Python over the same environments.

    make benchmark-bridge

Round by round, in shuffled order and fresh processes: environments stepped by the bridge, the same by a
bare loop in Python, and the bridge's Python without a program at the other end, for one environment and
for 32 in a message. Writes bridge.md and .json: medians, with the lowest and the highest, of what the
bridge adds to a step, of the share of the bare loop's speed that is left, and of where the time goes.
Takes 3 minutes; needs a Python with Gymnasium (`make` installs one, 150 MB) and `make
benchmark-programs`.
"""

import os
import platform
import random
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import measuring
from measuring import CORES, ROOT, Session, Timed, spread

HERE = Path(__file__).resolve().parent / "Bridge"
SCRIPT = ROOT / "Sources/Gymnasium/bridge.py"
COUNTS = (1, 32)
KINDS = ("bridge", "bare", "child")
Times = dict[tuple[str, int], list[Timed | None]]


def measure(kind: str, program: str, name: str, count: int, steps: int) -> float:
    """Microseconds of a step of one environment."""
    sizes = [name, str(count), str(max(1, steps // count))]
    commands = {
        "bridge": [program, *sizes],
        "bare": [sys.executable, str(HERE / "bare_loop.py"), *sizes],
        "child": [sys.executable, str(HERE / "child_alone.py"), str(SCRIPT), *sizes],
    }
    environment = measuring.variables() | {
        "DEEP_SARSA_PYTHON": sys.executable, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1"}
    result = subprocess.run(commands[kind], check=True, capture_output=True, text=True,
                            env=environment)
    return float(result.stdout)


def table(session: Session, times: Times, title: str) -> str:
    lines = [title, "",
             "| environments per message | bare loop | bridge | added | bridge's speed / bare loop's | "
             "added by the Python side | added by waking and the Swift side |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for count in COUNTS:
        # A round counts whole: what is compared was measured in it.
        rounds = [Timed([each.value for each in one], [r for each in one for r in each.references])
                  for one in zip(*(times[kind, count] for kind in KINDS)) if all(one)]
        if not rounds:
            continue
        values, mark = session.counting(rounds)
        bridge, bare, child = zip(*values)
        added = [a - b for a, b in zip(bridge, bare)]
        left = [100 * b / a for a, b in zip(bridge, bare)]
        python = [c - b for c, b in zip(child, bare)]
        rest = [a - c for a, c in zip(bridge, child)]
        cells = [spread(list(each), ".1f", "–") for each in (bare, bridge, added)]
        cells += [f"{spread(left, '.0f', '–')} %", spread(python, ".1f", "–"), spread(rest, ".1f", "–")]
        lines.append(f"| {count}{mark} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--environment", default="CartPole-v1")
    parser.add_argument("--rounds", type=int, default=15, help="(default: %(default)s; 2 with --quick)")
    parser.add_argument("--steps", type=int, default=60_000,
                        help="of each measurement (default: %(default)s; 6,000 with --quick)")
    parser.add_argument("--program", default=str(measuring.PROGRAMS / "bridge"))
    options = measuring.parse(parser)
    measuring.require(options.program, measuring.ROOFLINE)
    rounds, steps = (2, 6_000) if options.quick else (options.rounds, options.steps)

    times: Times = {(kind, count): [] for kind in KINDS for count in COUNTS}
    session = Session("bridge", options, rounds * len(times),
                      rounds * len(times) * (1.5 + steps / 40_000))
    for i in range(rounds):
        order = list(times)
        random.Random(i).shuffle(order)
        for kind, count in order:
            times[kind, count].append(session.timed(
                f"round {i + 1}, {kind} with {count} a message", measure, kind, options.program,
                options.environment, count, steps, cores=CORES))
    if any(any(values) for values in times.values()):
        title = (f"`{options.environment}`, Gymnasium {version('gymnasium')}, Python "
                 f"{platform.python_version()}, {os.cpu_count()} processors, {rounds} rounds of "
                 f"{steps} steps, µs a step of one environment.")
        session.write("bridge", table(session, times, title), {"measurements": [
            {"kind": kind, "environments": count, "round": i + 1, "microseconds": each.value,
             "reference": session.share(each.references)}
            for (kind, count), values in times.items() for i, each in enumerate(values) if each]})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
