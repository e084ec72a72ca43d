"""Hold what people see on a terminal against screens that were accepted.

    make terminal
    make terminal OPTIONS=--accept          # write the screens into Tests/Terminal/screens

`train`, `train --seeds 4`, `watch` and `doctor` run in pseudo-terminals of 40, 80 and 120 columns. No line that
is redrawn may wrap, and the last screen is compared with the accepted one. Numbers of a training depend on the
machine, so in its screens each number is `#`, and a curve is one block; `watch` draws written runs, whose
screens are compared as they are. Then: nothing of a pipe, nor of TERM=dumb, has a control code; NO_COLOR has no
colour; and `watch` restores the terminal in whatever way it ends. Takes half a minute, needs Python's standard
library.
"""

import argparse
import difflib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from screen import Terminal

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENS = Path(__file__).with_name("screens")
PROGRAM = str(ROOT / ".build/release/deep-sarsa")
WIDTHS = [40, 80, 120]

# Short, so that its numbers are: a speed of three to six digits then leaves the same fields on each line.
TRAIN = ["train", "CartPole-v1", "--preset", "general", "--total-timesteps", "600", "--learning-starts", "300",
         "--evaluation-every", "100", "--evaluation-episodes", "5", "--final-episodes", "5",
         "--hidden-sizes", "64,64"]
# Without a Python there is no Gymnasium, on every machine.
NO_PYTHON = {"PATH": "/nonexistent"}

STUDY = """
environments:
  - CartPole-v1
  - environment: CartPole-v1
    name: short episodes
    environmentArguments: {max_episode_steps: 50}
seeds: 2
preset: general
hyperparameters: {budget: {steps: 20}, replay: {learningStarts: 10, batchSize: 4}}
evaluation: {finalEpisodes: 1, episodes: 1}
settings:
  small: {hyperparameters: {network: {hiddenSizes: [8]}}}
  large: {hyperparameters: {network: {hiddenSizes: [16]}}}
"""

failures: list[str] = []


def check(what: str, is_right: object, more: str = "") -> None:
    if not is_right:
        failures.append(what)
        print(f"terminal: {what}\n{more}", file=sys.stderr)


def masked(text: str) -> str:
    """The text without what depends on the machine: numbers, curves, and the widths that follow from them."""
    text = re.sub(r"[▁▂▃▄▅▆▇█]+", "▁", text)
    text = re.sub(r"\d+__\d{9,}", "FOLDER", text)
    text = re.sub(r"(?<![\w–])-?\d[\d.:]*(?:e[+-]\d+)?", "#", text)
    return re.sub(r" {3,}", "  ", text)


def compare(name: str, text: str, accept: bool) -> None:
    path = SCREENS / f"{name}.txt"
    if accept:
        path.write_text(text)
        return
    old = path.read_text() if path.exists() else ""
    difference = difflib.unified_diff(
        old.splitlines(), text.splitlines(), f"accepted {name}", "now", lineterm="")
    check(f"the screen {name} differs from {path.relative_to(ROOT)}", old == text, "\n".join(difference))


def widest(text: str) -> int:
    return max(len(line) for line in text.splitlines())


def live_lines(terminal: Terminal) -> set[str]:
    """Every line that was redrawn, in any frame."""
    return {line for frame in terminal.frames for line in frame.splitlines() if " left" in line}


# MARK: - train

def train(folder: str, columns: int, accept: bool) -> None:
    with Terminal([PROGRAM, *TRAIN, "--output", "trained"], columns, folder=folder) as terminal:
        check(f"train in {columns} columns ends with 0", terminal.wait() == 0, terminal.screen.text)
        lines = live_lines(terminal)
        check(f"train in {columns} columns redraws a line", len(lines) > 3)
        check(f"train in {columns} columns has no line that wraps", all(len(line) < columns for line in lines),
              "\n".join(lines))
        check(f"train in {columns} columns leaves one line of progress",
              terminal.screen.text.count(" left") == 1, terminal.screen.text)
        # What follows is printed as for a pipe; its long lines wrap as the terminal likes.
        compare(f"train-{columns}", masked(terminal.screen.text.splitlines()[0]) + "\n", accept)
        if columns == 80:
            check("the result of train fits 80 columns", terminal.screen.wraps == 0, terminal.screen.text)
            compare("train-result-80", masked(terminal.screen.text), accept)


