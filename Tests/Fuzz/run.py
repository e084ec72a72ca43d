"""Fuzz every reader of bytes that come from outside, with libFuzzer and the address sanitizer.

    make fuzz                                            # an hour for each target
    make fuzz OPTIONS="--seconds 600 --only bridge,json"
    make fuzz-short                                      # some seconds for each, as `make check` does

A target is one type in `Tests/Fuzz/Targets`. It fuzzes from its seeds, which it makes itself, from the kept
inputs, archives in `Tests/Fuzz/Corpora`, and from what earlier runs found in `.build-fuzz/inputs`. An input that shows an
error is written to `.build-fuzz/findings`, and the exit code is 1. With --keep, the inputs found are reduced to
some that reach the same code, and the smallest of them become the kept ones; with --seconds 0 all inputs are only
read.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build-fuzz"
PROGRAM = SCRATCH / "release/fuzz"
CORPORA = ROOT / "Tests/Fuzz/Corpora"
# The limits of one input: its bytes, seconds to read it, MiB of one allocation and of the process. The
# sanitizer and the inputs take some 300 of the last.
LIMITS = ("-max_len=16384", "-timeout=30", "-malloc_limit_mb=16", "-rss_limit_mb=1024")
# The bytes of all kept inputs of a target.
KEPT_BYTES = 25_000
STATUS = re.compile(r"^#(\d+)\s+\S+\s+cov: (\d+) ft: (\d+) corp: (\d+)/", re.MULTILINE)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3600, metavar="N", help="of each target (default: 3600)")
    parser.add_argument("--only", metavar="NAME,…", help="some targets; all by default")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="targets at a time (default: 1)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the changes; 0 draws one")
    parser.add_argument("--keep", action="store_true", help="write kept inputs")
    parser.add_argument("--program", type=Path, default=PROGRAM, help=f"(default: {PROGRAM.relative_to(ROOT)})")
    return parser.parse_args()


def names(program: Path) -> list[str]:
    """Every target, as the program names them."""
    listed = subprocess.run([program, "--target=?"], capture_output=True, text=True).stdout
    return listed.split("allowed: ")[-1].strip().split(", ")


class Target:
    """A target with its folders; those of one process are in a folder that goes afterwards."""

    def __init__(self, name: str, program: Path, temporary: Path):
        self.name, self.program, self.temporary = name, program.resolve(), temporary / name
        self.seeds = self.temporary / "seeds"
        self.inputs, self.findings = SCRATCH / "inputs" / name, SCRATCH / "findings" / name
        self.kept = self.temporary / "kept"
        for folder in (self.seeds, self.inputs, self.findings, self.kept):
            folder.mkdir(parents=True, exist_ok=True)
        self.archive = CORPORA / f"{name}.zip"
        if self.archive.exists():
            zipfile.ZipFile(self.archive).extractall(self.kept)
        self.run(f"--seeds={self.seeds}")

    def run(self, *arguments: object, may_fail: bool = False) -> subprocess.CompletedProcess:
        environment = os.environ | {
            "TMPDIR": str(self.temporary), "SWIFT_BACKTRACE": "enable=no",
            # Swift marks pointers to an enumeration's values: a search for leaks does not see them.
            "ASAN_OPTIONS": "allocator_may_return_null=1:quarantine_size_mb=16:detect_leaks=0"}
        command = [self.program, f"--target={self.name}", *map(str, arguments)]
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, errors="replace", cwd=self.temporary)
        if result.returncode and not may_fail:
            sys.exit(f"{self.name}: exit code {result.returncode}\n{result.stdout[-4000:]}")
        return result

    def fuzz(self, seconds: int, seed: int) -> bool:
        """Whether no input showed an error."""
        amount = [f"-max_total_time={seconds}"] if seconds else ["-runs=0"]
        result = self.run(*LIMITS, *amount, f"-seed={seed}", f"-artifact_prefix={self.findings}/",
                          self.inputs, self.kept, self.seeds, may_fail=True)
        states = STATUS.findall(result.stdout)
        executions, edges, features, inputs = states[-1] if states else ("0",) * 4
        print(f"{self.name}: {int(executions):,} executions, cov: {edges} ft: {features}, {inputs} inputs"
              + ("" if result.returncode == 0 else f"; exit code {result.returncode}"), flush=True)
        if result.returncode:
            rest = [line for line in result.stdout.splitlines() if not line.startswith(("#", "INFO"))]
            print("\n".join(rest[:60]), flush=True)
        return result.returncode == 0

    def keep(self) -> None:
        """Replace the kept inputs by the smallest of those that reach more than the seeds do."""
        merged = self.temporary / "merged"
        shutil.copytree(self.seeds, merged)
        self.run("-merge=1", *LIMITS, merged, self.kept, self.inputs)
        found = [path for path in merged.iterdir() if not (self.seeds / path.name).exists()]
        count = total = 0
        with zipfile.ZipFile(self.archive, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(found, key=lambda path: (path.stat().st_size, path.name)):
                total += path.stat().st_size
                if total <= KEPT_BYTES:
                    # Without a time, so that equal inputs give equal archives.
                    archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
                    count += 1
        print(f"{self.name}: {count} of {len(found)} inputs are kept")


def main(arguments: argparse.Namespace) -> None:
    # A target's files are in memory where that is possible.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    known = names(arguments.program)
    chosen = arguments.only.split(",") if arguments.only else known
    if unknown := set(chosen) - set(known):
        sys.exit(f"there is no target {', '.join(sorted(unknown))}; allowed: {', '.join(known)}")
    with tempfile.TemporaryDirectory(prefix="deep-sarsa-fuzz-", dir=memory) as folder:
        with ThreadPoolExecutor(arguments.jobs) as pool:
            targets = list(pool.map(lambda name: Target(name, arguments.program, Path(folder)), chosen))
            passed = list(pool.map(lambda target: target.fuzz(arguments.seconds, arguments.seed), targets))
        if arguments.keep and all(passed):
            for target in targets:
                target.keep()
    sys.exit(0 if all(passed) else f"inputs that show errors are in {SCRATCH / 'findings'}")


if __name__ == "__main__":
    main(options())
