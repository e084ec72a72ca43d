"""The packages' own games of MinAtar and worlds of bsuite, and players that see everything happen in them."""

from __future__ import annotations

import copy
import importlib.util
import json
import logging
import sys
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

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


@dataclass(frozen=True)
class World:
    """An id, and the arguments that it is made with."""

    id: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def player(self, manner: Manner, seed: int) -> MinAtarPlayer | SuitePlayer:
        kind = MinAtarPlayer if self.id.startswith("MinAtar/") else SuitePlayer
        return kind(self, manner, random=np.random.default_rng(seed))

    def __str__(self) -> str:
        return " ".join([self.id, *(f"{key}={json.dumps(value)}" for key, value in self.arguments.items())])


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


def numbers(board: np.ndarray) -> np.ndarray:
    return np.asarray(board, np.float32).ravel()


class MinAtarPlayer:
    """A game as Gymnasium makes it."""

    def __init__(self, world: World, manner: Manner, random: np.random.Generator) -> None:
        if world.id not in gymnasium.registry:
            minatar.gym.register_envs()
        self._environment = gymnasium.make(
            world.id, disable_env_checker=True, **world.arguments).unwrapped
        self._manner = manner
        self._random = random
        # The most difficult that the game became.
        self.ramp = 0

    def reset(self, seed: int | None) -> np.ndarray:
        given = None if seed is None else numpy_seed(seed)
        return numbers(self._environment.reset(seed=given)[0])

    def action(self) -> int:
        world = self._environment
        return chosen_action(self._manner, world.game, world.action_set, self._random)

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool]:
        observation, reward, terminated, truncated, _ = self._environment.step(action)
        self.ramp = max(self.ramp, getattr(self._environment.game.env, "ramp_index", 0))
        return numbers(observation), reward, terminated, truncated


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
        return numbers(self._environment.reset().observation)

    def action(self) -> int:
        world = self._environment
        if isinstance(world, catch.Catch):
            follow = 1 + int(np.sign(world._ball_x - world._paddle_x))
            return follow if self._manner == Manner.CAREFUL else int(self._random.integers(3))
        right = int(world._action_mapping[world._row, world._column])
        return right if self._manner == Manner.CAREFUL else int(self._random.integers(2))

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool]:
        step = self._environment.step(action)
        return numbers(step.observation), step.reward, step.last(), False


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
