"""Trains one experiment in every way that docs describe for a cluster, and compares each byte with one process.

    make cluster
    make cluster OPTIONS="--only array,requeue"

It starts a Slurm of one node (slurm.py), and runs the lines of docs that a comment `<!-- make cluster: … -->`
marks: an array of Slurm's, mpirun inside and outside of jobs, GNU parallel. Then it kills processes, requeues
jobs and lets them reach their time limit. What `aggregate` wrote, all networks and all logs must equal those of
one process that was not disturbed, and no run may be trained again that has finished. At the end nothing is
left running, nor on disk. Takes 4 minutes; needs `make build`, Python's standard library, and the packages that
`--missing` lists.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import slurm  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / ".build/release/deep-sarsa"
PROGRAMS = slurm.PROGRAMS | {"openmpi-bin": ["mpirun"], "parallel": ["parallel"]}

# Half a second each: eight runs, of which every one leaves several checkpoints behind.
STUDY = """\
environments: [CartPole-v1, FrozenLake-v1]
seeds: {first: 1, count: 2}
evaluation: {every: 1000, episodes: 10}
checkpoints: {every: 500}
hyperparameters: {budget: {steps: 5000}}
settings:
  sarsa: {preset: general, hyperparameters: {target: {rule: {nextAction: stored}}}}
  q-learning: {preset: general, hyperparameters: {target: {rule: {nextAction: greedy}}}}
