"""What checkpoints cost: how long training waits for them, and the memory they take.

    make benchmark-checkpoints

Trains the notebook's agent in MountainCar with a full memory of a million transitions, with 200 checkpoints and
without any, in turn. Writes checkpoints.md and .json: the median and the longest wait for a checkpoint, the speed
with them as a share of the speed without, pair by pair, and the largest memory of both. Waits depend on the disk
of the folder that --folder names. Takes 8 minutes; needs `make build` and Python's standard library.
"""

import json
import os
import subprocess
import sys
import tempfile

import measuring
from measuring import Session, spread

TRAIN = ["train", "MountainCar-v0", "--preset", "notebook", "--buffer-size", "1000000", "--learning-starts", "1000",
         "--evaluation-every", "1e9", "--evaluation-episodes", "1", "--learning-interval", "1000", "--quiet", "--json"]


def train(program: str, steps: int, every: int, folder: str, kernels: str) -> dict:
    """A run's JSON object, with the largest memory of its process in MiB."""
    with tempfile.TemporaryDirectory(dir=folder) as output:
        process = subprocess.Popen(
            [*measuring.pinned(), program, *TRAIN, "--total-timesteps", str(steps), "--checkpoint-every", str(every),
             "--output", output], stdout=subprocess.PIPE, text=True, env=measuring.variables(kernels))
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, program)
    return {**json.loads(text), "mebibytes": usage.ru_maxrss / 1024}


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_kernels(parser, "own")
    parser.add_argument("--rounds", type=int, default=5, help="pairs (default: %(default)s; 1 with --quick)")
    parser.add_argument("--steps", type=int, default=1_000_000,
                        help="of a run (default: %(default)s; 50,000 with --quick)")
    parser.add_argument("--saves", type=int, default=200, help="checkpoints of a run (default: %(default)s)")
    parser.add_argument("--folder", help="where runs are written (default: the system's for temporary files)")
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    options = measuring.parse(parser)
    measuring.require(options.program, measuring.ROOFLINE)
    rounds, steps = (1, 50_000) if options.quick else (options.rounds, options.steps)

    session = Session("checkpoints", options, 2 * rounds, 2 * rounds * (1 + steps / 25_000))
    pairs = []
    for i in range(rounds):
        order = [("with", steps // options.saves), ("without", 0)]
        timed = {name: session.timed(f"round {i + 1}, {name} checkpoints", train, options.program, steps, every,
                                     options.folder, options.kernels)
                 for name, every in (order if i % 2 == 0 else reversed(order))}
        if all(timed.values()):
            pairs.append({name: each.value for name, each in timed.items()})
    if not pairs:
        return session.finish()
    saves = [pair["with"]["saves"] for pair in pairs]
    shares = [pair["without"]["wall_seconds"] / pair["with"]["wall_seconds"] for pair in pairs]
    extra = [pair["with"]["mebibytes"] - pair["without"]["mebibytes"] for pair in pairs]
    lines = [
        f"{saves[0]['count']} checkpoints in {steps:,} steps; a memory of 1,000,000 transitions; kernels: {options.kernels}.", "",
        "| | median of the pairs, lowest to highest |", "| --- | --- |",
        f"| median wait for a checkpoint, ms | {spread([1e3 * each['median_seconds'] for each in saves], '.2f', '–')} |",
        f"| longest wait, ms | {spread([1e3 * each['longest_seconds'] for each in saves], '.1f', '–')} |",
        f"| speed with checkpoints / without | {spread(shares, '.3f', '–')} |",
        f"| more memory, MiB | {spread(extra, '.1f', '–')} |"]
    session.write("checkpoints", "\n".join(lines), {"pairs": pairs})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
