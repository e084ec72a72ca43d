"""A file of the library safetensors with a tensor of every type that is read or written.

Makes Tests/Fixtures/safetensors_types.safetensors. From the repository root:

    python Tests/Fixtures/generate/safetensors_types.py
"""

import argparse
import math
import struct
from pathlib import Path

OUTPUT = Path(__file__).resolve().parents[1] / "safetensors_types.safetensors"
# Every list is the bits or numbers as struct packs them: numpy has no bfloat16.
TENSORS = {
    "words": ("uint64", "Q", [2**64 - 1, 2**63]),
    "integers": ("int64", "q", [-(2**63), -1, 2**63 - 1]),
    "doubles": ("float64", "d", [math.pi, -1.7976931348623157e308]),
    "floats": ("float32", "I", [0x3F800000, 0x80000000, 0x40490FDA, 1, 0x7F800000, 0x40C00000]),
    "half": ("float16", "e", [1.5, -2, 2**-14, 65504, 2**-24]),
    "brain": ("bfloat16", "H", [0x3FC0, 0xC000, 0x7F7F, 1]),
    "bytes": ("uint8", "B", [0, 255, 7]),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()

    import numpy as np
    from safetensors import TensorSpec, serialize_file

    # The library takes addresses, so that the arrays must outlive the call.
    arrays = {name: np.frombuffer(struct.pack(f"<{len(values)}{code}", *values), np.uint8)
              for name, (_, code, values) in TENSORS.items()}
    serialize_file(
        {name: TensorSpec(dtype=kind, shape=[len(values)], data_ptr=arrays[name].ctypes.data,
                          data_len=arrays[name].nbytes)
         for name, (kind, _, values) in TENSORS.items()},
        str(options.output), {"made by": "safetensors"})


if __name__ == "__main__":
    main()
