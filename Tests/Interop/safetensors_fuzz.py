"""Hold what this package's reader of safetensors accepts against the library safetensors.

    make interop
    python3 Tests/Interop/safetensors_fuzz.py [--program .build-fuzz/release/fuzz] [--files 6000] [FOLDER …]

Small files are drawn from a fixed seed: with tensors of every type, and then changed in their headers and bytes.
The kept inputs of the fuzz target `safetensors` are read, too, and the files of the folders, by default those that
it found. Whatever this package accepts, the library must accept, with equal names, types, shapes, bits
and metadata. This package may be stricter. The exit code is 1 if anything differs.
"""

import argparse
import collections
import json
import random
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build-fuzz/release/fuzz"
KEPT = ROOT / "Tests/Fuzz/Corpora/safetensors.zip"
FOLDERS = (ROOT / ".build-fuzz/inputs/safetensors",)
SIZES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8, "I64": 8, "U64": 8, "U8": 1}
OTHER_TYPES = ("F8_E4M3", "I8", "I32", "U32", "BOOL", "f32", "")
TEXTS = ("a", "layer.0.weight", "", "\u00e9", "e\u0301", "\U0001f600", "\t", "\u0000", '"', "\\", "/",
         "__metadata__", "\u007f", "\u2028", "x" * 60)
NUMBERS = ("0", "-0", "1", "01", "+1", "1.0", "1e0", "2", "-1", "8", "4294967296", "9223372036854775807",
           "9223372036854775808", "18446744073709551615", "18446744073709551616", "null", '"1"', "[]", "true")
SPACES = (" ", "\n", "\t", "\r", "  ", "\u000b", "\u00a0", "\ufeff")
FIELD = re.compile(r"-?\d+")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*", default=FOLDERS, metavar="FOLDER")
    parser.add_argument("--program", type=Path, default=PROGRAM, help="(default: .build-fuzz/release/fuzz)")
    parser.add_argument("--files", type=int, default=6_000)
    return parser.parse_args()


# Before the imports that need other packages, so that --help does without them.
if __name__ == "__main__":
    OPTIONS = parse()

import safetensors
from safetensors import safe_open


def quoted(text: str, generator: random.Random) -> str:
    """The text in JSON: sometimes with escapes that are not needed."""
    if generator.random() < 0.3:
        units = text.encode("utf-16-le")
        return '"' + "".join(f"\\u{unit:04x}" for (unit,) in struct.iter_unpack("<H", units)) + '"'
    return json.dumps(text, ensure_ascii=generator.random() < 0.5)


def drawn(generator: random.Random) -> tuple[str, bytes]:
    """A header and the numbers behind it: a file that most readers accept."""
    entries, data = [], b""
    for name in generator.sample([text for text in TEXTS if text != "__metadata__"], generator.randrange(4)):
        kind = generator.choice(list(SIZES))
        shape = [generator.choice((0, 1, 1, 2, 3)) for _ in range(generator.randrange(4))]
        count = SIZES[kind]
        for side in shape:
            count *= side
        fields = [("dtype", f'"{kind}"'), ("shape", str(shape)),
                  ("data_offsets", f"[{len(data)}, {len(data) + count}]")]
        generator.shuffle(fields)
        body = ", ".join(f'"{key}": {value}' for key, value in fields)
        entries.append(f"{quoted(name, generator)}: {{{body}}}")
        # Not only random numbers: the bits of NaN and infinity, too.
        data += bytes(generator.choice((0, 0x7f, 0xff, 0x7c, 0x80, 1, generator.randrange(256)))
                      for _ in range(count))
    if generator.random() < 0.5:
        pairs = ", ".join(f"{quoted(key, generator)}: {quoted(generator.choice(TEXTS), generator)}"
                          for key in generator.sample(TEXTS, generator.randrange(3)))
        entries.append(generator.choice((f'"__metadata__": {{{pairs}}}', '"__metadata__": null')))
    generator.shuffle(entries)
    return "{" + ", ".join(entries) + "}", data


