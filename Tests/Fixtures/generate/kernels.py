"""Reference results of the elementwise kernels: AdamW, bias + ReLU, ReLU backward.

Every intermediate is rounded to float32 and nothing is fused, so a kernel that
keeps the same order of operations must agree bit for bit.

Makes Tests/Fixtures/kernels.json. From the repository root:

    python Tests/Fixtures/generate/kernels.py
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "kernels.json"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import numpy as np

from fixture_io import f32, f64, generator_info, write_json

SEED = 2024
SIZES = [1, 16, 33, 133]
SHAPES = [(1, 1), (3, 16), (5, 33), (32, 64)]
STEPS = 5
LATE_SIZE, LATE_STEP = 33, 1000
FLUSH_PERIOD = 8
# Zeros of both signs, the smallest and a middling denormal, and values whose
# square underflows.
SPECIAL_VALUES = np.array([0.0, -0.0, 1e-45, -1e-39, 1e-30, -1e-30], np.float32)


@dataclass(frozen=True)
class Settings:
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float


SETTINGS = [Settings(1e-3, 0.9, 0.999, 1e-8, 0.01), Settings(5e-4, 0.95, 0.99, 1e-6, 0.0)]


def inputs(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal values, about one in five replaced by a special one."""
    values = random.standard_normal(shape).astype(np.float32)
    special = random.choice(SPECIAL_VALUES, size=shape)
    return np.where(random.random(shape) < 0.2, special, values).astype(np.float32)


def power(base: float, exponent: int) -> float:
    """Binary exponentiation, because libm's pow rounds differently by platform."""
    result = 1.0
    while exponent > 0:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result


def flushed(x: np.ndarray) -> np.ndarray:
    """Zero for every subnormal number: the kernels let no moment slow a processor down for long."""
    return np.where(np.abs(x) < np.finfo(np.float32).tiny, np.float32(0), x)


def adamw_step(
    settings: Settings, step: int, p: np.ndarray, m: np.ndarray, v: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    decay = np.float32(1 - settings.learning_rate * settings.weight_decay)
    w1 = np.float32(1 - settings.beta1)
    w2 = np.float32(1 - settings.beta2)
    beta2 = np.float32(settings.beta2)
    epsilon = np.float32(settings.epsilon)
    step_size = np.float32(settings.learning_rate / (1 - power(settings.beta1, step)))
    inverse_root = np.float32(1 / math.sqrt(1 - power(settings.beta2, step)))

    p = p * decay
    m = m + (g - m) * w1
    v = v * beta2 + (w2 * g) * g
    if step % FLUSH_PERIOD == 0:
        m, v = flushed(m), flushed(v)
    p = p - (step_size * m) / (np.sqrt(v) * inverse_root + epsilon)
    return p, m, v


def adamw_case(random: np.random.Generator, settings: Settings, size: int, first_step: int) -> dict[str, Any]:
    p = inputs(random, (size,))
    if first_step == 1:
        m, v = np.zeros_like(p), np.zeros_like(p)
    else:
        m, v = inputs(random, (size,)), np.abs(inputs(random, (size,)))
    case: dict[str, Any] = {
        "size": size,
        "first_step": first_step,
        "learning_rate_f64": f64(settings.learning_rate)[0],
        "beta1_f64": f64(settings.beta1)[0],
        "beta2_f64": f64(settings.beta2)[0],
        "epsilon_f64": f64(settings.epsilon)[0],
        "weight_decay_f64": f64(settings.weight_decay)[0],
        "p_f32": f32(p),
        "m_f32": f32(m),
        "v_f32": f32(v),
        "steps": [],
    }
    for step in range(first_step, first_step + STEPS):
        g = inputs(random, (size,))
        p, m, v = adamw_step(settings, step, p, m, v, g)
        case["steps"].append({"t": step, "g_f32": f32(g), "p_f32": f32(p), "m_f32": f32(m), "v_f32": f32(v)})
    return case


def plant_nan(values: np.ndarray) -> None:
    """One NaN in the arrays that have room, to see that it is passed on."""
    if values.size > 1:
        values.flat[values.size // 2] = np.float32(np.nan)


def bias_relu_case(random: np.random.Generator, rows: int, columns: int) -> dict[str, Any]:
    y = inputs(random, (rows, columns))
    bias = inputs(random, (columns,))
    plant_nan(y)
    total = y + bias
    activated = np.where(total < 0, np.float32(0), total)
    return {
        "rows": rows,
        "columns": columns,
        "y_f32": f32(y),
        "bias_f32": f32(bias),
        "sum_f32": f32(total),
        "activated_f32": f32(activated),
    }


def relu_backward_case(random: np.random.Generator, rows: int, columns: int) -> dict[str, Any]:
    activation = inputs(random, (rows, columns))
    delta = inputs(random, (rows, columns))
    plant_nan(activation)
    masked = np.where(~(activation <= 0), delta, np.float32(0))
    column_sums = np.zeros(columns, np.float32)
    # Row by row: np.sum would add pairwise.
    for row in masked:
        column_sums = column_sums + row
    return {
        "rows": rows,
        "columns": columns,
        "activation_f32": f32(activation),
        "delta_f32": f32(delta),
        "masked_f32": f32(masked),
        "column_sums_f32": f32(column_sums),
    }


def main(arguments: argparse.Namespace) -> None:
    random = np.random.default_rng(SEED)
    starts = [(size, 1) for size in SIZES] + [(LATE_SIZE, LATE_STEP)]
    adamw = [adamw_case(random, settings, size, step) for settings in SETTINGS for size, step in starts]
    content = {
        "generator": generator_info(__file__),
        "adamw": adamw,
        "bias_relu": [bias_relu_case(random, *shape) for shape in SHAPES],
        "relu_backward": [relu_backward_case(random, *shape) for shape in SHAPES],
    }
    write_json(arguments.output, content)


if __name__ == "__main__":
    main(OPTIONS)
