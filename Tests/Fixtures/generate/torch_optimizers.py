"""Reference steps of PyTorch's optimisers, and its clipping of gradients by norm.

Every optimiser takes the same gradients, one step after another, by PyTorch's
implementation for single tensors.

Makes Tests/Fixtures/torch_optimizers.json. From the repository root:

    python Tests/Fixtures/generate/torch_optimizers.py
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "torch_optimizers.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from fixture_io import f32, f64, generator_info, write_json

SEED = 11
# Two vectors of eight, or one of sixteen, and one left over.
SIZE = 17
STEPS = 100
RECORDED_EVERY = 10
SMALLEST_SCALE, LARGEST_SCALE = 1e-4, 10.0
ZERO_SHARE = 0.05

OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "radam": torch.optim.RAdam,
    "adamw": torch.optim.AdamW,
}
NUMBERS = {
    "momentum": "momentum",
    "dampening": "dampening",
    "alpha": "alpha",
    "eps": "epsilon",
    "weight_decay": "weight_decay",
}
SWITCHES = ["nesterov", "centered"]
BUFFERS = ["momentum_buffer", "square_avg", "grad_avg", "exp_avg", "exp_avg_sq"]


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    learning_rate: float
    settings: dict[str, Any] = field(default_factory=dict)
    decays: bool = False

    def rate(self, step: int) -> float:
        """The learning rate of a step from 0; one that decays would reach zero after the last."""
        return self.learning_rate * (1 - step / STEPS) if self.decays else self.learning_rate


CASES = [
    Case("sgd", "sgd", 1e-2),
    Case("sgd_momentum", "sgd", 1e-2, {"momentum": 0.9}),
    Case("sgd_nesterov", "sgd", 2e-2, {"momentum": 0.9, "nesterov": True}, decays=True),
    Case("sgd_momentum_weight_decay", "sgd", 1e-2, {"momentum": 0.9, "weight_decay": 0.01}),
    Case("rmsprop", "rmsprop", 1e-2),
    Case("rmsprop_centered", "rmsprop", 1e-2, {"alpha": 0.95, "eps": 1e-2, "centered": True}),
    Case("rmsprop_momentum", "rmsprop", 1e-3, {"momentum": 0.9}),
    Case("rmsprop_centered_momentum", "rmsprop", 2e-3, {"centered": True, "momentum": 0.9}, decays=True),
    Case("adam", "adam", 1e-3),
    Case("adam_betas", "adam", 5e-2, {"betas": (0.8, 0.95), "eps": 1e-5}, decays=True),
    Case("radam", "radam", 1e-3),
    Case("radam_betas", "radam", 5e-3, {"betas": (0.8, 0.7), "eps": 1e-2}, decays=True),
    Case("adamw", "adamw", 1e-3),
    Case("adamw_betas_weight_decay", "adamw", 5e-2, {"betas": (0.5, 0.9), "weight_decay": 0.1}, decays=True),
]


def make_gradients() -> Tensor:
    """Noise at a scale of its own for every component, with zeros among it.

    Half way the scales change places, so that means which remember the first
    half are far too large or far too small for the second.
    """
    scales = torch.logspace(torch.tensor(SMALLEST_SCALE).log10(), torch.tensor(LARGEST_SCALE).log10(), SIZE)
    gradients = torch.randn(STEPS, SIZE)
    gradients[: STEPS // 2] *= scales
    gradients[STEPS // 2 :] *= scales.flip(0)
    gradients[torch.rand(STEPS, SIZE) < ZERO_SHARE] = 0
    # A component without a gradient from the first step, one for ever and one
    # for a while, and a step without any.
    gradients[:, 3] = 0
    gradients[:30, 12] = 0
    gradients[60] = 0
    return gradients


def hyperparameters(defaults: dict[str, Any]) -> dict[str, Any]:
    """All but the learning rate and the switches that no case turns on."""
    record: dict[str, Any] = {
        f"{ours}_f64": f64(defaults[theirs])[0] for theirs, ours in NUMBERS.items() if theirs in defaults
    }
    if "betas" in defaults:
        record["beta1_f64"], record["beta2_f64"] = f64(defaults["betas"])
    record |= {switch: defaults[switch] for switch in SWITCHES if switch in defaults}
    assert not defaults["maximize"] and not defaults.get("amsgrad", False)
    return record


def optimizer_case(case: Case, initial: Tensor, gradients: Tensor) -> dict[str, Any]:
    parameter = torch.nn.Parameter(initial.clone())
    # Without `foreach`, and with `fused` left at its default, each operation
    # of the update is one of its own.
    optimizer = OPTIMIZERS[case.kind]([parameter], lr=case.learning_rate, foreach=False, **case.settings)
    recorded = []
    for step, gradient in enumerate(gradients):
        optimizer.param_groups[0]["lr"] = case.rate(step)
        parameter.grad = gradient.clone()
        optimizer.step()
        assert parameter.isfinite().all()
        if (step + 1) % RECORDED_EVERY == 0:
            recorded.append({"steps": step + 1, "values_f32": f32(parameter.detach())})
    state = optimizer.state[parameter]
    return {
        "name": case.name,
        "optimizer": case.kind,
        "hyperparameters": hyperparameters(optimizer.defaults),
        "learning_rates_f64": f64([case.rate(step) for step in range(STEPS)]),
        "parameters": recorded,
        "state": {name: {"values_f32": f32(state[name])} for name in BUFFERS if state.get(name) is not None},
    }


def clipping_case(name: str, limit: float, vector: Tensor) -> dict[str, Any]:
    parameter = torch.nn.Parameter(torch.zeros_like(vector))
    parameter.grad = vector.clone()
    norm = clip_grad_norm_([parameter], limit, foreach=False)
    return {
        "name": name,
        "limit_f64": f64(limit)[0],
        "input_f32": f32(vector),
        "norm_f32": f32(norm),
        "output_f32": f32(parameter.grad),
    }


def with_norm(norm: float, size: int) -> Tensor:
    vector = torch.randn(size)
    return vector * (norm / vector.norm())


def clipping_cases() -> list[dict[str, Any]]:
    """PyTorch multiplies by min(1, limit / (norm + 1e-6)), which is below 1 at the limit already."""
    quarters = torch.tensor([0.25, -0.25, 0.25, 0.25])
    return [
        clipping_case("zero", 0.5, torch.zeros(5)),
        clipping_case("below 0.5", 0.5, with_norm(0.3, 17)),
        clipping_case("less than 1e-6 below 0.5", 0.5, torch.tensor([-0.4999995])),
        clipping_case("equal to 0.5", 0.5, quarters),
        clipping_case("above 0.5", 0.5, with_norm(3, 17)),
        clipping_case("far above 0.5", 0.5, with_norm(1e4, 133)),
        clipping_case("below 10", 10, with_norm(7, 33)),
        clipping_case("equal to 10", 10, torch.tensor([6.0, 0.0, -8.0])),
        clipping_case("above 10", 10, with_norm(25, 133)),
    ]


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    initial = torch.randn(SIZE)
    initial[5] = 0
    gradients = make_gradients()
    content = {
        "generator": generator_info(__file__, torch),
        "initial_f32": f32(initial),
        "gradients": [{"values_f32": f32(gradient)} for gradient in gradients],
        "cases": [optimizer_case(case, initial, gradients) for case in CASES],
        "clipping": clipping_cases(),
    }
    write_json(arguments.output, content)


if __name__ == "__main__":
    main(OPTIONS)
