"""How long `train --preset fast` takes in every environment that has it, from process start to end.

    make benchmark-fast

Every seed is a fresh process, timed from outside, on one core. Training stops when an evaluation of
100 episodes reaches the environment's threshold; the network then plays 100 fresh episodes, which belong
to the time as well. The table has seconds, steps, and the mean over those fresh episodes, for the kernels
that OpenBLAS chooses and for those of Haswell. A seed beside which a reference product ran slow is not
timed, but it is counted. Writes fast.md and .json. Takes two minutes; needs `make benchmark-programs` and
Python's standard library.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measuring
from measuring import Session, Timed


# Every environment with a preset `fast`, and the mean return at which it counts as solved.
THRESHOLDS = {"CartPole-v1": 475.0, "Acrobot-v1": -100.0, "MountainCar-v0": -110.0}


def train(program: str, environment: str, seed: int, kernels: str) -> dict:
    """A run's JSON object, with the seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*measuring.pinned(), program, "train", environment, "--preset", "fast",
                   "--seed", str(seed), "--quiet", "--json", "--output", folder]
        start = time.perf_counter()
        result = subprocess.run(command, check=True, capture_output=True, text=True,
                                env=measuring.variables(kernels))
        seconds = time.perf_counter() - start
        run = json.loads(result.stdout)
        core = measuring.machine(Path(run["run"]))["openBLASCore"]
    return {**run, "run": Path(run["run"]).name, "seed": seed, "seconds": seconds, "core": core}


def table(session: Session, seeds: list[int], measured: list[Timed]) -> str:
    runs = [each.value for each in measured]
    core = runs[0]["core"]
    timed, mark = session.counting(measured)
    environment = runs[0]["environment"]
    means = [run["best_evaluation"]["mean"] for run in runs]
    lines = [
        f"`deep-sarsa train {environment} --preset fast`, {measuring.describe_seeds(seeds)}, {core} "
        f"kernels, one core; seconds of the {0 if mark else len(timed)} undisturbed runs"
        f"{'; all are here' if mark else ''}.", "",
        f"| | seconds, start to end{mark} | steps | mean of 100 fresh episodes |",
        "| --- | --- | --- | --- |"]
    for name, pick in (("median", statistics.median), ("lowest", min), ("highest", max)):
        lines.append(f"| {name} | {pick([run['seconds'] for run in timed]):.2f} | "
                     f"{pick([run['steps'] for run in runs]):.0f} | {pick(means):.1f} |")
    threshold = THRESHOLDS[environment]
    reached = sum(mean >= threshold for mean in means)
    return "\n".join([
        *lines, "", f"{threshold:g} or more on the fresh episodes: {reached} of {len(runs)}."])


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_seeds(parser)
    measuring.add_kernels(parser, measuring.BOTH_KERNELS)
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    options = measuring.parse(parser)
    measuring.require(options.program, measuring.ROOFLINE)

    seeds, kernels = measuring.seeds(options), options.kernels.split(",")
    runs = len(THRESHOLDS) * len(kernels) * (len(seeds) + 1)
    session = Session("fast", options, runs, 1.1 * runs)
    found: dict[str, list[Timed]] = {}
    for environment in THRESHOLDS:
        for name in kernels:
            what = f"{environment}, kernels {name}"
            # So that no run pays for a cold disk.
            session.measure(f"{what}, warming up", train, options.program, environment, seeds[0], name)
            found[what] = [each for seed in seeds if (each := session.timed(
                f"{what}, seed {seed}", train, options.program, environment, seed, name))]
    tables = [table(session, seeds, measured) for measured in found.values() if measured]
    if tables:
        session.write("fast", "\n\n".join(tables), {"runs": {
            name: [{**each.value, "reference": session.share(each.references)} for each in measured]
            for name, measured in found.items()}})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
