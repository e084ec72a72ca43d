"""Train with settings that cover every flag, and hold digests of what was written against signatures.json.

    make signature
    make signature OPTIONS=--accept        # write the digests of these kernels into signatures.json

A change that must not alter results must leave every digest as it is. Each run spells out all of its
settings, so that other defaults change nothing; it trains at most 3,000 steps. A digest covers the bytes of
both models, both CSV files, and a rollout of the trained network.

OpenBLAS's kernels differ in their last bits, so digests are kept for each version and core type; those of
an unknown one are printed and not judged. Needs nothing but Python's standard library.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ACCEPTED = Path(__file__).with_name("signatures.json")
FILES = ["model.safetensors", "best.safetensors", "episodes.csv", "evaluations.csv"]

# None leaves a flag out, True and False are a switch and its opposite.
BASE: dict[str, object] = {
    "seed": 5, "exp-name": "signature", "evaluation-every": 1000, "evaluation-episodes": 3,
    "algorithm": "replay", "total-timesteps": 2000, "num-envs": 1,
    "input-scaling": "none", "reward-scaling": "none",
    "hidden-sizes": "64,32", "activation": "relu", "layer-norm": False, "dueling": False,
    "initializer": "pytorch",
    "optimizer": "adamw", "learning-rate": 1e-3, "weight-decay": 0.01, "adam-beta1": 0.9,
    "adam-beta2": 0.999, "adam-eps": 1e-8, "loss": "mse",
    "buffer-size": 10000, "batch-size": 32, "learning-starts": 200, "train-frequency": 1,
    "start-e": 1, "end-e": 0.05, "exploration-steps": 1000, "exploration-decay": "linear",
    "gamma": 0.99, "target-network-frequency": 200, "tau": 1,
    "next-action": "resampled", "selection": "online", "time-limit": "bootstrap",
}
ADAM = {"optimizer": "adam", "weight-decay": None}
SGD = {"optimizer": "sgd", "adam-beta1": None, "adam-beta2": None, "adam-eps": None, "momentum": 0,
       "nesterov": False, "learning-rate": 1e-2}
RMSPROP = {"optimizer": "rmsprop", "weight-decay": None, "adam-beta1": None, "adam-beta2": None,
           "adam-eps": 1e-5, "momentum": 0, "rmsprop-alpha": 0.95, "centered": False}
BOLTZMANN = {"start-e": None, "end-e": None, "temperature": 2, "end-temperature": 0.1}
# What the algorithms without a memory do not take.
WITHOUT_MEMORY = {name: None for name in (
    "buffer-size", "batch-size", "learning-starts", "train-frequency", "target-network-frequency", "tau", "selection")}
PARALLEL = WITHOUT_MEMORY | ADAM | {
    "algorithm": "parallel", "num-envs": 8, "num-steps": 16, "update-epochs": 2, "num-minibatches": 4,
    "lambda": 0.7, "next-action": "expected", "optimizer": "radam"}
STREAMING = WITHOUT_MEMORY | SGD | {
    "algorithm": "streaming", "next-action": "stored", "lambda": 0.8, "traces": "accumulating", "parity": "none",
    "kappa": 2, "learning-rate": 1, "weight-decay": 0}
LINEAR = {"hidden-sizes": "none", "learning-rate": 0.1, "kappa": 0}
# Flags that change nothing in a digest, and the one that needs a file.
ELSEWHERE = {"--learning-interval", "--checkpoint-every", "--keep-replay", "--tensorboard-tags",
             "--final-episodes", "--initial-model"}


def flags(**settings: object) -> dict[str, object]:
    return {name.replace("_", "-"): value for name, value in settings.items()}


# The name, the environment, its arguments, and what differs from BASE.
RUNS: dict[str, tuple[str, list[str], dict[str, object]]] = {
    "lecture": ("CartPole-v1", [], {}),
    "stored": ("CartPole-v1", [], flags(next_action="stored", num_envs=3, buffer_size=701)),
    "expected": ("MountainCar-v0", [], flags(next_action="expected", selection="target", **{"loss": "huber",
                 "huber-threshold": 0.5})),
    "greedy": ("CartPole-v0", [], flags(next_action="greedy", num_envs=4, train_frequency=2)),
    "q-learning": ("Acrobot-v1", [], flags(next_action="greedy", selection="target",
                   target_network_frequency=100)),
    "terminal": ("MountainCar-v0", ["max_episode_steps=50"], flags(time_limit="terminal", tau=0.5)),
    "soft": ("CartPole-v1", [], flags(target_network_frequency=1, tau=0.01)),
    "episodes": ("CartPole-v1", [], flags(target_network_frequency=None, target_network_episodes=3)),
    "budget of episodes": ("CartPole-v1", [], flags(total_timesteps=None, episodes=60)),
    "both budgets": ("CartPole-v1", [], flags(episodes=40)),
    "adam": ("CartPole-v1", [], ADAM | flags(learning_rate=3e-3, adam_beta1=0.8, adam_beta2=0.99)),
    "clipped": ("CartPole-v1", [], ADAM | flags(max_grad_norm=0.5, batch_size=33)),
    "sgd": ("CartPole-v1", [], SGD | flags(end_learning_rate=1e-3, learning_rate_decay="linear",
            learning_rate_steps=1000)),
    "momentum": ("CartPole-v1", [], SGD | flags(momentum=0.9, weight_decay=1e-4)),
    "nesterov": ("CartPole-v1", [], SGD | flags(momentum=0.9, nesterov=True)),
    "rmsprop": ("CartPole-v1", [], RMSPROP),
    "centred": ("CartPole-v1", [], RMSPROP | flags(centered=True, momentum=0.5)),
    "learning rate": ("CartPole-v1", [], flags(end_learning_rate=1e-5, learning_rate_decay="cosine",
                      learning_rate_steps=1500)),
    "exponential": ("CartPole-v1", [], flags(end_learning_rate=1e-5, learning_rate_decay="exponential",
                    learning_rate_steps=1800, exploration_decay="exponential",
                    exploration_steps=None, exploration_fraction=0.4)),
    "boltzmann": ("CartPole-v1", [], BOLTZMANN | flags(exploration_decay="cosine")),
    "boltzmann expected": ("CartPole-v1", [], BOLTZMANN | flags(next_action="expected", num_envs=2)),
    "constant epsilon": ("CartPole-v1", [], flags(start_e=None, end_e=None, exploration_steps=None,
                         exploration_decay=None, epsilon=0.1)),
    "dueling": ("CartPole-v1", ["sutton_barto_reward=true"], flags(dueling=True, activation="tanh",
                initializer="orthogonal")),
    "normalised": ("FrozenLake-v1", ["is_slippery=false"], flags(layer_norm=True, activation="silu",
                   initializer="he")),
    "dueling normalised": ("Taxi-v4", ["is_rainy=true", "action_masks=false"], flags(dueling=True, layer_norm=True,
                           activation="dsilu", initializer="sparse", hidden_sizes="48")),
    "linear": ("Maze-v0", ["start=\"anywhere\""], flags(hidden_sizes="none", initializer="xavier",
               learning_rate=1e-2)),
    "leaky": ("Blackjack-v1", ["sab=true"], flags(activation="leaky-relu", hidden_sizes="17,9,5")),
    "identity": ("CliffWalking-v1", ["max_episode_steps=100"], flags(activation="identity",
                 learning_starts=50)),
    "MinAtar": ("MinAtar/Breakout-v1", ["max_episode_steps=400"], flags(batch_size=16, num_envs=2,
                total_timesteps=1500)),
    "Seaquest": ("MinAtar/Seaquest-v0", ["difficulty_ramping=false"], flags(total_timesteps=1200,
                 next_action="expected", buffer_size=500)),
    "bsuite": ("bsuite/DeepSea-v0", ["size=6"], flags(next_action="stored", gamma=1)),
    "catch": ("bsuite/Catch-v0", [], flags(num_envs=5, train_frequency=3, learning_starts=64)),
    "stop": ("CartPole-v1", [], flags(stop_at_return=15, evaluation_every=500)),
    "description": ("CartPole-v1", [], flags(hidden_sizes=None, activation=None, layer_norm=None, dueling=None,
                    network="4 > dense 32 > plain-layer-normalization tanh > dense 3 > dueling")),
    "three steps": ("CartPole-v1", [], flags(n_step=3, returns="n-step", num_envs=2)),
    "λ-returns": ("CartPole-v1", [], flags(n_step=5, returns="lambda", **{"lambda": 0.7}, next_action="stored")),
    "tree backup": ("CartPole-v1", [], flags(n_step=4, returns="tree-backup", next_action="expected")),
    "Q(σ)": ("CartPole-v1", [], flags(n_step=4, returns="q-sigma", sigma=0.3, next_action="expected")),
    "Retrace": ("MountainCar-v0", ["max_episode_steps=40"], flags(n_step=4, returns="retrace", **{"lambda": 0.9},
                next_action="expected", num_envs=3)),
    "Q^π(λ)": ("CartPole-v1", [], flags(n_step=4, returns="q-pi-lambda", next_action="expected", buffer_size=701)),
    "priorities": ("CartPole-v1", [], flags(priority_exponent=0.6, priority_correction=0.5, n_step=2,
                   buffer_size=701)),
    "εz": ("MountainCar-v0", [], flags(ez_greedy=True, epsilon_spread=2, num_envs=3, next_action="stored")),
    "bounds": ("CartPole-v1", [], flags(input_scaling="bounds", input_low="-2.4,-3,-0.21,-3",
               input_high="2.4,3,0.21,3", reward_scale=0.1, reward_limit=0.05)),
    "running": ("Acrobot-v1", [], flags(input_scaling="running", reward_scaling="running", layer_norm=True,
                layer_norm_affine=False)),
    "masks and frames": ("Taxi-v4", ["frame_stack=2", "time_aware=true"], flags(next_action="expected", n_step=3)),
    "parallel": ("CartPole-v1", [], PARALLEL | flags(layer_norm=True, max_grad_norm=10, total_timesteps=3000)),
    "parallel stored": ("Acrobot-v1", [], PARALLEL | flags(next_action="stored", epsilon_spread=1,
                        input_scaling="running", total_timesteps=3000)),
    "convolution": ("MinAtar/Asterix-v1", [], PARALLEL | flags(filters="8,4", layer_norm=True, hidden_sizes="32")),
    "convolution from a memory": ("MinAtar/Freeway-v1", [], flags(filters="8", hidden_sizes="32", num_envs=2,
                                  buffer_size=701, total_timesteps=1200)),
    "streaming": ("CartPole-v1", [], STREAMING | flags(initializer="sparse", input_scaling="running",
                  reward_scaling="running", activation="leaky-relu", trace_cut="exploratory")),
    "streaming as published": ("Acrobot-v1", [], STREAMING | flags(parity="streaming-drl", activation="leaky-relu",
                               initializer="streaming-drl", time_limit="terminal")),
    "replacing": ("FrozenLake-v1", [], STREAMING | LINEAR | flags(traces="replacing")),
    "dutch": ("FrozenLake-v1", [], STREAMING | LINEAR | flags(traces="dutch", trace_cut="never")),
}


def command(environment: str, environment_arguments: list[str], changes: dict[str, object]) -> list[str]:
    """What the program is given."""
    result = ["train", environment, "--preset", "general"]
    for argument in environment_arguments:
        result += ["--env-arg", argument]
    for flag, value in (BASE | changes).items():
        if value is None:
            continue
        if isinstance(value, bool):
            result.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            result += [f"--{flag}", str(value)]
    return result


def commands() -> dict[str, list[str]]:
    """Every run by name."""
    preset = ["train", "MountainCar-v0", "--preset", "notebook", "--seed", "1", "--total-timesteps", "3000",
              "--evaluation-every", "1000", "--evaluation-episodes", "2"]
    return {"notebook": preset} | {name: command(*run) for name, run in RUNS.items()}


def uncovered(program: str) -> list[str]:
    """The flags that no run has, and the words that a flag may be and is in no run."""
    pairs = {(flag, value) for words in commands().values() for flag, value in zip(words, [*words[1:], ""])}
    given = {flag.replace("--no-", "--") for flag, _ in pairs}
    listed = subprocess.run([program, "settings", "--json"], capture_output=True, check=True).stdout
    result = []
    for setting in json.loads(listed):
        names = setting["flags"]
        if ELSEWHERE.intersection(names):
            continue
        if not given.intersection(names):
            result.append(names[0])
        elif re.fullmatch(r"[\w-]+(, [\w-]+)+", setting["allowed"]):
            result += [f"{names[0]} {word}" for word in setting["allowed"].split(", ")
                       if not any((name, word) in pairs for name in names)]
    return result


def digest(program: str, words: list[str], folder: str, variables: dict[str, str]) -> str:
    """A digest of one run and of the greedy rollout of its network."""
    def run(*words: str) -> bytes:
        process = subprocess.run([program, *words], capture_output=True, env=variables)
        if process.returncode:
            sys.exit(f"signature: {' '.join(words)}: {process.stderr.decode()}")
        return process.stdout

    path = Path(run(*words, "--quiet", "--output", folder).decode().splitlines()[-1])
    content = hashlib.sha256()
    for file in FILES:
        content.update((path / file).read_bytes())
    content.update(run("rollout", words[1], "--policy", str(path), "--seed", "3", "--steps", "200", "--json"))
    return content.hexdigest()[:16]


def key(folder: str) -> str:
    """OpenBLAS's version and core type, as a run recorded them."""
    config = next(Path(folder).rglob("config.yaml")).read_text(encoding="utf-8")
    version, core = (re.search(rf'^ *{name}: "?(.*?)"?$', config, re.MULTILINE)[1]
                     for name in ("openBLAS", "openBLASCore"))
    return f"{' '.join(version.split()[:2])} {core}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accept", action="store_true", help="write the digests into signatures.json")
    parser.add_argument("--core", help="OpenBLAS's core type (default: its own choice, or the environment's)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    options = parser.parse_args()

    variables = dict(os.environ) | ({"OPENBLAS_CORETYPE": options.core} if options.core else {})
    if missing := uncovered(options.program):
        sys.exit(f"signature: no run has {', '.join(missing)}; add one to RUNS in {Path(__file__).name}")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        runs = commands()
        found = dict(zip(runs, pool.map(
            lambda name: digest(options.program, runs[name], f"{folder}/{name}", variables), runs)))
        machine = key(folder)

    accepted = json.loads(ACCEPTED.read_text(encoding="utf-8"))
    if options.accept:
        accepted[machine] = found
        ACCEPTED.write_text(json.dumps(accepted, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"signature: {len(found)} digests accepted for {machine}")
    elif machine not in accepted:
        print(f"signature: there are no digests for {machine}: {len(found)} runs were not judged")
    else:
        changed = [name for name in found if found[name] != accepted[machine].get(name)]
        if changed:
            sys.exit(f"signature: {len(changed)} of {len(found)} runs differ for {machine}: "
                     + ", ".join(changed))
        print(f"signature: {len(found)} runs are the same for {machine}")


if __name__ == "__main__":
    main()
