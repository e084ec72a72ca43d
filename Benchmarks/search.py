"""Search an environment's settings with Optuna: many trials, each trained with several seeds.

    make search OPTIONS="--environment Acrobot-v1 --output runs/acrobot --trials 60"

The first trial is the preset `--base`. The next nine are drawn at random from the space in `--space`, the
others by a tree-structured Parzen estimator. A trial trains seeds in groups with `deep-sarsa experiment`, and
ends early if its seeds are significantly worse than the same seeds of the best trial (Wilcoxon's signed-rank
test). Its value is the interquartile mean, over seeds, of the last network's mean return. This value is
the highest return as soon as three quarters of the seeds have it; the mean, with `--statistic mean`, is lower if one
seed fails. `--stability X` adds to each seed's return X times the share of evaluations at the environment's threshold
after the first one there.

The best of many trials is partly so by chance. So at the end the best `--finalists` and the base train seeds
that no trial has had, and the best with these becomes the preset.

The same command in several processes, or on machines that share the folder, is one search. After a kill or
Ctrl-C the same command goes on: a trial that has lost its process is continued, and no finished run is trained
again.

`--output` gets best.json, a preset for `train --preset`; report.md; and trials/N, the experiment of each trial.
The search refuses seeds of reports: the results that are reported would be better than those of other seeds.

It takes trials × seeds × the time of a run / processors, less what ends early: for 60 trials of Acrobot-v1 some
40 minutes on two cores. Needs `make build`, and Optuna, which `make search` installs. `--quick` takes ten
seconds.
"""

import argparse
import importlib.util
import json
import random
import signal
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import IO, Any

import measuring
import search_runs
import search_space
from search_runs import REFUSED, Failure, JournalLock, call, locked, mend, read, try_lock, write
from search_space import Space, SpaceError

# The first seed of searches. Those of reports begin at measuring.REPORT_SEED.
TUNING_SEED = 5_001

# Trials that are drawn without regard to others, as many as Optuna's default.
STARTUP_TRIALS = 10

# What makes one value of the scores of a trial's seeds.
STATISTICS = {"interquartile-mean": measuring.interquartile_mean, "mean": statistics.fmean}


def say(text: str) -> None:
    print(f"search: {text}", file=sys.stderr, flush=True)


# MARK: - The search

