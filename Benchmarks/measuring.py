"""What all measuring scripts share: options, progress, a reference product, and where results go.

Every script says on standard error what it is measuring, and how long that may take. It writes a
Markdown table and a JSON file with every measurement to Benchmarks/results, which git ignores; with
`--accept` to docs/benchmarks instead, which git tracks. Its last line says what was measured, whether
the figures may be quoted, and where they are. Needs nothing but Python's standard library.
"""

import argparse
import datetime
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "Benchmarks/results"
TRACKED = ROOT / "docs/benchmarks"
PROGRAM = ROOT / ".build/release/deep-sarsa"
PROGRAMS = ROOT / ".build-counts/release"
ROOFLINE = PROGRAMS / "roofline"
CORES = sorted(os.sched_getaffinity(0))

# The first of the seeds whose results README and docs quote. `secrets.randbelow(2**31)` gave it once,
# after all settings of the presets were fixed: no search has seen these seeds.
REPORT_SEED = 1_604_370_667

# A measurement is void if the reference product, just before it or just after it, kept up less than
# this share of the best speed it reached in the same session. On a processor that does nothing else it
# keeps up 0.98 and more.
LEAST_SHARE = 0.9

# A line at least this often, in seconds.
SILENCE = 15.0


def parser(documentation: str) -> argparse.ArgumentParser:
    """A parser with the options that every measuring script has."""
    result = argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--quick", action="store_true",
                        help="a short run that exercises everything; its figures do not count")
    result.add_argument("--accept", action="store_true",
                        help="write the files that git tracks, not Benchmarks/results")
    return result


def parse(options: argparse.ArgumentParser) -> argparse.Namespace:
    result = options.parse_args()
    if result.quick and result.accept:
        options.error("--accept takes whole measurements, and --quick makes none: give one of them")
    for name in ("seeds", "jobs", "rounds", "steps"):
        if getattr(result, name, 1) < 1:
            options.error(f"--{name} {getattr(result, name)}: allowed are numbers from 1")
    return result


def require(*programs: str | Path) -> None:
    """Ends this program with a clear message unless the others are there."""
    for path in programs:
        if not Path(path).exists():
            sys.exit(f"{path} is missing: `make benchmark-programs` builds it")


def add_seeds(options: argparse.ArgumentParser, count: int = 20) -> None:
    options.add_argument("--seeds", type=int, default=count, metavar="N",
                         help="how many seeds (default: %(default)s; 2 with --quick)")
    options.add_argument("--first-seed", type=int, default=REPORT_SEED, metavar="SEED",
                         help="the first of them (default: %(default)s, drawn after the presets "
                              "were fixed)")


def add_kernels(options: argparse.ArgumentParser, default: str) -> None:
    options.add_argument("--kernels", default=default, metavar="NAME,…",
                         help="`own` for OpenBLAS's own choice, or its names of processors "
                              "(default: %(default)s)")


def seeds(options: argparse.Namespace) -> list[int]:
    count = min(options.seeds, 2) if options.quick else options.seeds
    return list(range(options.first_seed, options.first_seed + count))


def describe_seeds(chosen: list[int]) -> str:
    return f"seeds {chosen[0]} to {chosen[-1]}"


# What documents quote: both kinds of kernels where there are both.
BOTH_KERNELS = "own,Haswell" if platform.machine() == "x86_64" else "own"


def variables(kernels: str = "own") -> dict[str, str]:
    """This process's environment without what chooses kernels, unless `kernels` names some."""
    result = {name: value for name, value in os.environ.items()
              if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DEEP_SARSA_KERNELS")}
    return result if kernels == "own" else result | {"OPENBLAS_CORETYPE": kernels}


def pinned(core: int = CORES[-1]) -> list[str]:
    return ["taskset", "--cpu-list", str(core)]


def machine(folder: Path) -> dict[str, str]:
    """The machine's part of the first config in a folder of runs."""
    config = next(folder.rglob("config.yaml")).read_text(encoding="utf-8").replace('"', "")
    lines = [line.strip() for line in config.split("machine:\n")[1].splitlines()]
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def surroundings() -> dict[str, str]:
    """What figures depend on, beside the command."""
    names = {line.split(":", 1)[1].strip()
             for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
             if line.startswith("model name")}
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit.strip() or "unknown",
        "processor": ", ".join(sorted(names)) or platform.machine(),
        "cores": str(len(CORES)),
        "Python": platform.python_version(),
    }


def interquartile_mean(values: list[float]) -> float:
    """The mean without the lowest and the highest quarter, rounded down to whole values."""
    cut = len(values) // 4
    return statistics.fmean(sorted(values)[cut:len(values) - cut])


def interval(values: list[float], statistic: Callable[[list[float]], float] = interquartile_mean,
             resamples: int = 10_000) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a statistic."""
    generator = random.Random(0)
    drawn = sorted(statistic(generator.choices(values, k=len(values))) for _ in range(resamples))
    return drawn[round(0.025 * (resamples - 1))], drawn[round(0.975 * (resamples - 1))]


def spread(values: list[float], form: str, between: str = " to ") -> str:
    return (f"{statistics.median(values):{form}} "
            f"({min(values):{form}}{between}{max(values):{form}})")


@dataclass(frozen=True)
class Timed:
    """What was measured, with the reference product's speeds before and after it."""

    value: Any
    references: list[dict]