def seeds(folder: str, columns: int, accept: bool) -> None:
    command = [PROGRAM, *TRAIN, "--output", "trained", "--seeds", "4", "--jobs", "2"]
    with Terminal(command, columns, folder=folder) as terminal:
        check(f"train --seeds in {columns} columns ends with 0", terminal.wait() == 0, terminal.screen.text)
        frames = [[line for line in frame.splitlines() if line.startswith("seed ") and "last" not in line]
                  for frame in terminal.frames]
        most = max(len(frame) for frame in frames)
        check(f"train --seeds in {columns} columns has a line for each running seed", most == 2, str(most))
        check(f"train --seeds in {columns} columns says how many are over",
              any(re.search(r"^[123] of 4 runs over", frame, re.M) for frame in terminal.frames))
        lines = live_lines(terminal)
        check(f"train --seeds in {columns} columns has no line that wraps",
              all(len(line) < columns for line in lines), "\n".join(lines))
        # Seeds end in any order.
        result = masked(terminal.screen.text).splitlines()
        first = [line for line in result if line.startswith("seed #")]
        check(f"train --seeds in {columns} columns has a line for each seed that ended", len(first) == 4,
              terminal.screen.text)
        check(f"train --seeds in {columns} columns leaves no line of progress",
              "runs over" not in terminal.screen.text, terminal.screen.text)
        if columns >= 80:
            check("the table of train --seeds fits 80 columns", widest(terminal.screen.text) <= 80,
                  terminal.screen.text)
            compare(f"seeds-{columns}", "\n".join(result) + "\n", accept)


# MARK: - doctor

def doctor(columns: int, accept: bool) -> None:
    with Terminal([PROGRAM, "doctor"], columns, rows=200, **NO_PYTHON) as terminal:
        check("doctor ends with 0", terminal.wait() == 0, terminal.screen.text)
        check(f"doctor fits {columns} columns", widest(terminal.screen.text) <= columns and
              terminal.screen.wraps == 0, terminal.screen.text)
        # What comes before, the products and the kernels depend on the machine.
        text = terminal.screen.text[terminal.screen.text.index("bridge\n"):]
        text = re.sub(r"  ok    (products|kernels): .*\n( {8}.*\n)*", "", text)
        compare(f"doctor-{columns}", masked(text), accept)


# MARK: - watch

def write_run(path: Path, seed: int, steps: int, finished: bool) -> None:
    """A run of CartPole whose returns rise with the steps, as a curve that a formula gives."""
    path.mkdir(parents=True)
    (path / "config.yaml").write_text(
        f"environment: CartPole-v1\nexperimentName: rising\nseed: {seed}\n"
        "hyperparameters: {budget: {steps: 20000}}\n")

    def mean(step: int) -> float:
        return round(500 / (1 + math.exp((9000 + 500 * seed - step) / 1500)), 3)

    with open(path / "evaluations.csv", "w") as log:
        log.write("step,mean,std,min,max,episodes\n")
        for step in range(0, steps + 1, 500):
            log.write(f"{step},{mean(step)},1.0,1.0,500.0,10\n")
    with open(path / "episodes.csv", "w") as log:
        log.write("step,episode,return,length,end\n")
        for episode, step in enumerate(range(20, steps + 1, 20), 1):
            total = round(mean(step) * (0.8 + 0.2 * math.sin(episode)), 3)
            log.write(f"{step},{episode},{total},20,terminated\n")
    with open(path / "learning.csv", "w") as log:
        log.write("step,update,loss,epsilon,temperature\n")
        for step in range(1000, steps + 1, 100):
            log.write(f"{step},{step - 1000},{round(2 / (1 + step / 3000), 4)},0.05,\n")
    if finished:
        evaluation = {"episodes": 10, "max": 500, "mean": 499.5, "min": 490, "seed": 7, "std": 1}
        (path / "summary.json").write_text(json.dumps({
            "after_threshold": None, "best_evaluation": evaluation, "environment": "CartPole-v1",
            "episodes": steps // 20, "evaluation": evaluation, "repetition": "exact", "run": str(path),
            "saves": None, "seed": seed, "steps": steps, "steps_per_second": 9000, "threshold": 475,
            "training_return_last_100": 480, "updates": steps - 1000, "wall_seconds": 3}))


def watch(folder: Path, columns: int, accept: bool) -> None:
    for name, paths in [("run", ["runs/CartPole-v1__rising__1__17"]), ("runs", ["runs"]),
                        ("experiment", ["study"])]:
        with Terminal([PROGRAM, "watch", "--once", *paths], columns, folder=str(folder)) as terminal:
            check(f"watch {name} ends with 0", terminal.wait() == 0, terminal.screen.text)
            check(f"watch {name} fits {columns} columns", terminal.screen.wraps == 0, terminal.screen.text)
            check(f"watch {name} has colours", terminal.screen.colors > 0)
            compare(f"watch-{name}-{columns}", terminal.screen.text, accept)


def make_runs(folder: Path) -> None:
    for seed, steps, finished in [(1, 12_000, False), (2, 20_000, True), (3, 20_000, True)]:
        write_run(folder / f"runs/CartPole-v1__rising__{seed}__17", seed, steps, finished)
    # The experiment is made by a part without runs of interest, which are then written.
    (folder / "study.yaml").write_text(STUDY)
    subprocess.run([PROGRAM, "experiment", "study.yaml", "-o", "study", "--part", "1/8", "--quiet"], cwd=folder,
                   check=True)
    shutil.rmtree(folder / "study/runs")
    for setting, environment, seed, steps, finished in [
            ("small", "CartPole-v1", 1, 20_000, True), ("small", "CartPole-v1", 2, 9_000, False),
            ("large", "CartPole-v1", 1, 20_000, True), ("large", "CartPole-v1", 2, 20_000, True),
            ("large", "short episodes", 1, 3_000, False)]:
        write_run(folder / f"study/runs/{setting}__{environment}__{seed}", seed, steps, finished)


