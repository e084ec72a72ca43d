"""Write a page of docs from the results of experiments and a template.

    python3 Benchmarks/study.py TEMPLATE PAGE NAME=FOLDER…

FOLDER is that of an experiment of which `deep-sarsa experiment aggregate` has written the results. TEMPLATE is
Markdown in which {{NAME.KIND}} stands for what the results of NAME say, and {{NAME+OTHER.KIND}} for what those
of several say together:

    scores       what the last networks reach, a row for each environment and setting
    stability    when runs reach the threshold, and whether they stay there, in the same rows
    progress STEPS…  what greedy and training episodes reach after so many steps, in the same rows
    training     when the mean return of the last 100 training episodes first reaches the threshold, in the same rows
    score WORD…  the interquartile mean of the row of that environment, or setting, or both
    matrix       interquartile means, a row for each setting and a column for each environment
    reached      runs that reach the threshold in an evaluation, in the same form
    parts        for settings whose names list parts: the runs with a part, beside the same without it
    verdicts, baseline, comparisons
    runs, steps, machines, cost

Lines from {{#NAME}} to {{/NAME}} are left out if NAME is not given. If runs are missing in the results, PAGE
is not written. Equal results give equal pages, but for what `cost` says. Takes a second; needs Python's
standard library.
"""

import argparse
import csv
import json
import math
import re
import statistics
import sys
from functools import cached_property
from pathlib import Path

import measuring

# What a name that lists parts is called if it has none.
NO_PART = "none"


class Study:
    """The folder of an experiment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def results(self) -> dict:
        return json.loads((self.folder / "results.json").read_text())

    @cached_property
    def experiment(self) -> dict:
        return json.loads((self.folder / "experiment.json").read_text())

    @cached_property
    def seconds(self) -> list[float]:
        """How long each finished run took."""
        return [json.loads(path.read_text())["wall_seconds"]
                for path in sorted(self.folder.glob("runs/*/summary.json"))]

    def returns(self, row: dict, file: str, column: str) -> list[list[tuple[int, float]]]:
        """The steps and returns in a table of each of a row's runs."""
        name = f"{row['side']['name']}__{row['id'].replace('/', '-').replace(':', '-')}"
        found = []
        for run in row["side"]["runs"]:
            with (self.folder / "runs" / f"{name}__{run['seed']}" / file).open() as lines:
                found.append([(int(line["step"]), float(line[column])) for line in csv.DictReader(lines)])
        return found

    @cached_property
    def machines(self) -> set[str]:
        """The kernels and processors of all runs, from their config.yaml."""
        found = set()
        for path in self.folder.glob("runs/*/config.yaml"):
            text = path.read_text()
            parts = [re.search(rf"^  {key}: \"?([^\"\n]*)", text, re.MULTILINE)
                     for key in ("openBLASCore", "kernels", "processor")]
            found.add(", ".join(part.group(1) for part in parts if part))
        return found

    @cached_property
    def rows(self) -> list[dict]:
        """What the results say of each environment and setting."""
        budgets = {(group["setting"], group["task"]): group["settings"]["hyperparameters"]["budget"]
                   for group in self.experiment["groups"]}
        return [{"id": task["name"], "task": task["name"].removeprefix("gymnasium:"),
                 "threshold": task["threshold"], "side": side,
                 "budget": budgets[side["name"], task["name"]]}
                for task in self.results["tasks"] for side in task["settings"]]

    def missing(self) -> str | None:
        """What the results lack, if anything."""
        if not (self.folder / "results.json").exists():
            return f"{self.folder} has no results"
        return next(iter(self.results["notes"]), None)


def number(value: float) -> str:
    """Two decimals, fewer for large numbers."""
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1_000 else f"{value:.0f}"


def estimate(value: dict, text=number) -> str:
    mark = "†" if value["is_marked"] else ""
    return f"{text(value['value'])} ({text(value['lower'])} to {text(value['upper'])}){mark}"


def two_decimals(value: float) -> str:
    return f"{value:.2f}"


def table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# Tables with a row for each environment and setting

def named(rows: list[dict]) -> tuple[list[str], list[list[str]]]:
    """The first columns of some rows, and their titles: environments and settings, unless all are the same."""
    columns = {"environment": [row["task"] for row in rows],
               "setting": [f"`{row['side']['name']}`" for row in rows]}
    differing = {title: names for title, names in columns.items() if len(set(names)) > 1}
    shown = differing or {"environment": columns["environment"]}
    return list(shown), [list(names) for names in zip(*shown.values())]


