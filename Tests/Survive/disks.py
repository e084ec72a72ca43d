"""Fills disks and cuts their power while runs are trained on them, resumes the runs, and compares every byte with a
run that was never stopped.

    sudo python3 Tests/Survive/disks.py

It mounts small file systems: a tmpfs, and ext4 in a file on a loop device. A disk that is full ends a run with exit
code 74 and the command that goes on; that is tried with sizes that are drawn, until the run fits. A power cut is a
copy of ext4's file while a run writes: what was not flushed has not reached it. The copy is mounted, which replays
the journal of ext4, and the run is resumed there. The run stands still while its disk is copied, so that the copy is
of one instant; a cut within a system call is left to the tests in Swift (`PowerFailureTests`). Everything is
unmounted at the end. Needs root, `make build` and Python's standard library; what cannot be mounted is left out.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from run import CASES, PROGRAM, content  # noqa: E402

# Replay with a ring that wraps, priorities, several segments of the journal, and no replay.
KINDS = ["wrapped", "prioritised", "minatar", "parallel"]
# ext4 flushes by itself after so many seconds; here, only when it is asked to.
NEVER = "commit=900"
DISK_FULL = 74
MEGABYTE = 1 << 20


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=20, metavar="N",
                        help="power cuts in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of sizes and instants (default: %(default)s)")
    parser.add_argument("--program", default=str(PROGRAM))
    return parser.parse_args()


@contextlib.contextmanager
def mounted(words: list[str], folder: Path) -> Iterator[Path]:
    """A file system while the body runs.

    Raises OSError if the machine refuses to mount it.
    """
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *words, str(folder)], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(done.stderr.strip().splitlines()[0] if done.stderr else "mount failed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def tmpfs(kibibytes: int) -> list[str]:
    return ["-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs"]


def ext4(image: Path) -> list[str]:
    return ["-t", "ext4", "-o", f"loop,{NEVER}", str(image)]


def make_ext4(image: Path, megabytes: int) -> None:
    with image.open("wb") as file:
        file.truncate(megabytes * MEGABYTE)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)


class Case:
    """A run that is trained on disks, and the files of one that was not stopped."""

    def __init__(self, kind: str, program: str, temporary: Path, draw: random.Random):
        self.kind, self.program, self.temporary, self.draw = kind, program, temporary, draw
        whole = temporary / f"whole-{kind}"
        began = time.monotonic()
        self.finish(self.start(self.train(whole)))
        self.seconds = time.monotonic() - began
        self.expected = content(whole)
        self.size = sum(map(len, self.expected.values()))

    def train(self, folder: Path) -> list[str]:
        return ["train", *CASES[self.kind], "--seed", "7", "--quiet", "--output", str(folder)]

    def resume(self, folder: Path) -> list[str]:
        return ["resume", *map(str, sorted(folder.iterdir())), "--quiet"]

    def start(self, words: list[str]) -> subprocess.Popen:
        return subprocess.Popen([self.program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self, process: subprocess.Popen) -> None:
        _, error = process.communicate(timeout=600)
        if process.returncode != 0:
            self.fail(f"exit code {process.returncode}: {error.decode()}")

    def fail(self, text: str) -> None:
        raise SystemExit(f"{self.kind}: {text}")

    def compare(self, folder: Path) -> None:
        found = content(folder)
        names = sorted(set(found) ^ set(self.expected))
        different = sorted(name for name in found if found[name] != self.expected.get(name))
        if names or different:
            self.fail(f"only in one of both: {names}; different: {different}")

    def require_full(self, process: subprocess.Popen, folder: Path) -> bool:
        """Whether a run ended because the disk is full, and said how to go on; false if it finished."""
        _, error = process.communicate(timeout=600)
        if process.returncode == 0:
            return False
        last = error.decode().splitlines()[-1]
        wanted = f": No space left on device; 'deep-sarsa resume {next(folder.iterdir())}' goes on"
        if process.returncode != DISK_FULL or not last.endswith(wanted):
            self.fail(f"exit code {process.returncode}, and not {DISK_FULL} with '{wanted}': {last}")
        return True


def fill_tmpfs(case: Case) -> str:
    """The file system grows until the run fits."""
    size = case.draw.randint(64, 128)
    stops = 0
    with mounted(tmpfs(size), case.temporary / "tmpfs") as disk:
        runs = disk / "runs"
        process = case.start(case.train(runs))
        while case.require_full(process, runs):
            stops += 1
            size += case.draw.randint(16, max(32, case.size // 4096))
            subprocess.run(["mount", "-o", f"remount,size={size}k", str(disk)], check=True)
            process = case.start(case.resume(runs))
        case.compare(runs)
    if stops == 0:
        case.fail("the disk was never full")
    return f"{case.kind}: {len(case.expected)} files equal after a tmpfs was full {stops} times"


def fill_ext4(case: Case) -> str:
    """A file that fills the disk shrinks until the run fits."""
    image = case.temporary / "full.img"
    make_ext4(image, 24)
    stops = 0
    with mounted(ext4(image), case.temporary / "full") as disk:
        runs, ballast = disk / "runs", disk / "ballast"
        room = case.draw.randint(96, 160) << 10
        free = shutil.disk_usage(disk).free
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - room)
        process = case.start(case.train(runs))
        while case.require_full(process, runs):
            stops += 1
            size = ballast.stat().st_size - case.draw.randint(16 << 10, max(32 << 10, case.size // 4))
            os.truncate(ballast, max(0, size))
            process = case.start(case.resume(runs))
        case.compare(runs)
    if stops == 0:
        case.fail("the disk was never full")
    return f"{case.kind}: {len(case.expected)} files equal after ext4 was full {stops} times"


def stands_still(process: subprocess.Popen) -> bool:
    """Stops a process between two system calls; false if it has ended."""
    process.send_signal(signal.SIGSTOP)
    while process.poll() is None:
        state = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state == "T":
            return True
        time.sleep(0.001)
    return False


def copy(image: Path, target: Path) -> None:
    """Copies a disk as it is at one instant: two copies one after the other are equal."""
    data = image.read_bytes()
    while (again := image.read_bytes()) != data:
        data = again
    target.write_bytes(data)


def steps(folder: Path) -> list[int]:
    """The steps of a run's checkpoints."""
    return sorted(int(file.stem.split("-")[1]) for file in folder.glob("*/checkpoints/step-*.safetensors"))


