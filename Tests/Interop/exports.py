"""Hold what `deep-sarsa export` and `import` write against the programs that read it.

    make interop
    python3 Tests/Interop/exports.py [--program .build/release/deep-sarsa] [--states 10000]

Trains small networks with every kind of layer and every activation, and exports each in every format:

- numpy and the library safetensors read the bits of the model file;
- onnx checks the graph, and ONNX Runtime computes the action values of random observations;
- gcc and clang compile the C header without a warning, and so compute the same values.

The values are held against double precision in numpy, from the arrays: the error must be below 1e-5 of the
largest value. Then files as PyTorch writes them are imported, and must keep their bits. Last, TensorBoard and the
library safetensors read the curves and the checkpoint of a run. The exit code is 1 if anything differs.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

TOLERANCE = 1e-5
EPSILON = 1e-5
COMPILERS = ("gcc", "clang")
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror")
# An environment, a network, and further flags of training.
MODELS = {
    "linear": ("CartPole-v1", "4 > dense 2", []),
    "relu": ("CartPole-v1", "4 > dense 64 relu > dense 32 relu > dense 2", []),
    "leaky": ("MountainCar-v0", "2 > dense 16 leaky-relu > dense 3", ["--input-scaling", "bounds"]),
    "smooth": ("Acrobot-v1", "6 > dense 24 tanh > dense 16 silu > dense 8 dsilu > dense 3", []),
    "normalised": ("CartPole-v1", "4 > dense 33 > layer-normalization relu > dense 17 > "
                   "plain-layer-normalization silu > dense 2", ["--input-scaling", "running"]),
    "normalised inputs": ("CartPole-v1", "4 > layer-normalization > plain-layer-normalization dsilu > "
                          "dense 2", []),
    "dueling": ("Acrobot-v1", "6 > dense 32 > layer-normalization leaky-relu > dense 4 > dueling",
                ["--input-scaling", "bounds"]),
    "one-hot": ("FrozenLake-v1", "16 > dense 12 relu > dense 5 > dueling", []),
    "board": ("MinAtar/Breakout-v1", "10x10x4 > dense 20 relu > dense 3", []),
    "normalised board": ("MinAtar/Breakout-v1", "10x10x4 > layer-normalization > dense 8 tanh > dense 3", []),
    "convolution": ("MinAtar/Breakout-v1", "10x10x4 > convolution 16 3 relu > dense 32 relu > dense 3", []),
    "normalised convolutions": ("MinAtar/Breakout-v1", "10x10x4 > convolution 6 2 stride 2 > "
                                "layer-normalization by-cell silu > convolution 5 3 > "
                                "layer-normalization tanh > dense 3", []),
}
MAIN = r"""
#include <stdio.h>
#include "model.h"

