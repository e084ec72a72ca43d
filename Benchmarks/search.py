"""Search an environment's settings with Optuna: many trials, each trained with several seeds.

    make search OPTIONS="--environment Acrobot-v1 --output runs/acrobot --trials 60"
    make search OPTIONS="--environment Acrobot-v1 --output runs/acrobot --trials 60"    # beside it, or later

The first trial is the preset `--base`; the others are drawn by a tree-structured Parzen estimator from the space in
`--space`. A trial trains seeds in groups with `deep-sarsa experiment`, and ends early if its seeds are significantly
worse than the same seeds of the best trial (Wilcoxon's signed-rank test). Its value is the interquartile mean, over
seeds, of the last network's mean return; with `--stability X`, X times the share of evaluations at the threshold
after the first one there is added to each seed's score.

The best trials would not be as good again: chance chose them too. So at the end the best `--finalists` and the base
train `--fresh-seeds` that no trial has seen, and the best of these becomes the preset.

The same command in several processes, or on machines that share the folder, is one search. After any end, Ctrl-C or
kill -9, the same command goes on: a trial that has no process is continued, and no finished run is trained again.

`--output` gets best.json, a preset for `train --preset`; report.md; and trials/N, the experiment of each trial. The
seeds of a search must not be those of reports, or the reported results would be better than those of other seeds.
Takes (trials × seeds × a run's time) / processors, less what is ended early; 60 trials of Acrobot some two hours on
two cores. Needs `make build`, and Optuna, which `make search` installs. `--quick` takes ten seconds.
"""

import argparse
import contextlib
import csv
import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import measuring
import search_space
from search_space import Space, SpaceError

# The first seed of searches. Reports begin at measuring.REPORT_SEED.
TUNING_SEED = 5_001
REPORT_SEEDS = {"first": measuring.REPORT_SEED, "last": measuring.REPORT_SEED + 999}

STARTUP_TRIALS = 10  # Trials that are drawn without regard to others, as Optuna does.
REFUSED = 78  # The program's exit code for settings that do not fit each other.


def say(text: str) -> None:
    print(f"search: {text}", file=sys.stderr, flush=True)


# MARK: - Files

@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits for a lock that ends with its process."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lock(path: Path) -> IO | None:
    """A lock that ends when this process and all that it is passed to have ended; None if it is taken."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def write(path: Path, text: str) -> None:
    """Replaces a file as a whole."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def read(path: Path) -> Any:
    """A JSON file; None if there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


# MARK: - Scores

def score(run: Path, stability: float) -> float | None:
    """The score of a run that is over: an untrained network's if it failed, None if that is not known."""
    summary = read(run / "summary.json")
    if summary is None:
        return untrained(run)
    after = summary["after_threshold"] or {}
    return summary["evaluation"]["mean"] + stability * (after.get("share") or 0)


def untrained(run: Path) -> float | None:
    """The mean return of the untrained network; None if it was not evaluated."""
    path = run / "evaluations.csv"
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["step"] == "0":
                    return float(row["mean"])
    return None


def is_over(run: Path) -> bool:
    return (run / "summary.json").exists() or (run / "failure.json").exists()


def scores(runs: list[Path], stability: float) -> list[float] | None:
    """The scores of runs; None if one is not over, or all failed before an evaluation."""
    if not all(is_over(run) for run in runs):
        return None
    found = [score(run, stability) for run in runs]
    begun = [value for value in map(untrained, runs) if value is not None]
    if None in found and not begun:
        return None
    return [min(begun) if value is None else value for value in found]


# MARK: - Seeds

def overlap(one: dict, other: dict) -> bool:
    return one["first"] <= other["last"] and other["first"] <= one["last"]


def require_unreported(seeds: dict, reports: list[tuple[str, dict]]) -> None:
    """Ends the program if a report has seeds that the search would see."""
    for name, reported in reports:
        if overlap(seeds, reported):
            sys.exit(f"search: seeds {seeds['first']} to {seeds['last']} of the search are among those of {name}, "
                     f"{reported['first']} to {reported['last']}; allowed: others, with --first-seed")


