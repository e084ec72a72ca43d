"""Reference draws of NumPy's older interface, RandomState.

Makes Tests/Fixtures/random_state.json. From the repository root:

    python Tests/Fixtures/generate/random_state.py
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

import numpy as np

from fixture_io import f64, generator_info, write_json

OUTPUT = Path(__file__).resolve().parents[1] / "random_state.json"

SEEDS = [0, 1, 2, 42, 12345, 2**31, 2**32 - 1, 2**32, 2**40 + 7, 2**63, 2**64 - 1]
BOUNDS = [1, 2, 3, 5, 8, 1000, 2**31 + 5, 2**32 - 1, 2**32, 2**32 + 1, 2**40 + 3, 2**63 - 1]
# Every kind of draw after every other; an odd number of normals leaves one pending.
MIXED = [7, "random", "normal", 1000, "coin", "normal", "normal", 2**40, "random", "normal", 3]


def stream(seed: int) -> np.random.RandomState:
    """The stream of a seed; those that RandomState refuses are given as two words, low first."""
    return np.random.RandomState(seed if seed < 2**32 else [seed % 2**32, seed // 2**32])


def mixed_draw(random: np.random.RandomState, kind: int | str) -> dict[str, Any]:
    draws: dict[str, Callable[[], float]] = {"random": random.random_sample, "normal": random.randn}
    if isinstance(kind, int):
        return {"kind": "integer", "bound": str(kind), "value": str(random.randint(kind))}
    if kind == "coin":
        return {"kind": "coin", "value": str(random.binomial(1, 0.5))}
    return {"kind": kind, "value": f64(draws[kind]())[0]}


def state(random: np.random.RandomState) -> dict[str, Any]:
    """The state, its vector as the checksum of its words, low byte first."""
    _, key, position, has_normal, normal = random.get_state()
    return {
        "key_crc32": crc32(np.asarray(key, "<u4").tobytes()),
        "position": int(position),
        "pending_f64": f64(normal)[0] if has_normal else None,
    }


def make_case(seed: int) -> dict[str, Any]:
    words = stream(seed).randint(2**32, size=1300, dtype=np.uint32)
    mixed = stream(seed)
    draws = [mixed_draw(mixed, kind) for kind in MIXED]
    return {
        "seed": str(seed),
        "first_state": state(stream(seed)),
        # Across two renewals of the vector.
        "words": [int(words[i]) for i in (0, 1, 2, 623, 624, 625, 1247, 1248, 1299)],
        "words_crc32": crc32(words.astype("<u4").tobytes()),
        "random_f64": f64(stream(seed).rand(4)),
        "normal_f64": f64(stream(seed).randn(5)),
        "coins": stream(seed).binomial(1, 0.5, [4, 8]).ravel().tolist(),
        "integers": [
            {"bound": str(n), "values": [str(value) for value in stream(seed).randint(n, size=8)]}
            for n in BOUNDS
        ],
        "mixed": draws,
        "last_state": state(mixed),
    }


def main() -> None:
    cases = [make_case(seed) for seed in SEEDS]
    array = np.random.RandomState([1, 2**32 - 1, 3])
    long = np.random.RandomState(range(700))
    write_json(OUTPUT, {
        "generator": generator_info(__file__),
        "cases": cases,
        "three_words": array.randint(2**32, size=4, dtype=np.uint32).tolist(),
        "seven_hundred_words": long.randint(2**32, size=4, dtype=np.uint32).tolist(),
    })


if __name__ == "__main__":
    main()
