"""How many steps a second the environments that are built in make on one core.

    make benchmark-environments

Through their time limits, with actions drawn at random and with resets; once by a program that names
the type of the environment, and once by one that is given an id. Writes environments.md and .json:
medians of rounds, with the lowest and the highest. Takes 10 seconds; needs `make benchmark-programs` and
Python's standard library.
"""

import subprocess
import sys

import measuring
from measuring import Session, Timed, spread


def measure(program: str, steps: int) -> dict[str, float]:
    """Nanoseconds a step of every environment."""
    output = subprocess.run([*measuring.pinned(), program, str(steps)], check=True,
                            capture_output=True, text=True, env=measuring.variables()).stdout
    return {name: float(time) for name, time in
            (line.split("\t") for line in output.splitlines())}


def table(session: Session, measured: list[Timed]) -> str:
    rounds, mark = session.counting(measured)
    lines = [f"One core, {len(rounds)} of {len(measured)} rounds{mark}, with random actions.", "",
             "| environment | ns a step | million steps a second |", "| --- | --- | --- |"]
    for name in sorted(rounds[0]):
        times = [each[name] for each in rounds]
        speeds = [1000 / time for time in times]
        lines.append(f"| {name} | {spread(times, '.1f', '–')} | {spread(speeds, '.1f', '–')} |")
    return "\n".join(lines)


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="(default: %(default)s; 2 with --quick)")
    parser.add_argument("--steps", type=int, default=1_000_000,
                        help="of the fastest (default: %(default)s; 100,000 with --quick)")
    parser.add_argument("--program", default=str(measuring.PROGRAMS / "environments"))
    options = measuring.parse(parser)
    measuring.require(options.program, measuring.ROOFLINE)
    rounds, steps = (2, 100_000) if options.quick else (options.rounds, options.steps)

    session = Session("environments", options, rounds, rounds * (0.5 + 4e-6 * steps))
    measured = [each for i in range(rounds) if (each := session.timed(
        f"round {i + 1}, every environment", measure, options.program, steps))]
    if measured:
        session.write("environments", table(session, measured), {"rounds": [
            {"nanoseconds": each.value, "reference": session.share(each.references)}
            for each in measured]})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
