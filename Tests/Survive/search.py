"""Kills searches for settings at random moments, goes on, and looks at what they found.

    make survive-search

The searches train with a stand-in for the program, whose runs take some milliseconds and whose scores follow
from settings and seed. One search is never stopped. Another is killed with SIGKILL, or interrupted with SIGINT,
again and again, and the same command goes on: its trials must be equal to those of the first. Others are
searched by two processes that are killed likewise: each trial must have a result, each result its runs, and no
run may be trained twice, nor by two processes at a time. A search that is killed leaves its program behind,
which half of the kills end too. Takes four minutes; needs Optuna, which `make survive-search` installs.
"""

import argparse
import fcntl
import hashlib
import json
import math
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST_SEED, SEEDS = 100, 6
SPACE = """
space:
  hyperparameters.optimizer.learningRate: 1e-4 to 1e-1, log
  hyperparameters.target.steps: [1, 2, 3, 5]
  hyperparameters.network.hiddenSizes: [[64, 64], [128, 64], null]
  hyperparameters.replay.batchSize: 16 to 256, log
"""
BASE = {"hyperparameters": {"optimizer": {"learningRate": 1e-3}, "target": {"steps": 1},
                            "network": {"hiddenSizes": [64, 64]}, "replay": {"batchSize": 64},
                            "budget": {"steps": 1000}},
        "evaluation": {"every": 1000}}
MACHINE = "machine:\n  openBLASCore: none\n  kernels: none\n  processor: none\n"


# MARK: - The stand-in

def stand_in(words: list[str]) -> None:
    """What a search calls of deep-sarsa: `presets`, `train --print-config`, `experiment FILE -o FOLDER`."""
    if words[0] == "presets":
        print("[]")
    elif words[0] == "train":
        print(json.dumps(BASE))
    else:
        experiment, folder = json.loads(Path(words[1]).read_text()), Path(words[3])
        (name, setting), seeds = *experiment["settings"].items(), experiment["seeds"]
        for seed in range(seeds["first"], seeds["first"] + seeds["count"]):
            train(folder / "runs" / f"{name}__World__{seed}", setting["hyperparameters"], seed)


def train(run: Path, settings: dict, seed: int) -> None:
    """A run. That two processes train it at a time is a line of faults.log."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with (run.parents[3] / "faults.log").open("a") as faults:
                faults.write(f"{run.name} is trained by two processes\n")
            sys.exit(75)
        if (run / "summary.json").exists():
            return
        digest = hashlib.sha256(f"{settings}{seed}".encode()).digest()
        noise = digest[0] / 256
        # Some runs are still trained when a search that was killed has started again.
        if digest[1] < 16:
            (run / "long").touch()
            time.sleep(4)
        time.sleep(0.02)
        value = -abs(math.log10(settings["optimizer"]["learningRate"]) + 2) + settings["target"]["steps"] / 5
        (run / "config.yaml").write_text(MACHINE)
        (run / "summary.new").write_text(json.dumps({"evaluation": {"mean": value + noise},
                                                     "after_threshold": None}))
        (run / "summary.new").rename(run / "summary.json")
        with (run / "trained.log").open("a") as log:
            log.write("trained\n")


# MARK: - The searches

def new_folder(parent: Path) -> Path:
    """The folder of a search, beside its space and the program that it calls."""
    parent.mkdir()
    (parent / "space.yaml").write_text(SPACE)
    program = parent / "stand-in"
    script = Path(__file__).resolve()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -S {script} --stand-in \"$@\"\n")
    program.chmod(0o755)
    return parent / "search"


def start(folder: Path, trials: int) -> subprocess.Popen:
    program, space = folder.parent / "stand-in", folder.parent / "space.yaml"
    return subprocess.Popen(
        [sys.executable, str(ROOT / "Benchmarks/search.py"), "--program", str(program), "--space", str(space),
         "--environment", "World", "--output", str(folder), "--trials", str(trials),
         "--first-seed", str(FIRST_SEED), "--seeds", str(SEEDS), "--fresh-seeds", "4", "--statistic", "mean"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def is_in_long_run(folder: Path) -> bool:
    return any(not (path.parent / "summary.json").exists() for path in folder.rglob("long"))


def stop(process: subprocess.Popen, choice: random.Random) -> None:
    """Kills a search, and perhaps what it has started, or interrupts it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    programs = [int(each) for each in children.read_text().split()] if children.exists() else []
    process.send_signal(choice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT]))
    if choice.random() < 0.5:
        for each in programs:
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                pass
    process.communicate()