def changed(header: str, data: bytes, generator: random.Random) -> tuple[str, bytes]:
    """One change."""
    place = generator.randrange(len(header) + 1)
    match generator.randrange(9):
        case 0:
            header = header[:place] + generator.choice(SPACES) + header[place:]
        case 1 if numbers := list(FIELD.finditer(header)):
            number = generator.choice(numbers)
            header = header[:number.start()] + generator.choice(NUMBERS) + header[number.end():]
        case 2:
            header = header[:place] + header[place + generator.randrange(1, 4):]
        case 3:
            other = generator.randrange(len(header) + 1)
            header = header[:place] + header[min(place, other):max(place, other)] + header[place:]
        case 4:
            old, new = generator.choice(list(SIZES)), generator.choice([*SIZES, *OTHER_TYPES])
            header = header.replace(f'"{old}"', f'"{new}"', 1)
        case 5:
            header = header[:place] + generator.choice('{}[]:,"\\u0nrt-.e') + header[place:]
        case 6:
            data = data[:generator.randrange(len(data) + 1)] if generator.random() < 0.5 else data + b"\0"
        case 7:
            header += generator.choice(SPACES) * generator.randrange(1, 9)
        case 8:
            header = header.replace('"dtype"', generator.choice(('"\\u0064type"', '"DTYPE"', '"dtype "')), 1)
    return header, data


def file(generator: random.Random) -> bytes:
    header, data = drawn(generator)
    for _ in range(generator.choice((0, 1, 1, 1, 2, 3))):
        header, data = changed(header, data, generator)
    text = header.encode("utf-8", "surrogatepass")
    length = len(text)
    if generator.random() < 0.05:
        length = generator.choice((0, length - 1, length + 1, 1 << 63))
    return struct.pack("<Q", max(length, 0)) + text + data


def quiet(data: bytes) -> bytes:
    """Half precision whose NaNs are quiet, as widening makes them."""
    values = [value for (value,) in struct.iter_unpack("<H", data)]
    return struct.pack(f"<{len(values)}H", *(
        value | 0x200 if value & 0x7c00 == 0x7c00 and value & 0x3ff else value for value in values))


def theirs(path: Path) -> dict:
    """What the library finds."""
    tensors = []
    for name, tensor in safetensors.deserialize(path.read_bytes()):
        data = bytes(tensor["data"])
        data = quiet(data) if tensor["dtype"] == "F16" else data
        tensors.append([name, tensor["dtype"], list(tensor["shape"]), zlib.crc32(data)])
    with safe_open(path, "numpy") as opened:
        return {"metadata": opened.metadata() or {}, "tensors": sorted(tensors)}


def main(arguments: argparse.Namespace) -> None:
    generator = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(KEPT).extractall(Path(folder, "kept"))
        folders = [Path(folder, "kept"), *arguments.folders]
        paths = [path for other in folders if other.is_dir() for path in sorted(other.iterdir())]
        for number in range(arguments.files):
            paths.append(Path(folder, f"{number:06}.safetensors"))
            paths[-1].write_bytes(file(generator))
        lines = subprocess.run(
            [arguments.program, "--digests"], input="".join(f"{path}\n" for path in paths), check=True,
            stdout=subprocess.PIPE, text=True).stdout.split("\n")[:-1]
        assert len(lines) == len(paths), f"{len(lines)} answers to {len(paths)} files"
        counts, failures = collections.Counter(), 0
        for path, line in zip(paths, lines):
            try:
                their = theirs(path)
            except Exception as error:  # the library has no common type of its errors
                their = f"refused: {error}"
            our = json.loads(line)
            if isinstance(our, str):
                counts["both refuse" if isinstance(their, str) else "only the library accepts"] += 1
                continue
            our["tensors"].sort()
            counts["both accept" if our == their else "differ"] += 1
            if our != their:
                failures += 1
                if failures <= 10:
                    print(f"{path.read_bytes()[:400]!r}\n  ours: {line[:400]}\n  theirs: {str(their)[:400]}")
    print("safetensors: " + ", ".join(f"{count} files {name}" for name, count in sorted(counts.items())))
    assert counts["both accept"] > len(paths) // 10, "too few files are accepted to compare anything"
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(OPTIONS)
