"""Load a trained network in PyTorch, and watch it play in Gymnasium.

    pip install torch safetensors "gymnasium[classic-control]"
    python docs/play.py RUN                          # a run folder: its best network, in a window
    python docs/play.py MODEL --render ansi          # in the terminal, for FrozenLake, Taxi and others
    python docs/play.py MODEL --render none --episodes 100

The environment must be one that Gymnasium can make. `load` works for every network that deep-sarsa
writes. A plain network needs even less:

    model = torch.nn.Sequential(
        torch.nn.Linear(4, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64), torch.nn.ReLU(),
        torch.nn.Linear(64, 2))
    torch.nn.Sequential(OrderedDict(q_network=model)).load_state_dict(
        safetensors.torch.load_file("model.safetensors"))
"""

import argparse
import json
import math
import os
import sys


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a run folder, or its model.safetensors or best.safetensors")
    parser.add_argument("--episodes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="what the first reset gets")
    parser.add_argument("--render", choices=["human", "ansi", "none"], default="human",
                        help="human opens a window")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import gymnasium
import torch
from safetensors import safe_open


class Dueling(torch.nn.Module):
    """Action values from a state's value, in column 0, and its actions' advantages."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value, advantages = x[..., :1], x[..., 1:]
        return value + advantages - advantages.mean(dim=-1, keepdim=True)


class DSiLU(torch.nn.Module):
    """The derivative of SiLU."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sigmoid = torch.sigmoid(x)
        return sigmoid * (1 + x * (1 - sigmoid))


class InputScaling(torch.nn.Module):
    """Observations scaled as in training."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(columns))
        self.register_buffer("scale", torch.ones(columns))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.offset) * self.scale


class CellNorm(torch.nn.LayerNorm):
    """Layer normalisation of each cell's channels; PyTorch has channels first."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.movedim(-3, -1)).movedim(-1, -3)


class Agent(torch.nn.Module):
    """A Q-network of rows of numbers, and the scaling of its inputs if it was trained with one.

    The shape of a row is one number, or height, width and channels of a board.
    """

    def __init__(self, q_network: torch.nn.Sequential, shape: list[int], is_scaled: bool) -> None:
        super().__init__()
        self.q_network = q_network
        self.shape = shape
        self.input_scaling = InputScaling(math.prod(shape)) if is_scaled else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.input_scaling(x) if self.input_scaling else x
        if len(self.shape) == 3:
            x = x.unflatten(-1, self.shape).movedim(-1, -3)
        return self.q_network(x)


ACTIVATIONS = {"relu": torch.nn.ReLU, "leaky-relu": torch.nn.LeakyReLU, "tanh": torch.nn.Tanh,
               "silu": torch.nn.SiLU, "dsilu": DSiLU}


def load(path: str) -> tuple[Agent, dict[str, str]]:
    """The network in a model file with the scaling of its inputs, and the file's metadata.

    The metadata describes the network, such as "4 > dense 64 > layer-normalization relu > dense 2".
    Every layer, every activation and the dueling head have a place of their own in the Sequential, and so has
    the flattening of a board before a dense layer.
    """
    if os.path.isdir(path):
        path = os.path.join(path, "best.safetensors")
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    inputs, *layers = metadata["network"].split(" > ")
    observation = shape = [int(side) for side in inputs.split("x")]
    modules = []
    for layer in layers:
        kind, *words = layer.split()
        sides = [shape[-1], *shape[:-1]]
        if kind == "dense":
            if len(shape) == 3:
                modules.append(torch.nn.Flatten(-3))
            units = int(words.pop(0))
            modules.append(torch.nn.Linear(math.prod(shape), units))
            shape = [units]
        elif kind == "convolution":
            filters, size = int(words.pop(0)), int(words.pop(0))
            stride = int(words[1]) if words[:1] == ["stride"] else 1
            words = words[2:] if words[:1] == ["stride"] else words
            modules.append(torch.nn.Conv2d(shape[2], filters, size, stride))
            shape = [*((side - size) // stride + 1 for side in shape[:2]), filters]
        elif kind == "layer-normalization" and words[:1] == ["by-cell"]:
            modules.append(CellNorm(shape[2]))
            words.pop(0)
        elif kind == "layer-normalization":
            modules.append(torch.nn.LayerNorm(sides))
        elif kind == "plain-layer-normalization":
            modules.append(torch.nn.LayerNorm(sides, elementwise_affine=False))
        elif kind == "dueling":
            modules.append(Dueling())
            shape = [shape[0] - 1]
        else:
            sys.exit(f"{path}: a layer is '{kind}'; allowed: dense, convolution, layer-normalization, "
                     "plain-layer-normalization, dueling")
        modules += [ACTIVATIONS[word]() for word in words]
    agent = Agent(torch.nn.Sequential(*modules), observation, "input_scaling.offset" in tensors)
    agent.load_state_dict(tensors)
    return agent, metadata


def play(network: torch.nn.Module, environment: gymnasium.Env, seed: int | None) -> float:
    """The return of one episode of greedy actions."""
    space, total = environment.observation_space, 0.0
    observation, _ = environment.reset(seed=seed)
    while True:
        # Integers become one-hot, and arrays one row of numbers, as in training.
        row = torch.as_tensor(gymnasium.spaces.flatten(space, observation), dtype=torch.float32)
        with torch.no_grad():
            action = int(network(row).argmax()) + int(environment.action_space.start)
        observation, reward, terminated, truncated, _ = environment.step(action)
        total += float(reward)
        if environment.render_mode == "ansi":
            print(environment.render())
        if terminated or truncated:
            return total


def main(options: argparse.Namespace) -> None:
    network, metadata = load(options.model)
    print(network)
    # Modules of your own, as in gymnasium:module:Name-v0, are looked for in the working directory.
    sys.path.append(os.getcwd())
    arguments = json.loads(metadata.get("environment_arguments", "{}"))
    if options.render != "none":
        arguments["render_mode"] = options.render
    environment = gymnasium.make(metadata["environment"].removeprefix("gymnasium:"), **arguments)
    for episode in range(options.episodes):
        print("return", play(network, environment, options.seed if episode == 0 else None))
    environment.close()


if __name__ == "__main__":
    main(OPTIONS)