class Search:
    """A search in its folder.

    | file | content |
    | --- | --- |
    | `search.json` | what all processes must agree on |
    | `journal.log` | Optuna's storage |
    | `trials/N/` | the experiment of trial N, described in `trials/N.json` |
    | `lock`, `trials/N.lock` | locked by the search that chooses a trial, or has it |
    | `trials/N.runs` | locked by the program that trains the trial, which may outlive its search |
    """

    def __init__(self, options: argparse.Namespace, space: Space) -> None:
        self.options, self.space, self.folder = options, space, Path(options.output)
        self.deadline = time.monotonic() + 60 * options.minutes
        self.base = self.settings(options.base, options.steps)
        self.evaluation = self.base["evaluation"] | space.evaluation
        (self.folder / "trials").mkdir(parents=True, exist_ok=True)
        with locked(self.folder / "lock"):
            self.agree()
            self.study = self.open_study()

    def settings(self, preset: str, steps: int | None = None) -> dict:
        """All settings of a run with a preset; another budget stretches its schedules."""
        budget = ["--total-timesteps", str(steps)] if steps else []
        return json.loads(call([self.options.program, "train", self.options.environment, "--preset", preset,
                                *budget, "--print-config", "--json"], self.options.kernels))

    def agree(self) -> None:
        """Throws if the folder has another search."""
        options, path = self.options, self.folder / "search.json"
        facts = {"environment": options.environment, "hyperparameters": self.base["hyperparameters"],
                 "evaluation": self.evaluation, "space": self.space.text,
                 "seeds": {"first": options.first_seed, "count": options.seeds}, "group": options.group,
                 "statistic": options.statistic, "stability": options.stability,
                 "significance": options.significance, "sampler": "TPE",
                 "samplerSeed": options.sampler_seed, "kernels": options.kernels}
        old = read(path)
        if old is None:
            write(path, json.dumps(facts, indent=1) + "\n")
        for name, value in facts.items() if old else ():
            # Searches of before this option have no such fact.
            was = old.get(name, "interquartile-mean" if name == "statistic" else None)
            if isinstance(was, dict) and isinstance(value, dict):
                name, was, value = next(((f"{name}.{key}", was.get(key), value.get(key))
                                         for key in [*was, *value] if was.get(key) != value.get(key)),
                                        (name, None, None))
            if was != value:
                raise Failure(f"{path} is of another search: {name} is {json.dumps(was)}, and now "
                              f"{json.dumps(value)}; allowed: another --output", 1)

    def open_study(self) -> Any:
        """Optuna's study, with the base as its first trial."""
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        journal, lock = self.folder / "journal.log", JournalLock(self.folder / "journal.lock")
        mend(journal, lock)
        study = optuna.create_study(
            study_name="search", direction="maximize", load_if_exists=True,
            storage=optuna.storages.JournalStorage(
                optuna.storages.journal.JournalFileBackend(str(journal), lock)),
            pruner=optuna.pruners.WilcoxonPruner(p_threshold=self.options.significance, n_startup_steps=0))
        if not study.get_trials(deepcopy=False):
            values = self.space.of(self.base)
            outside = [f"{name} {json.dumps(value)}" for name, value in values.items()
                       if value not in self.space.values[name]]
            if outside:
                say(f"'{self.options.base}' is not a trial: the space does not have its {', '.join(outside)}")
            else:
                study.enqueue_trial(self.space.stored(values), user_attrs={"base": True})
        return study

    # MARK: Trials

    def trials(self, *states: str) -> list[Any]:
        """The trials in any of the states, or all, by number."""
        return [trial for trial in self.study.get_trials(deepcopy=False)
                if not states or trial.state.name in states]

    def path(self, number: int, ending: str = "") -> Path:
        return self.folder / "trials" / f"{number}{ending}"

    def runs(self, number: int, count: int) -> list[Path]:
        """The folders of a trial's runs with the first seeds."""
        task, first = in_path(self.options.environment), self.options.first_seed
        return [self.path(number) / "runs" / f"trial-{number}__{task}__{seed}"
                for seed in range(first, first + count)]

    def claim(self) -> tuple[Any, dict, IO] | None:
        """A trial for this process, its values and its lock: one that has lost its process, or a new one."""
        import optuna
        with locked(self.folder / "lock"):
            for trial in self.trials("RUNNING"):
                if held := try_lock(self.path(trial.number, ".lock")):
                    # Its process may have finished it just now.
                    if self.trials()[trial.number].state.name == "RUNNING":
                        say(f"trial {trial.number} goes on")
                        trial = optuna.Trial(self.study, trial._trial_id)
                        return trial, self.draw(trial), held
                    held.close()
            begun = len(self.trials()) - len(self.trials("WAITING"))
            if begun >= self.options.trials or time.monotonic() > self.deadline:
                return None
            trial = self.study.ask()
            held = try_lock(self.path(trial.number, ".lock"))
            return trial, self.draw(trial), held

    def draw(self, trial: Any) -> dict:
        """A trial's values; where a killed process has drawn some, the others are as they would have been."""
        import optuna

        def seed(*key: int | str) -> int:
            return random.Random(repr((self.options.sampler_seed, *key))).getrandbits(32)
        values = {}
        for name, each in self.space.values.items():
            if trial.number < STARTUP_TRIALS:
                self.study.sampler = optuna.samplers.RandomSampler(seed(trial.number, name))
            else:
                self.study.sampler = optuna.samplers.TPESampler(n_startup_trials=1, seed=seed(trial.number))
            values[name] = each.draw(trial, name)
        return values

    def train(self, number: int, values: dict, count: int) -> list[float]:
        """The scores of a trial's first seeds; those without a result are trained."""
        path = self.path(number, ".json")
        if old := read(path):
            # An experiment may get more seeds, but never fewer.
            count = max(count, old["seeds"]["count"])
        settings = search_space.replaced(self.base, values)
        write(path, json.dumps({
            "environments": [self.options.environment],
            "seeds": {"first": self.options.first_seed, "count": count},
            "evaluation": self.evaluation, "learningInterval": 0, "tensorBoardTags": "none",
            "settings": {f"trial-{number}": {"hyperparameters": settings["hyperparameters"]}},
        }, indent=1) + "\n")
        jobs = ["--jobs", str(self.options.jobs)] if self.options.jobs else []
        # The program of a search that was killed may still be training here: it keeps this lock.
        with locked(self.path(number, ".runs")) as lock:
            call([self.options.program, "experiment", str(path), "-o", str(self.path(number)), "--quiet",
                  *jobs], self.options.kernels, lock)
        found = search_runs.scores(self.runs(number, count), self.options.stability)
        if found is None:
            raise Failure("all runs failed before their first evaluation", REFUSED)
        return found

    def attempt(self, trial: Any, values: dict) -> None:
        """Trains a trial's seeds group by group, until there are all, or enough to see that it is worse."""
        from optuna.trial import TrialState
        number, seeds = trial.number, self.options.seeds
        reported, found = set(self.trials()[number].intermediate_values), []
        while len(found) < seeds:
            try:
                found = self.train(number, values, min(len(found) + self.options.group, seeds))
            except Failure as failure:
                if failure.code != REFUSED:
                    raise
                self.study.tell(trial, state=TrialState.FAIL)
                if not self.trials("COMPLETE"):
                    raise  # It is more likely that the space is wrong than that these values do not fit.
                return self.tell(number, str(failure), values)
            for seed in sorted(set(range(len(found))) - reported):
                trial.report(found[seed], seed)
                reported.add(seed)
            if len(found) < seeds and trial.should_prune():
                self.study.tell(trial, state=TrialState.PRUNED)
                what = f"{self.value(found):.2f}, ended after {len(found)} of {seeds} seeds"
                return self.tell(number, what, values)
        self.study.tell(trial, self.value(found))
        self.tell(number, f"{self.value(found):.2f}", values)

    def tell(self, number: int, what: str, values: dict) -> None:
        over, ranking = len(self.trials("COMPLETE", "PRUNED", "FAIL")), self.ranking()
        best = f"best {ranking[0].value:.2f} in trial {ranking[0].number}" if ranking else "no best yet"
        say(f"{over} of {self.options.trials}: trial {number}: {what}; {best}; {self.changes(values)}")

    def changes(self, values: dict) -> str:
        """The values that differ from the base's, with the last parts of their names."""
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
        known = optuna.trial.FixedTrial(trial.params)
        return {name: each.draw(known, name) for name, each in self.space.values.items()}

    def fresh(self, trial: Any) -> list[float] | None:
        """The scores of the seeds that no choice has seen; None if one is missing."""
        count = self.options.seeds + self.options.fresh_seeds
        found = search_runs.scores(self.runs(trial.number, count), self.options.stability)
        return found and found[self.options.seeds:]

    def train_finalists(self) -> None:
        """Trains the finalists that no other process trains, and waits for the others."""
        count = self.options.seeds + self.options.fresh_seeds
        while waiting := [trial for trial in self.finalists() if self.fresh(trial) is None]:
            locks = ((trial, try_lock(self.path(trial.number, ".lock"))) for trial in waiting)
            trial, held = next(((trial, held) for trial, held in locks if held), (None, None))
            if trial is None:
                time.sleep(1)
                continue
            with held:
                self.train(trial.number, self.values(trial), count)
            say(f"trial {trial.number}: {self.statement(self.fresh(trial))} with fresh seeds")

    def run(self) -> None:
        """Trains trials until there are as many as asked for, then the finalists."""
        is_waiting = False
        while (claimed := self.claim()) or self.trials("RUNNING"):
            if claimed:
                trial, values, lock = claimed
                with lock:
                    self.attempt(trial, values)
                continue
            if not is_waiting:
                say("waiting for the trials of other processes")
            is_waiting = True
            time.sleep(1)
        if not self.ranking():
            raise Failure("no trial has a value", 1)
        say(f"{self.options.fresh_seeds} fresh seeds for trials {numbers(self.finalists())}")
        self.train_finalists()

    # MARK: Results

    def best(self) -> Any:
        """The finalist that is best with fresh seeds."""
        return max(self.finalists(), key=lambda trial: (self.value(self.fresh(trial)), -trial.number))

    def value(self, scores: list[float]) -> float:
        return STATISTICS[self.options.statistic](scores)

    def statement(self, scores: list[float]) -> str:
        low, high = measuring.interval(scores, STATISTICS[self.options.statistic])
        return f"{self.value(scores):.2f} ({low:.2f} to {high:.2f})"

    def measure(self) -> str:
        statistic, weight = self.options.statistic.replace("-", " "), self.options.stability
        text = f"{statistic} over seeds of the last network's mean return"
        return text + (f" plus {weight:g} × the share of evaluations at the threshold" if weight else "")

    def preset(self) -> dict:
        """The best finalist as a preset: what differs from the defaults, and how it was found."""
        options, best, count = self.options, self.best(), len(self.trials("COMPLETE", "PRUNED", "FAIL"))
        chosen, defaults = search_space.replaced(self.base, self.values(best)), self.settings("general")
        method = (f"the best of {count} that Optuna's TPE drew, beginning with '{options.base}', by the "
                  f"{self.measure()}: up to {options.seeds} seeds each, then {options.fresh_seeds} fresh ones "
                  f"for {len(self.finalists())}, of which this one has {self.statement(self.fresh(best))}")
        for trial in self.finalists():
            if trial.user_attrs.get("base") and trial.number != best.number:
                method += f", and '{options.base}' {self.statement(self.fresh(trial))}"
        result = {"name": options.name, "summary": f"found by a search that began with '{options.base}'",
                  "environments": [options.environment]}
        # The evaluation is that of the base: what the search evaluates with is its own matter.
        if evaluation := search_space.differing({"evaluation": self.base["evaluation"]}, defaults):
            result |= evaluation
        result["hyperparameters"] = search_space.differing(
            chosen["hyperparameters"], defaults["hyperparameters"])
        result["search"] = {"method": method, "settings": count, "seeds": [seeds(options)]}
        return result

    def report(self) -> str:
        """The best trials, and which settings mattered, in Markdown."""
        options, best, finalists = self.options, self.best(), self.finalists()
        complete, pruned, failed = (len(self.trials(name)) for name in ("COMPLETE", "PRUNED", "FAIL"))
        used = measuring.machine(self.path(best.number))
        first, fresh = options.first_seed, options.first_seed + options.seeds
        lines = [
            f"# Search of {options.environment}", "",
            f"{complete + pruned + failed} trials, beginning with '{options.base}': {complete} with all seeds, "
            f"{pruned} ended early (Wilcoxon's test at {options.significance:g}), {failed} refused. The value "
            f"is the {self.measure()}, with its 95 % bootstrap interval. Seeds {first} to {fresh - 1}; fresh "
            f"ones {fresh} to {seeds(options)['last']}. OpenBLAS core {used['openBLASCore']}, kernels "
            f"{used['kernels']}, {used['processor']}.", "",
            f"Trial {best.number} is the best with fresh seeds. A value that chose a trial is too good: chance "
            "chose it too.", "",
            "| trial | value | with fresh seeds | what differs |", "| --- | --- | --- | --- |"]
        shown = self.ranking()[:10]
        for trial in shown + [trial for trial in finalists if trial not in shown]:
            seen = list(trial.intermediate_values.values())
            lines.append(f"| {trial.number} | {self.statement(seen)} "
                         f"| {self.statement(self.fresh(trial)) if trial in finalists else '–'} "
                         f"| {self.changes(self.values(trial))} |")
        if complete >= STARTUP_TRIALS:
            lines += ["", "What tells the best tenth of the trials with all seeds from the others (PED-ANOVA):",
                      "", "| setting | importance |", "| --- | --- |"]
            import optuna
            for name, weight in optuna.importance.get_param_importances(
                    self.study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()).items():
                lines.append(f"| {name.removeprefix('hyperparameters.')} | {weight:.2f} |")
        return "\n".join(lines) + "\n"

    def write_results(self) -> None:
        report, preset = self.report(), json.dumps(self.preset(), indent=2, ensure_ascii=False) + "\n"
        files = [self.folder / "best.json", *([Path(self.options.write)] if self.options.write else [])]
        for file in files:
            write(file, preset)
        write(self.folder / "report.md", report)
        print(report)
        say(f"trial {self.best().number} is the best: {' and '.join(map(str, files))}, "
            f"and {self.folder / 'report.md'} has the others")


