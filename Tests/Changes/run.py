"""Extend the program in every way that it is meant to be extended, and see what that costs.

    python3 Tests/Changes/run.py [--only layer,world]

Each `*.patch` beside this file adds something: an agent, a layer, an environment, a preset, … Above
the diff it says

    Adds: what it adds.
    Costs: 1 file, 1 line                       new files of Sources, and lines added or changed elsewhere there
    Shown by: Module.Suite/test(label:)         one line for each test, which the patch adds

All patches are applied to one copy of the tracked files (see ../scratch.py), which is built and tested. The
exit code is 1 if a patch does not apply, costs more than it says, does not build, or if its test fails.
"""

import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from scratch import build, chosen, outcomes, synchronize  # noqa: E402


class Change:
    def __init__(self, path: Path):
        self.path, self.name = path, path.stem
        header, *files = re.split(r"^(?=diff --git )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        self.tests = re.findall(r"^Shown by: (.+)$", header, re.MULTILINE)
        costs = re.search(r"^Costs: (\d+) files?, (\d+) lines?$", header, re.MULTILINE)
        if not self.tests or not costs or not re.search(r"^Adds: .+$", header, re.MULTILINE):
            sys.exit(f"changes: {path.name} does not say what it adds, what it costs, or what shows it")
        self.allowed = (int(costs[1]), int(costs[2]))
        sources = [text for text in files if re.match(r"diff --git a/Sources/.*\.(?:swift|json) ", text)]
        self.new = sum("\nnew file mode" in text for text in sources)
        edited = [text for text in sources if "\nnew file mode" not in text]
        self.lines = sum(max(len(re.findall(sign, text, re.MULTILINE))
                             for sign in (r"^\+(?!\+\+ )", r"^-(?!-- )")) for text in edited)

    @property
    def problem(self) -> str:
        """What it costs too much; empty if nothing."""
        return "" if self.new <= self.allowed[0] and self.lines <= self.allowed[1] else "COSTS MORE"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="names of changes, with commas between them")
    options = parser.parse_args()
    changes = [Change(path) for path in sorted(HERE.glob("*.patch"))]
    changes = chosen(changes, options.only)

    problem = synchronize(*(change.path for change in changes))
    if problem:
        sys.exit(f"changes: {problem}")
    print(f"changes: building with {len(changes)} changes; some minutes", file=sys.stderr, flush=True)
    problem = build()
    if problem:
        sys.exit(f"{problem}\nchanges: the code does not build with them")

    print("| change | new files | lines elsewhere | result |\n| --- | ---: | ---: | --- |", flush=True)
    succeeded = 0
    outcome = outcomes([test for change in changes for test in change.tests])
    for change in changes:
        found = {outcome[test] for test in change.tests}
        result = change.problem or ("works" if found == {"passed"} else ", ".join(sorted(found)).upper())
        succeeded += result == "works"
        print(f"| {change.name} | {change.new} | {change.lines} | {result} |", flush=True)
    print(f"\n{succeeded} of {len(changes)} changes work at their cost")
    sys.exit(0 if succeeded == len(changes) > 0 else 1)


if __name__ == "__main__":
    main()