def scores(studies: list[Study]) -> str:
    rows = [row for study in studies for row in study.rows]
    titles, names = named(rows)
    lines = []
    for row, name in zip(rows, names):
        side, budget, threshold = row["side"], row["budget"], row["threshold"]
        found = [run["score"] for run in side["runs"]]
        steps = f"{budget['steps']:,}" if "steps" in budget else f"{budget['episodes']:,} episodes"
        at_threshold = sum(score >= threshold for score in found) if threshold is not None else 0
        lines.append([*name, steps, f"{len(found)}", estimate(side["interquartile_mean"], two_decimals),
                      two_decimals(min(found)), two_decimals(max(found)),
                      two_decimals(side["best_interquartile_mean"]),
                      "–" if threshold is None else f"{at_threshold} at {threshold:g}"])
    return table([*titles, "steps", "seeds", "last network, interquartile mean (95 % interval)", "lowest",
                  "highest", "best network", "seeds at the threshold"], lines)


def stability(studies: list[Study]) -> str:
    rows = [row for study in studies for row in study.rows if row["threshold"] is not None]
    titles, names = named(rows)
    lines = []
    for row, name in zip(rows, names):
        found = row["side"]["stability"]
        median, share, worst = (
            "–" if found[key] is None else text(found[key])
            for key, text in (("median_steps", "{:,.0f}".format), ("share_after", two_decimals),
                              ("worst_after", two_decimals)))
        reached_by = f"{found['reached']} of {len(row['side']['runs'])}"
        lines.append([*name, f"{row['threshold']:g}", reached_by, median, share, f"{found['kept']}",
                      f"{found['collapses']}", worst])
    return table([*titles, "threshold", "seeds that reach it", "steps to it, median", "share at it after that",
                  "seeds never below it again", "collapses", "worst evaluation after"], lines)


# The table of a run, its column with returns, and of how many lines the mean is taken.
PROGRESS = {"greedy": ("evaluations.csv", "mean", 1), "training": ("episodes.csv", "return", 100)}


def progress(studies: list[Study], *limits: str) -> str:
    rows = [(study, row) for study in studies for row in study.rows]
    titles, names = named([row for _, row in rows])
    lines = []
    for (study, row), name in zip(rows, names):
        cells = []
        for file, column, count in PROGRESS.values():
            runs = study.returns(row, file, column)
            for limit in map(int, limits):
                latest = [[value for step, value in run if step <= limit][-count:] for run in runs]
                cells.append(number(measuring.interquartile_mean(list(map(statistics.fmean, latest)))))
        lines.append([*name, *cells])
    return table([*titles, *(f"{kind}, {int(limit):,}" for kind in PROGRESS for limit in limits)], lines)


def training(studies: list[Study]) -> str:
    rows = [(study, row) for study in studies for row in study.rows if row["threshold"] is not None]
    titles, names = named([row for _, row in rows])
    file, column, count = PROGRESS["training"]
    lines = []
    for (study, row), name in zip(rows, names):
        firsts = []
        for run in study.returns(row, file, column):
            means = ((run[i][0], statistics.fmean(value for _, value in run[i + 1 - count:i + 1]))
                     for i in range(count - 1, len(run)))
            firsts.append(next((step for step, mean in means if mean >= row["threshold"]), math.inf))
        reached = [step for step in firsts if step < math.inf]
        median = statistics.median(firsts)
        lines.append([*name, f"{row['threshold']:g}", f"{len(reached)} of {len(firsts)}",
                      f"{median:,.0f}" if median < math.inf else "–",
                      f"{min(reached):,} to {max(reached):,}" if reached else "–"])
    return table([*titles, "threshold", "seeds whose training reaches it", "steps to it, median",
                  "fewest to most"], lines)


def score(studies: list[Study], *words: str) -> str:
    found = [row for study in studies for row in study.rows if set(words) <= {row["task"], row["side"]["name"]}]
    if len(found) != 1:
        raise SystemExit(f"study: 'score {' '.join(words)}' is that of {len(found)} rows; allowed: one")
    return estimate(found[0]["side"]["interquartile_mean"], two_decimals)


# Tables with a row for each setting and a column for each environment

def matrix(study: Study) -> str:
    tasks, overall = study.results["tasks"], study.results["overall"]
    rows = [[f"`{side['name']}`", *(estimate(task["settings"][i]["interquartile_mean"]) for task in tasks)]
            for i, side in enumerate(tasks[0]["settings"])]
    columns = ["setting", *(task["name"] for task in tasks)]
    if overall:
        columns.append("all")
        rows = [[*row, estimate(side["interquartile_mean"])] for row, side in zip(rows, overall)]
    return table(columns, rows)


