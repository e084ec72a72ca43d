"""What all peers share: their options, their clock, and the line of JSON that they print."""

import argparse
import importlib.metadata
import json
import time
from dataclasses import dataclass, field


def parser(documentation: str, steps: int | None, hidden: str,
           batch: int) -> argparse.ArgumentParser:
    """The options every peer takes, with the settings of its workload as defaults."""
    options = argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--steps", type=int, default=steps, help="environment steps, per seed")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--hidden-sizes", type=sizes, default=sizes(hidden), metavar="N,N,…")
    options.add_argument("--batch-size", type=int, default=batch)
    options.add_argument("--json", action="store_true", help="print one line of JSON")
    return options


def sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


@dataclass
class Clock:
    """Times a training loop, and apart from it the slow steps that come before it runs evenly."""

    warm_up_steps: int
    steps: int = 0
    started: float = field(default_factory=time.perf_counter)
    warmed_up: float | None = None

    def count(self, steps: int = 1) -> None:
        self.steps += steps
        if self.warmed_up is None and self.steps >= self.warm_up_steps:
            self.warmed_up, self.warm_up_steps = time.perf_counter(), self.steps

    def stop(self) -> dict[str, float | int | None]:
        """Steps per second are those behind the warm-up; a run that never got there has none."""
        ended = time.perf_counter()
        speed = warm_up = None
        if self.warmed_up is not None and self.steps > self.warm_up_steps:
            warm_up = self.warmed_up - self.started
            speed = (self.steps - self.warm_up_steps) / (ended - self.warmed_up)
        return {"steps": self.steps, "steps_per_second": speed, "warm_up_seconds": warm_up,
                "wall_seconds": ended - self.started}


def show(report: dict, packages: list[str], as_json: bool) -> None:
    report["versions"] = {name: importlib.metadata.version(name) for name in packages}
    if as_json:
        print(json.dumps(report))
        return
    for key, value in report.items():
        print(f"{key}: {value}")
