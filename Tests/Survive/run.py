"""Kills training runs at random, resumes them until they are done, and compares every byte with a run that was
never stopped.

    make survive

Each case is a command line. It is run once to its end. Then it is started again and killed with SIGKILL, and
`deep-sarsa resume` goes on and is killed, until the kills of a round are used up; the last `resume` finishes.
Half of the kills come while a checkpoint is written: when its temporary file exists. The rest come at a random
time. Some rounds are killed before the first checkpoint. Logs, models, checkpoints and the journal of the replay
memory must then be equal, byte for byte. Needs `make build` and Python's standard library; a case with an
environment of Gymnasium needs `make .venv-interop` as well, and is left out without it.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / ".build/release/deep-sarsa"
PYTHON = ROOT / ".venv-interop/bin/python"

# What is trained, by name. Every run is as short as its checkpoints allow: some ten of them.
SMALL = ["--hidden-sizes", "32", "--learning-starts", "200", "--evaluation-episodes", "3",
         "--learning-interval", "100", "--keep-replay"]
CASES: dict[str, list[str]] = {
    "notebook": ["MountainCar-v0", "--preset", "notebook", "--steps", "30000", "--checkpoint-every", "2500",
                 "--evaluation-every", "4000", "--evaluation-episodes", "3", "--learning-interval", "100",
                 "--keep-replay"],
    "wrapped": ["CartPole-v1", "--preset", "general", *SMALL, "--steps", "30000", "--num-envs", "4",
                "--next-action", "stored", "--buffer-size", "1501", "--batch-size", "33",
                "--checkpoint-every", "2000", "--evaluation-every", "5000"],
    "boltzmann": ["FrozenLake-v1", "--preset", "general", *SMALL, "--steps", "30000", "--temperature", "2",
                  "--end-temperature", "0.1", "--checkpoint-every", "2500", "--evaluation-every", "5000"],
    # Rows of 3 kB: the journal has several segments, and old ones go.
    "minatar": ["MinAtar/Breakout-v1", "--preset", "general", *SMALL, "--steps", "8000",
                "--buffer-size", "2000", "--checkpoint-every", "700", "--evaluation-every", "2000"],
    "prioritised": ["Acrobot-v1", "--preset", "general", *SMALL, "--steps", "20000", "--n-step", "3",
                    "--priority-exponent", "0.6", "--buffer-size", "3000", "--checkpoint-every", "1500",
                    "--evaluation-every", "5000"],
    "parallel": ["CartPole-v1", "--algorithm", "parallel", "--steps", "60000", "--evaluation-every", "9000",
                 "--evaluation-episodes", "3", "--checkpoint-every", "5000", "--learning-interval", "100"],
    "streaming": ["Acrobot-v1", "--preset", "streaming", "--steps", "30000", "--evaluation-every", "7000",
                  "--evaluation-episodes", "3", "--checkpoint-every", "2500", "--learning-interval", "100"],
    "seeds": ["CartPole-v1", "--preset", "general", *SMALL, "--steps", "12000", "--checkpoint-every", "1000",
              "--evaluation-every", "3000", "--seeds", "4", "--jobs", "2"],
    "bridged": ["gymnasium:CartPole-v1", "--preset", "general", *SMALL, "--steps", "6000",
                "--checkpoint-every", "500", "--evaluation-every", "2000", "--python", str(PYTHON)],
    # Several environments with masks, of which a resumed run repeats the episodes under way only.
    "reseeded": ["gymnasium:Taxi-v4", "--preset", "general", *SMALL, "--steps", "6000", "--num-envs", "3",
                 "--episode-seeds", "--checkpoint-every", "500", "--evaluation-every", "2000",
                 "--python", str(PYTHON)],
}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, metavar="N",
                        help="kills of a case (default: %(default)s)")
    parser.add_argument("--early", type=int, default=50, metavar="N",
                        help="of these, before the first checkpoint (default: %(default)s)")
    parser.add_argument("--round", type=int, default=10, metavar="N",
                        help="kills of a run before it may finish (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the kills (default: %(default)s)")
    parser.add_argument("--program", default=str(PROGRAM))
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"all by default: {', '.join(CASES)}")
    result = parser.parse_args()
    for case in result.cases:
        if case not in CASES:
            parser.error(f"CASE is '{case}'; allowed: {', '.join(CASES)}")
    return result


def content(root: Path) -> dict[str, bytes]:
    """What all runs below a folder wrote, by paths without the time in the folders' names.

    Left out: the command line in config.yaml, the seconds in summary.json, and times and speeds of events.
    """
    files: dict[str, bytes] = {}
    for run in sorted(root.iterdir()):
        name = run.name.rsplit("__", 1)[0]
        for file in sorted(run.rglob("*")):
            if file.is_file() and file.name not in ("config.yaml", "summary.json"):
                data = file.read_bytes()
                files[f"{name}/{file.relative_to(run)}"] = (
                    events(data) if "tfevents" in file.name else data)
    return files


def events(data: bytes) -> bytes:
    """The messages of an event file, without their times, the speed, and the checksums."""
    messages = []
    while data:
        length = int.from_bytes(data[:8], "little")
        # A message begins with its time: a byte for the field, and eight for the number.
        message = data[12 + 9:12 + length]
        place = message.find(b"charts/SPS")
        if place >= 0:
            end = place + len(b"charts/SPS")
            message = message[:end] + message[end + 5:]
        messages.append(message)
        data = data[12 + length + 4:]
    return b"".join(messages)


class Trial:
    """One case: the files of the run that was not stopped, and the kills of another one."""

    def __init__(self, name: str, given: argparse.Namespace, draw: random.Random):
        self.name, self.given, self.draw = name, given, draw
        self.bridge = ["--python", str(PYTHON)] if str(PYTHON) in CASES[name] else []
        self.kills = {"early": 0, "saving": 0, "random": 0}

    def start(self, words: list[str]) -> subprocess.Popen:
        return subprocess.Popen(
            [self.given.program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True)

    def finish(self, process: subprocess.Popen) -> None:
        _, error = process.communicate(timeout=600)
        if process.returncode != 0:
            sys.exit(f"{self.name}: exit code {process.returncode}: {error.decode()}")

    def train(self, folder: Path) -> list[str]:
        return ["train", *CASES[self.name], "--seed", "7", "--quiet", "--output", str(folder)]

    def resume(self, folder: Path) -> list[str]:
        return ["resume", *map(str, sorted(folder.iterdir())), "--quiet", *self.bridge]

    def kill(self, process: subprocess.Popen, folder: Path, kind: str, seconds: float) -> bool:
        """Kills a process at a random time, or while it saves; false if it ended before that."""
        delay = {"early": self.draw.uniform(0.005, 0.1),
                 "random": self.draw.uniform(0.01, seconds), "saving": 0.0}[kind]
        deadline = time.monotonic() + delay
        skipped = self.draw.randrange(3)
        while process.poll() is None:
            if kind != "saving" and time.monotonic() >= deadline:
                break
            if kind == "saving" and next(folder.glob("*/checkpoints/*.tmp-*"), None):
                if skipped == 0:
                    break
                skipped -= 1
                time.sleep(0.01)
        if process.poll() is not None:
            return False
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills[kind] += 1
        return True

    def run(self) -> str:
        with tempfile.TemporaryDirectory() as temporary:
            whole = Path(temporary) / "whole"
            began = time.monotonic()
            self.finish(self.start(self.train(whole)))
            seconds = time.monotonic() - began
            expected = content(whole)
            rounds = 0
            while sum(self.kills.values()) < self.given.kills:
                rounds += 1
                self.round(Path(temporary) / f"round{rounds}", expected, seconds)
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kills.items())
        return f"{self.name}: {len(expected)} files equal after {kinds} kills, in {rounds} runs"

    def round(self, folder: Path, expected: dict[str, bytes], seconds: float) -> None:
        folder.mkdir()
        process = self.start(self.train(folder))
        for _ in range(self.given.round):
            if self.kills["early"] < self.given.early:
                kind = "early"
            else:
                kind = self.draw.choice(["saving", "random"])
            if not self.kill(process, folder, kind, seconds / 3):
                break
            # A run that was killed before its folder had settings is one that was never begun.
            begun = [run for run in folder.iterdir() if (run / "config.yaml").exists()]
            if begun == [] or len(begun) < self.runs:
                for run in folder.iterdir():
                    subprocess.run(["rm", "-r", str(run)], check=True)
                process = self.start(self.train(folder))
            else:
                process = self.start(self.resume(folder))
        self.finish(process)
        self.compare(content(folder), expected)

    @property
    def runs(self) -> int:
        words = CASES[self.name]
        return int(words[words.index("--seeds") + 1]) if "--seeds" in words else 1

    def compare(self, found: dict[str, bytes], expected: dict[str, bytes]) -> None:
        names = sorted(set(found) ^ set(expected))
        different = sorted(name for name in found if name in expected and found[name] != expected[name])
        if names or different:
            sys.exit(f"{self.name}: only in one of both: {names}; different: {different}")


def main() -> int:
    given = options()
    if not Path(given.program).exists():
        sys.exit(f"{given.program} is missing: `make build` builds it")
    for name in given.cases or CASES:
        if CASES[name][0].startswith("gymnasium:") and not PYTHON.exists():
            print(f"{name}: left out, because .venv-interop is missing")
            continue
        print(Trial(name, given, random.Random(f"{given.seed} {name}")).run(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
