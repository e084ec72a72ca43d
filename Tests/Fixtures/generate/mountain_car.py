"""Reference trajectories of Gymnasium's MountainCar-v0.

Makes Tests/Fixtures/mountain_car.json. From the repository root:

    python Tests/Fixtures/generate/mountain_car.py
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from fixture_io import f32, f64, generator_info, write_json

OUTPUT = Path(__file__).resolve().parents[1] / "mountain_car.json"

STEPS = 450
SEEDS = [0, 1, 7, 123, 2**40]
# Random actions never reach the goal in time, so some cases rock the car up.
ROCKING_SEEDS = {7, 123}


def reset(environment: gymnasium.Env, step: int, seed: int | None = None) -> dict[str, Any]:
    observation, _ = environment.reset(seed=seed)
    position, velocity = environment.unwrapped.state
    assert velocity == 0
    return {"step": step, "observation_f32": f32(observation), "position_f64": f64(position)[0]}


def rocking_action(environment: gymnasium.Env) -> int:
    return 2 if environment.unwrapped.state[1] >= 0 else 0


def make_case(seed: int) -> dict[str, Any]:
    environment = gymnasium.make("MountainCar-v0")
    random_actions = np.random.default_rng(seed + 1).integers(0, 3, size=STEPS).tolist()
    actions: list[int] = []
    states: list[tuple[float, float]] = []
    observations: list[np.ndarray] = []
    rewards: list[int] = []
    terminations: list[int] = []
    truncations: list[int] = []
    resets = [reset(environment, step=0, seed=seed)]

    for step in range(STEPS):
        action = rocking_action(environment) if seed in ROCKING_SEEDS else random_actions[step]
        observation, reward, terminated, truncated, _ = environment.step(action)
        assert reward == int(reward)
        actions.append(action)
        states.append(tuple(environment.unwrapped.state))
        observations.append(observation)
        rewards.append(int(reward))
        terminations.append(int(terminated))
        truncations.append(int(truncated))
        if terminated or truncated:
            resets.append(reset(environment, step=step + 1))

    environment.close()
    return {
        "seed": str(seed),
        "actions": actions,
        "positions_f64": f64([position for position, _ in states]),
        "velocities_f64": f64([velocity for _, velocity in states]),
        "observations_f32": f32(observations),
        "rewards": rewards,
        "terminated": terminations,
        "truncated": truncations,
        "resets": resets,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()

    cases = [make_case(seed) for seed in SEEDS]
    assert any(1 in case["terminated"] for case in cases)
    assert any(1 in case["truncated"] for case in cases)
    write_json(arguments.output, {"generator": generator_info(__file__, gymnasium), "cases": cases})


if __name__ == "__main__":
    main()
