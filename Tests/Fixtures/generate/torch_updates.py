"""Reference updates of a small Q-network by PyTorch, and a model file.

Makes Tests/Fixtures/torch_updates.json and Tests/Fixtures/torch_model.safetensors.
From the repository root:

    python Tests/Fixtures/generate/torch_updates.py
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

FIXTURES = Path(__file__).resolve().parents[1]

SEED = 7
LEARNING_RATE = 1e-3
UPDATES = 10
UNWEIGHTED_UPDATES = 5
BATCH = 8
ACTIONS = 3
FORWARD_ROWS = 5
PREFIX = "q_network."


def generator_info() -> dict[str, str]:
    return {
        "script": Path(__file__).name,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "safetensors": safetensors.__version__,
    }


def f32(tensor: Tensor) -> list[int]:
    array = tensor.detach().contiguous().numpy()
    assert array.dtype == np.float32
    return np.ascontiguousarray(array).view(np.uint32).ravel().tolist()


def f64(value: float) -> str:
    """The bit pattern as a string: JSON readers may round 64-bit numbers."""
    return str(int(np.float64(value).view(np.uint64)))


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Compact JSON with one top-level key per line, to keep diffs readable."""
    lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=FIXTURES / "torch_updates.json")
    parser.add_argument("--model", type=Path, default=FIXTURES / "torch_model.safetensors")
    arguments = parser.parse_args()

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
        "generator": generator_info(),
        "optimizer": {
            "learning_rate_f64": f64(defaults["lr"]),
            "beta1_f64": f64(defaults["betas"][0]),
            "beta2_f64": f64(defaults["betas"][1]),
            "epsilon_f64": f64(defaults["eps"]),
            "weight_decay_f64": f64(defaults["weight_decay"]),
        },
        "initial": initial,
        "forward": {"inputs_f32": f32(forward_inputs), "outputs_f32": f32(forward_outputs)},
        "updates": updates,
    }
    write_json(arguments.output, content)


if __name__ == "__main__":
    main()
