"""Steps of stream SARSA(λ), in float32 and in float64, by an independent port in numpy.

M. Elsayed, G. Vasan, A. R. Mahmood, "Streaming Deep Reinforcement Learning Finally Works", 2024,
https://doi.org/10.48550/arXiv.2410.14606, algorithms 1 to 6 with SARSA's target: sparse weights, layer
normalisation without gain and bias, leaky ReLU, observations and rewards scaled by running statistics,
accumulating traces, and the bound of the step. Observations, the rewards of each action and ends are
random; actions are greedy, and the next action is chosen before the update.
"""

import argparse
import math
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parent.parent / "streaming.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np

from fixture_io import f32, f64, generator_info, write_json

SEED = 17
SIZES = [4, 10, 6, 3]
STEPS = 300
DISCOUNT, LAMBDA, KAPPA, RATE = 0.99, 0.8, 2.0, 1.0
SLOPE, NORM_EPSILON, EPSILON = 0.01, 1e-5, 1e-8


class Statistics:
    """Welford's mean and variance, the latter 1 before the second number."""

    def __init__(self, size: int) -> None:
        self.count, self.mean, self.sum = 0, np.zeros(size), np.zeros(size)

    def add(self, x: np.ndarray) -> None:
        self.count += 1
        distance = x - self.mean
        self.mean = self.mean + distance / self.count
        self.sum = self.sum + distance * (x - self.mean)

    @property
    def scale(self) -> np.ndarray:
        variance = self.sum / (self.count - 1) if self.count > 1 else np.ones_like(self.sum)
        return 1 / np.sqrt(variance + EPSILON)


class Learner:
    """θ, z and the passes of the network, in one type of numbers."""

    def __init__(self, layers: list[tuple[np.ndarray, np.ndarray]], dtype: type) -> None:
        self.dtype = dtype
        self.layers = [(w.astype(dtype), b.astype(dtype)) for w, b in layers]
        self.traces = [(np.zeros_like(w), np.zeros_like(b)) for w, b in self.layers]

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, list]:
        kept = []
        for i, (w, b) in enumerate(self.layers):
            z = w @ x + b
            if i == len(self.layers) - 1:
                kept.append((x, None, None))
                return z, kept
            mean = z.mean(dtype=self.dtype)
            variance = ((z - mean) ** 2).mean(dtype=self.dtype)
            scale = self.dtype(1) / np.sqrt(variance + self.dtype(NORM_EPSILON))
            normal = (z - mean) * scale
            kept.append((x, normal, scale))
            x = np.where(normal > 0, normal, normal * self.dtype(SLOPE))
        raise AssertionError

    def gradient(self, kept: list, action: int) -> list[tuple[np.ndarray, np.ndarray]]:
        delta = np.zeros(SIZES[-1], self.dtype)
        delta[action] = 1
        result = []
        for i in reversed(range(len(self.layers))):
            result.insert(0, (np.outer(delta, kept[i][0]), delta))
            if i == 0:
                break
            _, normal, scale = kept[i - 1]
            d = (self.layers[i][0].T @ delta) * np.where(normal > 0, self.dtype(1), self.dtype(SLOPE))
            mean, slope = d.mean(dtype=self.dtype), (d * normal).mean(dtype=self.dtype)
            delta = scale * (d - mean - normal * slope)
        return result

    def update(self, error: Any, gradient: list) -> None:
        decay = self.dtype(DISCOUNT * LAMBDA)
        self.traces = [(decay * zw + gw, decay * zb + gb)
                       for (zw, zb), (gw, gb) in zip(self.traces, gradient)]
        norm = sum(float(np.abs(part).sum(dtype=self.dtype)) for trace in self.traces for part in trace)
        length = RATE * KAPPA * max(abs(float(error)), 1) * norm
        factor = self.dtype(RATE * float(error) / max(1, length))
        self.layers = [(w + factor * zw, b + factor * zb)
                       for (w, b), (zw, zb) in zip(self.layers, self.traces)]

    def forget(self) -> None:
        self.traces = [(0 * w, 0 * b) for w, b in self.traces]

    @property
    def parameters(self) -> np.ndarray:
        return np.concatenate([part.ravel() for layer in self.layers for part in layer])