def numbers(trials: list[Any]) -> str:
    return ", ".join(str(trial.number) for trial in trials)


def short(name: str) -> str:
    """The last parts of a setting's name that say which it is."""
    parts = name.split(".")
    count = 2 if parts[-1] in ("from", "to", "steps", "every", "rate", "scaling") else 1
    return ".".join(parts[-count:])


def in_path(environment: str) -> str:
    """An environment's id in the names of folders."""
    return environment.replace("/", "-").replace(":", "-")


def seeds(options: argparse.Namespace) -> dict:
    """The seeds that the search sees."""
    count = options.seeds + options.fresh_seeds
    return {"first": options.first_seed, "last": options.first_seed + count - 1}


# MARK: - The command line

def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--environment", default="CartPole-v1", metavar="ID", help="default: %(default)s")
    add("--output", metavar="FOLDER", help="of the search (default: runs/search-ID)")
    add("--base", default="general", metavar="PRESET", help="what the search begins with (default: %(default)s)")
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
    add("--statistic", default="interquartile-mean", choices=STATISTICS, metavar="NAME",
        help="what a trial's value is of its seeds' scores: %(choices)s (default: %(default)s)")
    add("--stability", type=float, default=0, metavar="X", help="weight of the share after the threshold")
    add("--significance", type=float, default=0.1, metavar="P",
        help="of the test that ends a trial early (default: %(default)s)")
    add("--sampler-seed", type=int, default=1, metavar="SEED", help="default: %(default)s")
    add("--jobs", type=int, metavar="N", help="runs at a time in this process (default: the processors)")
    add("--kernels", default="own", metavar="NAME",
        help="`own` for OpenBLAS's own choice, or its name of a processor (default: %(default)s)")
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
    options.output = options.output or f"runs/search-{in_path(options.environment)}"
    return options


def require_unreported(options: argparse.Namespace) -> None:
    """Throws if reports have seeds that the search would see, or the preset would be written over a report."""
    file = Path(options.write) if options.write else None
    if file and (read(file) or {}).get("report"):
        raise Failure(f"{file} has a report, whose scores belong to its settings; allowed: another --write", 1)
    own = seeds(options)
    base = [Path(options.base)] if options.base.endswith(".json") else []
    for name, range in search_runs.reported(options.program, base, options.kernels):
        if search_runs.overlap(own, range):
            raise Failure(f"the search would see seeds {own['first']} to {own['last']}, and the report of "
                          f"{name} has {range['first']} to {range['last']}; allowed: another --first-seed", 1)


def main() -> int:
    options = parse()
    measuring.require(options.program)
    if not importlib.util.find_spec("optuna"):
        sys.exit("search: there is no Optuna; `make search` installs it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_unreported(options)
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
