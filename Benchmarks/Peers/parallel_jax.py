"""Parallel Q(λ) on CartPole-v1 as one jitted program: JAX at its best.

After the structure of PQN's authors (https://doi.org/10.48550/arXiv.2407.04811): a fixed network takes
some steps in many environments, λ-returns are computed backwards, and epochs of shuffled minibatches
follow, each an update by RAdam with a clipped gradient. Environments, returns and updates are inside
one `lax.scan`. A time limit bootstraps.

    python Benchmarks/Peers/parallel_jax.py --steps 1000000 --layer-norm --json

What makes it fast was found by trial. The random numbers of a call are drawn at once, and rows are
shuffled by sorting them. Parameters and moments are one vector, so that the optimiser is one loop. A loss:
a tree of parameters, gathering the rows of a whole pass before its minibatches, unrolling minibatches.
"""

import argparse
import os
import time
from functools import partial
from typing import NamedTuple

from harness import Clock, parser, show


def parse_arguments() -> argparse.Namespace:
    options = parser(__doc__, steps=1_000_000, hidden="128,64", batch=0)
    options.add_argument("--layer-norm", action="store_true")
    options.add_argument("--num-envs", type=int, default=32)
    options.add_argument("--num-steps", type=int, default=32)
    options.add_argument("--num-minibatches", type=int, default=16)
    options.add_argument("--update-epochs", type=int, default=2)
    options.add_argument("--generator", default="unsafe_rbg", help="rbg, threefry2x32")
    return options.parse_args()


# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parse_arguments()

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.flatten_util import ravel_pytree

OBSERVATIONS, ACTIONS, TIME_LIMIT = 4, 2, 500
GAMMA, LAMBDA, EPSILON = 0.99, 0.65, 0.05
LEARNING_RATE, BETA_1, BETA_2, RADAM_EPSILON, NORM_LIMIT = 1e-3, 0.9, 0.999, 1e-8, 10.0
SEGMENTS_PER_CALL = 32


class State(NamedTuple):
    network: Array
    means: Array
    squares: Array
    updates: Array
    observations: Array
    episode_steps: Array
    episodes: Array


class Rows(NamedTuple):
    """[steps, environments]"""
    observations: Array
    actions: Array
    # γ, or 0 at a termination; λ, or 0 at an end; the value of a truncated row's last observation.
    discounts: Array
    traces: Array
    values: Array
    last_values: Array


def make_network(key: Array, hidden: list[int], layer_norm: bool) -> list[dict[str, Array]]:
    sizes = [OBSERVATIONS, *hidden, ACTIONS]

    def layer(key: Array, inputs: int, outputs: int, is_last: bool) -> dict[str, Array]:
        drawn = jax.random.uniform(key, (inputs + 1, outputs), minval=-1, maxval=1) / inputs**0.5
        result = {"weights": drawn[:-1], "biases": drawn[-1]}
        if layer_norm and not is_last:
            result |= {"gain": jnp.ones(outputs), "shift": jnp.zeros(outputs)}
        return result

    keys = jax.random.split(key, len(sizes) - 1)
    return [layer(*each, index == len(hidden))
            for index, each in enumerate(zip(keys, sizes, sizes[1:]))]


def values(network: list[dict[str, Array]], x: Array) -> Array:
    for layer in network[:-1]:
        x = x @ layer["weights"] + layer["biases"]
        if "gain" in layer:
            mean = jnp.mean(x, axis=1, keepdims=True)
            variance = jnp.mean(jnp.square(x - mean), axis=1, keepdims=True)
            x = (x - mean) * lax.rsqrt(variance + 1e-5) * layer["gain"] + layer["shift"]
        x = jax.nn.relu(x)
    return x @ network[-1]["weights"] + network[-1]["biases"]


def environment_step(observations: Array, actions: Array) -> tuple[Array, Array]:
    """Euler's step of the pole and the cart, and whether either is out of bounds."""
    x, x_dot, theta, theta_dot = observations.T
    force = jnp.where(actions == 1, 10.0, -10.0)
    cos, sin = jnp.cos(theta), jnp.sin(theta)
    push = (force + 0.05 * theta_dot**2 * sin) / 1.1
    theta_acc = (9.8 * sin - cos * push) / (0.5 * (4.0 / 3.0 - 0.1 * cos**2 / 1.1))
    x_acc = push - 0.05 * theta_acc * cos / 1.1
    following = jnp.stack([x + 0.02 * x_dot, x_dot + 0.02 * x_acc,
                           theta + 0.02 * theta_dot, theta_dot + 0.02 * theta_acc], axis=1)
    return following, (jnp.abs(following[:, 0]) > 2.4) | (jnp.abs(following[:, 2]) > 0.2094395)


def collect(state: State, network: list[dict[str, Array]], coins: Array) -> tuple[State, Rows]:
    """A segment by a fixed network. Coins: [steps, environments, explore, action, start (4)]."""

    def step(carry: tuple[Array, Array], coins: Array) -> tuple[tuple[Array, Array], tuple]:
        observations, steps = carry
        q = values(network, observations)
        actions = jnp.where(coins[:, 0] < EPSILON, (coins[:, 1] * ACTIONS).astype(jnp.int32),
                            jnp.argmax(q, axis=1).astype(jnp.int32))
        following, terminated = environment_step(observations, actions)
        truncated = (steps + 1 >= TIME_LIMIT) & ~terminated
        ends = terminated | truncated
        last_values = lax.cond(
            jnp.any(truncated), lambda: jnp.max(values(network, following), axis=1),
            lambda: jnp.zeros(len(following)))
        rows = Rows(observations, actions, GAMMA * (1.0 - terminated), LAMBDA * (1.0 - ends),
                    jnp.max(q, axis=1), jnp.where(truncated, last_values, 0)), ends
        following = jnp.where(ends[:, None], 0.1 * coins[:, 2:] - 0.05, following)
        return (following, jnp.where(ends, 0, steps + 1)), rows

    (observations, steps), (rows, ends) = lax.scan(
        step, (state.observations, state.episode_steps), coins)
    state = state._replace(observations=observations, episode_steps=steps,
                           episodes=state.episodes + jnp.sum(ends))
    return state, rows