def sparse(random: np.random.Generator, inputs: int, units: int) -> np.ndarray:
    """Weights of which each unit keeps a tenth, and at least one."""
    w = random.uniform(-1 / math.sqrt(inputs), 1 / math.sqrt(inputs), (units, inputs)).astype(np.float32)
    for row in w:
        row[random.permutation(inputs)[max(1, inputs // 10):]] = 0
    return w


def run(layers: list, stream: dict[str, np.ndarray], dtype: type) -> dict[str, list]:
    learner, inputs, rewards = Learner(layers, dtype), Statistics(SIZES[0]), Statistics(1)

    def scaled(observation: np.ndarray) -> np.ndarray:
        inputs.add(observation.astype(np.float64))
        return (observation.astype(dtype) - inputs.mean.astype(dtype)) * inputs.scale.astype(dtype)

    result: dict[str, list] = {"actions": [], "losses": [], "values": [], "parameters": []}
    state, total, action = scaled(stream["firsts"][0]), 0.0, None
    for t in range(STEPS):
        q, kept = learner.forward(state)
        if action is None:
            action = int(np.argmax(q))
        is_last, is_terminated = stream["ends"][t] > 0, stream["ends"][t] == 1
        following = scaled(stream["observations"][t])
        total = DISCOUNT * total + stream["rewards"][t, action]
        rewards.add(np.array([total]))
        reward = dtype(stream["rewards"][t, action] * rewards.scale[0])
        next_action, target = None, reward
        if not is_terminated:
            next_q, _ = learner.forward(following)
            next_action = int(np.argmax(next_q))
            target = reward + dtype(DISCOUNT) * next_q[next_action]
        error = target - q[action]
        learner.update(error, learner.gradient(kept, action))
        result["actions"].append(action)
        result["losses"].append(error * error)
        result["values"].append(q[action])
        state, action = following, next_action
        if is_last:
            learner.forget()
            total, action = 0.0, None
            state = scaled(stream["firsts"][t + 1])
        if (t + 1) % 50 == 0:
            result["parameters"].append(learner.parameters)
    return result


def main(arguments: argparse.Namespace) -> None:
    random = np.random.default_rng(SEED)
    layers = [(sparse(random, inputs, units), np.zeros(units, np.float32))
              for inputs, units in zip(SIZES, SIZES[1:])]
    scales = np.array([1, 0.1, 5, 30])
    # Which action is rewarded most changes, so that each is greedy at times.
    favoured = np.eye(SIZES[-1])[np.arange(STEPS) // 15 % SIZES[-1]]
    stream = {
        "firsts": (random.normal(size=(STEPS + 1, 4)) * scales + 1).astype(np.float32),
        "observations": (random.normal(size=(STEPS, 4)) * scales + 1).astype(np.float32),
        "rewards": random.normal(size=(STEPS, SIZES[-1])) + 4 * favoured - 2,
        # 1 is a termination, 2 a truncation.
        "ends": np.where(random.random(STEPS) < 0.06, 1 + random.integers(0, 2, STEPS), 0),
    }
    single, double = (run(layers, stream, dtype) for dtype in (np.float32, np.float64))
    assert single["actions"] == double["actions"] and len(set(single["actions"])) == SIZES[-1]
    assert set(stream["ends"].tolist()) == {0, 1, 2}
    write_json(arguments.output, {
        "generator": generator_info(__file__),
        "sizes": SIZES,
        "weights_f32": [f32(w) for w, _ in layers],
        "firsts_f32": f32(stream["firsts"]),
        "observations_f32": f32(stream["observations"]),
        "rewards_f64": f64(stream["rewards"]),
        "ends": stream["ends"].tolist(),
        "actions": single["actions"],
        "float32": {"losses_f32": f32(np.array(single["losses"])), "values_f32": f32(np.array(single["values"])),
                    "parameters_f32": f32(np.array(single["parameters"]))},
        "float64": {"losses_f64": f64(double["losses"]), "values_f64": f64(double["values"]),
                    "parameters_f64": f64(double["parameters"])},
    })


if __name__ == "__main__":
    main(OPTIONS)
