"""Steps the native environments and Gymnasium's side by side, and counts the differences.

    make interop

For every environment, with several sets of arguments, and every seed: random actions, a rollout by the
program, and the same actions in `gymnasium.make` with the same seed. The seed is given once, then
`reset()` goes on, as Gymnasium's users do it. Every observation and reward must have the same bits and
every flag must be the same; one that differs ends in exit code 1.
"""

import argparse
import concurrent.futures
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, help="(default: .build/release/deep-sarsa)")
    parser.add_argument("--seeds", type=int, default=20, help="seeds of each set of arguments")
    parser.add_argument("--steps", type=int, default=1000, help="steps of each seed")
    parser.add_argument("--only", help="ids that contain this text")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import gymnasium
import numpy as np

import rollouts

# Gymnasium says that CartPole-v0 is old, by a filter of its own.
warnings.simplefilter("ignore", DeprecationWarning)

LAKE = ["SFFHF", "FHFFF", "FFSFG"]

# Arguments of the program; where Gymnasium takes them elsewhere, `GymnasiumPlayer` knows it.
WORLDS: list[tuple[str, dict[str, Any]]] = [
    ("CartPole-v0", {}),
    ("CartPole-v1", {}),
    ("CartPole-v1", {"sutton_barto_reward": True, "low": -0.2, "high": 0.1}),
    ("CartPole-v1", {"max_episode_steps": 7}),
    ("MountainCar-v0", {}),
    ("MountainCar-v0", {"goal_velocity": 0.03, "low": 0.2, "high": 0.45}),
    ("Acrobot-v1", {}),
    ("Acrobot-v1", {"low": -3.0, "high": 3.5}),
    ("FrozenLake-v1", {}),
    ("FrozenLake-v1", {"is_slippery": False}),
    ("FrozenLake-v1", {"success_rate": 0.7, "reward_schedule": [10, -1, -0.1]}),
    ("FrozenLake-v1", {"desc": LAKE}),
    ("FrozenLake-v1", {"map_size": 6, "map_p": 0.7, "map_seed": 5}),
    ("FrozenLake8x8-v1", {}),
    ("FrozenLake8x8-v1", {"is_slippery": False}),
    ("CliffWalking-v1", {}),
    ("CliffWalkingSlippery-v1", {}),
    ("Taxi-v4", {}),
    ("Taxi-v4", {"is_rainy": True}),
    ("Taxi-v4", {"fickle_passenger": True, "fickle_probability": 0.9}),
    ("Taxi-v4", {"is_rainy": True, "rainy_probability": 0.4, "fickle_passenger": True}),
    ("Blackjack-v1", {}),
    ("Blackjack-v1", {"sab": False, "natural": True}),
    ("Blackjack-v1", {"sab": False}),
]


class GymnasiumPlayer:
    """An environment of Gymnasium, played at random or, with odd seeds, with some skill."""

    def __init__(self, name: str, given: dict[str, Any], seed: int) -> None:
        arguments = dict(given)
        options = {key: arguments.pop(key) for key in ("low", "high") if key in arguments}
        if "map_size" in arguments:
            from gymnasium.envs.toy_text.frozen_lake import generate_random_map

            arguments["desc"] = generate_random_map(
                arguments.pop("map_size"), arguments.pop("map_p"), arguments.pop("map_seed"))
        self._environment = gymnasium.make(name, **arguments)
        self._options = options or None
        self._draw = np.random.default_rng(seed + 1)
        self._is_skilled = seed % 2 == 1
        self._observation: Any = None

    def reset(self, seed: int | None) -> Any:
        self._observation, _ = self._environment.reset(seed=seed, options=self._options)
        return self._observation

    def action(self) -> int:
        """Random, or good enough to see the ends that chance alone hardly ever comes to."""
        environment, observation, draw = self._environment, self._observation, self._draw
        name, count = environment.spec.id, environment.action_space.n
        if self._is_skilled and draw.random() < 0.95:
            if name.startswith("CartPole"):
                x, v, angle, w = observation
                return int(angle + 0.2 * w + 0.02 * x + 0.05 * v > 0)
            if name.startswith("MountainCar"):
                return 2 if observation[1] >= 0 else 0
            if name.startswith("Acrobot"):
                return 0 if observation[4] > 0 else 2
            if name.startswith("Taxi"):
                mask = environment.unwrapped.action_mask(observation)
                return int(draw.choice(count, p=mask / mask.sum()))
            if name.startswith("CliffWalking"):
                return int(draw.choice(count, p=[0.3, 0.4, 0.25, 0.05]))
        return int(draw.integers(count))

    def step(self, action: int) -> tuple[Any, float, bool, bool]:
        self._observation, reward, terminated, truncated, _ = self._environment.step(action)
        return self._observation, reward, terminated, truncated


def compare(program: Path, name: str, given: dict[str, Any], seed: int,
            steps: int) -> tuple[int, int, int]:
    """The rows that differ, and how many episodes were terminated and truncated."""
    player = GymnasiumPlayer(name, given, seed)
    rows, found = rollouts.compare(player, program, name, given, seed, steps)
    return found, int(rows["terminated"].sum()), int(rows["truncated"].sum())


def main(options: argparse.Namespace) -> None:
    options.program = options.program or rollouts.PROGRAM
    print(f"Gymnasium {gymnasium.__version__}, NumPy {np.__version__}: "
          f"{options.seeds} seeds of {options.steps} steps each")
    # Half of the seeds are small, half are as large as a seed can be.
    large = np.random.default_rng(2026).integers(1 << 63, size=options.seeds, dtype=np.uint64)
    seeds = [int(large[i]) * 2 + 1 if i % 2 else i // 2 for i in range(options.seeds)]
    chosen = [each for each in WORLDS if not options.only or options.only in each[0]]
    if not chosen:
        sys.exit(f"no id contains '{options.only}'")
    failed = False
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for name, given in chosen:
            jobs = [pool.submit(compare, options.program, name, given, seed, options.steps)
                    for seed in seeds]
            counts = np.array([job.result() for job in jobs]).sum(axis=0)
            # A comparison in which no episode ends says nothing of ends.
            failed |= counts[0] > 0 or counts[1] + counts[2] == 0
            print(f"{name:24}{json.dumps(given):90} {len(seeds) * options.steps:9} steps, "
                  f"{counts[1]:6} terminated, {counts[2]:6} truncated, {counts[0]} differences",
                  flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(OPTIONS)