def cut(case: Case, cuts: int) -> int:
    """Copies the disk of a run at drawn instants, and resumes each copy; the number of those that lack something."""
    image, snapshot = case.temporary / "disk.img", case.temporary / "snapshot.img"
    done = begun = resumed = lacking = 0
    while done < cuts:
        make_ext4(image, 24)
        with mounted(ext4(image), case.temporary / "disk") as disk:
            runs = disk / "runs"
            process = case.start(case.train(runs))
            try:
                while done < cuts:
                    time.sleep(case.draw.uniform(0, case.seconds / 2))
                    if not stands_still(process):
                        break
                    copy(image, snapshot)
                    saved, seen = steps(runs), content(runs) if runs.exists() else {}
                    with mounted(ext4(snapshot), case.temporary / "snapshot") as rest:
                        again = rest / "runs"
                        folders = list(again.glob("*/config.yaml"))
                        found = steps(again)
                        lacking += seen != (content(again) if again.exists() else {})
                        # The newest may not be flushed yet; those before it are.
                        if saved[-2:-1] > found[-1:] or saved and not folders:
                            case.fail(f"saved were {saved}, and the disk has {found}")
                        if folders:
                            case.finish(case.start(case.resume(again)))
                            case.compare(again)
                    done += 1
                    begun += bool(folders)
                    resumed += bool(found)
                    process.send_signal(signal.SIGCONT)
            finally:
                process.kill()
                process.communicate()
    print(f"{case.kind}: {len(case.expected)} files equal after {done} power cuts, {begun} of them after the start, "
          f"{resumed} after the first checkpoint, and {lacking} with a loss of what was not flushed", flush=True)
    return lacking


def main() -> int:
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not Path(given.program).exists():
        sys.exit(f"{given.program} is missing: `make build` builds it")
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        try:
            with mounted(tmpfs(64), temporary / "tmpfs"):
                pass
        except OSError as error:
            print(f"disks: left out, because this machine mounts none: {error}")
            return 0
        cases = [Case(kind, given.program, temporary, random.Random(f"{given.seed} {kind}")) for kind in KINDS]
        for case in cases:
            print(fill_tmpfs(case), flush=True)
        try:
            make_ext4(temporary / "trial.img", 24)
            with mounted(ext4(temporary / "trial.img"), temporary / "disk"):
                pass
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"disks: power cuts are left out, because this machine mounts no ext4 from a file: {error}")
            return 0
        for case in cases:
            print(fill_ext4(case), flush=True)
        lacking = sum(cut(case, (given.cuts + number) // len(cases)) for number, case in enumerate(cases))
        if lacking == 0 and given.cuts >= 20:
            sys.exit(f"none of {given.cuts} power cuts lost anything, so they show nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
