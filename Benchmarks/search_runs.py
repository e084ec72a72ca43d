"""The runs of a search: locks that end with their processes, calls of the program, and the scores of runs."""

import contextlib
import csv
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import measuring

REFUSED = 78  # The program's exit code for settings that are not allowed.


class Failure(Exception):
    """The last line of the program's message, and its exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def call(command: list[str], kernels: str, lock: IO | None = None) -> str:
    """What the program prints. It holds the lock too: killing this process alone does not free it."""
    # Ctrl-C in a terminal would otherwise reach the program as well, and a second signal ends it at once.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          start_new_session=True, env=measuring.variables(kernels),
                          pass_fds=[lock.fileno()] if lock else []) as child:
        try:
            output, errors = child.communicate()
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise
    if child.returncode:
        raise Failure(errors.strip().split("\n")[-1] or f"exit code {child.returncode}", child.returncode)
    return output


# MARK: - Files

@contextlib.contextmanager
def locked(path: Path) -> Iterator[IO]:
    """Waits for a lock that ends when this process and all to which it is passed have ended."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def try_lock(path: Path) -> IO | None:
    """The same without waiting; None if another process has it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


class JournalLock:
    """The lock of Optuna's journal. Optuna's own stays when its process is killed, for 30 seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def acquire(self) -> bool:
        self.file = self.path.open("a")
        fcntl.flock(self.file, fcntl.LOCK_EX)
        return True

    def release(self) -> None:
        self.file.close()


def mend(journal: Path, lock: JournalLock) -> None:
    """Removes a last line that a full disk or a power failure has cut: the next one would be added to it."""
    if journal.exists():
        lock.acquire()
        os.truncate(journal, journal.read_bytes().rfind(b"\n") + 1)
        lock.release()


def write(path: Path, text: str) -> None:
    """Replaces a file as a whole."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def read(path: Path) -> Any:
    """A JSON file; None if there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


# MARK: - Scores

def scores(runs: list[Path], stability: float) -> list[float] | None:
    """The scores of runs; None if one is not over, or if all failed before their first evaluation.

    A score is the mean return of the last network in the final evaluation, and `stability` times the share of
    evaluations at the threshold after the first one there. A run that failed has the score of its untrained
    network; without an evaluation of that, the lowest of the other runs.
    """
    if not all((run / "summary.json").exists() or (run / "failure.json").exists() for run in runs):
        return None
    first = [untrained(run) for run in runs]
    lowest = min((each for each in first if each is not None), default=None)
    found = []
    for run, start in zip(runs, first, strict=True):
        summary = read(run / "summary.json")
        if summary is not None:
            after = summary["after_threshold"] or {}
            found.append(summary["evaluation"]["mean"] + stability * (after.get("share") or 0))
        else:
            found.append(lowest if start is None else start)
    return None if None in found else found


def untrained(run: Path) -> float | None:
    """The mean return of the untrained network; None if it was not evaluated."""
    path = run / "evaluations.csv"
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["step"] == "0":
                    return float(row["mean"])
    return None


# MARK: - Seeds

def overlap(one: dict, other: dict) -> bool:
    """Whether two ranges of seeds share one."""
    return one["first"] <= other["last"] and other["first"] <= one["last"]


def reported(program: str, files: list[Path], kernels: str) -> list[tuple[str, dict]]:
    """The seeds of reports, which no search may see: each range, with where it is from."""
    presets = [(f"preset '{each['name']}'", each)
               for each in json.loads(call([program, "presets", "--json"], kernels))]
    presets += [(str(file), read(file) or {}) for file in files]
    return [("Benchmarks", {"first": measuring.REPORT_SEED, "last": measuring.REPORT_SEED + 999}),
            *((name, seeds) for name, preset in presets
              for seeds in (preset.get("report") or {}).get("seeds", []))]
