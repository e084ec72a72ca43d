"""How long the results of many runs take to read and compare, and the memory that this takes.

    make benchmark-experiments

Makes the folders of a thousand finished runs: one run is trained for a moment, and its files are copied with drawn
returns, ten settings with 100 seeds each and 50 evaluations a run. Then `deep-sarsa compare` reads all of them, as
`experiment aggregate` does, to JSON alone and to JSON and arrays. Writes experiments.md and .json: the seconds from start to
end, and the largest memory of the process. Takes a minute; needs `make build` and Python's standard library.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measuring
from measuring import Session, spread

SETTINGS = 10


def make_runs(program: str, root: Path, count: int) -> None:
    """The folders of finished runs, which differ in their names, seeds and returns."""
    train = [program, "train", "CartPole-v1", "--preset", "general", "--steps", "1000", "--learning-starts", "500",
             "--evaluation-every", "1000", "--evaluation-episodes", "1", "--final-episodes", "1", "--seed", "1",
             "--exp-name", "NAME", "--quiet", "--json", "--output", str(root / "one")]
    run = Path(json.loads(subprocess.run(train, check=True, capture_output=True, text=True).stdout)["run"])
    config, summary = (run / "config.yaml").read_text(), json.loads((run / "summary.json").read_text())
    drawn = random.Random(1)
    for i in range(count):
        name, seed = f"setting-{i % SETTINGS}", i // SETTINGS + 1
        folder = root / "runs" / f"{name}__{seed}"
        folder.mkdir(parents=True)
        means = [drawn.uniform(10, 500) for _ in range(51)]
        (folder / "config.yaml").write_text(
            config.replace("experimentName: NAME", f"experimentName: {name}").replace("seed: 1\n", f"seed: {seed}\n"))
        (folder / "evaluations.csv").write_text("step,mean,std,min,max,episodes\n" + "".join(
            f"{1_000 * step},{mean},0.0,{mean},{mean},1\n" for step, mean in enumerate(means)))
        summary["seed"], summary["evaluation"]["mean"], summary["best_evaluation"]["mean"] = seed, means[-1], max(means)
        (folder / "summary.json").write_text(json.dumps(summary))


def compare(program: str, root: Path, flags: list[str], count: int) -> dict:
    """Seconds and MiB of a comparison, of which all runs are a part."""
    start = time.monotonic()
    process = subprocess.Popen([*measuring.pinned(), program, "compare", str(root / "runs"), "--json", *flags],
                               stdout=subprocess.PIPE, text=True, env=measuring.variables())
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, program)
    runs = sum(len(side["runs"]) for task in json.loads(text)["tasks"] for side in task["settings"])
    if runs != count:
        raise ValueError(f"{runs} of {count} runs were compared")
    return {"seconds": time.monotonic() - start, "mebibytes": usage.ru_maxrss / 1024}


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--runs", type=int, default=1_000, help="finished runs (default: %(default)s; 100 with --quick)")
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: %(default)s; 1 with --quick)")
    parser.add_argument("--program", default=str(measuring.PROGRAM))
    options = measuring.parse(parser)
    measuring.require(options.program, measuring.ROOFLINE)
    count, rounds = (100, 1) if options.quick else (options.runs, options.rounds)
    session = Session("experiments", options, 2 * rounds, 2 * rounds * count / 200)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        make_runs(options.program, root, count)
        found = {}
        for what, flags in (("JSON", []), ("JSON and arrays", ["--npz", str(root / "scores.npz")])):
            timed = [session.timed(f"{what}, round {i + 1}", compare, options.program, root, flags, count)
                     for i in range(rounds)]
            if all(timed):
                found[what] = session.counting(timed)
    if found:
        rows = [f"| {what}{mark} | {spread([each['seconds'] for each in values], '.2f')} "
                f"| {spread([each['mebibytes'] for each in values], '.0f')} |"
                for what, (values, mark) in found.items()]
        session.write("experiments", "\n".join([
            f"{count:,} finished runs of {SETTINGS} settings with 51 evaluations each, read and compared by one core.", "",
            "| | seconds, median (lowest to highest) | MiB |", "| --- | --- | --- |", *rows]),
            {"runs": count, "measurements": {what: values for what, (values, _) in found.items()}})
    return session.finish()


if __name__ == "__main__":
    sys.exit(main())
