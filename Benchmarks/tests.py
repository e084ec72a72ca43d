"""What the measuring scripts promise: failures named, void rows marked, results where they belong.

    make builds
"""

import contextlib
import io
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import measuring
import peers
import search_runs
import search_space
import study
from measuring import Session, Timed
from search_space import Choices, Range, SpaceError


def product(best: float, sustained: float) -> dict:
    return {"core": "Haswell", "best": best, "sustained": sustained}


def fail() -> None:
    raise subprocess.CalledProcessError(69, "peer", stderr="loading\nno such module\n")


class SessionTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.errors = io.StringIO()
        for patch in (mock.patch.object(measuring, "ROOT", Path(folder.name)),
                      mock.patch.object(measuring, "RESULTS", Path(folder.name, "results")),
                      mock.patch.object(measuring, "TRACKED", Path(folder.name, "tracked")),
                      contextlib.redirect_stderr(self.errors),
                      contextlib.redirect_stdout(io.StringIO())):
            self.enterContext(patch)
        self.addCleanup(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))

    def session(self, *words: str) -> Session:
        with mock.patch.object(sys, "argv", ["script", *words]):
            return Session("test", measuring.parse(measuring.parser("A script.")), 2, 1)

    def test_a_failed_measurement_is_named_and_loses_no_other(self) -> None:
        session = self.session("--accept")
        self.assertIsNone(session.measure("the peer", fail))
        self.assertEqual(session.measure("ours", lambda: 7), 7)
        session.write("table", "| 7 |", {"value": 7})
        self.assertEqual(session.finish(), 1)
        record = json.loads((measuring.RESULTS / "table.json").read_text())
        self.assertEqual((record["value"], record["failures"]),
                         (7, ["the peer: exit code 69: no such module"]))
        self.assertFalse(measuring.TRACKED.exists())
        self.assertIn("FAILED the peer", self.errors.getvalue())
        self.assertIn("1 of 2 measured", self.errors.getvalue())

    def test_after_an_interrupt_what_was_measured_is_written(self) -> None:
        session = self.session()
        measured = session.measure("ours", lambda: 7)
        os.kill(os.getpid(), signal.SIGINT)
        self.assertIsNone(session.measure("the peer", fail))
        session.write("table", f"| {measured} |", {})
        self.assertEqual(session.finish(), 1)
        self.assertEqual((measuring.RESULTS / "table.md").read_text(), "| 7 |\n")
        self.assertIn("FAILED interrupted", self.errors.getvalue())

    def test_tracked_files_are_written_only_when_they_are_accepted(self) -> None:
        self.session().write("table", "| 7 |", {})
        self.assertFalse(measuring.TRACKED.exists())
        self.session("--accept").write("table", "| 7 |", {})
        self.assertTrue((measuring.TRACKED / "table.md").exists())
        with self.assertRaises(SystemExit):
            self.session("--accept", "--quick")

    def test_a_quick_run_says_that_it_is_not_to_be_quoted(self) -> None:
        session = self.session("--quick")
        session.write("table", "| 7 |", {})
        self.assertEqual(session.finish(), 0)
        self.assertTrue((measuring.RESULTS / "table.md").read_text().startswith("**A quick run"))
        self.assertIn("not to be quoted", self.errors.getvalue().splitlines()[-1])

    def test_a_row_is_void_if_a_reference_product_ran_slow_beside_all_of_it(self) -> None:
        session = self.session()
        quiet = Timed(1, [product(100, 96), product(99, 95)])
        disturbed = Timed(2, [product(100, 96), product(100, 45)])
        for each in (quiet, disturbed):
            session.saw(each.references)
        self.assertEqual(session.counting([quiet, disturbed]), ([1], ""))
        self.assertEqual(session.counting([disturbed]), ([2], " (void)"))
        self.assertIn("1 of 2 rows do not count (void)", session.verdict())

    def test_a_whole_minute_of_slow_products_is_void_beside_a_fast_one(self) -> None:
        session = self.session()
        slow, fast = Timed(1, [product(50, 49)]), Timed(2, [product(100, 97)])
        for each in (slow, fast):
            session.saw(each.references)
        self.assertEqual(session.counting([slow])[1], " (void)")
        self.assertEqual(session.counting([fast])[1], "")

    def test_a_workload_keeps_the_rows_of_the_systems_that_ran(self) -> None:
        session, workload = self.session(), peers.workloads()["modurl"][0]
        measured = [Timed(peers.Measurement("modurl", name, 0, speed, 1, [], {}, True, {}, []),
                          [product(100, 99)])
                    for name, speed in ((peers.OURS, 1000.0), ("Stable-Baselines3", 10.0))]
        session.saw(measured[0].references)
        rows = peers.rows(session, workload, measured)
        self.assertEqual([row.name for row in rows], [peers.OURS, "Stable-Baselines3"])
        self.assertEqual((rows[1].ratios, rows[1].ratios_avx2), ([100.0], []))