def reached(study: Study) -> str:
    tasks = [task for task in study.results["tasks"] if task["threshold"] is not None]
    rows = []
    for i, side in enumerate(tasks[0]["settings"]):
        cells = [f"`{side['name']}`"]
        for task in tasks:
            each = task["settings"][i]
            count, collapses = each["stability"]["reached"], each["stability"]["collapses"]
            cells.append(f"{count} of {len(each['runs'])}"
                         + (f", {collapses} collapse{'' if collapses == 1 else 's'}" if collapses else ""))
        rows.append(cells)
    return table(["setting", *(f"{task['name']}, {task['threshold']:g}" for task in tasks)], rows)


def parts(study: Study) -> str:
    """The last networks of settings that have a part, beside those of settings that have all their others."""
    tasks = study.results["tasks"]
    runs = {(side["name"], task["name"]): [run["score"] for run in side["runs"]]
            for task in tasks for side in task["settings"]}
    names = list(dict.fromkeys(name for name, _ in runs))
    rows = []
    for part in dict.fromkeys(part for name in names for part in name.split("-") if name != NO_PART):
        without = {name: "-".join(other for other in name.split("-") if other != part) or NO_PART
                   for name in names if part in name.split("-")}
        pairs = [(name, other) for name, other in without.items() if other in names]
        if not pairs:
            continue
        cells = []
        for task in tasks:
            sides = [[score for pair in pairs for score in runs[pair[i], task["name"]]] for i in (0, 1)]
            means = " and ".join(number(measuring.interquartile_mean(side)) for side in sides)
            counts = [sum(score >= task["threshold"] for score in side) for side in sides]
            cells.append(f"{means}; {counts[0]} and {counts[1]} of {len(sides[0])}")
        rows.append([f"`{part}`", f"{len(pairs)}", *cells])
    return table(["part", "pairs", *(f"{task['name']}, {task['threshold']:g}" for task in tasks)], rows)


# Words

def runs(study: Study) -> str:
    seeds = study.experiment["seeds"]
    count = len(study.experiment["groups"]) * len(seeds)
    return f"{count:,} runs, {len(seeds)} seeds each from {min(seeds)} on"


def steps(study: Study) -> str:
    budgets = {row["task"]: row["budget"].get("steps") for row in study.rows}
    return ", ".join(f"{task} {count:,}" for task, count in budgets.items())


def machines(studies: list[Study]) -> str:
    return "; ".join(sorted(set.union(*(study.machines for study in studies))))


def cost(studies: list[Study]) -> str:
    hours = sum(sum(study.seconds) for study in studies) / 3_600
    return f"{hours:.1f} hours together, on cores that may have been shared with other work"


def verdicts(study: Study) -> str:
    return "\n".join(f"- {verdict['text']}" for verdict in study.results["verdicts"])


ONE_STUDY = {
    "matrix": matrix, "reached": reached, "parts": parts, "runs": runs, "steps": steps,
    "verdicts": verdicts, "baseline": lambda study: study.results["baseline"],
    "comparisons": lambda study: str(len(study.results["verdicts"]))}
SEVERAL = {"scores": scores, "progress": progress, "training": training, "stability": stability, "score": score,
           "machines": machines, "cost": cost}


def page(template: str, studies: dict[str, Study]) -> str:
    def section(match: re.Match) -> str:
        return match[2] if match[1] in studies else ""

    def value(match: re.Match) -> str:
        # What is not given has no part in a table of several.
        names = [name for name in match[1].split("+") if name in studies or "+" not in match[1]]
        if unknown := next((name for name in names if name not in studies), None):
            raise SystemExit(f"study: the template needs {unknown}=FOLDER")
        found = [studies[name] for name in names]
        kind, *words = match[2].split()
        return SEVERAL[kind](found, *words) if kind in SEVERAL else ONE_STUDY[kind](found[0], *words)

    template = re.sub(r"\{\{#(\w+)\}\}\n(.*?)\{\{/\1\}\}\n", section, template, flags=re.DOTALL)
    return re.sub(r"\{\{([\w+]+)\.([^}]+)\}\}", value, template)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("template", type=Path)
    parser.add_argument("page", type=Path)
    parser.add_argument("studies", nargs="+", metavar="NAME=FOLDER")
    options = parser.parse_args()
    words = [word.partition("=") for word in options.studies]
    studies = {name: Study(Path(folder)) for name, _, folder in words}
    for study in studies.values():  # A page of a part of the runs would look like one of all.
        if missing := study.missing():
            print(f"study: {options.page} is not written, because something is left out: {missing}",
                  file=sys.stderr)
            return 0
    options.page.write_text(page(options.template.read_text(), studies))
    print(f"study: {options.page} is written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
