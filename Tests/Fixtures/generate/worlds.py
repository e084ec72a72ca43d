"""Rollouts of Gymnasium's environments with all of their arguments.

Makes Tests/Fixtures/worlds.json. From the repository root:

    python Tests/Fixtures/generate/worlds.py

A case is a world, its arguments and a seed, which is given once; then come a row for every reset and
every step, as in a rollout. The worlds are those of Tests/Interop/environments.py. "registry" has the ids of
all worlds that Gymnasium has.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

import gymnasium
import numpy as np

from fixture_io import generator_info, write_json

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Tests/Interop"))

from environments import WORLDS, GymnasiumPlayer  # noqa: E402
from rollouts import play  # noqa: E402

STEPS = 120
SEEDS = (4, 2**40 + 1)


def numbers(array: np.ndarray) -> list[int]:
    """Whole numbers as they are, float32 ones as their bits, row by row."""
    if array.dtype.kind == "f":
        assert array.dtype == np.float32, "an intermediate was widened"
        array = array.view(np.uint32)
    return array.ravel().tolist()


def make_case(name: str, arguments: dict[str, Any], seed: int) -> dict[str, Any]:
    rows = play(GymnasiumPlayer(name, arguments, seed), seed, STEPS)
    ends = rows["terminated"] + 2 * rows["truncated"].astype(int)
    return {
        "id": name, "arguments": arguments, "seed": str(seed),
        # -1 is a reset.
        "actions": rows["action"].tolist(),
        "is_float": rows["observation"].dtype.kind == "f",
        "observations": numbers(rows["observation"]),
        "rewards": rows["reward"].tolist(),
        # 1 is terminated, 2 truncated, 3 both.
        "ends": "".join(map(str, ends.tolist())),
    }


def main() -> None:
    cases = [make_case(name, arguments, seed) for name, arguments in WORLDS for seed in SEEDS]
    write_json(ROOT / "Tests/Fixtures/worlds.json", {
        "generator": generator_info(__file__, gymnasium),
        "registry": sorted(gymnasium.registry),
        **{f"{i}": case for i, case in enumerate(cases)},
    })


if __name__ == "__main__":
    main()
