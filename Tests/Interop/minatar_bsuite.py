"""Plays MinAtar's games and bsuite's worlds here and there, and compares every step.

The packages play first; `deep-sarsa rollout` then takes the same actions from the same seed. Every
observation, reward and end has to be the same. From the repository root:

    make interop

One line per world; the exit code is 1 if anything differs. Three seeds are played by players that act
with care, eagerly and lazily, so that games last long enough for everything to happen in them; the other
seeds are played at random.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import copy
import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import numpy as np

logging.disable(logging.WARNING)  # Of packages that draw windows.
import gymnasium  # noqa: E402
import minatar  # noqa: E402
import minatar.gym  # noqa: E402

# Gymnasium takes -v1 for newer than -v0, and says so by a filter of its own.
warnings.simplefilter("ignore", DeprecationWarning)

# bsuite itself imports what its plots and experiments need; its environments need none of that.
bsuite = types.ModuleType("bsuite")
bsuite.__path__ = importlib.util.find_spec("bsuite").submodule_search_locations
sys.modules["bsuite"] = bsuite
from bsuite.environments import catch, deep_sea  # noqa: E402

GAMES = ["Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders"]
WAIT, LEFT, UP, RIGHT, DOWN, FIRE = range(6)


class Manner(Enum):
    """How to play; who looks ahead sees sticky actions, and what will be drawn."""

    RANDOM = 0
    CAREFUL = 1  # Pursues what earns rewards, and looks ahead for a way to survive.
    EAGER = 2  # Pursues what earns rewards.
    LAZY = 3  # Does nothing, most of the time, but to survive.


class Player(Protocol):
    """A world of a package, and the actions that it is played by."""

    @property
    def ramp(self) -> int:
        """How far a game has become more difficult."""

    def reset(self, seed: int | None) -> np.ndarray: ...

    def action(self) -> int: ...

    def step(self, action: int) -> tuple[np.ndarray, float, bool]: ...


@dataclass(frozen=True)
class World:
    """An id, and the arguments that it is made with."""

    id: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def player(self, manner: Manner, seed: int) -> Player:
        kind = MinAtarPlayer if self.id.startswith("MinAtar/") else SuitePlayer
        return kind(self, manner, random=np.random.default_rng(seed))

    def __str__(self) -> str:
        return " ".join([self.id, *(f"{key}={json.dumps(value)}" for key, value in self.arguments.items())])


def worlds() -> list[World]:
    games = [
        World(f"MinAtar/{game}-{version}", arguments)
        for game in GAMES
        for version in ("v0", "v1")
        for arguments in (
            {},
            {"difficulty_ramping": False},
            {"sticky_action_prob": 0},
            {"sticky_action_prob": 0.4, "difficulty_ramping": False},
        )
    ]
    suite = [
        World("bsuite/Catch-v0"),
        World("bsuite/Catch-v0", {"rows": 2, "columns": 1}),
        World("bsuite/Catch-v0", {"rows": 7, "columns": 12}),
        World("bsuite/DeepSea-v0"),
        World("bsuite/DeepSea-v0", {"size": 1, "deterministic": False}),
        World("bsuite/DeepSea-v0", {"size": 6, "deterministic": False}),
        World("bsuite/DeepSea-v0", {"size": 4, "deterministic": False, "randomize_actions": False,
                                    "unscaled_move_cost": 0.3}),
        World("bsuite/DeepSea-v0", {"size": 20, "mapping_seed": 7}),
    ]
    return games + suite


# The steps that see the end of Freeway, and the last ramp of the others.
LONG_GAME = 2_600


def least_ramp(world: World) -> int:
    """The ramp that a comparison of long games must come to."""
    name = world.id.removeprefix("MinAtar/").split("-")[0]
    is_ramping = world.arguments.get("difficulty_ramping", True)
    return {"Asterix": 8, "Seaquest": 8, "SpaceInvaders": 6}.get(name, 0) if is_ramping else 0


# MARK: The packages


def numpy_seed(seed: int) -> int | list[int]:
    """What RandomState takes: a seed of more than 32 bits is two words, low first."""
    return seed if seed < 2**32 else [seed % 2**32, seed // 2**32]


class MinAtarPlayer:
    """A game as Gymnasium makes it."""

    def __init__(self, world: World, manner: Manner, random: np.random.Generator) -> None:
        if world.id not in gymnasium.registry:
            minatar.gym.register_envs()
        self._environment = gymnasium.make(
            world.id, disable_env_checker=True, **world.arguments).unwrapped
        self._manner = manner
        self._random = random

    @property
    def ramp(self) -> int:
        return getattr(self._environment.game.env, "ramp_index", 0)

    def reset(self, seed: int | None) -> np.ndarray:
        given = None if seed is None else numpy_seed(seed)
        return self._environment.reset(seed=given)[0]

    def action(self) -> int:
        world = self._environment
        return chosen_action(self._manner, world.game, world.action_set, self._random)

    def step(self, action: int) -> tuple[np.ndarray, float, bool]:
        observation, reward, terminated, truncated, _ = self._environment.step(action)
        assert not truncated
        return observation, float(reward), bool(terminated)


class SuitePlayer:
    """A world of bsuite: a seed is given when it is made, an argument here."""

    ramp = 0

    def __init__(self, world: World, manner: Manner, random: np.random.Generator) -> None:
        self._world = world
        self._manner = manner
        self._random = random
        self._environment: catch.Catch | deep_sea.DeepSea | None = None

    def reset(self, seed: int | None) -> np.ndarray:
        if seed is not None:
            arguments = self._world.arguments | {"seed": numpy_seed(seed)}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if "Catch" in self._world.id:
                    self._environment = catch.Catch(**arguments)
                else:
                    self._environment = deep_sea.DeepSea(
                        **{"size": 10, "mapping_seed": 42} | arguments)
        return self._environment.reset().observation

    def action(self) -> int:
        world = self._environment
        if isinstance(world, catch.Catch):
            follow = 1 + int(np.sign(world._ball_x - world._paddle_x))
            return follow if self._manner == Manner.CAREFUL else int(self._random.integers(3))
        right = int(world._action_mapping[world._row, world._column])
        return right if self._manner == Manner.CAREFUL else int(self._random.integers(2))

    def step(self, action: int) -> tuple[np.ndarray, float, bool]:
        step = self._environment.step(action)
        return step.observation, float(step.reward), step.last()


# MARK: Playing with care


def chosen_action(
    manner: Manner, game: minatar.Environment, actions: list[int], random: np.random.Generator
) -> int:
    """The place of an action in a list."""
    order = wishes(manner, game, actions, random)
    if manner not in (Manner.CAREFUL, Manner.LAZY):
        return actions.index(order[0])
    lasting = (each for each in order if survives(manner, game, each, actions, random))
    return actions.index(next(lasting, order[0]))


def wishes(
    manner: Manner, game: minatar.Environment, actions: list[int], random: np.random.Generator
) -> list[int]:
    """All actions, those that are wanted most first."""
    wanted: list[int] = []
    if manner == Manner.LAZY and random.random() < 0.95:
        wanted = [WAIT]
    if manner in (Manner.EAGER, Manner.CAREFUL):
        wanted = [each for each in WISHES[game.env_name](game.env, random) if each in actions]
    return wanted + [each for each in random.permutation(actions).tolist() if each not in wanted]


def survives(
    manner: Manner, game: minatar.Environment, action: int, actions: list[int],
    random: np.random.Generator,
) -> bool:
    """Whether some way to go on after an action does not end the game."""
    for trial in range(10):
        trial_game = copied(game)
        if trial_game.act(action)[1]:
            return False
        for _ in range(16):
            whim = random.random() < 0.1 * trial
            next_manner = Manner.RANDOM if whim else manner
            if trial_game.act(wishes(next_manner, trial_game, actions, random)[0])[1]:
                break
        else:
            return True
    return False


def copied(game: minatar.Environment) -> minatar.Environment:
    """A game with the same future, at less expense than deepcopy."""
    result = copy.copy(game)
    result.random = np.random.RandomState(0)
    result.random.set_state(game.random.get_state())
    result.env = copy.copy(game.env)
    for name, value in vars(game.env).items():
        if isinstance(value, list):
            setattr(result.env, name, [copy.copy(item) for item in value])
        elif isinstance(value, np.ndarray):
            setattr(result.env, name, value.copy())
    result.env.random = result.random
    return result


def towards(x: int, y: int, target: tuple[int, int]) -> list[int]:
    """Moves that lead to a cell, rows first."""
    rows = [DOWN] if target[1] > y else [UP] if target[1] < y else []
    columns = [RIGHT] if target[0] > x else [LEFT] if target[0] < x else []
    return rows + columns


def asterix(env: Any, random: np.random.Generator) -> list[int]:
    gold = [each for each in env.entities if each and each[3]]
    if not gold:
        return [WAIT]
    x, y = env.player_x, env.player_y
    target = min(gold, key=lambda each: abs(each[0] - x) + abs(each[1] - y))
    return towards(x, y, (target[0], target[1])) + [WAIT]


def breakout(env: Any, random: np.random.Generator) -> list[int]:
    # Without whims the ball may go round for ever.
    if random.random() < 0.1:
        return []
    way = max(0, 8 - env.ball_y) if env.ball_dir in (2, 3) else 0
    landing = env.ball_x + (way if env.ball_dir == 2 else -way)
    landing = -1 - landing if landing < 0 else 19 - landing if landing > 9 else landing
    return towards(env.pos, 0, (landing, 0)) + [WAIT]


def freeway(env: Any, random: np.random.Generator) -> list[int]:
    return [DOWN if random.random() < 0.1 else UP]


def seaquest(env: Any, random: np.random.Generator) -> list[int]:
    x, y = env.sub_x, env.sub_y
    # Six divers are taken up, and one now and then.
    if env.diver_count == 6 or (env.diver_count != 0 and env.oxygen < (30 + 3 * env.ramp_index)):
        return [UP, FIRE]
    if y == 0:
        return [DOWN]
    enemies = [each for each in env.e_fish + env.e_subs if each[1] == y]
    if any((each[0] > x) == env.sub_or for each in enemies) and env.shot_timer == 0:
        return [FIRE]
    if env.divers and env.diver_count < 6:
        target = min(env.divers, key=lambda each: abs(each[0] - x) + abs(each[1] - y))
        return towards(x, y, (target[0], target[1])) + [WAIT]
    if enemies:
        return [RIGHT if enemies[0][0] > x else LEFT, FIRE]
    return [WAIT, FIRE]


def space_invaders(env: Any, random: np.random.Generator) -> list[int]:
    # The lowest alien of a column, where it will be when a bullet gets there.
    interval = min(int(env.alien_map.sum()), env.enemy_move_interval)
    targets = []
    for column in np.flatnonzero(env.alien_map.any(axis=0)).tolist():
        flight = 8 - int(np.flatnonzero(env.alien_map[:, column]).max())
        late = flight - env.alien_move_timer
        moves = 1 + late // interval if late >= 0 else 0
        targets.append(max(0, min(9, column + env.alien_dir * moves)))
    target = min(targets, key=lambda each: abs(each - env.pos))
    if target == env.pos:
        return [FIRE if env.shot_timer == 0 else WAIT]
    return towards(env.pos, 0, (target, 0)) + [WAIT]


WISHES: dict[str, Callable[[Any, np.random.Generator], list[int]]] = {
    "asterix": asterix, "breakout": breakout, "freeway": freeway, "seaquest": seaquest,
    "space_invaders": space_invaders,
}


# MARK: Comparing


@dataclass
class Record:
    """What was played, a row for each reset and each step, as `rollout` writes it."""

    actions: list[int] = field(default_factory=list)
    observations: list[np.ndarray] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    ends: list[bool] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    episodes: list[int] = field(default_factory=list)
    ramp: int = 0

    def append(self, action: int, observation: np.ndarray, reward: float, ends: bool) -> None:
        is_first = action < 0
        self.episodes.append(self.episodes[-1] + is_first if self.episodes else 0)
        self.steps.append(0 if is_first else self.steps[-1] + 1)
        self.actions.append(action)
        self.observations.append(np.asarray(observation, np.float32).ravel())
        self.rewards.append(reward)
        self.ends.append(ends)


def play(world: World, manner: Manner, seed: int, steps: int) -> Record:
    """So many steps; a reset that no step follows is not made."""
    player = world.player(manner, seed)
    record = Record()
    record.append(-1, player.reset(seed), 0, False)
    for _ in range(steps):
        if record.ends[-1]:
            record.append(-1, player.reset(None), 0, False)
        action = player.action()
        record.append(action, *player.step(action))
        record.ramp = max(record.ramp, player.ramp)
    return record


def rollout(program: Path, world: World, seed: int, actions: list[int]) -> Any:
    """The arrays that the program writes for the same actions."""
    with tempfile.TemporaryDirectory() as folder:
        file, arrays = Path(folder, "actions.txt"), Path(folder, "rollout.npz")
        file.write_text("\n".join(map(str, actions)) + "\n")
        options = [f"--env-arg={key}={json.dumps(value)}" for key, value in world.arguments.items()]
        subprocess.run(
            [program.resolve(), "rollout", world.id, *options, "--seed", str(seed), "--actions-file", file,
             "--steps", str(len(actions)), "--npz", arrays],
            check=True, stdout=subprocess.DEVNULL)
        with np.load(arrays) as loaded:
            return dict(loaded)


def bits(array: np.ndarray) -> np.ndarray:
    return array.view(f"u{array.dtype.itemsize}") if array.dtype.kind == "f" else array


def differences(record: Record, arrays: Any) -> int:
    """The rows in which anything differs."""
    rows = len(record.rewards)
    if any(len(array) != rows for array in arrays.values()):
        return max(rows, *map(len, arrays.values()))
    observations = arrays["observation"].reshape(rows, -1)
    differs = (bits(observations) != bits(np.stack(record.observations))).any(axis=1)
    differs |= bits(arrays["reward"]) != bits(np.array(record.rewards, np.float64))
    differs |= arrays["terminated"] != np.array(record.ends)
    differs |= arrays["action"] != np.array(record.actions)
    differs |= arrays["step"] != np.array(record.steps)
    differs |= arrays["episode"] != np.array(record.episodes)
    differs |= arrays["truncated"]
    return int(differs.sum())


def compare(
    program: Path, world: World, manner: Manner, seed: int, steps: int
) -> tuple[int, int, float, int, int]:
    """Steps, ends, the sum of rewards, the ramp, and the rows that differ."""
    record = play(world, manner, seed, steps)
    actions = [action for action in record.actions if action >= 0]
    found = differences(record, rollout(program, world, seed, actions))
    return len(actions), sum(record.ends), sum(record.rewards), record.ramp, found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=Path(".build/release/deep-sarsa"))
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each world, from 0 on")
    parser.add_argument("--steps", type=int, default=LONG_GAME, help="steps with each seed")
    parser.add_argument("--only", nargs="+", metavar="ID", help="ids of worlds")
    arguments = parser.parse_args()

    chosen = [each for each in worlds() if not arguments.only or each.id in arguments.only]
    if not chosen:
        parser.error(f"no world of {', '.join(sorted({each.id for each in worlds()}))} is chosen")
    # The last one has more than 32 bits.
    seeds = [*range(arguments.seeds - 1), 2**40 + arguments.seeds - 1]
    manners = [Manner.CAREFUL, Manner.EAGER, Manner.LAZY]
    manners += [Manner.RANDOM] * (len(seeds) - len(manners))
    failed = False
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            (world, [pool.submit(compare, arguments.program, world, manner, seed, arguments.steps)
                     for manner, seed in zip(manners, seeds)])
            for world in chosen]
        for world, results in jobs:
            counts = [each.result() for each in results]
            rows, ends, total, ramps, found = zip(*counts)
            ramp = max(ramps)
            print(f"{world}: {len(seeds)} seeds, {sum(rows)} steps, {sum(ends)} ends, "
                  f"rewards of {sum(total):g}, "
                  + (f"ramp up to {ramp}, " if ramp else "") + f"{sum(found)} differences",
                  flush=True)
            failed |= sum(found) > 0
            if arguments.steps >= LONG_GAME and (sum(ends) == 0 or ramp < least_ramp(world)):
                print(f"{world}: not enough happened for a proof")
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