class StatisticsTests(unittest.TestCase):
    def test_the_interval_of_a_mean_sees_the_seed_that_an_interquartile_mean_does_not(self) -> None:
        scores = [500.0] * 15 + [0.0]
        self.assertEqual(measuring.interval(scores), (500, 500))
        low, high = measuring.interval(scores, statistics.fmean)
        self.assertLess(low, statistics.fmean(scores))
        self.assertEqual(high, 500)


class SearchSpaceTests(unittest.TestCase):
    def test_a_range_has_whole_numbers_if_both_ends_are(self) -> None:
        self.assertEqual(search_space.described("steps", "1 to 8"), Range(1, 8, False))
        self.assertEqual(search_space.described("rate", "1e-4 to 1, log"), Range(1e-4, 1.0, True))
        self.assertIn(3, Range(1, 8, False))
        self.assertNotIn(2.5, Range(1, 8, False))
        self.assertNotIn(True, Range(0, 8, False))
        self.assertNotIn(9, Range(1, 8, False))

    def test_a_list_has_values_of_any_kind(self) -> None:
        choices = search_space.described("sizes", [[64, 64], None, "1e-3", "none"])
        self.assertEqual(choices, Choices([[64, 64], None, 1e-3, "none"]))

    def test_an_equal_value_is_stored_as_the_list_writes_it(self) -> None:
        choices = Choices([None, {"scaling": "bounds", "low": [-3.0]}])
        self.assertEqual(choices.stored({"low": [-3], "scaling": "bounds"}), choices.stored(choices.values[1]))

    def test_what_is_neither_is_refused_by_its_name(self) -> None:
        for text in ("1 to", "8 to 1", "0 to 1, log", "1, 2", 3, [], {"from": 1}):
            with self.assertRaisesRegex(SpaceError, "rate is .*; allowed: "):
                search_space.described("rate", text)

    def test_other_values_replace_those_of_the_base_and_leave_it_as_it_is(self) -> None:
        base = {"hyperparameters": {"target": {"steps": 1, "discount": 0.99}}}
        changed = search_space.replaced(base, {
            "hyperparameters.target.steps": 3, "hyperparameters.target.discount": None,
            "hyperparameters.optimizer.gradientNormLimit": 10})
        self.assertEqual(changed, {"hyperparameters": {"target": {"steps": 3},
                                                       "optimizer": {"gradientNormLimit": 10}}})
        self.assertEqual(search_space.look_up(base, "hyperparameters.target.steps"), 1)
        self.assertIsNone(search_space.look_up(base, "hyperparameters.optimizer.gradientNormLimit"))

    def test_a_preset_has_whole_values_of_the_settings_that_differ(self) -> None:
        defaults = {"parity": "none", "target": {"rule": {"a": 1, "b": 2}, "steps": 1}}
        other = defaults | {"target": {"rule": {"a": 1, "b": 3}, "steps": 1}}
        self.assertEqual(search_space.differing(defaults, defaults), {})
        self.assertEqual(search_space.differing(other, defaults), {"target": {"rule": {"a": 1, "b": 3}}})


class SearchRunsTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_folder(self, name: str, start: float | None = None, end: float | None = None,
                   share: float | None = None, has_failed: bool = False) -> Path:
        run = self.folder / name
        run.mkdir()
        if start is not None:
            (run / "evaluations.csv").write_text(f"step,mean,std\n0,{start},1\n500,{start + 5},1\n")
        if end is not None:
            after = None if share is None else {"share": share}
            (run / "summary.json").write_text(
                json.dumps({"evaluation": {"mean": end}, "after_threshold": after}))
        if has_failed:
            (run / "failure.json").write_text('{"reason": "a loss is NaN"}')
        return run

    def test_a_failed_run_has_the_score_of_an_untrained_network(self) -> None:
        runs = [self.run_folder("finished", start=-90, end=-70), self.run_folder("other", start=-95, end=-71),
                self.run_folder("diverged", start=-80, has_failed=True),
                self.run_folder("not evaluated", has_failed=True)]
        self.assertEqual(search_runs.scores(runs, 0), [-70, -71, -80, -95])
        self.assertIsNone(search_runs.scores(runs[3:], 0))

    def test_runs_have_no_scores_until_all_are_over(self) -> None:
        runs = [self.run_folder("finished", start=-90, end=-70), self.run_folder("unfinished", start=-90)]
        self.assertIsNone(search_runs.scores(runs, 0))

    def test_a_stable_run_has_a_higher_score_where_stability_counts(self) -> None:
        runs = [self.run_folder("never there", end=5), self.run_folder("stable", end=5, share=0.75)]
        self.assertEqual(search_runs.scores(runs, 0), [5, 5])
        self.assertEqual(search_runs.scores(runs, 10), [5, 12.5])

    def test_ranges_of_seeds_overlap_where_they_share_one(self) -> None:
        one = {"first": 10, "last": 20}
        for first, last, shared in ((1, 9, False), (1, 10, True), (12, 13, True), (20, 30, True),
                                    (21, 30, False)):
            self.assertEqual(search_runs.overlap(one, {"first": first, "last": last}), shared)

    def test_a_lock_lasts_as_long_as_a_process_that_has_it(self) -> None:
        path = self.folder / "lock"
        lock = search_runs.try_lock(path)
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock.fileno()])
        lock.close()
        self.assertIsNone(search_runs.try_lock(path))
        child.communicate()
        with search_runs.try_lock(path) as lock:
            self.assertIsNotNone(lock)

    def test_a_line_of_the_journal_that_was_cut_is_removed(self) -> None:
        journal = self.folder / "journal.log"
        journal.write_text('{"a": 1}\n{"b": ')
        search_runs.mend(journal, search_runs.JournalLock(self.folder / "journal.lock"))
        self.assertEqual(journal.read_text(), '{"a": 1}\n')