def require_success(process: subprocess.Popen) -> None:
    errors = process.communicate()[1]
    if process.returncode:
        sys.exit(f"survive-search: exit code {process.returncode}: {errors}")


def found(folder: Path) -> list[tuple]:
    """The trials: state, value, scores and parameters."""
    import optuna
    journal = optuna.storages.journal.JournalFileBackend(str(folder / "journal.log"))
    storage = optuna.storages.JournalStorage(journal)
    return [(trial.state.name, trial.value, trial.intermediate_values, trial.params)
            for trial in optuna.load_study(study_name="search", storage=storage).trials]


def check(folder: Path, trials: int) -> list[str]:
    """What is wrong with a search that has ended."""
    log, results = folder.parent / "faults.log", found(folder)
    wrong = log.read_text().splitlines() if log.exists() else []
    if len(results) != trials:
        wrong.append(f"{len(results)} trials; allowed: {trials}")
    for number, (state, value, reported, _) in enumerate(results):
        runs = [folder / f"trials/{number}/runs/trial-{number}__World__{FIRST_SEED + seed}"
                for seed in reported]
        means = [json.loads((run / "summary.json").read_text())["evaluation"]["mean"] for run in runs]
        if state not in ("COMPLETE", "PRUNED") or state == "COMPLETE" and len(runs) != SEEDS:
            wrong.append(f"trial {number} is {state} with {len(runs)} seeds")
        if means != list(reported.values()):
            wrong.append(f"trial {number} reported other scores than its runs have")
        if state == "COMPLETE" and value != statistics.fmean(means):
            wrong.append(f"trial {number} has the value {value}; its scores have the mean {statistics.fmean(means)}")
    for log in folder.rglob("trained.log"):
        if log.read_text() != "trained\n":
            wrong.append(f"{log.parent.name} was trained twice")
    if not (folder / "best.json").exists():
        wrong.append("there is no best.json")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=24, metavar="N",
                        help="of a search (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=12, metavar="N",
                        help="of a search (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, metavar="N",
                        help="searches by one process, and as many by two (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the kills (default: %(default)s)")
    parser.add_argument("--stand-in", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stand_in:
        stand_in(options.stand_in)
        return 0
    choice, faults, kills = random.Random(options.seed), [], 0
    with tempfile.TemporaryDirectory() as name:
        whole = new_folder(Path(name, "whole"))
        begun = time.monotonic()
        require_success(start(whole, options.trials))
        seconds = time.monotonic() - begun
        faults += [f"never stopped: {each}" for each in check(whole, options.trials)]
        for index in range(2 * options.rounds):
            count = 1 + index % 2
            folder = new_folder(Path(name, f"{index}"))
            processes = [start(folder, options.trials) for _ in range(count)]
            for _ in range(options.kills):
                # Optuna itself is imported for most of a second.
                time.sleep(choice.uniform(0.2, 0.8 + seconds / options.kills))
                # Half of the kills come while a long run is trained.
                until = time.monotonic() + choice.choice([0, 4])
                while time.monotonic() < until and not is_in_long_run(folder):
                    time.sleep(0.05)
                victim = choice.randrange(count)
                kills += processes[victim].poll() is None
                stop(processes[victim], choice)
                processes[victim] = start(folder, options.trials)
            for process in processes:
                require_success(process)
            wrong = check(folder, options.trials)
            if count == 1 and found(folder) != found(whole):
                wrong.append("other trials than of the search that was never stopped")
            faults += [f"search {index}, by {count}: {each}" for each in wrong]
            print(f"survive-search: search {index}, by {count}: {len(wrong)} faults", file=sys.stderr,
                  flush=True)
    for each in faults:
        print(f"survive-search: {each}", file=sys.stderr)
    print(f"survive-search: {2 * options.rounds} searches of {options.trials} trials, stopped {kills} times: "
          f"{len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
