"""Reference trajectories of Gymnasium's MountainCar-v0.

Makes Tests/Fixtures/mountain_car.json. From the repository root:

    python Tests/Fixtures/generate/mountain_car.py
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

OUTPUT = Path(__file__).resolve().parents[1] / "mountain_car.json"

STEPS = 450
SEEDS = [0, 1, 7, 123, 2**40]
# Random actions never reach the goal in time, so some cases rock the car up.
ROCKING_SEEDS = {7, 123}


def generator_info() -> dict[str, str]:
    return {
        "script": Path(__file__).name,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "gymnasium": gymnasium.__version__,
    }


def f32(values: Any) -> list[int]:
    return np.ascontiguousarray(values, np.float32).view(np.uint32).ravel().tolist()


def f64(values: Any) -> list[str]:
    """The bit patterns as strings: JSON readers may round 64-bit numbers."""
    return [str(bits) for bits in np.asarray(values, np.float64).view(np.uint64).ravel().tolist()]


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Compact JSON with one top-level key per line, to keep diffs readable."""
    lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


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
    write_json(arguments.output, {"generator": generator_info(), "cases": cases})


if __name__ == "__main__":
    main()
