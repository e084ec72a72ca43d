"""The bridge with a real Gymnasium at its other end.

    make interop

Worlds that are built in are the same through the bridge; environments with every kind of space, and
with flaws, become what is promised; a process that is killed, or whose parent is, leaves nothing behind.
"""

import argparse
import base64
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

# So that a few steps are enough for an update.
SHORT = ["--learning-starts", "8", "--batch-size", "8"]


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
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=600,
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
                "train", name, "--preset", "general", "--num-envs", "4", "--total-timesteps", "3000",
                "--seed", "3", "--evaluation-every", "1000", "--evaluation-episodes", "3", "--quiet", "--json",
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
                value, reward, terminated, _, _ = environment.step(row["action"])
                assert (reward, terminated) == (row["reward"], row["terminated"])
            if isinstance(space, gymnasium.spaces.Discrete):
                expected = int(value)
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
    strange_fails(69, r"number 0 of the observation is NaN", "nan")
    strange_fails(69, r"the observation has shape \(2, 3\) instead of \(3,\)", "shape")
    strange_fails(69, r"the observation has shape \(2,\) instead of \(3,\)", "short")
    strange_fails(69, r"stepping: it took longer than 0\.5 seconds, the limit for a step", "hangs",
                  "--env-timeout", "0.5")
    strange_fails(69, r"stepping: the reward is a list, \[1\.0\], not a number$", "list as reward")
    strange_fails(69, r"stepping: the reward is a str, '1', not a number$", "text as reward")
    strange_fails(69, r"stepping: the reward is None, not a number$", "no reward")
    strange_fails(69, r"the reward is an int, 10+…, not a number that float64 can hold$",
                  "too large a reward")
    strange_fails(69, r"stepping: the reward is NaN$", "nan as reward")
    strange_fails(69, r"resetting: reset returned an ndarray, array\(.*\), not the pair "
                  r"\(observation, info\)$", "no pair")
    strange_fails(69, r"stepping: step returned 4 values, not the five values .*, as in Gym before version "
                  r"0\.26$", "four values")
    # With a time limit, Gymnasium's wrapper unpacks the values first.
    fail(69, r"step returned 4 values, not the five values", "rollout", "gymnasium:strange:Limited-v0",
         "--trust-env-code", "--env-arg", 'flaw="four values"', "--random", "--steps", "50")
    strange_fails(69, r"stepping: step returned None, not the five values", "no tuple")
    strange_fails(69, r"stepping: terminated is a str, 'no', not a boolean$", "text as flag")
    strange_fails(69, r"stepping: truncated is a list, \[True\], not a boolean$", "list as flag")
    strange_fails(69, r"the observation is a dict, \{'x': 1\.0\}, not an array of numbers of shape \(3,\)$",
                  "dict as observation")
    strange_fails(69, r"the observation is None, not an array of numbers of shape \(3,\)$",
                  "no observation")
    for space in ("Discrete", "MultiDiscrete", "Dict"):
        strange_fails(69, rf"the observation is a float, 0\.5, which is not in {space}", "half", "--env-arg",
                      f'space="{space}"')
    strange_fails(69, r"exit code 3; it printed last: \S*strange\.py:\d+: UserWarning: the floor is wet$",
                  "warns")
    for flaw in ("prints", "arrays", "whole numbers"):
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
    fail(69, "Pendulum-v1, starting: its action space is Box", "rollout", "gymnasium:Pendulum-v1", *one)
    fail(69, "starting: VersionNotFound", "rollout", "gymnasium:CartPole-v9", *one)
    fail(69, "starting: .*'sense'", "rollout", "gymnasium:CartPole-v1", "--env-arg", "sense=1", *one)
    fail(69, "'/nowhere/python' is not an executable program", "rollout", "gymnasium:CartPole-v1",
         "--python", "/nowhere/python", *one)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        bare = f"{folder}/bin/python"
        fail(69, f"Gymnasium cannot be imported by {re.escape(bare)}", "rollout",
             "gymnasium:CartPole-v1", *one, DEEP_SARSA_PYTHON=bare)
    return "each is one line with its code"


