"""What every generator needs: exact bits of numbers as JSON, and who made them."""

import json
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def generator_info(script: str, *modules: ModuleType) -> dict[str, str]:
    """The script with the versions of Python, NumPy and the modules that it used."""
    versions = {module.__name__: module.__version__ for module in (np, *modules)}
    return {"script": Path(script).name, "python": platform.python_version(), **versions}


def f32(values: Any) -> list[int]:
    """The bit patterns of float32 numbers, row by row."""
    array = np.ascontiguousarray(values)
    assert array.dtype == np.float32, "an intermediate was widened"
    return array.view(np.uint32).ravel().tolist()


def f64(values: Any) -> list[str]:
    """The bit patterns as strings: JSON readers may round 64-bit numbers."""
    return [str(bits) for bits in np.asarray(values, np.float64).view(np.uint64).ravel().tolist()]


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Compact JSON with one top-level key per line, to keep diffs readable."""
    lines = [
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
        for key, value in content.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
