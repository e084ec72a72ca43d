"""See that PyYAML, a reader of YAML 1.1, finds in the settings what the program was told.

    python3 Tests/Interop/yaml_strings.py [--program .build/release/deep-sarsa]

A thousand odd strings are given as names and as values of an environment's arguments, once side by side
and once within one another, and as many numbers; `train --print-config` prints them as the
config.yaml of a run holds them. The exit code is 1 if anything is lost, or has become something else.
"""

import argparse
import json
import os
import random
import struct
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parents[2] / ".build/release/deep-sarsa"
ENVIRONMENT = os.environ | {
    "DEEP_SARSA_PYTHON": sys.executable, "PYTHONPATH": str(Path(__file__).resolve().parent)}

# What YAML 1.1 or 1.2 gives a meaning to.
MEANINGFUL = [
    "", " ", "~", "null", "Null", "NULL", "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO",
    "on", "On", "ON", "off", "Off", "OFF", "true", "True", "TRUE", "false", "False", "FALSE", "=", "<<",
    "0", "1", "-1", "+1", "01", "017", "0o17", "08", "0x1F", "0b11", "1_000", "1:30", "190:20:30",
    "1:30.5", ".5", "5.", "1e3", "1E3", "1e+3", "1.0e-3", ".inf", "-.inf", "+.INF", ".nan", ".NaN",
    "2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00 +1", "12:30", "-", "- a",
    "---", "--- a", "...", "?", "? a", "!", "!!str a", "&a", "*a", "|", ">", "%TAG", "@", "`", "'", '"',
    "#a", "a #b", "a: b", "a:", ":a", ":", "{", "}", "{}", "[", "]", "[]", ",", "a,b", "\\", "\\n",
    "\x00", "\n", "a\nb", "\r", "a\r\nb", "\t", "\tx", "\x1b", "\x7f", "\x80", "\x85", "a\x85b",
    "\xa0", "\u2028", "a\u2028b", "\u2029", "\ufeff", "\ufeffa", "\ufffd", "\ufffe", "\uffff", "é",
    "日本", "🤖", "👩‍🚀", "\U0010ffff", "x" * 2_000, "long words " * 200,
]
# What others are made of.
LETTERS = (list("aeEyYnNofxX0123456789_.+-:~=<>#&*!|%@`'\"\\,[]{}? ") + [
    "\n", "\r", "\t", "\x00", "\x01", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "é", "日", "🤖"])


def odd_strings(count: int) -> list[str]:
    """Strings of which no two are the same text in other code points."""
    generator = random.Random(1)
    found = {unicodedata.normalize("NFC", each): each for each in MEANINGFUL}
    while len(found) < count:
        text = "".join(generator.choices(LETTERS, k=generator.randint(1, 12)))
        found.setdefault(unicodedata.normalize("NFC", text), text)
    return list(found.values())


def odd_numbers(count: int) -> list[float | int]:
    generator = random.Random(2)
    numbers: list[float | int] = [0, -0.0, 0.1 + 0.2, 1e-8, 1e16, 1e22, 5.0, 5e-324, 2**63 - 1, -2**63]
    while len(numbers) < count:
        number = struct.unpack("<d", generator.randbytes(8))[0]
        if number - number == 0:
            numbers += [number, generator.randint(-2**63, 2**63 - 1)]
    return numbers


def settings(program: str, *words: str) -> Any:
    result = subprocess.run(
        [program, "train", "gymnasium:strange:Anything-v0", "--trust-env-code", "--print-config",
         *words], capture_output=True, env=ENVIRONMENT)
    assert result.returncode == 0, result.stderr.decode()
    import yaml  # Here, so that --help does without it.

    return yaml.safe_load(result.stdout.decode())


def compare(expected: Any, found: Any) -> None:
    # As text, for True equals 1, and -0.0 equals 0.
    assert repr(found) == repr(expected), f"{expected!r} has become {found!r}"


def check(program: str) -> int:
    """Compares everything, and gives the number of names and values."""
    strings, numbers = odd_strings(1_000), odd_numbers(1_000)
    # A word of the command line ends at a 0, and a name at the first equals sign.
    names = [each for each in strings if each and not set(each) & {"\x00", "="}]
    words = [f"--env-arg={each}={json.dumps(each)}" for each in names]
    found = settings(program, *words)["environmentArguments"]
    assert found.keys() == set(names), set(names) ^ found.keys()
    for name in names:
        compare(name, found[name])

    tree = {"inside": {each: each for each in strings}, "list": strings, "numbers": numbers}
    words = [f"--env-arg={name}={json.dumps(value)}" for name, value in tree.items()]
    found = settings(program, *words)["environmentArguments"]
    assert found["inside"].keys() == set(strings), set(strings) ^ found["inside"].keys()
    for each in strings:
        compare(each, found["inside"][each])
    for name in ("list", "numbers"):
        assert len(found[name]) == len(tree[name])
        for one, other in zip(tree[name], found[name], strict=True):
            compare(one, other)
    name = "1e5"
    assert settings(program, "--exp-name", name)["experimentName"] == name
    return 2 * len(names) + 3 * len(strings) + len(numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=PROGRAM)
    try:
        count = check(str(parser.parse_args().program))
    except AssertionError as error:
        print(f"settings: {error}")
        sys.exit(1)
    print(f"settings: {count} names and values read back as they were")


if __name__ == "__main__":
    main()