def returns(rows: Rows, last: Array) -> Array:
    """λ-returns, backwards; `last` is the value behind the last row, where no episode ended."""
    following = jnp.concatenate([rows.values[1:], last[None]])
    following = jnp.where(rows.traces > 0, following, rows.last_values)

    def back(after: Array, row: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        discount, trace, value = row
        result = 1.0 + discount * ((1 - trace) * value + trace * after)
        return result, result

    return lax.scan(back, last, (rows.discounts, rows.traces, following), reverse=True)[1]


def update(state: State, observations: Array, actions: Array, targets: Array,
           unravel) -> State:
    """RAdam's step down the squared error's clipped gradient."""

    def loss(network: Array) -> Array:
        q = values(unravel(network), observations)
        taken = jnp.sum(q * (jnp.arange(ACTIONS) == actions[:, None]), axis=1)
        return jnp.mean(jnp.square(targets - taken))

    gradient = jax.grad(loss)(state.network)
    gradient *= jnp.minimum(1, NORM_LIMIT / (jnp.linalg.norm(gradient) + 1e-6))
    means = state.means + (1 - BETA_1) * (gradient - state.means)
    squares = BETA_2 * state.squares + (1 - BETA_2) * gradient * gradient
    count = (state.updates + 1).astype(jnp.float32)
    left = BETA_2**count
    longest = 2 / (1 - BETA_2) - 1
    length = longest - 2 * count * left / (1 - left)
    rectifier = jnp.sqrt(jnp.maximum(
        (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length), 0)
        * (1 - left))
    size = LEARNING_RATE / (1 - BETA_1**count)
    has_root = length > 5
    denominator = jnp.where(has_root, jnp.sqrt(squares) + RADAM_EPSILON, 1)
    network = state.network - jnp.where(has_root, size * rectifier, size) * means / denominator
    return state._replace(network=network, means=means, squares=squares, updates=state.updates + 1)


def train(state: State, key: Array, options: argparse.Namespace, unravel) -> State:
    """`SEGMENTS_PER_CALL` segments, with all their updates."""
    steps, count = options.num_steps, options.num_envs
    epochs, minibatches = options.update_epochs, options.num_minibatches
    rows_count = steps * count
    acting, shuffling = jax.random.split(key)
    coins = jax.random.uniform(acting, (SEGMENTS_PER_CALL, steps, count, 6))
    orders = jnp.argsort(
        jax.random.uniform(shuffling, (SEGMENTS_PER_CALL, epochs, rows_count)), axis=2)

    def segment(state: State, drawn: tuple[Array, Array]) -> tuple[State, None]:
        coins, orders = drawn
        network = unravel(state.network)
        state, rows = collect(state, network, coins)
        targets = returns(rows, jnp.max(values(network, state.observations), axis=1))
        observations = rows.observations.reshape(rows_count, OBSERVATIONS)
        actions, targets = rows.actions.reshape(-1), targets.reshape(-1)

        def minibatch(state: State, places: Array) -> tuple[State, None]:
            return update(state, observations[places], actions[places], targets[places],
                          unravel), None

        return lax.scan(minibatch, state, orders.reshape(epochs * minibatches, -1))[0], None

    return lax.scan(segment, state, (coins, orders))[0]


def main(arguments: argparse.Namespace) -> None:
    jax.config.update("jax_default_prng_impl", arguments.generator)
    per_call = SEGMENTS_PER_CALL * arguments.num_steps * arguments.num_envs
    calls = max(1, round(arguments.steps / per_call))
    keys = jax.random.split(jax.random.key(arguments.seed), calls + 3)
    network, unravel = ravel_pytree(
        make_network(keys[0], arguments.hidden_sizes, arguments.layer_norm))
    state = State(network, jnp.zeros_like(network), jnp.zeros_like(network), jnp.int32(0),
                  jax.random.uniform(keys[1], (arguments.num_envs, OBSERVATIONS),
                                     minval=-0.05, maxval=0.05),
                  jnp.zeros(arguments.num_envs, jnp.int32), jnp.int32(0))
    further = jax.jit(partial(train, options=arguments, unravel=unravel), donate_argnums=0)

    started = time.perf_counter()
    further = further.lower(state, keys[2]).compile()
    compile_seconds = time.perf_counter() - started

    clock = Clock(warm_up_steps=1)
    state = jax.block_until_ready(further(state, keys[2]))
    clock.count(per_call)
    for key in keys[3:]:
        state = further(state, key)
    state = jax.block_until_ready(state)
    clock.count(calls * per_call)
    report = clock.stop()
    show({
        **report,
        "episodes": int(state.episodes),
        "mean_length": (calls + 1) * per_call / max(1, int(state.episodes)),
        "updates": int(state.updates),
        "finite": bool(jnp.isfinite(state.network).all()),
        "compile_seconds": compile_seconds,
        "generator": arguments.generator,
        "flags": os.environ.get("XLA_FLAGS", ""),
    }, ["jax", "jaxlib"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