class StudyTests(unittest.TestCase):
    """Two settings on two tasks, twelve runs each, of which the second task has no threshold."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.study = study.Study(self.folder)

    def side(self, name: str, value: float, reached: int, collapses: int) -> dict:
        estimate = {"value": value, "lower": value - 1, "upper": value + 1, "is_marked": name == "b"}
        after = {"median_steps": 2_500.0, "share_after": 0.875, "worst_after": -7.25}
        found = {"reached": reached, "collapses": collapses, "kept": 3,
                 **{key: value if reached else None for key, value in after.items()}}
        return {"name": name, "interquartile_mean": estimate, "best_interquartile_mean": value + 2,
                "runs": [{"score": value + i - 6} for i in range(12)], "stability": found}

    def write(self, sides: list[dict], notes: list[str] = []) -> None:
        overall = [{"interquartile_mean": {"value": 0.5, "lower": 0.25, "upper": 1, "is_marked": False}}] * 2
        tasks = [{"name": "W", "threshold": 4.5, "settings": sides},
                 {"name": "V", "threshold": None, "settings": sides}]
        results = {"tasks": tasks, "overall": overall, "notes": notes, "baseline": "a",
                   "verdicts": [{"text": "b is better."}]}
        budgets = {"W": {"steps": 5_000}, "V": {"episodes": 2_500}}
        groups = [{"setting": side["name"], "task": task,
                   "settings": {"hyperparameters": {"budget": budget}}}
                  for side in sides for task, budget in budgets.items()]
        (self.folder / "results.json").write_text(json.dumps(results))
        (self.folder / "experiment.json").write_text(json.dumps({"groups": groups, "seeds": [3, 4]}))
        for seed, seconds in ((3, 7_200), (4, 3_600)):
            run = self.folder / f"runs/a__W__{seed}"
            run.mkdir(parents=True)
            (run / "summary.json").write_text(json.dumps({"wall_seconds": seconds}))
            (run / "config.yaml").write_text(
                "machine:\n  openBLASCore: Haswell\n  kernels: x86-64-v3\n  processor: \"P, 2\"\n")

    def page(self, template: str) -> list[str]:
        return study.page(template, {"s": self.study}).split("\n")

    def test_a_page_has_the_numbers_of_its_results(self) -> None:
        self.write([self.side("a", 5.125, 12, 0), self.side("b", 123.4, 7, 1)])
        self.assertEqual(self.page("{{s.baseline}} {{s.comparisons}} {{s.cost}}\n{{s.runs}}; {{s.machines}}"), [
            "a 1 3.0 hours together, on cores that may have been shared with other work",
            "8 runs, 2 seeds each from 3 on; Haswell, x86-64-v3, P, 2"])
        self.assertEqual(self.page("{{s.score a W}}\n{{s.verdicts}}"), [
            "5.12 (4.12 to 6.12)", "- b is better."])
        self.assertEqual(self.page("{{s.matrix}}\n{{s.reached}}"), [
            "| setting | W | V | all |", "| --- | --- | --- | --- |",
            "| `a` | 5.12 (4.12 to 6.12) | 5.12 (4.12 to 6.12) | 0.50 (0.25 to 1.00) |",
            "| `b` | 123.4 (122.4 to 124.4)† | 123.4 (122.4 to 124.4)† | 0.50 (0.25 to 1.00) |",
            "| setting | W, 4.5 |", "| --- | --- |", "| `a` | 12 of 12 |", "| `b` | 7 of 12, 1 collapse |"])

    def test_a_row_has_environment_and_setting_where_they_differ(self) -> None:
        self.write([self.side("a", 5.125, 0, 0), self.side("b", 123.4, 7, 1)])
        lines = self.page("{{s.scores}}\n{{s.stability}}")
        self.assertTrue(lines[0].startswith("| environment | setting | steps | seeds | last network, "))
        self.assertEqual(lines[2:6], [
            "| W | `a` | 5,000 | 12 | 5.12 (4.12 to 6.12) | -0.88 | 10.12 | 7.12 | 6 at 4.5 |",
            "| W | `b` | 5,000 | 12 | 123.40 (122.40 to 124.40)† | 117.40 | 128.40 | 125.40 | 12 at 4.5 |",
            "| V | `a` | 2,500 episodes | 12 | 5.12 (4.12 to 6.12) | -0.88 | 10.12 | 7.12 | – |",
            "| V | `b` | 2,500 episodes | 12 | 123.40 (122.40 to 124.40)† | 117.40 | 128.40 | 125.40 | – |"])
        # Only one of the environments has a threshold, so only the settings differ.
        self.assertEqual(lines[8:], ["| `a` | 4.5 | 0 of 12 | – | – | 3 | 0 | – |",
                                     "| `b` | 4.5 | 7 of 12 | 2,500 | 0.88 | 3 | 1 | -7.25 |"])

    def test_progress_is_the_latest_evaluation_and_the_latest_hundred_episodes(self) -> None:
        sides = [self.side("a", 5.125, 0, 0)]
        sides[0]["runs"] = [{"score": 1, "seed": 3}, {"score": 1, "seed": 4}]
        self.write(sides)
        self.study.results["tasks"] = [self.study.results["tasks"][0] | {"name": "W"}]
        for seed, evaluations in ((3, "10,1\n20,5\n"), (4, "10,3\n21,100\n")):
            run = self.folder / f"runs/a__W__{seed}"
            (run / "evaluations.csv").write_text("step,mean\n" + evaluations)
            episodes = "".join(f"{step},{-1 if step <= 50 else int(step > 100)}\n" for step in range(1, 201))
            (run / "episodes.csv").write_text("step,return\n" + episodes)
        # Episodes 51 to 150, of which half have a return of 1, and the 40 to step 40, all with −1.
        self.assertEqual(self.page("{{s.progress 40 150}}"), [
            "| environment | greedy, 40 | greedy, 150 | training, 40 | training, 150 |",
            "| --- | --- | --- | --- | --- |", "| W | 52.5 | 52.5 | -1.00 | 0.50 |"])
        self.assertEqual(self.page("{{s.progress 20}}")[2], "| W | 4.00 | -1.00 |")

    def test_training_reaches_the_threshold_where_the_last_hundred_episodes_do(self) -> None:
        sides = [self.side("a", 5.125, 0, 0)]
        sides[0]["runs"] = [{"score": 1, "seed": seed} for seed in (3, 4, 5)]
        self.write(sides)
        self.study.results["tasks"] = [self.study.results["tasks"][0] | {"name": "W", "threshold": 4.5}]
        # From one episode on all returns are 9, so that the mean is 4.5 with 50 of them among the last hundred.
        for seed, first in ((3, 101), (4, 31), (5, 1000)):
            run = self.folder / f"runs/a__W__{seed}"
            run.mkdir(exist_ok=True)
            episodes = "".join(f"{10 * n},{9 if n >= first else 0}\n" for n in range(1, 201))
            (run / "episodes.csv").write_text("step,return\n" + episodes)
        self.assertEqual(self.page("{{s.training}}")[2:], ["| W | 4.5 | 2 of 3 | 1,500 | 1,000 to 1,500 |"])

    def test_a_part_is_beside_the_same_settings_without_it(self) -> None:
        values = {"x-y": 9, "x": 7, "none": 1, "y-z": 3}
        self.write([self.side(name, value, 1, 0) for name, value in values.items()])
        for task in self.study.results["tasks"]:
            task["threshold"] = 4.5
        lines = self.page("{{s.parts}}")[2:]
        # Of the runs of `x` 8 of 12 are at 4.5, of `none` 2, of `x-y` 10; neither `y` nor `z` is a setting.
        self.assertEqual(lines, [
            "| `x` | 1 | 6.50 and 0.50; 8 and 2 of 12 | 6.50 and 0.50; 8 and 2 of 12 |",
            "| `y` | 1 | 8.50 and 6.50; 10 and 8 of 12 | 8.50 and 6.50; 10 and 8 of 12 |"])

    def test_lines_of_a_study_that_is_not_given_are_left_out(self) -> None:
        self.write([self.side("a", 5.125, 12, 0), self.side("b", 123.4, 7, 1)])
        template = "1\n{{#t}}\n{{t.scores}}\n{{/t}}\n{{#s}}\n{{s.baseline}}\n{{/s}}\n{{s+t.score a W}}"
        self.assertEqual(self.page(template), ["1", "a", "5.12 (4.12 to 6.12)"])
        with self.assertRaisesRegex(SystemExit, "needs t=FOLDER"):
            self.page("{{t.scores}}")
        with self.assertRaisesRegex(SystemExit, "'score a' is that of 2 rows"):
            self.page("{{s.score a}}")

    def test_a_page_is_not_written_from_a_part_of_the_runs(self) -> None:
        page = self.folder / "page.md"
        page.write_text("as before")
        words = ["study.py", str(self.folder / "template.md"), str(page), f"s={self.folder}"]
        for missing in ("has no results", "3 of 4 runs are not finished"):
            with (mock.patch.object(sys, "argv", words), contextlib.redirect_stderr(io.StringIO()) as told):
                self.assertEqual(study.main(), 0)
            self.assertEqual(page.read_text(), "as before")
            self.assertIn(missing, told.getvalue())
            (self.folder / "results.json").write_text('{"notes": ["\'a\' on W: 3 of 4 runs are not finished"]}')


if __name__ == "__main__":
    unittest.main()
