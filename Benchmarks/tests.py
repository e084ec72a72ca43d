"""What the measuring scripts promise: failures named, void rows marked, results where they belong.

    make builds
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import measuring
import peers
from measuring import Session, Timed


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


if __name__ == "__main__":
    unittest.main()