def each_step_and_reset_has_its_own_limit() -> str:
    def slow(*more: str) -> list[str]:
        return ["gymnasium:strange:Slow-v0", "--trust-env-code", *more]

    # Four steps, and four resets in one message at the end of an episode, are beyond the limit together.
    with tempfile.TemporaryDirectory() as folder:
        for duration in ("step=0.25", "reset=0.25"):
            train = ["train", *slow("--env-arg", duration), "--num-envs", "4", *SHORT,
                     "--total-timesteps", "80", "--evaluation-every", "20", "--evaluation-episodes", "1",
                     "--quiet", "--env-timeout", "0.8", "--env-reset-timeout", "0.8", "--output",
                     f"{folder}/{duration}"]
            process = subprocess.Popen([PROGRAM, *train], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, env=ENVIRONMENT)
            # The log of episodes is written with the second evaluation, after 20 steps.
            wait_for(lambda: process.poll() is not None or any(
                len(path.read_bytes().splitlines()) == 5
                for path in Path(folder, duration).glob("*/episodes.csv")), "four episodes")
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=600)
            assert process.returncode == 130, error
    # A reset within a step's message has the limit of resets, not that of steps.
    rows(*slow("--env-arg", "reset=0.6", "--env-timeout", "0.2"), "--random", "--steps", "6")
    fail(69, r"resetting: it took longer than 0\.2 seconds, the limit for a reset", "rollout",
         *slow("--env-arg", "reset=0.6", "--env-reset-timeout", "0.2"), "--random", "--steps", "6")
    with tempfile.TemporaryDirectory() as folder:
        result = run("train", *slow("--env-arg", "step=0.6"), "--num-envs", "4", *SHORT,
                     "--total-timesteps", "40", "--evaluation-episodes", "1", "--output", folder,
                     "--env-timeout", "0.3", "--quiet")
        assert result.returncode == 69 and "the limit for a step" in result.stderr, result.stderr
    return "limits hold for each, and for no sum of them"


def a_signal_ends_the_wait_for_a_step() -> str:
    seconds = []
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [PROGRAM, "train", "gymnasium:strange:Slow-v0", "--trust-env-code", "--env-arg", "step=9",
                 *SHORT, "--total-timesteps", "100", "--evaluation-episodes", "1", "--output", folder],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
            wait_for(lambda: len(children(process.pid)) > 2, "the process that evaluates")
            time.sleep(1.5)
            start = time.monotonic()
            process.send_signal(number)
            _, error = process.communicate(timeout=600)
            seconds.append(time.monotonic() - start)
            assert process.returncode == code and "models and logs are written" in error, error
            assert len(list(Path(folder).glob("*/model.safetensors"))) == 1
    return f"130 and 143, and the network on disk, after {max(seconds):.1f} s"


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
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
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
        output, error = process.communicate(timeout=600)
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
            _, error = process.communicate(timeout=600)
            assert process.returncode == 0, error
            results.append([(run_folder / file).read_bytes() for file in (
                "episodes.csv", "evaluations.csv", "model.safetensors", "best.safetensors")])
    assert results[0] == results[1]
    return "the same bytes as of a run that was left alone"


def masks_are_kept() -> str:
    masked = ["gymnasium:strange:Masked-v0", "--trust-env-code"]
    for flaw, message in (
            ("nothing legal", "has no legal action; allowed: 1 or more"),
            ("short", "is an ndarray, .*, not an array of 3 zeros and ones"),
            ("twos", "not an array of 3 zeros and ones"), ("text", "is a str, 'abc', not an array"),
            ("missing", 'info has no "action_mask", which the first reset had')):
        fail(69, message, "rollout", *masked, "--random", "--steps", "20", "--env-arg", f'flaw="{flaw}"')
    with tempfile.TemporaryDirectory() as folder:
        for count in ("1", "3"):
            summary = json.loads(succeed(
                "train", *masked, "--num-envs", count, "--total-timesteps", "600", *SHORT, "--hidden-sizes", "8",
                "--evaluation-every", "300", "--evaluation-episodes", "3", "--quiet", "--json",
                "--output", folder))
            returns = [line.split(",")[2] for line in
                       (Path(summary["run"]) / "episodes.csv").read_text(encoding="utf-8").splitlines()[1:]]
            assert len(returns) > 90 and set(returns) == {"6.0"}, returns
            assert summary["evaluation"]["min"] == 6, summary
    illegal = sum(row["reward"] == -100 for row in rows(
        *masked, "--random", "--no-action-masks", "--steps", "60"))
    assert illegal > 5, illegal
    return "five flaws become messages, and 1,200 steps take no illegal action"


