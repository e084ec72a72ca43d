"""Break the code on purpose, one mistake at a time, and see that the test named for it fails.

    python3 Tests/Mutants/run.py [--only backward-sign,ring-head-one-off]

Each `*.patch` beside this file is a mistake of a few lines. Above the diff it says

    Breaks: what the mistake is.
    Killed by: Module.Suite/test(label:)        one line for each test that must fail
    Also counts: trap, hang                     if the test may die of it, or never end

All this happens in a copy of the tracked files, `.build-mutants/package`, whose build is kept from
one run to the next; the working tree is only read. A mutant is killed if the test itself records an
issue: a failed build, or a failure elsewhere, is none. The exit code is 1 if a mutant survives, does
not apply or does not build, or if a named test fails on the code as it is.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCRATCH = ROOT / ".build-mutants"
PACKAGE = SCRATCH / "package"
BUILD_SECONDS, TEST_SECONDS = 900, 180

# Warnings are no errors here: a mistake may well leave a variable unused. The patches are applied in
# a folder within the repository that is not part of it, which git is not to look beyond.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("DEEP_SARSA_STRICT", "DEEP_SARSA_KERNELS")}
ENVIRONMENT["GIT_CEILING_DIRECTORIES"] = str(SCRATCH)
ENVIRONMENT["SWIFT_BACKTRACE"] = "enable=no"  # symbolicating a trap takes minutes in a debug build


class Mutant:
    def __init__(self, path: Path):
        self.path, self.name = path, path.stem
        header = path.read_text(encoding="utf-8").split("\n--- ", 1)[0]
        self.tests = re.findall(r"^Killed by: (.+)$", header, re.MULTILINE)
        self.allowed = set(", ".join(re.findall(r"^Also counts: (.+)$", header, re.MULTILINE))
                           .split(", ")) - {""}
        if not self.tests or not re.search(r"^Breaks: .+$", header, re.MULTILINE):
            sys.exit(f"mutants: {path.name} does not say what it breaks, or what kills it")
        if self.allowed - {"trap", "hang"}:
            sys.exit(f"mutants: {path.name} allows what there is not: {self.allowed}")


def run(command: list[str], seconds: int) -> tuple[int | None, str]:
    """Exit code and output; the code is None if time ran out, and then nothing is left running."""
    process = subprocess.Popen(
        command, cwd=PACKAGE, env=ENVIRONMENT, start_new_session=True, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as stop:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        if isinstance(stop, KeyboardInterrupt):
            raise
        return None, output


def synchronize() -> None:
    """Make the copy equal to the tracked files; what is equal keeps its time and is not rebuilt."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    tracked = {name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()}
    for name in tracked:
        source, copy = ROOT / name, PACKAGE / name
        if not copy.is_file() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    for folder, folders, names in os.walk(PACKAGE):
        if ".build" in folders:
            folders.remove(".build")
        for name in (str(Path(folder, name).relative_to(PACKAGE)) for name in names):
            if name not in tracked and name != "Package.resolved":
                (PACKAGE / name).unlink()
    # The dependencies as they are checked out here; compiled modules cannot be moved.
    if not (PACKAGE / ".build").exists() and (ROOT / ".build/workspace-state.json").exists():
        for folder in ("checkouts", "repositories"):
            shutil.copytree(ROOT / ".build" / folder, PACKAGE / ".build" / folder, symlinks=True)
        shutil.copyfile(ROOT / ".build/workspace-state.json", PACKAGE / ".build/workspace-state.json")
        if (ROOT / "Package.resolved").exists():
            shutil.copyfile(ROOT / "Package.resolved", PACKAGE / "Package.resolved")


def build() -> str:
    """The empty text, or why there is no build."""
    code, output = run(["swift", "build", "--build-tests"], BUILD_SECONDS)
    if code is None:
        return f"no build within {BUILD_SECONDS} s"
    return "" if code == 0 else output


def outcome(test: str) -> str:
    """`passed`, `failed`, `trap`, `hang`, or `missing`."""
    events = SCRATCH / "events.jsonl"
    events.unlink(missing_ok=True)
    code, _ = run(["swift", "test", "--skip-build", "--filter", "^" + re.escape(test),
                   "--event-stream-output-path", str(events), "--event-stream-version", "0"],
                  TEST_SECONDS)
    seen = set()
    for line in events.read_text(encoding="utf-8").splitlines() if events.exists() else []:
        try:
            payload = json.loads(line)["payload"]
        except ValueError:
            continue  # the last line of a process that died while writing it
        if payload.get("testID", "").startswith(test + "/"):
            known = payload.get("issue", {}).get("isKnown", False)
            seen.add("knownIssue" if known else payload["kind"])
    if "issueRecorded" in seen:
        return "failed"
    if "testStarted" not in seen:
        return "missing"
    if code is None:
        return "hang"
    return "passed" if "testEnded" in seen and code == 0 else "trap"


def verdict(mutant: Mutant) -> str:
    """`killed`, with how if it did not simply fail, or what went wrong in capitals."""
    synchronize()
    applied, output = run(["git", "apply", "--recount", str(mutant.path)], 60)
    if applied != 0:
        print(output, file=sys.stderr)
        return "DOES NOT APPLY"
    problem = build()
    if problem:
        print(problem, file=sys.stderr)
        return "DOES NOT BUILD"
    found = {outcome(test) for test in mutant.tests}
    if found <= {"failed"} | mutant.allowed:
        return ", ".join(["killed", *sorted(found - {"failed"})])
    return "SURVIVED" if "passed" in found else "SURVIVED: " + ", ".join(sorted(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="names of mutants, with commas between them")
    options = parser.parse_args()
    mutants = [Mutant(path) for path in sorted(HERE.glob("*.patch"))]
    if options.only is not None:
        names = options.only.split(",")
        unknown = set(names) - {mutant.name for mutant in mutants}
        if unknown:
            sys.exit(f"mutants: there is no {', '.join(sorted(unknown))}")
        mutants = [mutant for mutant in mutants if mutant.name in names]

    PACKAGE.mkdir(parents=True, exist_ok=True)
    synchronize()
    # All of them, whichever are run: a patch that the code has outgrown is seen at once.
    stale = [path.name for path in sorted(HERE.glob("*.patch"))
             if run(["git", "apply", "--check", "--recount", str(path)], 60)[0] != 0]
    if stale:
        sys.exit(f"mutants: {', '.join(stale)} no longer applies")
    print("mutants: building the code as it is; some minutes", file=sys.stderr, flush=True)
    problem = build()
    if problem:
        sys.exit(f"{problem}\nmutants: the code as it is does not build")
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    broken = {test: result for test in tests if (result := outcome(test)) != "passed"}
    if broken:
        sys.exit(f"mutants: on the code as it is, {broken}")
    print(f"{len(tests)} tests pass on the code as it is\n\n"
          "| mutant | test | result | seconds |\n| --- | --- | --- | ---: |", flush=True)

    results = []
    for mutant in mutants:
        started = time.monotonic()
        results.append(verdict(mutant))
        print(f"| {mutant.name} | {', '.join(mutant.tests)} | {results[-1]} "
              f"| {time.monotonic() - started:.0f} |", flush=True)
    synchronize()
    killed = sum(result.startswith("killed") for result in results)
    print(f"\n{killed} of {len(results)} mutants killed")
    sys.exit(0 if killed == len(results) > 0 else 1)


if __name__ == "__main__":
    main()
