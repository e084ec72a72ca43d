"""Break the code on purpose, one mistake at a time, and see that the test named for it fails.

    python3 Tests/Mutants/run.py [--only backward-sign,ring-head-one-off] [--changed]

Each `*.patch` beside this file is a mistake of a few lines. Above the diff it says

    Breaks: what the mistake is.
    Killed by: Module.Suite/test(label:)        one line for each test that must fail
    Also counts: trap, hang                     if the test may die of it, or never end

All this happens in a copy of the tracked files (see scratch.py). A mutant is killed if the test itself records an
issue: a failed build, or a failure elsewhere, is none. The exit code is 1 if a mutant survives, does
not apply or does not build, or if a named test fails on the code as it is.
"""

import argparse
import re
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from scratch import applies, build, chosen, outcomes, synchronize  # noqa: E402


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


def verdict(mutant: Mutant, below: list[Path]) -> str:
    """`killed`, with how if it did not simply fail, or what went wrong in capitals."""
    problem = synchronize(*below, mutant.path)
    if problem:
        print(problem, file=sys.stderr)
        return "DOES NOT APPLY"
    problem = build()
    if problem:
        print(problem, file=sys.stderr)
        return "DOES NOT BUILD"
    # One at a time: a trap ends all that run beside it.
    found = {outcomes([test])[test] for test in mutant.tests}
    if found <= {"failed"} | mutant.allowed:
        return ", ".join(["killed", *sorted(found - {"failed"})])
    return "SURVIVED" if "passed" in found else "SURVIVED: " + ", ".join(sorted(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="names of mutants, with commas between them")
    parser.add_argument("--changed", action="store_true",
                        help="break the code that ../Changes extends: `make changes` has built most of it")
    options = parser.parse_args()
    mutants = [Mutant(path) for path in sorted(HERE.glob("*.patch"))]
    mutants = chosen(mutants, options.only)

    synchronize()
    # All of them, whichever are run: a patch that the code has outgrown is seen at once.
    stale = [path.name for path in sorted(HERE.glob("*.patch"))
             if not applies(path)]
    if stale:
        sys.exit(f"mutants: {', '.join(stale)} no longer applies")
    below = sorted((HERE.parent / "Changes").glob("*.patch")) if options.changed else []
    print("mutants: building the code as it is; some minutes", file=sys.stderr, flush=True)
    problem = synchronize(*below) or build()
    if problem:
        sys.exit(f"{problem}\nmutants: the code as it is does not build")
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    broken = {test: result for test, result in outcomes(tests).items() if result != "passed"}
    if broken:
        sys.exit(f"mutants: on the code as it is, {broken}")
    print(f"{len(tests)} tests pass on the code as it is\n\n"
          "| mutant | test | result | seconds |\n| --- | --- | --- | ---: |", flush=True)

    results = []
    for mutant in mutants:
        started = time.monotonic()
        results.append(verdict(mutant, below))
        print(f"| {mutant.name} | {', '.join(mutant.tests)} | {results[-1]} "
              f"| {time.monotonic() - started:.0f} |", flush=True)
    killed = sum(result.startswith("killed") for result in results)
    print(f"\n{killed} of {len(results)} mutants killed")
    sys.exit(0 if killed == len(results) > 0 else 1)


if __name__ == "__main__":
    main()