# MARK: - The program

class Failure(Exception):
    """The program's message, and its exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def call(command: list[str], kernels: str, lock: IO | None = None) -> str:
    """What the program prints. It keeps the lock of its trial even if this process is killed."""
    # Ctrl-C must not reach the program twice.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                          env=measuring.variables(kernels), pass_fds=[lock.fileno()] if lock else []) as child:
        try:
            output, errors = child.communicate()
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise
    if child.returncode:
        raise Failure(errors.strip().split("\n")[-1] or f"exit code {child.returncode}", child.returncode)
    return output


# MARK: - The search

class Search:
    """A search in its folder.

    | file | content |
    | --- | --- |
    | `search.json` | what all processes must agree on |
    | `journal.log` | Optuna's storage |
    | `trials/N/` | the experiment of trial N, described in `trials/N.json` |
    | `trials/N.lock`, `lock` | locked by whoever trains the trial, or chooses one |
    """

    def __init__(self, options: argparse.Namespace, space: Space) -> None:
        self.options, self.folder = options, Path(options.output)
        (self.folder / "trials").mkdir(parents=True, exist_ok=True)
        self.space = space
        self.base = self.settings(options.base, ["--total-timesteps", str(options.steps)] if options.steps else [])
        with locked(self.folder / "lock"):
            self.agree()
            self.study = self.open()
        self.deadline = time.monotonic() + 60 * options.minutes

    def settings(self, preset: str, arguments: list[str] = []) -> dict:
        """All settings of a run with a preset."""
        return json.loads(call([self.options.program, "train", self.options.environment, "--preset", preset, *arguments,
                                "--print-config", "--json"], self.options.kernels))

    def agree(self) -> None:
        """Ends the program if the folder has another search."""
        options, path = self.options, self.folder / "search.json"
        facts = {"environment": options.environment, "hyperparameters": self.base["hyperparameters"],
                 "evaluation": self.base["evaluation"] | self.space.evaluation, "space": self.space.text,
                 "seeds": {"first": options.first_seed, "count": options.seeds}, "group": options.group,
                 "stability": options.stability, "significance": options.significance, "sampler": "TPE",
                 "samplerSeed": options.sampler_seed, "kernels": options.kernels}
        old = read(path)
        if old is None:
            write(path, json.dumps(facts, indent=1) + "\n")
        for name, value in facts.items():
            if old is not None and old.get(name) != value:
                sys.exit(f"search: {path} has another search: {name} is {json.dumps(old.get(name))}, and now "
                         f"{json.dumps(value)}; allowed: another --output")

    def open(self) -> Any:
        """Optuna's study, with the base as its first trial."""
        import optuna
        from optuna.storages.journal import JournalFileBackend

        class Lock:
            """Unlike Optuna's locks, it ends with its process."""

            def acquire(self) -> bool:
                self.file = Path(f"{journal}.lock").open("a")
                fcntl.flock(self.file, fcntl.LOCK_EX)
                return True

            def release(self) -> None:
                self.file.close()

        journal, lock = self.folder / "journal.log", Lock()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        if journal.exists():
            # A full disk or a power failure may have cut the last line, and the next one would be a part of it.
            lock.acquire()
            text = journal.read_bytes()
            os.truncate(journal, text.rfind(b"\n") + 1)
            lock.release()
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(journal), lock))
        study = optuna.create_study(
            study_name="search", storage=storage, direction="maximize", load_if_exists=True,
            pruner=optuna.pruners.WilcoxonPruner(p_threshold=self.options.significance, n_startup_steps=0))
        if not study.get_trials(deepcopy=False):
            values = self.space.of(self.base)
            outside = [name for name, value in values.items() if value not in self.space.values[name]]
            if outside:
                say(f"'{self.options.base}' is not tried itself: the space does not have its "
                    + ", ".join(f"{name}: {json.dumps(values[name])}" for name in outside))
            else:
                study.enqueue_trial(self.space.stored(values), user_attrs={"base": True})
        return study

    # MARK: Trials

    def trials(self, *states: str) -> list[Any]:
        return [trial for trial in self.study.get_trials(deepcopy=False) if trial.state.name in states]

    def claim(self) -> tuple[Any, dict, IO] | None:
        """A trial for this process, with its values and its lock: one without a process, or else a new one."""
        import optuna
        with locked(self.folder / "lock"):
            for trial in self.trials("RUNNING"):
                held = lock(self.path(trial.number, ".lock"))
                if held is None:
                    continue
                # Its process may have ended it meanwhile.
                if self.study.get_trials(deepcopy=False)[trial.number].state.name == "RUNNING":
                    say(f"trial {trial.number} goes on")
                    trial = optuna.Trial(self.study, trial._trial_id)
                    return trial, self.space.draw(trial), held
                held.close()
            # Trials that wait are also among those that were begun.
            begun = len(self.study.get_trials(deepcopy=False)) - len(self.trials("WAITING"))
            if begun >= self.options.trials or time.monotonic() > self.deadline:
                return None
            # Whatever process draws it, a trial has a random stream of its own.
            self.study.sampler = optuna.samplers.TPESampler(
                n_startup_trials=STARTUP_TRIALS, seed=(self.options.sampler_seed * 1_000_003 + begun) % 2**32)
            trial = self.study.ask()
            held = lock(self.path(trial.number, ".lock"))
            assert held, "a new trial was locked"
            return trial, self.space.draw(trial), held

    def path(self, number: int, ending: str = "") -> Path:
        return self.folder / "trials" / f"{number}{ending}"

    def runs(self, number: int, count: int) -> list[Path]:
        """The folders of a trial's runs with the first seeds."""
        task = self.options.environment.replace("/", "-").replace(":", "-")
        return [self.path(number) / "runs" / f"trial-{number}__{task}__{seed}"
                for seed in range(self.options.first_seed, self.options.first_seed + count)]

    def train(self, number: int, values: dict, count: int, held: IO) -> list[float]:
        """The scores of a trial's first seeds, of which those without a result are trained."""
        path = self.path(number, ".json")
        # An experiment may get more seeds, but never fewer.
        count = max(count, (read(path) or {"seeds": {"count": 0}})["seeds"]["count"])
        settings = search_space.replaced(self.base, values)
        write(path, json.dumps({
            "environments": [self.options.environment],
            "seeds": {"first": self.options.first_seed, "count": count},
            "evaluation": self.base["evaluation"] | self.space.evaluation,
            "learningInterval": 0, "tensorBoardTags": "none",
            "settings": {f"trial-{number}": {"hyperparameters": settings["hyperparameters"]}}}, indent=1) + "\n")
        jobs = ["--jobs", str(self.options.jobs)] if self.options.jobs else []
        call([self.options.program, "experiment", str(path), "-o", str(self.path(number)), "--quiet", *jobs],
             self.options.kernels, held)
        found = scores(self.runs(number, count), self.options.stability)
        if found is None:
            raise Failure("all runs failed before their first evaluation", REFUSED)
        return found

    def attempt(self, trial: Any, values: dict, held: IO) -> None:
        """Trains a trial's seeds group by group, until there are all, or enough to see that it is worse."""
        import optuna
        number, count, seeds = trial.number, 0, self.options.seeds
        reported = set(self.study.get_trials(deepcopy=False)[number].intermediate_values)
        while count < seeds:
            try:
                found = self.train(number, values, min(count + self.options.group, seeds), held)[:seeds]
            except Failure as failure:
                if failure.code != REFUSED:
                    raise
                say(f"trial {number}: {failure}")
                self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
                if not self.trials("COMPLETE"):
                    raise
                return
            count = len(found)
            for seed in set(range(count)) - reported:
                trial.report(found[seed], seed)
                reported.add(seed)
            if count < seeds and trial.should_prune():
                self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                return self.tell(number, f"ended after {count} of {seeds} seeds, {mean(found):.2f}", values)
        self.study.tell(trial, mean(found))
        self.tell(number, f"{mean(found):.2f}", values)

    def tell(self, number: int, what: str, values: dict) -> None:
        over, best = len(self.trials("COMPLETE", "PRUNED", "FAIL")), self.ranking()
        record = f"best {best[0].value:.2f} in trial {best[0].number}" if best else "none is better"
        say(f"{over} of {self.options.trials}: trial {number}: {what}; {record}; {self.changes(values)}")

    def changes(self, values: dict) -> str:
        """The values that differ from the base's, by the last parts of their names."""
        base = self.space.of(self.base)
        return ", ".join(f"{short(name)} {json.dumps(value)}" for name, value in values.items()
                         if value != base[name]) or f"as '{self.options.base}'"

    def ranking(self) -> list[Any]:
        """The trials with all seeds, best first."""
        return sorted(self.trials("COMPLETE"), key=lambda trial: (-trial.value, trial.number))

    # MARK: Finalists

    def finalists(self) -> list[Any]:
        """The best trials, and the base if it is not among them."""
        ranking, most = self.ranking(), self.options.finalists
        return ranking[:most] + [trial for trial in ranking[most:] if trial.user_attrs.get("base")]

    def values(self, trial: Any) -> dict:
        """The values of a trial that is over."""
        import optuna
        return self.space.draw(optuna.trial.FixedTrial(trial.params))

    def fresh(self, trial: Any) -> list[float] | None:
        """The scores of the seeds that no choice has seen; None if they are not trained."""
        found = scores(self.runs(trial.number, self.options.seeds + self.options.fresh_seeds), self.options.stability)
        return found and found[self.options.seeds:]

    def train_finalists(self) -> None:
        """Trains the fresh seeds that no other process trains, and waits for those of others."""
        while waiting := [trial for trial in self.finalists() if self.fresh(trial) is None]:
            for trial in waiting:
                if held := lock(self.path(trial.number, ".lock")):
                    with held:
                        self.train(trial.number, self.values(trial), self.options.seeds + self.options.fresh_seeds, held)
                    say(f"trial {trial.number}: {mean(self.fresh(trial)):.2f} with {self.options.fresh_seeds} fresh seeds")
                    break
            else:
                time.sleep(1)

    def run(self) -> None:
        """Trains trials until there are as many as asked for, then the finalists."""
        has_told = False
        while True:
            if claimed := self.claim():
                with claimed[-1]:
                    self.attempt(*claimed)
            elif self.trials("RUNNING"):
                if not has_told:
                    say("waiting for the trials of other processes")
                has_told = True
                time.sleep(1)
            else:
                break
        if not self.ranking():
            sys.exit("search: no trial has a value")
        say(f"{self.options.fresh_seeds} fresh seeds for the trials "
            + ", ".join(str(trial.number) for trial in self.finalists()))
        self.train_finalists()

    # MARK: Results

    def best(self) -> Any:
        return max(self.finalists(), key=lambda trial: (mean(self.fresh(trial)), -trial.number))

    def seeds(self) -> dict:
        """The seeds that the search sees."""
        return seeds_of(self.options)

    def preset(self) -> dict:
        """The best finalist as a preset: what differs from the defaults, and how it was found."""
        options, best = self.options, self.best()
        defaults = self.settings("general")
        chosen = search_space.replaced(self.base, self.values(best))
        base = [trial for trial in self.finalists() if trial.user_attrs.get("base") and trial is not best]
        count = len(self.trials("COMPLETE", "PRUNED", "FAIL"))
        # A single range also covers the seeds that pruned trials have not come to.
        facts = (f"the best of {count} settings that a tree-structured Parzen estimator chose from '{options.base}' on; "
                 f"{options.seeds} seeds each, fewer for those that a Wilcoxon test found worse; then the best "
                 f"{len(self.ranking()[:options.finalists])} with {options.fresh_seeds} fresh seeds: "
                 f"{self.measure()} {statement(self.fresh(best))}")
        facts += f"; '{options.base}' itself {statement(self.fresh(base[0]))}" if base else ""
        # The default is that of the environment's preset: what a search evaluates with is its own matter.
        evaluation = {name: value for name, value in self.base["evaluation"].items()
                      if value != defaults["evaluation"].get(name)}
        return {"name": options.name, "summary": f"found by a search that began with '{options.base}'",
                "environments": [options.environment]} | ({"evaluation": evaluation} if evaluation else {}) | {
                "hyperparameters": search_space.differing(chosen["hyperparameters"], defaults["hyperparameters"]),
                "search": {"method": facts, "settings": count, "seeds": [self.seeds()]}}

    def measure(self) -> str:
        text = "interquartile mean over these seeds of the last network's mean return"
        return text + (f" plus {self.options.stability:g} × the share of evaluations at the threshold after the first"
                       if self.options.stability else "")

    def report(self) -> str:
        """The best trials, and which settings mattered, in Markdown."""
        options, best, finalists = self.options, self.best(), self.finalists()
        states = {name: len(self.trials(name)) for name in ("COMPLETE", "PRUNED", "FAIL")}
        used = measuring.machine(self.path(best.number))
        lines = [
            f"# Search of {options.environment}", "",
            f"{sum(states.values())} trials from '{options.base}' on, {self.base['hyperparameters']['budget']}: "
            f"{states['COMPLETE']} with all {options.seeds} seeds, {states['PRUNED']} ended early, "
            f"{states['FAIL']} refused. Seeds {options.first_seed} to {options.first_seed + options.seeds - 1}; fresh "
            f"ones up to {self.seeds()['last']}. The value is the {self.measure()}, with its 95 % bootstrap interval. "
            f"TPE from seed {options.sampler_seed}; trials that Wilcoxon's test finds worse at "
            f"{options.significance:g} end early. OpenBLAS core {used['openBLASCore']}, kernels {used['kernels']}, "
            f"{used['processor']}.", "",
            f"Trial {best.number} is the best with fresh seeds.", "",
            "| trial | value | with fresh seeds | what differs |", "| --- | --- | --- | --- |"]
        for trial in self.ranking()[:10] + [each for each in finalists if each not in self.ranking()[:10]]:
            fresh = statement(self.fresh(trial)) if trial in finalists else "–"
            seen = [value for seed, value in sorted(trial.intermediate_values.items())]
            lines.append(f"| {trial.number} | {statement(seen)} | {fresh} | {self.changes(self.values(trial))} |")
        if states["COMPLETE"] >= STARTUP_TRIALS:
            import optuna
            weights = optuna.importance.get_param_importances(
                self.study, evaluator=optuna.importance.PedAnovaImportanceEvaluator())
            lines += ["", "Which settings tell the best tenth of the trials with all seeds from the others (PED-ANOVA):",
                      "", "| setting | importance |", "| --- | --- |",
                      *(f"| {name.removeprefix('hyperparameters.')} | {weight:.2f} |" for name, weight in weights.items())]
        return "\n".join(lines) + "\n"

    def write_results(self) -> None:
        report, preset = self.report(), json.dumps(self.preset(), indent=2, ensure_ascii=False) + "\n"
        files = [self.folder / "best.json", *([Path(self.options.write)] if self.options.write else [])]
        for file in files:
            write(file, preset)
        write(self.folder / "report.md", report)
        print(report)
        say(f"trial {self.best().number} is the best, in {', '.join(map(str, files))}; "
            f"all trials in {self.folder / 'report.md'}")


