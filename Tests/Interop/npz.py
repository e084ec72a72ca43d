"""See that numpy loads what `deep-sarsa rollout --npz` writes, and that it is what --json prints.

    python3 Tests/Interop/npz.py [--program .build/release/deep-sarsa] [ID …]

Every environment is played for some hundreds of random steps. The arrays are loaded with
allow_pickle=False, their types and shapes are held against the lines of --json, and so is every
number in them, to the bit. The actions are those of numpy's own generator, drawn from the ones that
Gymnasium's Taxi says are legal. The exit code is 1 if anything differs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, help="(default: .build/release/deep-sarsa)")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("environments", nargs="*", metavar="ID")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import gymnasium
import numpy as np

from rollouts import COLUMNS, PROGRAM


def check(program: str, environment: str, seed: int, steps: int, folder: Path) -> int:
    """Plays an environment, and gives the number of rows."""
    path = folder / "rollout.npz"
    text = subprocess.run(
        [program, "rollout", environment, "--seed", str(seed), "--random", "--steps", str(steps),
         "--json", "--npz", path], check=True, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in text.splitlines()]
    assert zipfile.ZipFile(path).testzip() is None, "a checksum is wrong"
    with np.load(path, allow_pickle=False) as file:
        assert file.files == list(COLUMNS), file.files
        arrays = {name: file[name] for name in COLUMNS}

    # What is a plain number has a point or an exponent in JSON, what is a name has neither.
    is_box = isinstance(np.ravel(lines[0]["observation"]).tolist()[0], float)
    types = dict.fromkeys(["episode", "step", "action"], np.int64) | {
        "observation": np.float32 if is_box else np.int64, "reward": np.float64,
        "terminated": np.bool_, "truncated": np.bool_}
    for name, kind in types.items():
        missing = {"action": -1, "reward": 0}.get(name)
        expected = np.array(
            [missing if line[name] is None else line[name] for line in lines], dtype=kind)
        found = arrays[name]
        assert found.dtype == kind, f"{name} is {found.dtype}, not {np.dtype(kind)}"
        assert found.shape == expected.shape, f"{name} is {found.shape}, not {expected.shape}"
        # Bytes, for −0 equals 0.
        assert found.tobytes() == expected.tobytes(), f"{name} differs"

    actions = arrays["action"][arrays["step"] > 0]
    assert len(actions) == steps, f"{len(actions)} steps"
    count = json.loads(subprocess.run(
        [program, "environments", "--json"], check=True, capture_output=True, text=True).stdout)
    known = {each["id"]: each["action_count"] for each in count}
    if environment in known:
        generator = np.random.default_rng(seed)
        seen = arrays["observation"][:-1][arrays["step"][1:] > 0]
        drawn = [generator.choice(legal) for legal in legal_actions(environment, known, seen)]
        assert (actions == drawn).all(), "the actions are not numpy's"
    return len(lines)


def legal_actions(environment: str, counts: dict[str, int],
                  observations: np.ndarray) -> list[np.ndarray]:
    """The actions that are legal in each observation; of the built-in worlds, Taxi alone has masks."""
    if environment != "Taxi-v4":
        return [np.arange(counts[environment])] * len(observations)
    taxi = gymnasium.make(environment).unwrapped
    return [np.flatnonzero(taxi.action_mask(state)) for state in observations]


def main(arguments: argparse.Namespace) -> None:
    program = arguments.program or PROGRAM
    ids = arguments.environments or [each["id"] for each in json.loads(subprocess.run(
        [program, "environments", "--json"], check=True, capture_output=True,
        text=True).stdout)]
    failures = 0
    for environment in ids:
        try:
            with tempfile.TemporaryDirectory() as folder:
                rows = check(program, environment, 7, arguments.steps, Path(folder))
            print(f"{environment}: {rows} rows agree")
        except (AssertionError, subprocess.CalledProcessError, ValueError) as error:
            failures += 1
            print(f"{environment}: {error}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(OPTIONS)
