"""Deep SARSA on MountainCar-v0 as one jitted program: JAX at its best.

The work of notebook_pytorch.py with environment, memory, sampling and update inside one `lax.scan`.

    python Benchmarks/Peers/notebook_jax.py --steps 100000 --json
    python Benchmarks/Peers/notebook_jax.py --seeds 8 --together vmap --json
    python Benchmarks/Peers/notebook_jax.py --seeds 8 --together threads --json

What makes it fast was found by trial. The memory is one packed table whose row is written by
`dynamic_update_slice` into a donated carry: five arrays with `.at[].set` were copied every step.
The random numbers of a whole scan are drawn in one call, after which the kind of generator no
longer matters. The backward pass is written by hand, which gains a few per cent over `jax.grad`.
No gain, or a loss: unrolling the scan, parameters in one flat vector, one product for s and s',
`lax.cond` around the copy to the target, a scan of another length, fast mathematics, wider vectors,
XNNPACK, oneDNN, another scheduler.

Several seeds run either as one program under `vmap`, or as the program of one seed on a thread per
core, each of which takes one seed after another; that is the faster way on a processor.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from harness import Clock, parser, show


def parse_arguments() -> argparse.Namespace:
    options = parser(__doc__, steps=100_000, hidden="128,64", batch=32)
    options.add_argument("--seeds", type=int, default=1, help="seeds from --seed on")
    options.add_argument("--together", choices=["vmap", "threads"], default="vmap")
    options.add_argument("--capacity", type=int, default=1_000_000)
    options.add_argument("--generator", default="unsafe_rbg", help="rbg, threefry2x32")
    return options.parse_args()


# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parse_arguments()

import jax
import jax.numpy as jnp
from jax import Array, lax

OBSERVATIONS, ACTIONS, TIME_LIMIT = 2, 3, 200
GAMMA, EPSILON, SYNC_EPISODES = 0.99, 0.01, 10
LEARNING_RATE, WEIGHT_DECAY, BETA_1, BETA_2, ADAM_EPSILON = 1e-3, 0.01, 0.9, 0.999, 1e-8
STEPS_PER_CALL = 4_000

# A layer is a pair of weights [inputs, outputs] and biases [outputs].
Network = list[tuple[Array, Array]]


class State(NamedTuple):
    network: Network
    target: Network
    means: Network
    squares: Network
    # Rows of state (2), action, done, next state (2), and two zeros: half a cache line.
    memory: Array
    observation: Array
    steps: Array
    episode_steps: Array
    episodes: Array
    arrivals: Array


def make_state(key: Array, hidden: list[int], capacity: int) -> State:
    sizes = [OBSERVATIONS, *hidden, ACTIONS]
    key, start = jax.random.split(key)

    def layer(key: Array, inputs: int, outputs: int) -> tuple[Array, Array]:
        drawn = jax.random.uniform(key, (inputs + 1, outputs), minval=-1, maxval=1) / inputs**0.5
        return drawn[:-1], drawn[-1]

    keys = jax.random.split(key, len(sizes) - 1)
    network = [layer(*arguments) for arguments in zip(keys, sizes, sizes[1:])]
    return State(
        network, jax.tree.map(jnp.copy, network), jax.tree.map(jnp.zeros_like, network),
        jax.tree.map(jnp.zeros_like, network), jnp.zeros((capacity, 8)),
        first_observation(jax.random.uniform(start)), *(jnp.int32(0) for _ in range(4)))


def first_observation(coin: Array) -> Array:
    return jnp.stack([0.2 * coin - 0.6, jnp.zeros(())])


def environment_step(observation: Array, action: Array) -> tuple[Array, Array]:
    position, velocity = observation
    velocity = velocity + (action - 1) * 0.001 - 0.0025 * jnp.cos(3 * position)
    velocity = jnp.clip(velocity, -0.07, 0.07)
    position = jnp.clip(position + velocity, -1.2, 0.6)
    velocity = jnp.where((position == -1.2) & (velocity < 0), 0.0, velocity)
    return jnp.stack([position, velocity]), position >= 0.5


def layer_inputs(network: Network, x: Array) -> list[Array]:
    """What goes into every layer, and what comes out of the last."""
    inputs = [x]
    for weights, biases in network[:-1]:
        inputs.append(jax.nn.relu(inputs[-1] @ weights + biases))
    weights, biases = network[-1]
    return [*inputs, inputs[-1] @ weights + biases]


def values(network: Network, x: Array) -> Array:
    return layer_inputs(network, x)[-1]


def random_action(coins: Array) -> Array:
    return (coins * ACTIONS).astype(jnp.int32)


def act(state: State, coins: Array) -> State:
    """One step of the environment, remembered. Coins: explore, action, start."""
    greedy = jnp.argmax(values(state.network, state.observation[None])[0])
    action = jnp.where(coins[0] < EPSILON, random_action(coins[1]), greedy).astype(jnp.float32)
    following, arrived = environment_step(state.observation, action)
    done = arrived | (state.episode_steps + 1 >= TIME_LIMIT)
    row = jnp.concatenate([
        state.observation, jnp.stack([action, done.astype(jnp.float32)]), following, jnp.zeros(2)])
    return state._replace(
        memory=lax.dynamic_update_slice(
            state.memory, row[None], (state.steps % len(state.memory), 0)),
        observation=jnp.where(done, first_observation(coins[2]), following),
        steps=state.steps + 1,
        episode_steps=jnp.where(done, 0, state.episode_steps + 1),
        episodes=state.episodes + done,
        arrivals=state.arrivals + arrived)


def gradient(state: State, rows: Array, coins: Array) -> Network:
    """Of the mean squared error towards r + γ Q⁻(s', a'), with a' drawn anew. Coins: [2, batch]."""
    observations, actions, dones, following = rows[:, :2], rows[:, 2:3], rows[:, 3], rows[:, 4:6]
    next_actions = jnp.where(
        coins[0] < EPSILON, random_action(coins[1]),
        jnp.argmax(values(state.network, following), axis=1))
    chosen = jnp.arange(ACTIONS) == next_actions[:, None]
    next_values = jnp.sum(values(state.target, following) * chosen, axis=1)
    targets = -1 + (1 - dones) * GAMMA * next_values

    *inputs, outputs = layer_inputs(state.network, observations)
    taken = jnp.arange(ACTIONS) == actions
    error = taken * (outputs - targets[:, None]) * (2 / len(rows))
    gradients = []
    for index in reversed(range(len(inputs))):
        gradients.insert(0, (inputs[index].T @ error, jnp.sum(error, axis=0)))
        if index > 0:
            error = (error @ state.network[index][0].T) * (inputs[index] > 0)
    return gradients