def mean(values: list[float]) -> float:
    return measuring.interquartile_mean(values)


def statement(values: list[float]) -> str:
    low, high = measuring.interval(values)
    return f"{mean(values):.2f} ({low:.2f} to {high:.2f})"


def short(name: str) -> str:
    """The last parts of a setting's name that say which it is."""
    parts = name.split(".")
    return ".".join(parts[-2:] if parts[-1] in ("from", "to", "steps", "every", "rate", "scaling") else parts[-1:])


# MARK: - The command line

def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--environment", default="CartPole-v1", metavar="ID", help="default: %(default)s")
    add("--output", metavar="FOLDER", help="of the search (default: runs/search-ID)")
    add("--base", default="tuned", metavar="PRESET", help="what the search begins with (default: %(default)s)")
    add("--space", default=str(Path(__file__).parent / "Search/space.yaml"), metavar="FILE",
        help="what is varied (default: Benchmarks/Search/space.yaml)")
    add("--steps", type=int, metavar="N", help="environment steps of a run (default: the preset's)")
    add("--trials", type=int, default=60, metavar="N", help="default: %(default)s; may grow later")
    add("--minutes", type=float, default=float("inf"), metavar="N", help="begin no trial after so long")
    add("--seeds", type=int, default=8, metavar="N", help="of a trial (default: %(default)s)")
    add("--group", type=int, default=2, metavar="N", help="seeds between two decisions (default: %(default)s)")
    add("--first-seed", type=int, default=TUNING_SEED, metavar="SEED", help="default: %(default)s")
    add("--finalists", type=int, default=3, metavar="N", help="trials with fresh seeds (default: %(default)s)")
    add("--fresh-seeds", type=int, default=20, metavar="N", help="of a finalist (default: %(default)s)")
    add("--stability", type=float, default=0, metavar="X", help="weight of the share after the threshold")
    add("--significance", type=float, default=0.1, metavar="P", help="below which a trial ends (default: %(default)s)")
    add("--sampler-seed", type=int, default=1, metavar="SEED", help="default: %(default)s")
    add("--jobs", type=int, metavar="N", help="runs at a time in this process (default: the number of processors)")
    add("--kernels", default="own", metavar="NAME", help="`own` for OpenBLAS's own choice, or its name of a processor")
    add("--program", default=str(measuring.PROGRAM))
    add("--name", default="tuned", help="of the preset (default: %(default)s)")
    add("--write", metavar="FILE", help="write the preset there too; not over one with a report")
    add("--quick", action="store_true", help="3 trials of 2 seeds and 2,000 steps; its figures do not count")
    options = parser.parse_args()
    for name in ("steps", "trials", "seeds", "group", "finalists", "fresh_seeds", "jobs"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name.replace('_', '-')} {value}: allowed are numbers from 1")
    if not 0 < options.significance < 1:
        parser.error(f"--significance {options.significance:g}: allowed are numbers between 0 and 1")
    if options.quick:
        options.steps, options.trials, options.seeds, options.finalists, options.fresh_seeds = 2_000, 3, 2, 1, 2
    options.output = options.output or f"runs/search-{options.environment.replace('/', '-').replace(':', '-')}"
    return options