"""
RUNS = 8
RESULTS = ["results.json", "results.md", "scores.npz"]
# Left out are files with clocks or the command line: summary.json, config.yaml, the curves for TensorBoard.
OF_A_RUN = ["model.safetensors", "best.safetensors", "episodes.csv", "evaluations.csv", "learning.csv"]

# Nothing here takes a quarter as long.
SECONDS = 900
USAGE = 64
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# Here the ranks are more than the processors, all on one machine, and may be root's.
OPEN_MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
            "OMPI_MCA_oob_tcp_if_include": "lo", "OMPI_MCA_btl_tcp_if_include": "lo"}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME,…", help=f"of {', '.join(WAYS)}; all by default")
    parser.add_argument("--kills", type=int, default=20, metavar="N",
                        help="SIGKILLs of `killed` (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the instants (default: %(default)s)")
    parser.add_argument("--program", type=Path, default=PROGRAM)
    parser.add_argument("--missing", action="store_true",
                        help="list the packages of Debian that are missing, and end")
    given = parser.parse_args()
    given.only = given.only.split(",") if given.only else list(WAYS)
    for name in given.only:
        if name not in WAYS:
            parser.error(f"--only has '{name}'; allowed: {', '.join(WAYS)}")
    return given


def documented() -> dict[str, str]:
    """The marked blocks of docs by name."""
    blocks: dict[str, str] = {}
    for page in sorted((ROOT / "docs").glob("*.md")):
        found = re.findall(r"<!-- make cluster: (\w+) -->\n```\w*\n(.*?)```", page.read_text(), re.DOTALL)
        for name, text in found:
            if name in blocks:
                raise SystemExit(f"docs: two blocks are marked '{name}'")
            blocks[name] = text
    return blocks


class Trial:
    """A folder in which the experiment is trained in one way, as `study`."""

    def __init__(self, name: str, folder: Path, cluster: slurm.Cluster, expected: dict[str, bytes],
                 draw: random.Random, kills: int):
        self.name, self.folder, self.cluster, self.expected = name, folder, cluster, expected
        self.draw, self.kills = draw, kills
        self.study = folder / "study"
        self.known: dict[Path, tuple[int, int]] = {}
        self.environment = cluster.environment | OPEN_MPI
        folder.mkdir()
        (folder / "study.yaml").write_text(STUDY)

    def fail(self, text: str) -> None:
        raise SystemExit(f"{self.name}: {text}")

    # Commands

    def start(self, command: str, **variables: str) -> subprocess.Popen:
        """Starts a line of the shell in the folder; what it prints is appended to `output`."""
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                ["bash", "-ec", command], cwd=self.folder, env=self.environment | variables,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)

    def finish(self, process: subprocess.Popen, code: int = 0, seconds: float = SECONDS) -> None:
        """Waits for the end of a command; raises TimeoutExpired if it needs more than the given seconds."""
        try:
            found = process.wait(seconds)
        except subprocess.TimeoutExpired:
            if seconds < SECONDS:
                raise
            self.fail(f"not over after {SECONDS} s:\n{self.printed()}\n{self.cluster.call('squeue')}")
        if found != code:
            self.fail(f"exit code {found}, and not {code}:\n{self.printed()}")

    def call(self, command: str, code: int = 0, **variables: str) -> None:
        self.finish(self.start(command, **variables), code)

    def aggregate(self) -> None:
        self.call("deep-sarsa experiment aggregate study")

    def printed(self) -> str:
        """All that the commands and the jobs of Slurm have printed."""
        files = [self.folder / "output", *sorted(self.folder.glob("slurm-*.out"))]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def require_printed(self, text: str) -> None:
        if text not in self.printed():
            self.fail(f"'{text}' was not printed:\n{self.printed()}")

    def require_parts(self, count: int) -> None:
        """Fails unless the runs that ended were those of parts of equal size."""
        sizes = re.findall(r"deep-sarsa: \d+ of (\d+): ", self.printed())
        if sizes != [str(RUNS // count)] * RUNS:
            self.fail(f"these are not {count} parts:\n{self.printed()}")

    # Processes

    def processes(self, **variables: str) -> list[int]:
        """The ids of the program's processes, of those with these variables."""
        found = []
        for process in slurm.descendants(os.getpid()):
            folder = Path(f"/proc/{process}")
            try:
                is_program = (folder / "comm").read_text().strip() == "deep-sarsa"
                environment = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended
            wanted = [f"{name}={value}".encode() for name, value in variables.items()]
            if is_program and all(variable in environment for variable in wanted):
                found.append(process)
        return found

    def wait(self, what: str, condition: Callable[[], object]) -> object:
        """The first value of a condition that is true."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(0.01)
        self.fail(f"no {what} after {SECONDS} s:\n{self.printed()}")

    def wait_for_jobs(self) -> None:
        """Waits until Slurm has no jobs; `sbatch --wait` asks only every half a minute after a while."""
        self.wait("end of the jobs", lambda: not self.cluster.call("squeue", "--noheader"))

    def pause(self, **variables: str) -> int:
        """Stops a process in the middle of a run that has a checkpoint, and returns its id."""
        def paused() -> int | None:
            for process in self.processes(**variables):
                os.kill(process, signal.SIGSTOP)
                if any(self.is_in_mid_run(folder) for folder in self.open_runs(process)):
                    return process
                os.kill(process, signal.SIGCONT)
            return None

        return self.wait(f"process with {variables} in the middle of a run", paused)

    def open_runs(self, process: int) -> set[Path]:
        """The run folders in which a process has files open."""
        paths = [Path(os.readlink(entry)) for entry in Path(f"/proc/{process}/fd").iterdir()]
        runs = self.study / "runs"
        return {runs / path.relative_to(runs).parts[0] for path in paths
                if path.is_relative_to(runs) and path != runs}

    def is_in_mid_run(self, run: Path) -> bool:
        return any(run.glob("checkpoints/*.safetensors")) and not (run / "summary.json").exists()

    def job(self, process: int) -> str:
        """The id of the job of Slurm's to which a process belongs."""
        variables = Path(f"/proc/{process}/environ").read_text().split("\0")
        return next(variable.split("=")[1] for variable in variables if variable.startswith("SLURM_JOB_ID="))

    # Files

    def files(self) -> dict[str, bytes]:
        """All files, of runs those in OF_A_RUN. What a killed process had begun to write is left out."""
        paths = [path for path in sorted(self.study.rglob("*")) if path.is_file() and ".tmp-" not in path.name]
        names = [path.relative_to(self.study) for path in paths]
        return {str(name): path.read_bytes() for name, path in zip(names, paths)
                if name.parts[0] != "runs" or name.name in OF_A_RUN}

    def require_kept(self) -> None:
        """Fails if a run that had a result has been trained again: its files would be others."""
        for path, old in self.known.items():
            new = path.stat() if path.exists() else None
            if new is None or (new.st_ino, new.st_mtime_ns) != old:
                self.fail(f"{path.relative_to(self.study)} was finished, and has been written again")
        for summary in self.study.glob("runs/*/summary.json"):
            for path in (summary, summary.parent / "model.safetensors"):
                entry = path.stat()
                self.known[path] = (entry.st_ino, entry.st_mtime_ns)

    def entries(self) -> dict[Path, tuple[int, int]]:
        """Every file of a run, by what a write would change."""
        entries = {path: path.stat() for path in self.study.glob("runs/**/*")}
        return {path: (entry.st_ino, entry.st_mtime_ns) for path, entry in entries.items()}

    def begin_anew(self) -> None:
        shutil.rmtree(self.study)
        self.known.clear()

    def require_equal(self) -> None:
        expected, found = self.expected, self.files()
        names = sorted(set(found) ^ set(expected))
        different = sorted(name for name in found if name in expected and found[name] != expected[name])
        if names or different:
            self.fail(f"only in one of both: {names}; different: {different}")