def watch_alive(folder: Path) -> None:
    """A watched run goes on under the eyes of `watch`, which every key and signal ends properly."""
    runs = folder / "alive"
    runs.mkdir()
    for name, end, code in [("q", lambda it: it.press("q"), 0), ("Ctrl-C", lambda it: it.press("\x03"), 0),
                            ("SIGINT", lambda it: it.process.send_signal(signal.SIGINT), 0),
                            ("SIGTERM", lambda it: it.process.send_signal(signal.SIGTERM), 143),
                            ("SIGQUIT", lambda it: it.process.send_signal(signal.SIGQUIT), 131)]:
        with Terminal([PROGRAM, "watch", str(folder / "runs")], 80) as terminal:
            check("watch draws a picture", terminal.until(lambda text: "2 of 3 runs finished" in text),
                  terminal.screen.text)
            check("watch takes the terminal over", not terminal.is_restored)
            end(terminal)
            got = terminal.wait()
            check(f"{name} ends watch with {code}", got == code, str(got))
            check(f"after {name} the terminal is restored", terminal.is_restored)
            check("what was on the screen is there again", not terminal.screen.text.strip(),
                  terminal.screen.text)
    training = subprocess.Popen(
        [PROGRAM, *TRAIN, "--total-timesteps", "1e7", "--quiet", "--output", str(runs)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not list(runs.glob("*/episodes.csv")):
            time.sleep(0.05)
        run = next(runs.iterdir())
        with Terminal([PROGRAM, "watch", str(run)], 80) as terminal:
            check("watch sees that a run is running",
                  terminal.until(lambda text: "running" in text and re.search(r"\d steps/s", text)),
                  terminal.screen.text)
            terminal.resize(40)
            check("watch fits a terminal that became narrower",
                  terminal.until(lambda text: widest(text) < 40), terminal.screen.text)
            training.kill()
            training.wait()
            check("watch sees that a run was killed, and says how it goes on",
                  terminal.until(lambda text: "stopped; deep-sarsa resume" in text), terminal.screen.text)
            terminal.press("q")
            check("watch ends with 0", terminal.wait() == 0)
    finally:
        if training.poll() is None:
            training.kill()


# MARK: - Without a terminal

def plain(folder: Path) -> None:
    commands = {
        "train": [*TRAIN, "--output", "plain"], "train --seeds": [*TRAIN, "--seeds", "2", "--output", "plain"],
        "watch": ["watch", "runs", "study"], "watch of a run": ["watch", "runs/CartPole-v1__rising__1__17"],
        "doctor": ["doctor"],
    }
    for name, words in commands.items():
        piped = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, env=os.environ | NO_PYTHON)
        check(f"{name} in a pipe ends with 0", piped.returncode == 0, piped.stderr.decode())
        check(f"{name} in a pipe has no control code", b"\x1b" not in piped.stdout + piped.stderr)
        check(f"{name} in a pipe redraws nothing", b"\r" not in piped.stdout + piped.stderr)
        with Terminal([PROGRAM, *words], 80, folder=str(folder), TERM="dumb") as terminal:
            check(f"{name} with TERM=dumb ends with 0", terminal.wait() == 0, terminal.screen.text)
            check(f"{name} with TERM=dumb has no control code", b"\x1b" not in terminal.written)
    with Terminal([PROGRAM, "watch", "runs"], 80, folder=str(folder), NO_COLOR="1") as terminal:
        terminal.until(lambda text: "q ends" in text)
        check("NO_COLOR has no colour, and redraws", terminal.screen.colors == 0 and terminal.screen.codes > 0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="write the screens instead of comparing them")
    options = parser.parse_args()
    # A shell's background job ignores these, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_runs(folder)
        parts: list[Callable[[], None]] = [
            *(lambda columns=columns: train(name, columns, options.accept) for columns in WIDTHS),
            *(lambda columns=columns: seeds(name, columns, options.accept) for columns in WIDTHS),
            *(lambda columns=columns: doctor(columns, options.accept) for columns in WIDTHS),
            *(lambda columns=columns: watch(folder, columns, options.accept) for columns in WIDTHS),
            lambda: watch_alive(folder), lambda: plain(folder)]
        for part in parts:
            part()
    if failures:
        sys.exit(f"terminal: {len(failures)} checks failed")
    print("terminal: the screens written" if options.accept else "terminal: every screen is as accepted")


if __name__ == "__main__":
    main()
