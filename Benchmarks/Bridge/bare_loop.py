"""The loop that the bridge is held against: the same environments, stepped in Python alone.

    python bare_loop.py CartPole-v1 COUNT STEPS

prints the microseconds of a step of one environment, resets included; each of the COUNT environments
is stepped STEPS times. Needs Gymnasium.
"""

import argparse
import random
import time


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("count", type=int)
    parser.add_argument("steps", type=int)
    options = parser.parse_args()
    name, count, steps = options.name, options.count, options.steps
    import gymnasium  # Only now, so that --help does without it.

    environments = [gymnasium.make(name) for _ in range(count)]
    for seed, environment in enumerate(environments):
        environment.reset(seed=seed)
    draw = random.Random(0)
    limit = int(environments[0].action_space.n)
    rows = [[draw.randrange(limit) for _ in range(count)] for _ in range(steps)]

    def run(some: list[list[int]]) -> None:
        for row in some:
            for environment, action in zip(environments, row):
                _, _, terminated, truncated, _ = environment.step(action)
                if terminated or truncated:
                    environment.reset()

    run(rows[:steps // 20])
    start = time.perf_counter()
    run(rows)
    print((time.perf_counter() - start) / (steps * count) * 1e6)


main()