# Ways


def one_process(trial: Trial) -> None:
    trial.call("deep-sarsa experiment study.yaml -o study --jobs 1")
    trial.aggregate()
    found = trial.files()
    of_runs = [name for name in found if name.startswith("runs/")]
    if len(of_runs) != RUNS * len(OF_A_RUN) or not all(found.get(name) for name in RESULTS):
        trial.fail(f"files are missing: there are {sorted(found)}")


def two_jobs(trial: Trial) -> None:
    trial.call("deep-sarsa experiment study.yaml -o study --jobs 2")
    trial.require_parts(1)
    trial.aggregate()


def write_job(trial: Trial) -> None:
    (trial.folder / "job.sh").write_text(documented()["job"])


def array(trial: Trial) -> None:
    write_job(trial)
    trial.call(documented()["submit"])
    trial.require_parts(4)


def spaced_array(trial: Trial) -> None:
    """Without srun, and with other numbers."""
    trial.call("sbatch --wait --array=0-6:2 --wrap "
               "'exec deep-sarsa experiment study.yaml -o study --part auto --jobs 1'")
    trial.require_parts(4)
    trial.aggregate()


def array_of_steps(trial: Trial) -> None:
    write_job(trial)
    trial.call("sbatch --wait --array=1-2 --ntasks=2 job.sh")
    trial.require_parts(4)
    trial.aggregate()


def mpirun(trial: Trial) -> None:
    trial.call(documented()["mpirun"])
    trial.require_parts(2)


def mpirun_in_job(trial: Trial) -> None:
    (trial.folder / "mpirun.sh").write_text("#!/bin/bash\n" + documented()["mpirun"])
    trial.call("sbatch --wait --ntasks=2 mpirun.sh")
    trial.require_parts(2)


def mpirun_in_allocation(trial: Trial) -> None:
    (trial.folder / "mpirun.sh").write_text(documented()["mpirun"])
    trial.call("salloc --ntasks=2 bash -e mpirun.sh")
    trial.require_parts(2)


def mpirun_in_array(trial: Trial) -> None:
    trial.call("sbatch --wait --array=1-2 --ntasks=2 --wrap "
               "'mpirun -n 2 deep-sarsa experiment study.yaml -o study --part auto --jobs 1'")
    trial.require_parts(4)
    trial.aggregate()


def parallel(trial: Trial) -> None:
    trial.call(documented()["parallel"])
    trial.require_parts(4)


def refused(trial: Trial) -> None:
    """A batch script is no rank, also if a rank has submitted it; numbers with gaps say no part."""
    auto = "deep-sarsa experiment study.yaml -o study --part auto"
    trial.call(f"sbatch --wait --ntasks=4 --wrap '{auto}'", code=USAGE)
    trial.require_printed("--part auto finds neither")
    submission = f"sbatch --wait --ntasks=1 --wrap \"{auto}\""
    trial.call(f"srun --ntasks=2 bash -c 'if [ $SLURM_PROCID -eq 0 ]; then {submission}; fi'", code=USAGE)
    trial.call(f"salloc --ntasks=4 {auto}", code=USAGE)
    trial.call(auto, code=USAGE)
    trial.call(f"sbatch --wait --array=1,3,7 --wrap '{auto}'", code=USAGE)
    trial.require_printed("equally spaced")
    if any(trial.study.glob("runs/*")):
        trial.fail("a part was trained, although there is none")


# Faults


def killed(trial: Trial) -> None:
    """Killed at drawn instants, and started again until it finishes."""
    command = "exec deep-sarsa experiment study.yaml -o study --jobs 2"
    left = trial.kills
    while left > 0:
        process = trial.start(command)
        try:
            trial.finish(process, seconds=trial.draw.uniform(0.02, 0.6))
            trial.aggregate()
            trial.require_equal()
            trial.begin_anew()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            left -= 1
            trial.require_kept()
    trial.call(command)
    trial.require_kept()
    # Nothing is left to do, and nothing is done.
    before = trial.entries()
    trial.call(command)
    if trial.entries() != before:
        trial.fail("runs of a finished experiment were changed by the same command")
    for _ in range(trial.kills):
        process = trial.start("exec deep-sarsa experiment aggregate study")
        time.sleep(trial.draw.uniform(0, 0.2))
        process.kill()
        process.wait()
    trial.aggregate()


