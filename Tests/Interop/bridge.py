"""The bridge with a real Gymnasium at its other end.

    make interop

Worlds that are built in are the same through the bridge; environments with every kind of space, and
with flaws, become what is promised; a process that is killed, or whose parent is, leaves nothing behind.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", help="(default: .build/release/deep-sarsa)")
    parser.add_argument("--only", default="", help="checks that contain this text")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import gymnasium
import numpy as np

import rollouts
import strange

HERE = Path(__file__).resolve().parent
PROGRAM = str(rollouts.PROGRAM)
ENVIRONMENT = os.environ | {"DEEP_SARSA_PYTHON": sys.executable, "PYTHONPATH": str(HERE)}


def run(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=300,
                          env=ENVIRONMENT | changes)


def succeed(*words: str) -> str:
    result = run(*words)
    assert result.returncode == 0, f"{words}: {result.returncode} {result.stderr}"
    return result.stdout


def fail(code: int, message: str, *words: str, **changes: str) -> None:
    result = run(*words, **changes)
    assert result.returncode == code, f"{words}: {result.returncode} {result.stderr}"
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and re.search(message, lines[0]), f"{words}: {result.stderr}"


def native_worlds_are_the_same() -> str:
    listed = json.loads(succeed("environments", "--json"))
    ids = [each["id"] for each in listed if each["id"] in gymnasium.registry]
    assert len(ids) >= 10, ids
    for name in ids:
        common = ["--seed", "11", "--random", "--steps", "400", "--json"]
        assert succeed("rollout", name, *common) == \
            succeed("rollout", f"gymnasium:{name}", *common), name
    return f"{len(ids)} worlds, 400 steps each: the same lines"


def training_is_the_same() -> str:
    with tempfile.TemporaryDirectory() as folder:
        runs = []
        for name in ("CartPole-v1", "gymnasium:CartPole-v1"):
            summary = json.loads(succeed(
                "train", name, "--num-envs", "4", "--total-timesteps", "3000", "--seed", "3",
                "--evaluation-every", "1000", "--evaluation-episodes", "3", "--quiet", "--json",
                "--output", folder))
            runs.append(Path(summary["run"]))
        for file in ("episodes.csv", "evaluations.csv"):
            assert (runs[0] / file).read_bytes() == (runs[1] / file).read_bytes(), file
        tensors = [(each / "model.safetensors").read_bytes() for each in runs]
        data = [each[8 + int.from_bytes(each[:8], "little"):] for each in tensors]
        assert data[0] == data[1]
    return "four environments, 3,000 steps: the same episodes, evaluations and weights"


def rows(*words: str) -> list[dict]:
    return [json.loads(line) for line in succeed("rollout", *words, "--json").splitlines()]


def every_space_arrives() -> str:
    for name, space in strange.SPACES.items():
        environment = gymnasium.make("Strange-v0", space=name)
        found = rows("gymnasium:strange:Strange-v0", "--trust-env-code", "--env-arg",
                     f'space="{name}"', "--seed", "5", "--random", "--steps", "25")
        for row in found:
            if row["action"] is None:
                value, _ = environment.reset(seed=5 if row["episode"] == 0 else None)
            else:
                value, reward, terminated, _, _ = environment.step(row["action"] - 1)
                assert (reward, terminated) == (row["reward"], row["terminated"])
            if isinstance(space, gymnasium.spaces.Discrete):
                expected = int(value - space.start)
            elif name in ("MultiDiscrete", "Tuple"):
                expected = [int(each) for each in value]
            elif isinstance(space, gymnasium.spaces.Box):
                expected = np.ravel(value).astype(np.float32).tolist()
            else:
                expected = gymnasium.spaces.flatten(space, value).astype(np.float32).tolist()
            shown = row["observation"]
            if isinstance(shown, list) and name not in ("MultiDiscrete", "Tuple"):
                shown = np.array(shown, np.float32).tolist()
            assert shown == expected, f"{name}: {shown} instead of {expected}"
    return f"{len(strange.SPACES)} kinds of observations"


def flaws_become_messages() -> str:
    def strange_fails(code: int, message: str, flaw: str, *more: str) -> None:
        fail(code, message, "rollout", "gymnasium:strange:Strange-v0", "--trust-env-code",
             "--env-arg", f'flaw="{flaw}"', "--random", "--steps", "50", *more)

    strange_fails(69, r"stepping: ValueError: three is too many \(strange\.py:\d+\)", "raises")
    strange_fails(69, r"stepping: its process ended with exit code 5", "exits")
    strange_fails(69, r"number 0 of the observation of environment 0 is nan", "nan")
    strange_fails(69, r"an observation has shape \(2, 3\) instead of \(3,\)", "shape")
    strange_fails(69, r"an observation has shape \(2,\) instead of \(3,\)", "short")
    strange_fails(69, r"did not answer within 0\.5 seconds", "hangs", "--env-timeout", "0.5")
    for flaw in ("prints", "arrays"):
        common = ["gymnasium:strange:Strange-v0", "--trust-env-code", "--random", "--steps", "25"]
        assert rows(*common, "--env-arg", f'flaw="{flaw}"') == rows(*common), flaw

    found = rows("gymnasium:strange:Strange-v0", "--trust-env-code", "--env-arg", 'flaw="reuses"',
                 "--seed", "1", "--random", "--steps", "11")
    assert found[10]["terminated"] and found[10]["observation"] != found[11]["observation"]
    rows("gymnasium:strange:Strange-v0", "--trust-env-code", "--env-arg", 'flaw="beyond"',
         "--env-arg", 'space="Dict"', "--random", "--steps", "5")
    strange_fails(69, "is 2.0; its space has it from -1.0 to 1.0", "beyond", "--env-arg",
                  'space="Dict"', "--check-env-bounds")
    with tempfile.TemporaryDirectory() as folder:
        for module in ("signal", "json", "gymnasium"):
            Path(folder, f"{module}.py").write_text("raise SystemExit('found')", encoding="utf-8")
        result = subprocess.run([PROGRAM, "rollout", "gymnasium:CartPole-v1", "--random", "--steps", "1"],
                                cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
        assert result.returncode == 0, result.stderr

    one = ["--random", "--steps", "1"]
    fail(64, "imports a module.*--trust-env-code", "rollout", "gymnasium:strange:Strange-v0", *one)
    fail(69, "Pendulum-v1, starting: its actions are Box", "rollout", "gymnasium:Pendulum-v1", *one)
    fail(69, "starting: VersionNotFound", "rollout", "gymnasium:CartPole-v9", *one)
    fail(69, "starting: .*'sense'", "rollout", "gymnasium:CartPole-v1", "--env-arg", "sense=1", *one)
    fail(69, "no program '/nowhere/python' to run it with", "rollout", "gymnasium:CartPole-v1",
         "--python", "/nowhere/python", *one)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        bare = f"{folder}/bin/python"
        fail(69, f"Gymnasium cannot be imported by {re.escape(bare)}", "rollout",
             "gymnasium:CartPole-v1", *one, DEEP_SARSA_PYTHON=bare)
    return "each is one line with its code"


def children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def wait_for(condition: Callable[[], bool], what: str) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


def start_training(folder: str, *more: str) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [PROGRAM, "train", "gymnasium:LunarLander-v3", "--total-timesteps", "20000",
         "--evaluation-every", "5000", "--evaluation-episodes", "1", "--json", "--output", folder,
         *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    wait_for(lambda: any(Path(folder).glob("*/model.safetensors")), "the first network")
    return process, next(Path(folder).iterdir())


def busiest(processes: list[int]) -> int:
    """The process that has computed the most: the one that trains, not one that judges."""
    def ticks(process: int) -> int:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    return max(processes, key=ticks)


def a_killed_child_ends_the_run_and_nothing_is_lost() -> str:
    with tempfile.TemporaryDirectory() as folder:
        process, run_folder = start_training(folder)
        time.sleep(0.5)
        os.kill(busiest(children(process.pid)), signal.SIGKILL)
        output, error = process.communicate(timeout=60)
        assert process.returncode == 69, error
        assert "its process was killed by signal 9" in error.splitlines()[-1], error
        steps = json.loads(output)["steps"]
        episodes = (run_folder / "episodes.csv").read_text(encoding="utf-8").splitlines()
        model = (run_folder / "model.safetensors").read_bytes()
        assert f'"step":"{steps}"'.encode() in model and len(episodes) > 1, steps
    return f"code 69 after {steps} steps, {len(episodes) - 1} episodes and the network on disk"


def a_killed_child_is_replaced_if_that_is_allowed() -> str:
    results = []
    for is_killed in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            process, run_folder = start_training(folder, "--env-restarts", "2", "--quiet")
            time.sleep(0.5)
            if is_killed:
                os.kill(busiest(children(process.pid)), signal.SIGKILL)
            _, error = process.communicate(timeout=120)
            assert process.returncode == 0, error
            results.append([(run_folder / file).read_bytes() for file in (
                "episodes.csv", "evaluations.csv", "model.safetensors", "best.safetensors")])
    assert results[0] == results[1]
    return "the same bytes as of a run that was left alone"


def nobody_is_left_when_the_program_is_killed() -> str:
    with tempfile.TemporaryDirectory() as folder:
        process, _ = start_training(folder)
        left = children(process.pid)
        assert left
        process.kill()
        process.communicate()
        wait_for(lambda: not any(Path(f"/proc/{each}").exists() for each in left),
                 f"the end of {left}")
    return f"{len(left)} processes, all gone"


CHECKS = [native_worlds_are_the_same, training_is_the_same, every_space_arrives,
          flaws_become_messages, a_killed_child_ends_the_run_and_nothing_is_lost,
          a_killed_child_is_replaced_if_that_is_allowed, nobody_is_left_when_the_program_is_killed]


def main(options: argparse.Namespace) -> None:
    global PROGRAM
    PROGRAM = options.program or PROGRAM
    chosen = [each for each in CHECKS if options.only in each.__name__]
    if not chosen:
        sys.exit(f"no check contains '{options.only}'")
    for check in chosen:
        print(f"{check.__name__.replace('_', ' ')}: {check()}", flush=True)


if __name__ == "__main__":
    main(OPTIONS)
