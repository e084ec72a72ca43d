"""Plays MinAtar's games and bsuite's worlds here and there, and compares every step.

The packages play first; `deep-sarsa rollout` then takes the same actions from the same seed. Every
observation, reward and end has to be the same. From the repository root:

    make interop

One line per world; the exit code is 1 if anything differs. Three seeds are played by players that act
with care, eagerly and lazily, so that games last long enough for everything to happen in them; the other
seeds are played at random.
"""

import argparse
import concurrent.futures
import os
import sys
from pathlib import Path


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, help="(default: .build/release/deep-sarsa)")
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each world, from 0 on")
    parser.add_argument("--steps", type=int, help="steps with each seed (default: those of a long game)")
    parser.add_argument("--only", nargs="+", metavar="ID", help="ids of worlds")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import rollouts
from originals import GAMES, LONG_GAME, Manner, World, least_ramp


def worlds() -> list[World]:
    games = [
        World(f"MinAtar/{game}-{version}", arguments)
        for game in GAMES
        for version in ("v0", "v1")
        for arguments in (
            {},
            {"difficulty_ramping": False},
            {"sticky_action_prob": 0},
            {"sticky_action_prob": 0.4, "difficulty_ramping": False},
        )
    ]
    suite = [
        World("bsuite/Catch-v0"),
        World("bsuite/Catch-v0", {"rows": 2, "columns": 1}),
        World("bsuite/Catch-v0", {"rows": 7, "columns": 12}),
        World("bsuite/DeepSea-v0"),
        World("bsuite/DeepSea-v0", {"size": 1, "deterministic": False}),
        World("bsuite/DeepSea-v0", {"size": 6, "deterministic": False}),
        World("bsuite/DeepSea-v0", {"size": 4, "deterministic": False, "randomize_actions": False,
                                    "unscaled_move_cost": 0.3}),
        World("bsuite/DeepSea-v0", {"size": 20, "mapping_seed": 7}),
    ]
    return games + suite


def compare(
    program: Path, world: World, manner: Manner, seed: int, steps: int
) -> tuple[int, int, float, int, int]:
    """Steps, ends, the sum of rewards, the ramp, and the rows that differ."""
    player = world.player(manner, seed)
    rows, found = rollouts.compare(player, program, world.id, world.arguments, seed, steps)
    return steps, int(rows["terminated"].sum()), float(rows["reward"].sum()), player.ramp, found


def main(arguments: argparse.Namespace) -> int:
    arguments.program = arguments.program or rollouts.PROGRAM
    arguments.steps = arguments.steps or LONG_GAME
    chosen = [each for each in worlds() if not arguments.only or each.id in arguments.only]
    if not chosen:
        sys.exit(f"no world of {', '.join(sorted({each.id for each in worlds()}))} is chosen")
    # The last one has more than 32 bits.
    seeds = [*range(arguments.seeds - 1), 2**40 + arguments.seeds - 1]
    manners = [Manner.CAREFUL, Manner.EAGER, Manner.LAZY]
    manners += [Manner.RANDOM] * (len(seeds) - len(manners))
    failed = False
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            (world, [pool.submit(compare, arguments.program, world, manner, seed, arguments.steps)
                     for manner, seed in zip(manners, seeds)])
            for world in chosen]
        for world, results in jobs:
            counts = [each.result() for each in results]
            rows, ends, total, ramps, found = zip(*counts)
            ramp = max(ramps)
            print(f"{world}: {len(seeds)} seeds, {sum(rows)} steps, {sum(ends)} ends, "
                  f"rewards of {sum(total):g}, "
                  + (f"ramp up to {ramp}, " if ramp else "") + f"{sum(found)} differences",
                  flush=True)
            failed |= sum(found) > 0
            if arguments.steps >= LONG_GAME and (sum(ends) == 0 or ramp < least_ramp(world)):
                print(f"{world}: not enough happened for a proof")
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(OPTIONS))