def update(state: State, gradients: Network, count: Array) -> State:
    """AdamW, its `count`-th step."""
    means = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, state.means, gradients)
    squares = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, state.squares, gradients)
    step = LEARNING_RATE / (1 - BETA_1**count)
    scale = 1 / jnp.sqrt(1 - BETA_2**count)
    network = jax.tree.map(
        lambda p, m, v: (1 - LEARNING_RATE * WEIGHT_DECAY) * p
        - step * m / (jnp.sqrt(v) * scale + ADAM_EPSILON),
        state.network, means, squares)
    return state._replace(network=network, means=means, squares=squares)


def collect(state: State, key: Array, steps: int) -> State:
    coins = jax.random.uniform(key, (steps, 3))
    return lax.scan(lambda state, coins: (act(state, coins), None), state, coins)[0]


def train(state: State, key: Array, batch: int) -> State:
    """`STEPS_PER_CALL` steps, each with an update."""

    def step(state: State, coins: Array) -> tuple[State, None]:
        before = state.episodes
        state = act(state, coins[:3])
        rows, chances = coins[3:3 + batch], coins[3 + batch:].reshape(2, batch)
        size = jnp.minimum(state.steps, len(state.memory))
        rows = state.memory.at[(rows * size).astype(jnp.int32)].get(mode="promise_in_bounds")
        count = (state.steps - 10 * batch).astype(jnp.float32)
        state = update(state, gradient(state, rows, chances), count)
        due = (state.episodes != before) & (state.episodes % SYNC_EPISODES == 0)
        target = jax.tree.map(partial(jnp.where, due), state.network, state.target)
        return state._replace(target=target), None

    return lax.scan(step, state, jax.random.uniform(key, (STEPS_PER_CALL, 3 + 3 * batch)))[0]


def main(arguments: argparse.Namespace) -> None:
    jax.config.update("jax_default_prng_impl", arguments.generator)
    calls = max(1, round(arguments.steps / STEPS_PER_CALL))
    keys = jax.random.split(jax.random.key(arguments.seed), (arguments.seeds, calls + 3))
    # Under `vmap` one program has all seeds; else each seed has a run of its own.
    vmapped = arguments.seeds > 1 and arguments.together == "vmap"
    runs = [keys.T] if vmapped else list(keys)
    wrap = jax.vmap if vmapped else lambda function: function
    begin = jax.jit(wrap(partial(
        make_state, hidden=arguments.hidden_sizes, capacity=arguments.capacity)))
    first = jax.jit(wrap(partial(collect, steps=10 * arguments.batch_size)), donate_argnums=0)
    further = jax.jit(wrap(partial(train, batch=arguments.batch_size)), donate_argnums=0)

    started = time.perf_counter()
    state = jax.eval_shape(begin, runs[0][0])
    begin = begin.lower(runs[0][0]).compile()
    first = first.lower(state, runs[0][1]).compile()
    further = further.lower(state, runs[0][2]).compile()
    compile_seconds = time.perf_counter() - started

    def warm(run: Array) -> State:
        return jax.block_until_ready(further(first(begin(run[0]), run[1]), run[2]))

    def finish(state: State, run: Array) -> State:
        for key in run[3:]:
            state = further(state, key)
        return jax.block_until_ready(state)

    cores = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(min(len(runs), cores)) as pool:
        clock = Clock(warm_up_steps=1)
        states = list(pool.map(warm, runs))
        clock.count(arguments.seeds * (10 * arguments.batch_size + STEPS_PER_CALL))
        states = list(pool.map(finish, states, runs))
        clock.count(arguments.seeds * calls * STEPS_PER_CALL)
        report = clock.stop()

    finite = all(bool(jnp.isfinite(leaf).all())
                 for state in states for leaf in jax.tree.leaves(state.network))
    show({
        **report,
        "seeds": arguments.seeds,
        "episodes": sum(int(state.episodes.sum()) for state in states),
        "arrivals": sum(int(state.arrivals.sum()) for state in states),
        "finite": finite,
        "compile_seconds": compile_seconds,
        "generator": arguments.generator,
        "threads": cores,
        "flags": os.environ.get("XLA_FLAGS", ""),
    }, ["jax", "jaxlib"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
