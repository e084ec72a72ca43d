"""Deep SARSA on MountainCar-v0 in NumPy, with the backward pass written by hand.

The work of notebook_pytorch.py without a framework: products by NumPy's own OpenBLAS, one packed
array as the memory, everything elementwise in place.

    python Benchmarks/Peers/notebook_numpy.py --steps 30000 --json

The parameters are one flat vector, of which each layer has views, so that AdamW is a dozen calls
for the whole network; at these sizes the number of calls is what counts. Random numbers of a
thousand steps are drawn at once for the same reason.
"""

import argparse
import math

from harness import Clock, parser, show

# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parser(__doc__, steps=30_000, hidden="128,64", batch=32).parse_args()

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

OBSERVATIONS, ACTIONS, TIME_LIMIT = 2, 3, 200
CAPACITY = 1_000_000
GAMMA, EPSILON, SYNC_EPISODES = 0.99, 0.01, 10
LEARNING_RATE, WEIGHT_DECAY, BETA_1, BETA_2, ADAM_EPSILON = 1e-3, 0.01, 0.9, 0.999, 1e-8
STEPS_PER_DRAW = 1_000


class Network:
    """Views of a flat vector: weights [inputs, outputs] and biases [outputs] of each layer."""

    def __init__(self, sizes: list[int]) -> None:
        shapes = [shape for a, b in zip(sizes, sizes[1:]) for shape in ((a, b), (b,))]
        ends = np.cumsum([math.prod(shape) for shape in shapes])
        self.flat = np.zeros(ends[-1], np.float32)
        views = [part.reshape(shape)
                 for part, shape in zip(np.split(self.flat, ends[:-1]), shapes)]
        self.layers = list(zip(views[::2], views[1::2]))

    def initialize(self, generator: np.random.Generator) -> None:
        for weights, biases in self.layers:
            bound = len(weights) ** -0.5
            weights[:] = generator.uniform(-bound, bound, weights.shape)
            biases[:] = generator.uniform(-bound, bound, biases.shape)

    def layer_inputs(self, x: Array) -> list[Array]:
        """What goes into every layer, and what comes out of the last."""
        inputs = [x]
        for index, (weights, biases) in enumerate(self.layers):
            x = x @ weights
            x += biases
            if index < len(self.layers) - 1:
                np.maximum(x, 0, out=x)
            inputs.append(x)
        return inputs

    def values(self, x: Array) -> Array:
        return self.layer_inputs(x)[-1]


class DeepSarsa:
    def __init__(self, hidden: list[int], batch: int, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        sizes = [OBSERVATIONS, *hidden, ACTIONS]
        self.network, self.target, self.gradient = Network(sizes), Network(sizes), Network(sizes)
        self.network.initialize(self.generator)
        self.target.flat[:] = self.network.flat
        self.means = np.zeros_like(self.network.flat)
        self.squares = np.zeros_like(self.network.flat)
        self.updates = 0
        self.rows = np.arange(batch)
        # Rows of state, action, done, next state and two zeros.
        self.memory = np.zeros((CAPACITY, 8), np.float32)

    def train(self, steps: int) -> tuple[Clock, int]:
        batch, episodes, episode_steps = len(self.rows), 0, 0
        clock = Clock(warm_up_steps=10 * batch + 1_000)
        position, velocity = self.generator.uniform(-0.6, -0.4), 0.0
        observation = np.array([[position, velocity]], np.float32)
        for step in range(steps):
            if step % STEPS_PER_DRAW == 0:
                draws = self.generator.random((STEPS_PER_DRAW, 3 + 3 * batch), np.float32)
            draw = draws[step % STEPS_PER_DRAW]
            if draw[0] < EPSILON:
                action = int(draw[1] * ACTIONS)
            else:
                action = int(self.network.values(observation).argmax())

            velocity += (action - 1) * 0.001 - 0.0025 * math.cos(3 * position)
            velocity = min(max(velocity, -0.07), 0.07)
            position = min(max(position + velocity, -1.2), 0.6)
            if position == -1.2 and velocity < 0:
                velocity = 0.0
            episode_steps += 1
            done = position >= 0.5 or episode_steps == TIME_LIMIT
            self.memory[step % CAPACITY, :6] = (*observation[0], action, done, position, velocity)
            if step + 1 >= 10 * batch:
                self.update(draw[3:].reshape(3, batch), min(step + 1, CAPACITY))
            if done:
                position, velocity = 0.2 * float(draw[2]) - 0.6, 0.0
                episodes, episode_steps = episodes + 1, 0
                if episodes % SYNC_EPISODES == 0:
                    self.target.flat[:] = self.network.flat
            observation[0, 0], observation[0, 1] = position, velocity
            clock.count()
        return clock, episodes

    def update(self, draw: Array, size: int) -> None:
        minibatch = self.memory[(draw[0] * size).astype(np.intp)]
        following = minibatch[:, 4:6]
        next_actions = self.network.values(following).argmax(axis=1)
        explored = draw[1] < EPSILON
        if explored.any():
            next_actions[explored] = (draw[2][explored] * ACTIONS).astype(np.intp)
        targets = self.target.values(following)[self.rows, next_actions]
        targets *= GAMMA * (1 - minibatch[:, 3])
        targets -= 1
        self.backward(minibatch[:, :2], minibatch[:, 2].astype(np.intp), targets)
        self.descend()

    def backward(self, observations: Array, actions: NDArray[np.intp], targets: Array) -> None:
        *inputs, outputs = self.network.layer_inputs(observations)
        error = np.zeros_like(outputs)
        error[self.rows, actions] = (outputs[self.rows, actions] - targets) * (2 / len(targets))
        for index in reversed(range(len(inputs))):
            weights, biases = self.gradient.layers[index]
            np.matmul(inputs[index].T, error, out=weights)
            np.add.reduce(error, axis=0, out=biases)
            if index > 0:
                error = error @ self.network.layers[index][0].T
                error *= inputs[index] > 0

    def descend(self) -> None:
        """One step of AdamW."""
        self.updates += 1
        gradient = self.gradient.flat
        self.means += (1 - BETA_1) * (gradient - self.means)
        gradient *= gradient
        gradient -= self.squares
        gradient *= 1 - BETA_2
        self.squares += gradient
        divisor = np.sqrt(self.squares, out=gradient)
        divisor *= (1 - BETA_2**self.updates) ** -0.5
        divisor += ADAM_EPSILON
        np.divide(self.means, divisor, out=divisor)
        divisor *= LEARNING_RATE / (1 - BETA_1**self.updates)
        self.network.flat *= 1 - LEARNING_RATE * WEIGHT_DECAY
        self.network.flat -= divisor


def main(arguments: argparse.Namespace) -> None:
    agent = DeepSarsa(arguments.hidden_sizes, arguments.batch_size, arguments.seed)
    clock, episodes = agent.train(arguments.steps)
    show({
        **clock.stop(),
        "episodes": episodes,
        "finite": bool(np.isfinite(agent.network.flat).all()),
        "threads": 1,
    }, ["numpy"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