def episodes_with_seeds_go_on() -> str:
    """A run that goes on repeats only the episodes under way, whose lengths differ, and writes equal bytes."""
    checked = 0
    for world in ["gymnasium:CartPole-v1", "gymnasium:Taxi-v4"]:
        train = ["train", world, "--preset", "general", "--hidden-sizes", "16", "--batch-size", "32",
                 "--learning-starts", "64", "--num-envs", "4", "--exploration-steps", "500",
                 "--learning-rate-steps", "1000",
                 "--evaluation-every", "500", "--evaluation-episodes", "2", "--checkpoint-every", "500",
                 "--keep-replay", "--quiet", "--episode-seeds"]
        with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as cut:
            succeed(*train, "--total-timesteps", "3000", "--output", whole)
            succeed(*train, "--total-timesteps", "1500", "--output", cut)
            runs = [next(Path(folder).iterdir()) for folder in (whole, cut)]
            succeed("resume", str(runs[1]), "--total-timesteps", "3000", "--quiet")
            for file in ["episodes.csv", "evaluations.csv", "model.safetensors",
                         "replay/rows-000000000000.bin", "checkpoints/step-000003000.safetensors"]:
                first, second = ((each / file).read_bytes() for each in runs)
                assert first == second, f"{world}: {file} differs"
                checked += 1
            assert not list(runs[0].glob("replay/actions-*"))
    return f"{checked} files of resumed runs"


def the_benchmark_knows_the_protocol() -> str:
    """The benchmark of the bridge's Python sends its requests without a program."""
    root = HERE.parents[1]
    result = subprocess.run(
        [sys.executable, root / "Benchmarks/Bridge/child_alone.py", root / "Sources/Gymnasium/bridge.py",
         "CartPole-v1", "2", "40"], capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    return f"{float(result.stdout):.0f} µs a step"


def pixels(png: bytes) -> np.ndarray:
    """The pixels of a PNG that the bridge wrote."""
    width, height = struct.unpack_from(">II", png, 16)
    data, start = b"", 8
    while start < len(png):
        size, kind = struct.unpack_from(">I4s", png, start)
        body = png[start + 8:start + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack_from(">I", png, start + 8 + size)[0]
        data += body if kind == b"IDAT" else b""
        start += size + 12
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


def pictures_are_those_of_gymnasium() -> str:
    with tempfile.TemporaryDirectory() as folder:
        name = "gymnasium:CartPole-v1"
        run_folder = succeed("train", name, "--preset", "general", *SHORT, "--total-timesteps", "40", "--quiet",
                             "--output", folder)
        run_folder = run_folder.splitlines()[-1]
        steps = rows("--policy", run_folder, "--seed", "3", "--episodes", "1")
        world = gymnasium.make("CartPole-v1", render_mode="rgb_array")
        world.reset(seed=3)
        for frame, step in enumerate(steps):
            if frame > 0:
                world.step(step["action"])
            if frame not in (0, 1, len(steps) - 1):
                continue
            path = Path(folder, "frame.svg")
            succeed("render", run_folder, "--seed", "3", "--frame", str(frame), "-o", str(path))
            png = base64.b64decode(re.search("data:image/png;base64,([^\"]+)", path.read_text())[1])
            assert (pixels(png) == world.render()).all(), frame
        fail(69, "starting: it cannot be drawn: its render modes are \\[\\], without 'rgb_array'", "render",
             succeed("train", "gymnasium:strange:Strange-v0", "--trust-env-code", *SHORT, "--total-timesteps", "40",
                     "--quiet", "--output", folder).splitlines()[-1],
             "--trust-env-code", "-o", str(path))
    return f"3 of {len(steps)} frames, the same pixels"


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
          flaws_become_messages, masks_are_kept, episodes_with_seeds_go_on, pictures_are_those_of_gymnasium,
          each_step_and_reset_has_its_own_limit,
          a_signal_ends_the_wait_for_a_step, a_killed_child_ends_the_run_and_nothing_is_lost,
          a_killed_child_is_replaced_if_that_is_allowed, the_benchmark_knows_the_protocol,
          nobody_is_left_when_the_program_is_killed]


def main(options: argparse.Namespace) -> None:
    global PROGRAM
    # A shell without job control has its background commands ignore it, and the program would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    PROGRAM = options.program or PROGRAM
    chosen = [each for each in CHECKS if options.only in each.__name__]
    if not chosen:
        sys.exit(f"no check contains '{options.only}'")
    for check in chosen:
        print(f"{check.__name__.replace('_', ' ')}: {check()}", flush=True)


if __name__ == "__main__":
    main(OPTIONS)