def rank_killed(trial: Trial) -> None:
    process = trial.start(documented()["mpirun"])
    os.kill(trial.pause(OMPI_COMM_WORLD_RANK="1"), signal.SIGKILL)
    trial.finish(process, code=128 + signal.SIGKILL)
    trial.require_kept()
    trial.call(documented()["mpirun"])
    trial.require_printed("goes on at step")


def requeued(trial: Trial) -> None:
    """What stands still is continued by Slurm before it is asked to end."""
    write_job(trial)
    trial.call("sbatch job.sh")
    job = trial.job(trial.pause(SLURM_ARRAY_TASK_ID="2"))
    trial.require_kept()
    trial.call(f"scontrol requeue {job}")
    trial.wait_for_jobs()
    trial.require_printed("interrupted after")
    trial.require_printed("goes on at step")
    trial.aggregate()


def time_limit(trial: Trial) -> None:
    """Slurm looks at time limits every 30 s. Until then the run stands still; the signal continues it."""
    write_job(trial)
    process = trial.start(documented()["submit"], SBATCH_TIMELIMIT="1", SBATCH_SIGNAL="TERM@59")
    # The last job of an array has the number of the whole array: only it may be requeued.
    paused = trial.pause(SLURM_ARRAY_TASK_ID="4")
    trial.require_kept()
    trial.wait("end before the time limit", lambda: paused not in trial.processes())
    trial.finish(process)
    trial.require_printed("interrupted after")
    trial.require_printed("goes on at step")
    if "runs are over" in trial.printed():
        trial.fail(f"other jobs of the array were requeued too:\n{trial.printed()}")


def node_down(trial: Trial) -> None:
    """The jobs of a node that is down are queued again, and it comes back by itself."""
    write_job(trial)
    trial.call("sbatch job.sh")
    trial.pause(SLURM_ARRAY_TASK_ID="3")
    trial.require_kept()
    trial.call(f"scontrol update NodeName={slurm.NODE} State=DOWN Reason=test")
    trial.wait_for_jobs()
    trial.aggregate()


def cancelled(trial: Trial) -> None:
    """A job that is cancelled does not come back by itself."""
    write_job(trial)
    process = trial.start("sbatch --wait job.sh")
    trial.call(f"scancel {trial.job(trial.pause(SLURM_ARRAY_TASK_ID='4'))}")
    process.wait(SECONDS)
    if process.returncode == 0:
        trial.fail("the array ended as if no job had been cancelled")
    trial.require_kept()
    trial.call("sbatch --wait job.sh")
    trial.require_printed("goes on at step")
    trial.aggregate()


WAYS: dict[str, Callable[[Trial], None]] = {
    "two-jobs": two_jobs, "array": array, "spaced-array": spaced_array, "array-of-steps": array_of_steps,
    "mpirun": mpirun, "mpirun-in-job": mpirun_in_job, "mpirun-in-allocation": mpirun_in_allocation,
    "mpirun-in-array": mpirun_in_array, "parallel": parallel, "refused": refused, "killed": killed,
    "rank-killed": rank_killed, "requeued": requeued, "time-limit": time_limit, "node-down": node_down,
    "cancelled": cancelled}


def end(number: int, _: object) -> None:
    """Ends the program by an exception, which stops all that was started; further signals change nothing."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main() -> int:
    given = options()
    missing = slurm.missing(PROGRAMS)
    if given.missing:
        print(" ".join(missing))
        return 0
    if missing:
        sys.exit(f"packages are missing; as root or with sudo: .ci/install cluster {' '.join(missing)}")
    if not given.program.exists():
        sys.exit(f"{given.program} is missing: `make build` builds it")
    for number in ENDINGS:
        signal.signal(number, end)
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        temporary = Path(name)
        temporary.chmod(0o755)  # munged refuses a folder that others may not enter
        programs = temporary / "bin"
        programs.mkdir()
        (programs / "deep-sarsa").symlink_to(given.program.resolve())
        with slurm.Cluster(temporary / "slurm", cpus=4) as cluster:
            cluster.environment["PATH"] = f"{programs}:{cluster.environment['PATH']}"
            expected: dict[str, bytes] = {}
            for name in ["one-process", *given.only]:
                began = time.monotonic()
                way = WAYS.get(name, one_process)
                trial = Trial(name, temporary / name, cluster, expected, random.Random(f"{given.seed} {name}"),
                              given.kills)
                way(trial)
                if name == "one-process":
                    expected |= trial.files()
                elif name != "refused":
                    trial.require_kept()
                    trial.require_equal()
                print(f"{name}: as expected, {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
