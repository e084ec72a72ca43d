"""Hold trained networks against PyTorch, with the loader of docs/play.py and the one of README.

    make pytorch

Trains small networks with every layer and activation, plays each by `deep-sarsa rollout --policy`, and
computes the same action values in PyTorch: the action that was played must have the highest value.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Where two values are closer than this, rounding decides which action is greedy.
TIE = 1e-4
NETWORKS = {
    "plain": [],
    "linear": ["--hidden-sizes", "none"],
    "normalised": ["--layer-norm"],
    "dueling": ["--dueling", "--activation", "tanh"],
    "dueling, normalised": ["--dueling", "--layer-norm", "--activation", "silu"],
    "leaky": ["--activation", "leaky-relu", "--hidden-sizes", "16"],
    "scaled by bounds": ["--input-scaling", "bounds"],
    "scaled by statistics": ["--input-scaling", "running", "--layer-norm"],
    "dsilu": ["--activation", "dsilu", "--layer-norm", "--hidden-sizes", "32,24,16"],
}
BOARDS = {
    "convolutions": ["--filters", "8,4", "--hidden-sizes", "16"],
    "plainly normalised": ["--filters", "8", "--no-layer-norm-affine", "--input-scaling", "running"],
    "not normalised": ["--filters", "8", "--no-layer-norm", "--dueling"],
    "stride, a whole board normalised": [
        "--network", "10x10x4 > convolution 8 3 stride 2 > layer-normalization tanh > dense 3"],
    "dense": ["--network", "10x10x4 > dense 16 > layer-normalization relu > dense 3"],
}


def run(*arguments: str) -> str:
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def train(program: str, folder: Path, environment: str, flags: list[str]) -> Path:
    """A new run folder."""
    output = run(program, "train", environment, *flags, "--steps", "2000", "--learning-starts", "200",
                 "--evaluation-every", "2000", "--evaluation-episodes", "2", "--quiet",
                 "--output", str(folder))
    return Path(output.splitlines()[-1])


def compare(program: str, environment: str, folder: Path, load) -> int:
    """How many actions of a rollout are PyTorch's greedy ones; all must be."""
    import torch

    network, _ = load(str(folder / "model.safetensors"))
    lines = [json.loads(line) for line in run(
        program, "rollout", environment, "--policy", str(folder), "--steps", "400",
        "--json").splitlines()]
    played = 0
    for before, after in zip(lines, lines[1:]):
        if after["action"] is None:
            continue
        observation = before["observation"]
        if isinstance(observation, int):
            inputs = network.q_network[0].in_features
            observation = [float(i == observation) for i in range(inputs)]
        with torch.no_grad():
            values = network(torch.tensor(observation, dtype=torch.float32))
        if values.max() - values[after["action"]] > TIE * (1 + values.abs().max()):
            sys.exit(f"pytorch: {folder.name}: action {after['action']} was played, "
                     f"and the values are {values.tolist()}")
        played += 1
    return played


def readme(folder: Path) -> None:
    """README's own lines load a run's model."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
               if "load_state_dict" in block]
    (path,) = re.findall(r'load_file\("(.*?)"\)', code)
    exec(code.replace(path, str(folder / "model.safetensors")), {})
    print("README's lines load", folder.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / ".build/release/deep-sarsa"))
    options = parser.parse_args()

    sys.path.insert(0, str(ROOT / "docs"))
    from play import load

    with tempfile.TemporaryDirectory() as temporary:
        for name, flags, environment in (
                *((*network, each) for network in NETWORKS.items() for each in ("CartPole-v1", "FrozenLake-v1")),
                *((*network, "MinAtar/Breakout-v1") for network in BOARDS.items())):
            folder = train(options.program, Path(temporary), environment, ["--preset", "general", *flags])
            count = compare(options.program, environment, folder, load)
            print(f"{name}, {environment}: {count} actions agree")
        readme(train(options.program, Path(temporary), "MountainCar-v0", ["--preset", "notebook"]))


if __name__ == "__main__":
    main()
