"""Gymnasium's action mask in every state of Taxi.

Makes Tests/Fixtures/taxi_masks.json. From the repository root:

    python Tests/Fixtures/generate/taxi_masks.py

A mask is a text with a 0 or a 1 for each action.
"""

import argparse
from pathlib import Path

# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

import gymnasium

from fixture_io import generator_info, write_json

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    taxi = gymnasium.make("Taxi-v4").unwrapped
    masks = [taxi.action_mask(state) for state in range(taxi.observation_space.n)]
    write_json(ROOT / "Tests/Fixtures/taxi_masks.json", {
        "generator": generator_info(__file__, gymnasium),
        "masks": ["".join(map(str, mask.tolist())) for mask in masks],
    })


if __name__ == "__main__":
    main()
