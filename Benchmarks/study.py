"""Write a page of docs from the results of an experiment and a template.

    python3 Benchmarks/study.py FOLDER TEMPLATE PAGE

FOLDER is that of an experiment of which `deep-sarsa experiment aggregate` has written the results. TEMPLATE is
Markdown in which {{matrix}}, {{stability}}, {{verdicts}}, {{protocol}}, {{cost}}, {{baseline}} and {{comparisons}}
stand for what the results say. If runs are left out of the results, PAGE is not written. Equal results give equal
pages, but for the seconds that {{cost}} sums. Takes a second; needs Python's standard library.
"""

import argparse
import json
import re
import sys
from pathlib import Path


def number(value: float) -> str:
    """Two decimals, fewer for large numbers."""
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1_000 else f"{value:.0f}"


def estimate(value: dict) -> str:
    mark = "†" if value["is_marked"] else ""
    return f"{number(value['value'])} ({number(value['lower'])} to {number(value['upper'])}){mark}"


def table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def matrix(results: dict) -> str:
    tasks, overall = results["tasks"], results["overall"]
    rows = [[f"`{side['name']}`", *(estimate(task["settings"][i]["interquartile_mean"]) for task in tasks)]
            for i, side in enumerate(tasks[0]["settings"])]
    columns = ["setting", *(task["name"] for task in tasks)]
    if overall:
        columns.append("all")
        rows = [[*row, estimate(side["interquartile_mean"])] for row, side in zip(rows, overall)]
    return table(columns, rows)


def stability(results: dict) -> str:
    tasks = [task for task in results["tasks"] if task["threshold"] is not None]
    rows = []
    for i, side in enumerate(results["tasks"][0]["settings"]):
        cells = [f"`{side['name']}`"]
        for task in tasks:
            each = task["settings"][i]
            reached, collapses = each["stability"]["reached"], each["stability"]["collapses"]
            cells.append(f"{reached} of {len(each['runs'])}"
                         + (f", {collapses} collapse{'' if collapses == 1 else 's'}" if collapses else ""))
        rows.append(cells)
    return table(["setting", *(f"{task['name']}, {task['threshold']:g}" for task in tasks)], rows)


def verdicts(results: dict) -> str:
    return "\n".join(f"- {verdict['text']}" for verdict in results["verdicts"])


def summaries(folder: Path) -> list[dict]:
    """What each finished run says of itself."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("runs/*/summary.json"))]


def machines(folder: Path) -> str:
    """The kernels and processors of all runs, from their config.yaml."""
    found = set()
    for path in folder.glob("runs/*/config.yaml"):
        text = path.read_text()
        parts = [re.search(rf"^  {key}: \"?([^\"\n]*)", text, re.MULTILINE)
                 for key in ("openBLASCore", "kernels", "processor")]
        found.add(", ".join(part.group(1) for part in parts if part))
    return "; ".join(sorted(found))


def protocol(folder: Path) -> str:
    experiment = json.loads((folder / "experiment.json").read_text())
    seeds, budgets = experiment["seeds"], {}
    for group in experiment["groups"]:
        budgets[group["task"]] = group["settings"]["hyperparameters"]["budget"].get("steps")
    steps = ", ".join(f"{task} {count:,}" for task, count in budgets.items())
    runs = len(experiment["groups"]) * len(seeds)
    return (f"{runs:,} runs, {len(seeds)} seeds each from {min(seeds)} on.\nEnvironment steps of a run: {steps}.\n"
            f"OpenBLAS core, kernels, processor: {machines(folder)}.")


def cost(folder: Path) -> str:
    hours = sum(each["wall_seconds"] for each in summaries(folder)) / 3_600
    return f"its runs took {hours:.1f} hours together, on cores that may have been shared with other work"


def page(template: str, folder: Path) -> str:
    results = json.loads((folder / "results.json").read_text())
    values = {
        "matrix": matrix(results), "stability": stability(results), "verdicts": verdicts(results),
        "protocol": protocol(folder), "cost": cost(folder), "baseline": results["baseline"],
        "comparisons": str(len(results["verdicts"]))}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match.group(1)], template)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("template", type=Path)
    parser.add_argument("page", type=Path)
    options = parser.parse_args()
    left_out = json.loads((options.folder / "results.json").read_text())["notes"]
    if left_out:  # A page of a part of the runs would look like one of all.
        print(f"study: {options.page} is not written, because something is left out: {left_out[0]}", file=sys.stderr)
        return 0
    options.page.write_text(page(options.template.read_text(), options.folder))
    print(f"study: {options.page} is written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
