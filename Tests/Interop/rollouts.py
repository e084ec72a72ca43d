"""Rollouts of the originals and of the program, and the rows in which they differ.

A rollout has a column for everything that `deep-sarsa rollout --npz` writes, and in each a row for every
reset and every step. The seed is given once, then `reset()` goes on.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np

PROGRAM = Path(__file__).resolve().parents[2] / ".build/release/deep-sarsa"
COLUMNS = ("episode", "step", "action", "observation", "reward", "terminated", "truncated")


class Player(Protocol):
    """An original, and the actions that it is played by."""

    def reset(self, seed: int | None) -> Any: ...

    def action(self) -> int: ...

    def step(self, action: int) -> tuple[Any, float, bool, bool]: ...


def play(player: Player, seed: int, steps: int) -> dict[str, np.ndarray]:
    """What an original does; a reset that no step follows is not made."""
    rows = [(0, 0, -1, player.reset(seed), 0.0, False, False)]
    for _ in range(steps):
        episode, step, *_, terminated, truncated = rows[-1]
        if terminated or truncated:
            episode, step = episode + 1, 0
            rows.append((episode, step, -1, player.reset(None), 0.0, False, False))
        action = player.action()
        observation, reward, terminated, truncated = player.step(action)
        rows.append((episode, step + 1, action, observation, float(reward), bool(terminated),
                     bool(truncated)))
    return {key: np.asarray(column) for key, column in zip(COLUMNS, zip(*rows), strict=True)}


def roll(program: Path, id: str, arguments: dict[str, Any], seed: int,
         actions: np.ndarray) -> dict[str, np.ndarray]:
    """What the program does with the same actions."""
    options = [f"--env-arg={key}={json.dumps(value)}" for key, value in arguments.items()]
    with tempfile.TemporaryDirectory() as folder:
        file, arrays = Path(folder, "actions.txt"), Path(folder, "rollout.npz")
        file.write_text("\n".join(map(str, actions)) + "\n", encoding="utf-8")
        subprocess.run(
            [program.resolve(), "rollout", id, *options, "--seed", str(seed), "--actions-file", file,
             "--steps", str(len(actions)), "--npz", arrays],
            check=True, stdout=subprocess.DEVNULL)
        with np.load(arrays, allow_pickle=False) as loaded:
            return dict(loaded)


def differences(expected: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> int:
    """The rows in which a bit differs, or all if there are more or fewer."""
    assert expected.keys() == found.keys(), found.keys()
    count = len(expected["action"])
    differs = np.zeros(count, bool)
    for key, column in expected.items():
        other = found[key]
        if len(other) != count or other.size != column.size:
            return max(count, len(other))
        # The same type, so that nothing is widened or rounded on the way.
        column = column.astype(other.dtype, casting="equiv")
        differs |= (bits(column) != bits(other)).any(axis=1)
    return int(differs.sum())


def bits(array: np.ndarray) -> np.ndarray:
    """A row of whole numbers for every row, and for floats their bits: −0 is not 0."""
    array = array.reshape(len(array), -1)
    return array.view(f"u{array.dtype.itemsize}") if array.dtype.kind == "f" else array


def compare(player: Player, program: Path, id: str, arguments: dict[str, Any], seed: int,
            steps: int) -> tuple[dict[str, np.ndarray], int]:
    """What an original does, and the rows in which the program differs from it."""
    there = play(player, seed, steps)
    here = roll(program, id, arguments, seed, there["action"][there["action"] >= 0])
    return there, differences(there, here)
