"""Reference updates of a small Q-network by PyTorch, and a model file.

Makes Tests/Fixtures/torch_updates.json and Tests/Fixtures/torch_model.safetensors.
From the repository root:

    python Tests/Fixtures/generate/torch_updates.py
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[1]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=FIXTURES / "torch_updates.json")
    parser.add_argument("--model", type=Path, default=FIXTURES / "torch_model.safetensors")
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

import fixture_io
from fixture_io import f64, generator_info, write_json

SEED = 7
LEARNING_RATE = 1e-3
UPDATES = 10
UNWEIGHTED_UPDATES = 5
BATCH = 8
ACTIONS = 3
FORWARD_ROWS = 5
PREFIX = "q_network."


def f32(tensor: Tensor) -> list[int]:
    return fixture_io.f32(tensor.detach().numpy())


def named(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, Any]:
    return {name: {"shape": list(tensor.shape), "values_f32": f32(tensor)} for name, tensor in tensors}


def make_network() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, ACTIONS)
    )


def update(network: nn.Sequential, optimizer: torch.optim.Optimizer, weighted: bool) -> dict[str, Any]:
    states = torch.randn(BATCH, 2)
    actions = torch.randint(ACTIONS, (BATCH,))
    targets = torch.randn(BATCH)
    weights = torch.rand(BATCH) + 0.5 if weighted else torch.ones(BATCH)

    q = network(states)
    chosen = q.gather(1, actions.unsqueeze(1)).squeeze(1)
    loss = (weights * (chosen - targets) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    parameters = list(network.named_parameters())
    moments = {name: optimizer.state[parameter] for name, parameter in parameters}
    return {
        "states_f32": f32(states),
        "actions": actions.tolist(),
        "targets_f32": f32(targets),
        "weights_f32": f32(weights),
        "q_f32": f32(q),
        "loss_f32": f32(loss),
        "gradients": named((name, parameter.grad) for name, parameter in parameters),
        "parameters": named(parameters),
        "exp_avg": named((name, state["exp_avg"]) for name, state in moments.items()),
        "exp_avg_sq": named((name, state["exp_avg_sq"]) for name, state in moments.items()),
    }


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    network = make_network()
    initial = named(network.named_parameters())
    safetensors.torch.save_file(
        {PREFIX + name: tensor for name, tensor in network.state_dict().items()}, arguments.model
    )
    forward_inputs = torch.randn(FORWARD_ROWS, 2)
    with torch.no_grad():
        forward_outputs = network(forward_inputs)

    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE)
    defaults = optimizer.defaults
    updates = [update(network, optimizer, weighted=index >= UNWEIGHTED_UPDATES) for index in range(UPDATES)]
    content = {
        "generator": generator_info(__file__, torch, safetensors),
        "optimizer": {
            "learning_rate_f64": f64(defaults["lr"])[0],
            "beta1_f64": f64(defaults["betas"][0])[0],
            "beta2_f64": f64(defaults["betas"][1])[0],
            "epsilon_f64": f64(defaults["eps"])[0],
            "weight_decay_f64": f64(defaults["weight_decay"])[0],
        },
        "initial": initial,
        "forward": {"inputs_f32": f32(forward_inputs), "outputs_f32": f32(forward_outputs)},
        "updates": updates,
    }
    write_json(arguments.output, content)


if __name__ == "__main__":
    main(OPTIONS)
