"""Reference draws of NumPy's SeedSequence, PCG64 and Generator.

Makes Tests/Fixtures/random_sources.json. From the repository root:

    python Tests/Fixtures/generate/random_sources.py
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "random_sources.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np

from fixture_io import f64, generator_info, write_json

SEEDS = [
    0, 1, 2, 42, 12345,
    2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1, 2**64,
    2**128 + 12345, 2**200 + 7,
]
SPAWNED_SEEDS = [0, 42, 2**64 - 1, 2**200 + 7]
SPAWN_KEYS = [(0,), (3, 0), (1, 2, 3), (2**32 - 1, 5)]
BOUNDS = [1, 2, 3, 7, 32, 1000, 2**31 + 5, 2**32 - 1, 2**32, 2**40 + 3]
# Bounds to draw, or None for a double. The first bound leaves half a word
# pending across a double, so a reader must buffer it as NumPy does.
MIXED_DRAWS: list[int | None] = [7, None, 7, None, 1000, 3, None]


def fresh_generator(seed: int, spawn_key: tuple[int, ...]) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=spawn_key)))


def bounded_integers(seed: int, spawn_key: tuple[int, ...], bound: int) -> dict[str, Any]:
    values = fresh_generator(seed, spawn_key).integers(0, bound, size=12).tolist()
    # A reader draws one at a time; make sure that this is the same stream.
    one_by_one = fresh_generator(seed, spawn_key)
    assert values == [int(one_by_one.integers(0, bound)) for _ in values]
    return {"n": bound, "values": [str(value) for value in values]}


def mixed_draw(generator: np.random.Generator, bound: int | None) -> dict[str, Any]:
    if bound is None:
        return {"kind": "random", "value_f64": f64(generator.random())[0]}
    return {"kind": "integers", "n": bound, "value": int(generator.integers(0, bound))}


def bit_generator_state(generator: np.random.Generator) -> dict[str, Any]:
    state = generator.bit_generator.state
    words: dict[str, Any] = {}
    for name in ("state", "inc"):
        high, low = divmod(state["state"][name], 2**64)
        words[f"{name}_high"] = str(high)
        words[f"{name}_low"] = str(low)
    return words | {"has_uint32": bool(state["has_uint32"]), "uinteger": int(state["uinteger"])}


def make_case(seed: int, spawn_key: tuple[int, ...]) -> dict[str, Any]:
    sequence = np.random.SeedSequence(seed, spawn_key=spawn_key)
    pending = fresh_generator(seed, spawn_key)
    pending.integers(0, MIXED_DRAWS[0])
    mixed = fresh_generator(seed, spawn_key)
    raw = fresh_generator(seed, spawn_key).bit_generator.random_raw(8)
    return {
        "seed": str(seed),
        "spawn_key": list(spawn_key),
        "state32": sequence.generate_state(8).tolist(),
        "state64": [str(word) for word in sequence.generate_state(4, np.uint64).tolist()],
        "raw": [str(word) for word in raw.tolist()],
        "random_f64": f64(fresh_generator(seed, spawn_key).random(6)),
        "uniform_f64": f64(fresh_generator(seed, spawn_key).uniform(-0.6, -0.4, size=4)),
        "integers": [bounded_integers(seed, spawn_key, bound) for bound in BOUNDS],
        "state_after_first_mixed": bit_generator_state(pending),
        "mixed": [mixed_draw(mixed, bound) for bound in MIXED_DRAWS],
        "final_state": bit_generator_state(mixed),
    }


def main(arguments: argparse.Namespace) -> None:
    cases = [make_case(seed, ()) for seed in SEEDS]
    cases += [make_case(seed, key) for seed in SPAWNED_SEEDS for key in SPAWN_KEYS]
    write_json(arguments.output, {"generator": generator_info(__file__), "cases": cases})


if __name__ == "__main__":
    main(OPTIONS)
