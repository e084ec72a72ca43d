"""Episodes of MinAtar's games and bsuite's worlds, summed up by checksums.

Makes Tests/Fixtures/minatar.json and Tests/Fixtures/bsuite.json. From the repository root, with what
Tests/Interop/originals.py needs:

    python Tests/Fixtures/generate/games.py

Each case resets once with its seed and then goes on with reset() alone. Seeds and manners of playing were
chosen so that every rule of every game applies at least once.
"""

import argparse
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zlib import crc32

# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

import numpy as np

from fixture_io import generator_info, write_json

FIXTURES = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(FIXTURES.parent / "Interop"))
from originals import GAMES, Manner, World, least_ramp  # noqa: E402
from rollouts import play  # noqa: E402

INTERVAL = 25


def make_case(world: World, manner: Manner, seed: int, steps: int) -> dict[str, Any]:
    player = world.player(manner, seed)
    rows = play(player, seed, steps)
    assert manner is not Manner.CAREFUL or player.ramp >= least_ramp(world), (world, player.ramp)
    assert rows["action"].max() < 10
    checksum, checksums = 0, []
    for row, observation in enumerate(rows["observation"]):
        assert set(np.unique(observation)) <= {0, 1}
        checksum = crc32(np.flatnonzero(observation).astype("<u4").tobytes(), checksum)
        checksum = crc32(rows["reward"][row].astype("<f8").tobytes(), checksum)
        checksum = crc32(rows["terminated"][row].astype("<u4").tobytes(), checksum)
        if row % INTERVAL == INTERVAL - 1 or row == len(rows["reward"]) - 1:
            checksums.append(checksum)
    return {
        "environment": world.id,
        "arguments": world.arguments,
        "seed": str(seed),
        "actions": "".join(str(action) for action in rows["action"] if action >= 0),
        "ends": int(rows["terminated"].sum()),
        "checksums": checksums,
    }


def make(file: str, package: str, cases: list[tuple[World, Manner, int, int]]) -> None:
    write_json(FIXTURES / file, {
        "generator": generator_info(__file__) | {package: version(package)},
        "interval": INTERVAL,
        "cases": [make_case(*case) for case in cases],
    })


def main() -> None:
    make("minatar.json", "MinAtar", [
        (World(f"MinAtar/{game}-{kind}", arguments), manner, seed, steps)
        for game in GAMES
        for kind, arguments, manner, seed, steps in (
            ("v0", {}, Manner.RANDOM, 176, 900),
            ("v1", {}, Manner.EAGER, 6, 500),
            ("v1", {"sticky_action_prob": 0}, Manner.CAREFUL, 37, 2700),
            ("v1", {"sticky_action_prob": 0}, Manner.LAZY, 19, 1500),
            ("v1", {"sticky_action_prob": 0.4, "difficulty_ramping": False}, Manner.CAREFUL,
             2**40 + 1, 700),
        )
    ])
    windy = {"size": 6, "deterministic": False}
    make("bsuite.json", "bsuite", [
        (World("bsuite/Catch-v0"), Manner.RANDOM, 0, 300),
        (World("bsuite/Catch-v0"), Manner.CAREFUL, 1, 300),
        (World("bsuite/Catch-v0", {"rows": 4, "columns": 9}), Manner.RANDOM, 2**40, 300),
        (World("bsuite/DeepSea-v0"), Manner.RANDOM, 0, 300),
        (World("bsuite/DeepSea-v0"), Manner.CAREFUL, 1, 300),
        (World("bsuite/DeepSea-v0", windy), Manner.CAREFUL, 1, 600),
        (World("bsuite/DeepSea-v0", windy | {"randomize_actions": False}), Manner.RANDOM, 2**40,
         600),
        (World("bsuite/DeepSea-v0", windy | {"mapping_seed": 7, "unscaled_move_cost": 0.3}),
         Manner.RANDOM, 3, 600),
    ])


if __name__ == "__main__":
    main()
