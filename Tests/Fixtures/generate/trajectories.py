"""Trajectories of Gymnasium's environments, with their float64 states.

Makes Tests/Fixtures/mountain_car.json and Tests/Fixtures/cart_pole.json. From the repository root:

    python Tests/Fixtures/generate/trajectories.py

Each case resets once with its seed and then goes on with reset() alone, as Gymnasium's users do.
Half of the cases follow a policy that lasts or arrives, the others act at random.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

import gymnasium
import numpy as np

from fixture_io import f32, f64, generator_info, write_json

FIXTURES = Path(__file__).resolve().parents[1]

Policy = Callable[[np.ndarray], int]


def rock(state: np.ndarray) -> int:
    """Push the way the car already goes: it reaches the goal."""
    return 2 if state[1] >= 0 else 0


def balance(state: np.ndarray) -> int:
    """Push under the falling pole, and back to the middle: it lasts to the time limit."""
    return int(state[2] + 0.2 * state[3] + 0.02 * state[0] + 0.05 * state[1] > 0)


def reset(environment: gymnasium.Env, step: int, seed: int | None = None) -> dict[str, Any]:
    observation, _ = environment.reset(seed=seed)
    return {
        "step": step,
        "observation_f32": f32(observation),
        "state_f64": f64(environment.unwrapped.state),
    }


def make_case(name: str, steps: int, seed: int, policy: Policy | None) -> dict[str, Any]:
    environment = gymnasium.make(name)
    random = np.random.default_rng(seed + 1)
    actions: list[int] = []
    states: list[np.ndarray] = []
    observations: list[np.ndarray] = []
    rewards: list[float] = []
    terminations: list[int] = []
    truncations: list[int] = []
    resets = [reset(environment, step=0, seed=seed)]
    for step in range(steps):
        state = np.asarray(environment.unwrapped.state, np.float64)
        action = policy(state) if policy else int(random.integers(environment.action_space.n))
        observation, reward, terminated, truncated, _ = environment.step(action)
        actions.append(action)
        states.append(np.asarray(environment.unwrapped.state, np.float64))
        observations.append(observation)
        rewards.append(float(reward))
        terminations.append(int(terminated))
        truncations.append(int(truncated))
        if terminated or truncated:
            resets.append(reset(environment, step=step + 1))
    environment.close()
    return {
        "seed": str(seed),
        "actions": actions,
        "states_f64": f64(states),
        "observations_f32": f32(observations),
        "rewards": rewards,
        "terminated": terminations,
        "truncated": truncations,
        "resets": resets,
    }


def make(file: str, name: str, steps: int, cases: list[tuple[int, Policy | None]]) -> None:
    made = [make_case(name, steps, seed, policy) for seed, policy in cases]
    assert any(1 in case["terminated"] for case in made)
    assert any(1 in case["truncated"] for case in made)
    write_json(FIXTURES / file, {
        "generator": generator_info(__file__, gymnasium), "environment": name, "cases": made,
    })


def main() -> None:
    make("mountain_car.json", "MountainCar-v0", 450,
         [(0, None), (1, None), (7, rock), (123, rock), (2**40, None)])
    make("cart_pole.json", "CartPole-v1", 550,
         [(0, None), (3, balance), (42, balance), (2**40, None)])


if __name__ == "__main__":
    main()
