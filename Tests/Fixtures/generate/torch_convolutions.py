"""Reference values, gradients and updates of small convolutional networks by PyTorch.

Each network takes ten steps of AdamW on a batch, in float32. Boards are written with their channels last, as
environments give them; PyTorch gets them with their channels first.

Makes Tests/Fixtures/torch_convolutions.json. From the repository root:

    python Tests/Fixtures/generate/torch_convolutions.py
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "torch_convolutions.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from fixture_io import f32, generator_info, write_json

SEED = 29
BATCH = 6
UPDATES = 10
LEARNING_RATE = 1e-3


class CellNorm(nn.Module):
    """Layer normalisation of each cell's channels, as flax has it for boards."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(channels) + 0.5)
        self.bias = nn.Parameter(torch.rand(channels) - 0.5)

    def forward(self, planes: Tensor) -> Tensor:
        cells = planes.permute(0, 2, 3, 1)
        return layer_norm(cells, cells.shape[-1:], self.weight, self.bias).permute(0, 3, 1, 2)


def cases() -> list[tuple[str, tuple[int, int, int], nn.Sequential]]:
    """The network as text, the board's height, width and channels, and the modules."""
    return [
        ("6x5x4 > convolution 7 3 relu > dense 9 relu > dense 3", (6, 5, 4),
         nn.Sequential(nn.Conv2d(4, 7, 3), nn.ReLU(), nn.Flatten(), nn.Linear(84, 9), nn.ReLU(),
                       nn.Linear(9, 3))),
        ("7x6x3 > convolution 5 2 stride 2 tanh > convolution 4 2 > layer-normalization silu > dense 2",
         (7, 6, 3),
         nn.Sequential(nn.Conv2d(3, 5, 2, stride=2), nn.Tanh(), nn.Conv2d(5, 4, 2),
                       nn.LayerNorm([4, 2, 2]), nn.SiLU(), nn.Flatten(), nn.Linear(16, 2))),
        ("4x4x2 > convolution 6 1 > layer-normalization by-cell relu > convolution 3 3 > dense 4", (4, 4, 2),
         nn.Sequential(nn.Conv2d(2, 6, 1), CellNorm(6), nn.ReLU(), nn.Conv2d(6, 3, 3), nn.Flatten(),
                       nn.Linear(12, 4))),
    ]


def named(tensors: Any) -> dict[str, Any]:
    return {name: {"shape": list(tensor.shape), "values_f32": f32(tensor.detach())} for name, tensor in tensors}


def network_case(text: str, sides: tuple[int, int, int], network: nn.Sequential) -> dict[str, Any]:
    initial = named((name, tensor.clone()) for name, tensor in network.named_parameters())
    boards = torch.randn(BATCH, *sides)
    actions = torch.arange(BATCH) % network[-1].out_features
    targets, weights = torch.randn(BATCH), torch.rand(BATCH) + 0.5
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE)
    updates = []
    for _ in range(UPDATES):
        q = network(boards.permute(0, 3, 1, 2))
        chosen = q.gather(1, actions.unsqueeze(1)).squeeze(1)
        loss = (weights * (chosen - targets) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        gradients = named((name, parameter.grad) for name, parameter in network.named_parameters())
        optimizer.step()
        updates.append({
            "q_f32": f32(q.detach()), "loss_f32": f32(loss.detach().reshape(1)), "gradients": gradients})
    return {
        "network": text,
        "initial": initial,
        "boards_f32": f32(boards),
        "actions": actions.tolist(),
        "targets_f32": f32(targets),
        "weights_f32": f32(weights),
        "updates": updates,
        "final": named(network.named_parameters()),
    }


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    content = {
        "generator": generator_info(__file__, torch),
        "learning_rate": LEARNING_RATE,
        "cases": [network_case(*case) for case in cases()],
    }
    write_json(arguments.output, content)


if __name__ == "__main__":
    main(OPTIONS)
