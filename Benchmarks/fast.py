"""How long `train --preset fast` takes where a task counts as solved, from process start to end.

    make benchmark-fast
    make benchmark-fast OPTIONS="--environments gymnasium:LunarLander-v3"

Every seed is a fresh process, timed from outside, on one core. Training stops when an evaluation reaches
the preset's return, which is the environment's threshold or above it; the best network, the last one where
training stopped, then plays 100 fresh episodes, which belong to the time as well. The table has seconds,
steps, and the mean over those fresh episodes, for the kernels that OpenBLAS chooses and for those of Haswell.
A seed beside which a reference product ran slow is not timed, but it is counted. Writes fast.md and .json.
Takes two minutes; needs `make benchmark-programs` and Python's standard library.

LunarLander, whose preset does not stop, takes a quarter of an hour, and needs a Python with Gymnasium and
Box2D: the one that DEEP_SARSA_PYTHON names, or else the one that `make interop` installs. Its seconds include
those of Python.
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


# The mean return at which an environment counts as solved, and the seconds of a run, roughly.
SETTINGS = {"CartPole-v1": (475.0, 1.1), "Acrobot-v1": (-100.0, 1.1), "MountainCar-v0": (-110.0, 1.1),
            "gymnasium:LunarLander-v3": (200.0, 25.0)}
BUILT_IN = [name for name in SETTINGS if not name.startswith("gymnasium:")]
# A Python with Gymnasium and Box2D, which `make interop` and `make benchmark-bridge` install.
PYTHON = measuring.ROOT / ".venv-interop/bin/python"


def variables(kernels: str) -> dict[str, str]:
    python = {"DEEP_SARSA_PYTHON": str(PYTHON)} if PYTHON.exists() else {}
    return python | measuring.variables(kernels)


def train(program: str, environment: str, seed: int, kernels: str) -> dict:
    """A run's JSON object, with the seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*measuring.pinned(), program, "train", environment, "--preset", "fast",
                   "--seed", str(seed), "--quiet", "--json", "--output", folder]
        start = time.perf_counter()
        result = subprocess.run(command, check=True, capture_output=True, text=True,
                                env=variables(kernels))
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
    threshold, _ = SETTINGS[environment]
    reached = sum(mean >= threshold for mean in means)
    return "\n".join([
        *lines, "", f"{threshold:g} or more on the fresh episodes: {reached} of {len(runs)}."])


def main() -> int:
    parser = measuring.parser(__doc__)
    measuring.add_seeds(parser)
    measuring.add_kernels(parser, measuring.BOTH_KERNELS)
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    parser.add_argument("--environments", default=",".join(BUILT_IN), metavar="NAME,…",
                        help=f"some of {', '.join(SETTINGS)} (default: %(default)s)")
    options = measuring.parse(parser)
    environments = options.environments.split(",")
    if unknown := set(environments) - set(SETTINGS):
        parser.error(f"--environments: unknown are {', '.join(sorted(unknown))}")
    measuring.require(options.program, measuring.ROOFLINE)

    seeds, kernels = measuring.seeds(options), options.kernels.split(",")
    runs = len(kernels) * (len(seeds) + 1)
    seconds = {name: SETTINGS[name][1] for name in environments}
    session = Session("fast", options, runs * len(environments), runs * sum(seconds.values()))
    found: dict[str, list[Timed]] = {}
    for environment in environments:
        for name in kernels:
            what = f"{environment}, kernels {name}"
            # So that no run pays for a cold disk.
            session.measure(f"{what}, warming up", train, options.program, environment, seeds[0], name,
                            seconds=seconds[environment])
            found[what] = [each for seed in seeds if (each := session.timed(
                f"{what}, seed {seed}", train, options.program, environment, seed, name,
                seconds=seconds[environment]))]
    tables = [table(session, seeds, measured) for measured in found.values() if measured]
    if tables:
        session.write("fast", "\n\n".join(tables), {"runs": {
            name: [{**each.value, "reference": session.share(each.references)} for each in measured]
            for name, measured in found.items()}})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