int main(void) {
  static float x[DEEP_SARSA_OBSERVATIONS], q[DEEP_SARSA_ACTIONS];
  while (fread(x, sizeof x, 1, stdin) == 1) {
    deep_sarsa_q(x, q);
    fwrite(q, sizeof q, 1, stdout);
    fprintf(stderr, "%d\n", deep_sarsa_argmax(q));
  }
  return 0;
}
"""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, help="(default: .build/release/deep-sarsa)")
    parser.add_argument("--states", type=int, default=10_000)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np
import onnx
import onnxruntime
import safetensors.numpy
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from rollouts import PROGRAM


def run(*arguments: object) -> str:
    return subprocess.run(list(map(str, arguments)), check=True, capture_output=True, text=True).stdout


def train(program: Path, folder: Path, environment: str, network: str, flags: list[str]) -> Path:
    """A new run folder."""
    output = run(program, "train", environment, "--preset", "general", "--network", network, *flags,
                 "--steps", 600, "--learning-starts", 200, "--evaluation-every", 600,
                 "--evaluation-episodes", 1, "--quiet", "--output", folder)
    return Path(output.splitlines()[-1])


def activation(name: str, z: np.ndarray) -> np.ndarray:
    sigmoid = 1 / (1 + np.exp(-z))
    return {"": z, "relu": np.maximum(z, 0), "leaky-relu": np.where(z < 0, 0.01 * z, z), "tanh": np.tanh(z),
            "silu": z * sigmoid, "dsilu": sigmoid * (1 + z * (1 - sigmoid))}[name]


def forward(tensors: dict[str, np.ndarray], network: str, x: np.ndarray) -> np.ndarray:
    """The action values [rows, actions] in double precision, by the names and shapes of PyTorch."""
    tensors = {name: values.astype(np.float64) for name, values in tensors.items()}
    x = x.astype(np.float64)
    if "input_scaling.offset" in tensors:
        x = (x - tensors["input_scaling.offset"]) * tensors["input_scaling.scale"]
    shape, *layers = (part.split() for part in network.split(" > "))
    sides = tuple(map(int, shape[0].split("x")))
    # Channels come first in PyTorch.
    x = x.reshape(-1, *sides)
    if len(sides) == 3:
        x = x.transpose(0, 3, 1, 2)
    module = 0
    for kind, *words in layers:
        weight, bias = (tensors.get(f"q_network.{module}.{name}") for name in ("weight", "bias"))
        if kind == "dense":
            if x.ndim > 2:
                x, module = x.reshape(len(x), -1), module + 1
                weight, bias = (tensors[f"q_network.{module}.{name}"] for name in ("weight", "bias"))
            x, words = x @ weight.T + bias, words[1:]
        elif kind == "convolution":
            size, stride = int(words[1]), int(words[3]) if words[2:3] == ["stride"] else 1
            windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
            x = np.einsum("bcijuv,fcuv->bfij", windows[:, :, ::stride, ::stride], weight)
            x, words = x + bias[:, None, None], words[4 if words[2:3] == ["stride"] else 2:]
        elif kind == "dueling":
            x = x[:, :1] + x[:, 1:] - x[:, 1:].mean(axis=1, keepdims=True)
        else:
            is_by_cell = words[:1] == ["by-cell"]
            axes = 1 if is_by_cell else tuple(range(1, x.ndim))
            x = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + EPSILON)
            if is_by_cell:  # A gain for each channel.
                weight, bias, words = weight[:, None, None], bias[:, None, None], words[1:]
            if kind == "layer-normalization":
                x = x * weight + bias
        module += 1 + len(words)
        x = activation(" ".join(words), x)
    return x


def require_close(what: str, found: np.ndarray, expected: np.ndarray) -> float:
    """The error as a part of the largest value."""
    assert found.dtype == np.float32 and found.shape == expected.shape, f"{what}: {found.shape}"
    error = np.abs(found - expected).max() / np.abs(expected).max()
    assert error < TOLERANCE, f"{what}: an error of {error:.1e} of the largest value"
    return float(error)


def compiled(compiler: str, folder: Path, states: np.ndarray, actions: int) -> tuple[np.ndarray, np.ndarray]:
    """What a program with the header computes: the action values and the greedy actions."""
    (folder / "main.c").write_text(MAIN, encoding="utf-8")
    run(compiler, *FLAGS, "-O2", "-I", folder, folder / "main.c", "-lm", "-o", folder / compiler)
    result = subprocess.run([folder / compiler], input=states.tobytes(), check=True, capture_output=True)
    return (np.frombuffer(result.stdout, np.float32).reshape(-1, actions),
            np.array(result.stderr.split(), int))


def check_exports(program: Path, name: str, folder: Path, count: int) -> None:
    environment, network, flags = MODELS[name]
    run_folder = train(program, folder, environment, network, flags)
    for file in ("model.safetensors", "model.npz", "model.onnx", "model.h"):
        run(program, "export", run_folder, "-o", folder / file)

    # The bits of every tensor, and the metadata, are those of the model file.
    with safe_open(run_folder / "model.safetensors", "numpy") as file:
        original = {key: file.get_tensor(key) for key in file.keys()}
        metadata = file.metadata()
    copy = safetensors.numpy.load_file(folder / "model.safetensors")
    with np.load(folder / "model.npz", allow_pickle=False) as file:
        arrays = dict(file)
    assert json.loads(str(arrays.pop("metadata"))) == metadata and metadata["network"] == network
    for other in (copy, arrays):
        assert other.keys() == original.keys(), other.keys()
        for key, values in original.items():
            assert other[key].dtype == np.float32 and other[key].shape == values.shape, key
            assert other[key].tobytes() == values.tobytes(), f"{key} differs"

    graph = onnx.load(folder / "model.onnx")
    onnx.checker.check_model(graph, full_check=True)
    assert {entry.key: entry.value for entry in graph.metadata_props} == metadata
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()[0].shape[1]
    generator = np.random.default_rng(3)
    states = (generator.standard_normal((count, inputs)) * generator.choice([0.1, 1, 5], (count, 1)))
    states = states.astype(np.float32)
    expected = forward(original, network, states)
    (values,) = session.run(["action_values"], {"observations": states})
    errors = {"onnxruntime": require_close("onnxruntime", values, expected)}
    for compiler in filter(shutil.which, COMPILERS):
        values, actions = compiled(compiler, folder, states, expected.shape[1])
        errors[compiler] = require_close(compiler, values, expected)
        # numpy, too, takes the first of equal values.
        assert (actions == values.argmax(axis=1)).all(), f"{compiler}: another action is greedy"
    text = ", ".join(f"{key} {error:.0e}" for key, error in errors.items())
    print(f"{name}: {len(original)} tensors have their bits; largest errors: {text}")


def check_import(program: Path, folder: Path) -> None:
    """Networks as CleanRL and Stable-Baselines3 have them, of every type of number."""
    generator = np.random.default_rng(5)
    shapes = [(120, 4), (84, 120), (2, 84)]
    for prefix, kind in (("network.", np.float32), ("q_net.q_net.", np.float16)):
        tensors = {}
        for number, (units, inputs) in enumerate(shapes):
            tensors[f"{prefix}{2 * number}.weight"] = generator.standard_normal((units, inputs)).astype(kind)
            tensors[f"{prefix}{2 * number}.bias"] = generator.standard_normal(units).astype(kind)
        others = {"q_net_target." + key: values for key, values in tensors.items()} \
            if prefix != "network." else {}
        safetensors.numpy.save_file(tensors | others, folder / "theirs.safetensors")
        flags = ["--prefix", prefix] if others else []
        run(program, "import", folder / "theirs.safetensors", *flags, "--env-id", "CartPole-v1",
            "-o", folder / "ours.safetensors")
        ours = safetensors.numpy.load_file(folder / "ours.safetensors")
        expected = {"q_network." + key.removeprefix(prefix): values.astype(np.float32)
                    for key, values in tensors.items()}
        assert ours.keys() == expected.keys(), ours.keys()
        assert all(ours[key].tobytes() == values.tobytes() for key, values in expected.items())
        run(program, "evaluate", folder / "ours.safetensors", "--episodes", 2)
        print(f"{prefix}: {len(ours)} tensors of {np.dtype(kind)} are imported with their bits")


def check_run(program: Path, folder: Path) -> None:
    """The curves and the checkpoint of a run."""
    run(program, "train", "CartPole-v1", "--preset", "general", "--steps", 2000, "--learning-starts", 200,
        "--learning-interval", 100, "--evaluation-every", 500, "--evaluation-episodes", 2, "--quiet",
        "--output", folder)
    (run_folder,) = folder.iterdir()
    events = EventAccumulator(str(run_folder))
    events.Reload()
    for tag, name, column in (("charts/episodic_return", "episodes", "return"),
                              ("losses/td_loss", "learning", "loss"),
                              ("eval/episodic_return", "evaluations", "mean")):
        with open(run_folder / f"{name}.csv") as file:
            rows = list(csv.DictReader(file))
        curve = [(point.step, np.float32(point.value)) for point in events.Scalars(tag)]
        assert len(rows) > 3, name
        assert curve == [(int(row["step"]), np.float32(row[column])) for row in rows], tag

    path = run_folder / "checkpoints" / "step-000002000.safetensors"
    checkpoint = safetensors.numpy.load_file(path)
    state = json.loads(checkpoint["state"].tobytes())
    assert state["trainer.steps"] == 2000
    assert state["run.settings"]["environment"] == "CartPole-v1"
    assert checkpoint["trainer.observations"].dtype == np.float32
    assert checkpoint["trainer.lengths"].dtype == np.int64
    original = safetensors.numpy.load_file(run_folder / "model.safetensors")
    weights = sum(values.size for values in original.values())
    assert checkpoint["trainer.agent.online"].size == weights
    data = path.read_bytes()
    with safe_open(path, "numpy") as file:
        digits = file.metadata()["crc32"]
    blank = data.replace(f'"crc32":"{digits}"'.encode(), b'"crc32":"00000000"', 1)
    assert zlib.crc32(blank) == int(digits, 16), "the checksum differs from zlib's"
    print(f"run: {len(events.Tags()['scalars'])} curves, {len(checkpoint)} tensors of a checkpoint")


def main(arguments: argparse.Namespace) -> None:
    program = (arguments.program or PROGRAM).resolve()
    failures = 0
    checks = [(name, lambda folder, name=name: check_exports(program, name, folder, arguments.states))
              for name in MODELS]
    for name, check in [*checks, ("import", lambda folder: check_import(program, folder)),
                        ("run", lambda folder: check_run(program, folder))]:
        try:
            with tempfile.TemporaryDirectory() as folder:
                check(Path(folder))
        except (AssertionError, subprocess.CalledProcessError, ValueError) as error:
            failures += 1
            print(f"{name}: {error} {getattr(error, 'stderr', None) or ''}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(OPTIONS)