class Session:
    """One script's measurements: their progress, their failures, and what becomes of them."""

    def __init__(self, name: str, options: argparse.Namespace, count: int, seconds: float) -> None:
        """`count` measurements that take so many `seconds` in all, as far as is known."""
        self.name, self.options, self.count, self.seconds = name, options, count, seconds
        self.failures: list[str] = []
        self.rows, self.voids = 0, 0
        self._best: dict[str, float] = {}
        self._begun, self._measured, self._done = 0, 0, 0.0
        self._start = self._spoke = time.monotonic()
        self._what = "preparing"
        self._lock = threading.Lock()
        self._is_stopped = False
        signal.signal(signal.SIGINT, self._stop)
        threading.Thread(target=self._break_silence, daemon=True).start()

    # MARK: Progress

    def _say(self, what: str) -> None:
        self._spoke = time.monotonic()
        elapsed = self._spoke - self._start
        # Once a tenth is done, the rest is expected to be as slow as that was.
        slowness = elapsed / self._done if self._done > self.seconds / 10 else 1
        expected = elapsed + max(0, self.seconds - self._done) * slowness
        print(f"{self.name}: {self._begun} of {self.count}, {what}; {clock(elapsed)} of about "
              f"{clock(expected)}", file=sys.stderr, flush=True)

    def _break_silence(self) -> None:
        while True:
            time.sleep(1)
            with self._lock:
                if time.monotonic() - self._spoke > SILENCE:
                    self._say(f"still {self._what}")

    def _stop(self, *_: Any) -> None:
        """Ctrl-C: nothing more is measured, and what was measured is written. A second one ends all."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._is_stopped = True
        self.failures.append("interrupted")

    def measure(self, what: str, function: Callable[..., Any], *arguments: Any,
                seconds: float | None = None) -> Any:
        """What the function returns; None if it failed, which is reported and kept for the end."""
        if self._is_stopped:
            return None
        with self._lock:
            self._begun += 1
            self._what = what
            self._say(what)
        try:
            result = function(*arguments)
            with self._lock:
                self._measured += 1
            return result
        except subprocess.CalledProcessError as error:
            told = (error.stderr or "").strip().splitlines()
            self.fail(what, f"exit code {error.returncode}" + (f": {told[-1]}" if told else ""))
        except (OSError, ValueError, KeyError, StopIteration) as error:
            self.fail(what, f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._done += self.seconds / self.count if seconds is None else seconds
        return None

    def timed(self, what: str, function: Callable[..., Any], *arguments: Any,
              cores: list[int] = CORES[-1:], seconds: float | None = None) -> Timed | None:
        """The same between two measurements of the reference product on the cores in use."""
        def between() -> Timed:
            before = reference(cores)
            value = function(*arguments)
            return Timed(value, before + reference(cores))
        result = self.measure(what, between, seconds=seconds)
        if result is not None:
            self.saw(result.references)
        return result

    def fail(self, what: str, why: str) -> None:
        self.failures.append(f"{what}: {why}")
        print(f"{self.name}: FAILED {what}: {why}", file=sys.stderr, flush=True)

    # MARK: Void measurements

    def saw(self, references: list[dict]) -> None:
        """Remembers the best speed of the reference product, for each kind of kernel."""
        for each in references:
            self._best[each["core"]] = max(self._best.get(each["core"], 0), each["best"])

    def share(self, references: list[dict]) -> float:
        """The least share of its best speed that the reference product kept up."""
        return min(each["sustained"] / self._best[each["core"]] for each in references)

    def is_void(self, references: list[dict]) -> bool:
        return self.share(references) < LEAST_SHARE

    def counting(self, measured: list[Timed]) -> tuple[list[Any], str]:
        """A row's values that count, and its mark: `(void)` if none does, and then all of them."""
        self.rows += 1
        valid = [each.value for each in measured if not self.is_void(each.references)]
        if valid:
            return valid, ""
        self.voids += 1
        return [each.value for each in measured], " (void)"

    # MARK: Results

    def folder(self) -> Path:
        """Where results go. What failed in part replaces nothing that is tracked."""
        result = TRACKED if self.options.accept and not self.failures else RESULTS
        result.mkdir(parents=True, exist_ok=True)
        return result

    def write(self, name: str, text: str, data: dict, folder: Path | None = None) -> None:
        """Writes a table and its measurements, and prints the table."""
        if self.options.quick:
            text = f"**A quick run: not to be quoted.**\n\n{text}"
        folder = folder or self.folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(text.rstrip() + "\n", encoding="utf-8")
        record = {"machine": surroundings(), "quick": self.options.quick,
                  "failures": self.failures, **data}
        (folder / f"{name}.json").write_text(
            json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(text.rstrip() + "\n", flush=True)

    def verdict(self) -> str:
        if self.options.quick:
            verdict = "a quick run, whose figures are not to be quoted"
        else:
            verdict = "not to be quoted" if self.failures else "may be quoted"
        if self.voids:
            verdict += (f"; {self.voids} of {self.rows} rows do not count (void), for another program "
                        "used the processor")
        return verdict

    def finish(self, verdict: str | None = None, folder: Path | None = None) -> int:
        """Prints the verdict, and where results are; gives the exit code."""
        for each in self.failures:
            print(f"{self.name}: FAILED {each}", file=sys.stderr)
        elapsed = clock(time.monotonic() - self._start)
        print(f"{self.name}: {self._measured} of {self.count} measured in {elapsed}; "
              f"{verdict or self.verdict()}; in {(folder or self.folder()).relative_to(ROOT)}",
              file=sys.stderr, flush=True)
        return 1 if self.failures else 0


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def reference(cores: list[int], kernels: str = "own") -> list[dict]:
    """GFLOP/s of the product 32×64×128, on all of the cores at once."""
    def sample(core: int) -> dict:
        output = subprocess.run([*pinned(core), str(ROOFLINE), "reference"], check=True,
                                capture_output=True, text=True, env=variables(kernels)).stdout
        return json.loads(output)
    with ThreadPoolExecutor(len(cores)) as pool:
        return list(pool.map(sample, cores))
