"""Reference values, losses and gradients of small networks by PyTorch.

Each network goes forward and backward once in float32, and once in float64
from the same float32 numbers.

Makes Tests/Fixtures/torch_layers.json. From the repository root:

    python Tests/Fixtures/generate/torch_layers.py
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "torch_layers.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import torch
from torch import Tensor, nn
from torch.nn.functional import huber_loss

from fixture_io import f32, f64, generator_info, write_json

SEED = 13
BATCH = 8
LEAKY_SLOPE = 0.01
# One row far from zero, where activations saturate.
ROW_SCALES = [1, 1, 1, 1, 1, 1, 1, 8]
# A first normalisation undoes scale, all but for a variance near its epsilon.
NORMALIZED_ROW_SCALES = [1, 1, 1, 1, 1, 0, 0.003, 100]
# Errors of both signs and sizes on both sides of each threshold.
ERRORS = [-2.3, -0.7, -0.3, 0.1, 0.4, 0.8, 1.4, 3.1]
# How near a kink a number may come, so that float32 and float64 stay on the
# same side of it.
KINK_MARGIN = 1e-3


class DSiLU(nn.Module):
    """The derivative of SiLU as an activation.

    S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural
    network function approximation in reinforcement learning", 2018,
    https://doi.org/10.1016/j.neunet.2017.12.012.
    """

    def forward(self, z: Tensor) -> Tensor:
        s = torch.sigmoid(z)
        return s * (1 + z * (1 - s))


class Dueling(nn.Module):
    """Action values from a state value, in column 0, and advantages.

    Z. Wang et al., "Dueling network architectures for deep reinforcement
    learning", 2016, https://doi.org/10.48550/arXiv.1511.06581.
    """

    def forward(self, z: Tensor) -> Tensor:
        value, advantages = z[:, :1], z[:, 1:]
        return value + advantages - advantages.mean(dim=1, keepdim=True)


MODULES: dict[str, Callable[..., nn.Module]] = {
    "linear": nn.Linear,
    "layer_norm": nn.LayerNorm,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(LEAKY_SLOPE),
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "dsilu": DSiLU,
    "dueling": Dueling,
}
KINKED = (nn.ReLU, nn.LeakyReLU)


@dataclass(frozen=True)
class Case:
    name: str
    modules: list[str]
    # The threshold of the Huber loss; without one the loss is the squared error.
    threshold: float | None = None


CASES = [
    *(Case(name, ["linear 3 7", name, "linear 7 4"]) for name in ("leaky_relu", "tanh", "silu", "dsilu")),
    Case(
        "layer_norm",
        ["linear 3 8", "layer_norm 8", "relu", "linear 8 5", "layer_norm 5", "tanh", "linear 5 4"],
    ),
    Case("layer_norm_first", ["layer_norm 3", "linear 3 6", "silu", "linear 6 2"]),
    Case("dueling", ["linear 3 6", "relu", "linear 6 5", "dueling"]),
    Case("huber_1", ["linear 3 6", "relu", "linear 6 3"], threshold=1.0),
    Case("huber_0.5", ["linear 3 6", "relu", "linear 6 3"], threshold=0.5),
]


@dataclass(frozen=True)
class Batch:
    inputs: Tensor
    actions: Tensor
    targets: Tensor
    weights: Tensor


def bits(key: str, tensor: Tensor) -> dict[str, Any]:
    """One entry whose key says the type; a single float64 number is not a list."""
    tensor = tensor.detach()
    if tensor.dtype == torch.float32:
        return {f"{key}_f32": f32(tensor)}
    return {f"{key}_f64": f64(tensor) if tensor.ndim > 0 else f64(tensor)[0]}


def named(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, Any]:
    return {name: {"shape": list(tensor.shape), **bits("values", tensor)} for name, tensor in tensors}


def make_network(modules: list[str]) -> nn.Sequential:
    network = nn.Sequential()
    for module in modules:
        kind, *sizes = module.split()
        network.append(MODULES[kind](*map(int, sizes)))
    for layer in network:
        if isinstance(layer, nn.LayerNorm):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.5, 0.5)
    return network


def chosen(q: Tensor, actions: Tensor) -> Tensor:
    return q.gather(1, actions.unsqueeze(1)).squeeze(1)


def away_from_kinks(network: nn.Sequential, inputs: Tensor) -> bool:
    values = inputs
    for layer in network:
        if isinstance(layer, KINKED) and values.abs().min() < KINK_MARGIN:
            return False
        values = layer(values)
    return True


def make_batch(network: nn.Sequential) -> Batch:
    """Rows for which no unit is at a kink; every action is chosen at least once."""
    columns = network[0].weight.shape[-1]
    scales = NORMALIZED_ROW_SCALES if isinstance(network[0], nn.LayerNorm) else ROW_SCALES
    with torch.no_grad():
        inputs = torch.randn(BATCH, columns) * torch.tensor(scales).unsqueeze(1)
        while not away_from_kinks(network, inputs):
            inputs = torch.randn(BATCH, columns) * torch.tensor(scales).unsqueeze(1)
        q = network(inputs)
        actions = (torch.arange(BATCH) % q.shape[1])[torch.randperm(BATCH)]
        targets = chosen(q, actions) + torch.tensor(ERRORS)[torch.randperm(BATCH)]
    return Batch(inputs, actions, targets, torch.rand(BATCH) + 0.5)


def evaluate(
    network: nn.Sequential, batch: Batch, threshold: float | None, dtype: torch.dtype
) -> dict[str, Any]:
    network = copy.deepcopy(network).to(dtype)
    targets, weights = batch.targets.to(dtype), batch.weights.to(dtype)
    q = network(batch.inputs.to(dtype))
    values = chosen(q, batch.actions)
    if threshold is None:
        losses = (values - targets) ** 2
    else:
        losses = huber_loss(values, targets, reduction="none", delta=threshold)
    loss = (weights * losses).mean()
    loss.backward()
    gradients = [(name, parameter.grad) for name, parameter in network.named_parameters()]
    assert all(gradient.count_nonzero() > 0 for _, gradient in gradients)
    return {
        **bits("q", q),
        **bits("loss", loss),
        **bits("errors", targets - values),
        "gradients": named(gradients),
    }


def network_case(case: Case) -> dict[str, Any]:
    network = make_network(case.modules)
    batch = make_batch(network)
    loss: dict[str, Any] = {"kind": "squared_error" if case.threshold is None else "huber"}
    if case.threshold is not None:
        loss["threshold_f64"] = f64(case.threshold)[0]
    return {
        "name": case.name,
        "modules": case.modules,
        "loss": loss,
        "parameters": named(network.named_parameters()),
        "inputs": {"shape": list(batch.inputs.shape), **bits("values", batch.inputs)},
        "actions": batch.actions.tolist(),
        **bits("targets", batch.targets),
        **bits("weights", batch.weights),
        "float32": evaluate(network, batch, case.threshold, torch.float32),
        "float64": evaluate(network, batch, case.threshold, torch.float64),
    }


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    content = {
        "generator": generator_info(__file__, torch),
        "leaky_slope_f64": f64(LEAKY_SLOPE)[0],
        "layer_norm_epsilon_f64": f64(nn.LayerNorm(1).eps)[0],
        "cases": [network_case(case) for case in CASES],
    }
    write_json(arguments.output, content)


if __name__ == "__main__":
    main(OPTIONS)