def seeds_of(options: argparse.Namespace) -> dict:
    """The seeds that a search sees."""
    return {"first": options.first_seed,
            "last": options.first_seed + options.seeds + options.fresh_seeds - 1}


def reports(options: argparse.Namespace) -> list[tuple[str, dict]]:
    """The seeds of reports, each with where it is."""
    presets = [(f"preset '{each['name']}'", each)
               for each in json.loads(call([options.program, "presets", "--json"], options.kernels))]
    files = [(path, read(Path(path))) for path in (options.base,) if path.endswith(".json")]
    return [("Benchmarks", REPORT_SEEDS),
            *((name, seeds) for name, preset in presets + files
              for seeds in ((preset or {}).get("report") or {}).get("seeds", []))]


def main() -> int:
    options = parse()
    measuring.require(options.program)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.write and (read(Path(options.write)) or {}).get("report"):
        sys.exit(f"search: {options.write} has a report, whose scores are not those of other settings; "
                 "allowed: another --write, or the file without it")
    if not importlib.util.find_spec("optuna"):
        sys.exit("search: there is no Optuna, which `make search` installs")
    try:
        require_unreported(seeds_of(options), reports(options))
        search = Search(options, Space.read(Path(options.space)))
        search.run()
        search.write_results()
    except SpaceError as error:
        sys.exit(f"search: {options.space}: {error}")
    except Failure as failure:
        sys.exit(f"search: {failure}")
    except KeyboardInterrupt:
        say("interrupted; the same command goes on")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
