"""A copy of the tracked files in which patches are applied, built and tested.

It is `.build-mutants/package`, whose build is kept from one run to the next; the working tree is only read.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".build-mutants"
PACKAGE = SCRATCH / "package"
FILES = SCRATCH / "files"
SECONDS = 1800  # after which a build or a test hangs

# No debugger looks at the copy.
FLAGS = ["-debug-info-format", "none"]

# Warnings are no errors here: a mistake may well leave a variable unused. The patches are applied in
# a folder within the repository that is not part of it, which git is not to look beyond.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("DEEP_SARSA_STRICT", "DEEP_SARSA_KERNELS")}
ENVIRONMENT["GIT_CEILING_DIRECTORIES"] = str(SCRATCH)
ENVIRONMENT["SWIFT_BACKTRACE"] = "enable=no"  # symbolicating a trap takes minutes in a debug build


def run(command: list[str], folder: Path = PACKAGE) -> tuple[int | None, str]:
    """Exit code and output; the code is None if time ran out, and then nothing is left running."""
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, start_new_session=True, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=SECONDS)
        return process.returncode, output
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as stop:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        if isinstance(stop, KeyboardInterrupt):
            raise
        return None, output


def synchronize(*patches: Path) -> str:
    """Make the copy equal to the tracked files with patches applied. The empty text, or why one does not apply.

    What is equal keeps its time and is not rebuilt.
    """
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    tracked = {name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()}
    shutil.rmtree(FILES, ignore_errors=True)
    for name in tracked:
        (FILES / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, FILES / name)
    for patch in patches:
        code, output = run(["git", "apply", "--recount", str(patch)], folder=FILES)
        if code != 0:
            return f"{output or 'git apply failed'}\n{patch.name} no longer applies"
    wanted = {str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.is_file()}
    for name in wanted:
        source, copy = FILES / name, PACKAGE / name
        if not copy.is_file() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    for folder, folders, names in os.walk(PACKAGE):
        if ".build" in folders:
            folders.remove(".build")
        for name in (str(Path(folder, name).relative_to(PACKAGE)) for name in names):
            if name not in wanted and name != "Package.resolved":
                (PACKAGE / name).unlink()
    # The dependencies as they are checked out here; compiled modules cannot be moved.
    if not (PACKAGE / ".build").exists() and (ROOT / ".build/workspace-state.json").exists():
        for folder in ("checkouts", "repositories"):
            shutil.copytree(ROOT / ".build" / folder, PACKAGE / ".build" / folder, symlinks=True)
        shutil.copyfile(ROOT / ".build/workspace-state.json", PACKAGE / ".build/workspace-state.json")
        if (ROOT / "Package.resolved").exists():
            shutil.copyfile(ROOT / "Package.resolved", PACKAGE / "Package.resolved")
    return ""


def applies(patch: Path) -> bool:
    """Whether the patch fits the files that the copy was last made from."""
    return run(["git", "apply", "--check", "--recount", str(patch)], folder=FILES)[0] == 0


def build() -> str:
    """The empty text, or why there is no build."""
    code, output = run(["swift", "build", "--build-tests", *FLAGS])
    if code is None:
        return f"no build within {SECONDS} s"
    return "" if code == 0 else output


def outcomes(tests: list[str]) -> dict[str, str]:
    """What became of each test in one run of all: `passed`, `failed`, `trap`, `hang`, or `missing`."""
    events = SCRATCH / "events.jsonl"
    events.unlink(missing_ok=True)
    filters = [word for test in tests for word in ("--filter", "^" + re.escape(test))]
    code, _ = run(["swift", "test", "--skip-build", *filters,
                   "--event-stream-output-path", str(events), "--event-stream-version", "0"])
    seen: dict[str, set[str]] = {test: set() for test in tests}
    for line in events.read_text(encoding="utf-8").splitlines() if events.exists() else []:
        try:
            payload = json.loads(line)["payload"]
        except ValueError:
            continue  # the last line of a process that died while writing it
        known = payload.get("issue", {}).get("isKnown", False)
        for test in tests:
            if payload.get("testID", "").startswith(test + "/"):
                seen[test].add("knownIssue" if known else payload["kind"])
    isSound = code == 0 or any("issueRecorded" in kinds for kinds in seen.values())

    def outcome(kinds: set[str]) -> str:
        if "issueRecorded" in kinds:
            return "failed"
        if "testStarted" not in kinds:
            return "missing"
        if code is None:
            return "hang"
        return "passed" if "testEnded" in kinds and isSound else "trap"

    return {test: outcome(kinds) for test, kinds in seen.items()}


def chosen(patches: list, names: str | None) -> list:
    """The patches with these names, with commas between them; all if there are none."""
    if names is None:
        return patches
    unknown = set(names.split(",")) - {patch.name for patch in patches}
    if unknown:
        sys.exit(f"there is no patch {', '.join(sorted(unknown))}")
    return [patch for patch in patches if patch.name in names.split(",")]
