"""Deep SARSA on MountainCar-v0 in PyTorch, written for speed.

The work of notebook_pytorch.py with one preallocated tensor as the memory, the environment in plain
Python, random numbers drawn for a thousand steps at once, and the whole update in one function that
`torch.compile` turns into C++: sampling, target, backward pass by hand, AdamW on one flat vector.

    python Benchmarks/Peers/notebook_pytorch_fast.py --steps 20000 --json

Slower were, in this order: acting and environment inside the compiled function as well, the update
through the C++ wrapper, the same function not compiled, autograd with the fused AdamW, autograd
with the default one.
"""

import argparse
import math
import time

from harness import Clock, parser, show

# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parser(__doc__, steps=20_000, hidden="128,64", batch=32).parse_args()

import torch
from torch import Tensor

OBSERVATIONS, ACTIONS, TIME_LIMIT = 2, 3, 200
CAPACITY = 1_000_000
GAMMA, EPSILON, SYNC_EPISODES = 0.99, 0.01, 10
LEARNING_RATE, WEIGHT_DECAY, BETA_1, BETA_2, ADAM_EPSILON = 1e-3, 0.01, 0.9, 0.999, 1e-8
STEPS_PER_DRAW = 1_000


class Layout:
    """Where a flat vector has the weights [inputs, outputs] and biases [outputs] of each layer."""

    def __init__(self, sizes: list[int]) -> None:
        self.shapes = list(zip(sizes, sizes[1:]))
        self.counts = [count for a, b in self.shapes for count in (a * b, b)]

    def layers(self, flat: Tensor) -> list[tuple[Tensor, Tensor]]:
        parts = flat.split(self.counts)
        return [(weights.view(shape), biases)
                for shape, weights, biases in zip(self.shapes, parts[::2], parts[1::2])]

    def initial(self) -> Tensor:
        return torch.cat([
            torch.empty(a * b + b).uniform_(-(a**-0.5), a**-0.5) for a, b in self.shapes])


def layer_inputs(layers: list[tuple[Tensor, Tensor]], x: Tensor) -> list[Tensor]:
    """What goes into every layer, and what comes out of the last."""
    inputs = [x]
    for index, (weights, biases) in enumerate(layers):
        x = torch.addmm(biases, x, weights)
        inputs.append(x.relu() if index < len(layers) - 1 else x)
    return inputs


def make_update(layout: Layout):
    """The compiled update. `draw` is [3, batch]: row, coin and action."""

    @torch.compile
    def update(network: Tensor, target: Tensor, means: Tensor, squares: Tensor, memory: Tensor,
               draw: Tensor, size: Tensor, count: Tensor) -> None:
        layers = layout.layers(network)
        rows = memory[(draw[0] * size).long()]
        observations, actions, dones, following = rows.split([2, 1, 1, 4], dim=1)
        following = following[:, :2]

        next_actions = torch.where(
            draw[1] < EPSILON, (draw[2] * ACTIONS).long(),
            layer_inputs(layers, following)[-1].argmax(dim=1))
        next_values = layer_inputs(layout.layers(target), following)[-1]
        next_values = next_values.gather(1, next_actions[:, None])
        targets = (1 - dones) * GAMMA * next_values - 1

        *inputs, outputs = layer_inputs(layers, observations)
        taken = torch.arange(ACTIONS) == actions
        error = torch.where(taken, (outputs - targets) * (2 / len(rows)), 0.0)
        parts = []
        for index in reversed(range(len(layers))):
            parts = [(inputs[index].T @ error).flatten(), error.sum(dim=0), *parts]
            if index > 0:
                error = (error @ layers[index][0].T) * (inputs[index] > 0)

        gradient = torch.cat(parts)
        means.lerp_(gradient, 1 - BETA_1)
        squares.lerp_(gradient * gradient, 1 - BETA_2)
        step = LEARNING_RATE / (1 - BETA_1**count)
        divisor = squares.sqrt() * (1 - BETA_2**count).rsqrt() + ADAM_EPSILON
        network.mul_(1 - LEARNING_RATE * WEIGHT_DECAY).sub_(step * means / divisor)

    return update


@torch.no_grad()
def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    batch = arguments.batch_size

    layout = Layout([OBSERVATIONS, *arguments.hidden_sizes, ACTIONS])
    network = layout.initial()
    target, layers = network.clone(), layout.layers(network)
    means, squares = torch.zeros_like(network), torch.zeros_like(network)
    # Rows of state, action, done, next state and two zeros.
    memory = torch.zeros(CAPACITY, 8)
    update = make_update(layout)

    started = time.perf_counter()
    first_draw = torch.zeros(3, batch)
    update(network.clone(), target, means.clone(), squares.clone(), memory, first_draw,
           torch.ones(()), torch.ones(()))
    compile_seconds = time.perf_counter() - started

    # Nothing about the tensors changes any more, so compiled code need not check its assumptions.
    torch.compiler.set_stance(skip_guard_eval_unsafe=True)
    clock = Clock(warm_up_steps=10 * batch + 1_000)
    episodes, episode_steps = 0, 0
    position, velocity = -0.4 - 0.2 * torch.rand(()).item(), 0.0
    observation = torch.tensor([[position, velocity]])
    for step in range(arguments.steps):
        turn = step % STEPS_PER_DRAW
        if turn == 0:
            coins = torch.rand(STEPS_PER_DRAW, 3).tolist()
            draws = torch.rand(STEPS_PER_DRAW, 3, batch).unbind()
            counts = torch.arange(step + 1, step + 1 + STEPS_PER_DRAW, dtype=torch.float32)
            sizes = counts.clamp(max=CAPACITY).unbind()
            updates = (counts - (10 * batch - 1)).unbind()
        coin, random_action, start = coins[turn]
        if coin < EPSILON:
            action = int(random_action * ACTIONS)
        else:
            action = int(layer_inputs(layers, observation)[-1].argmax())

        row = [position, velocity, action]
        velocity += (action - 1) * 0.001 - 0.0025 * math.cos(3 * position)
        velocity = min(max(velocity, -0.07), 0.07)
        position = min(max(position + velocity, -1.2), 0.6)
        if position == -1.2 and velocity < 0:
            velocity = 0.0
        episode_steps += 1
        done = position >= 0.5 or episode_steps == TIME_LIMIT
        memory[step % CAPACITY] = torch.tensor([*row, done, position, velocity, 0.0, 0.0])
        if step + 1 >= 10 * batch:
            update(network, target, means, squares, memory, draws[turn], sizes[turn], updates[turn])
        if done:
            position, velocity = 0.2 * start - 0.6, 0.0
            episodes, episode_steps = episodes + 1, 0
            if episodes % SYNC_EPISODES == 0:
                target.copy_(network)
        observation = torch.tensor([[position, velocity]])
        clock.count()

    show({
        **clock.stop(),
        "episodes": episodes,
        "finite": bool(network.isfinite().all()),
        "compile_seconds": compile_seconds,
        "threads": torch.get_num_threads(),
    }, ["torch"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
