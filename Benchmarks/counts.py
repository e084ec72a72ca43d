"""Compare what a training step costs, in counts that are the same on every run, with counts.json.

    make benchmark-counts
    make benchmark-counts OPTIONS=--accept        # write counts.json anew

Three counts gate:

- heap allocations, which must be none, for every workload, those of OpenBLAS included;
- calls of OpenBLAS, which must be as many as were accepted;
- instructions of this package and of Swift's libraries, under valgrind's callgrind, which may be 2 %
  above what was accepted. What OpenBLAS and the C library execute is not counted: it depends on
  their versions and on the processor. Another compiler makes other instructions, so with a compiler
  other than counts.json's they are printed and gate nothing.

A count is a run's with twice the repetitions less a run's with once: start and preparation cancel
out. valgrind knows no AVX-512 and is slow at fused multiply-adds, so kernels are those for AVX2, and
OpenBLAS's those for Sandybridge, for all three counts. A figure that is lower by 2 % is worth accepting; by 10 % it must be,
for the file would let as much be lost again. Needs nothing but valgrind and Python's standard library.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = ROOT / "Benchmarks/counts.json"
TOLERANCE, STALE = 0.02, 0.10
ENVIRONMENT = dict(os.environ, DEEP_SARSA_KERNELS="x86-64-v3", OPENBLAS_CORETYPE="Sandybridge",
                   OPENBLAS_NUM_THREADS="1", SWIFT_DETERMINISTIC_HASHING="1")


def profile(program: str, name: str, times: int) -> Counter:
    """One run's instructions of our own, and calls of OpenBLAS."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "callgrind.out")
        subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={file}",
             program, "run", name, str(times)], check=True, env=ENVIRONMENT)
        return read(file, Path(program).name)


def read(file: Path, program: str) -> Counter:
    """Sums up a profile: https://valgrind.org/docs/manual/cl-format.html."""
    result: Counter = Counter()
    names: dict[str, str] = {}

    def library(text: str) -> str:
        """An object's file name; the format spells it out once and numbers it from then on."""
        number, path = re.fullmatch(r"(\(\d+\))(?: (.*))?", text).groups()
        if path:
            names[number] = Path(path).name
        return names[number]

    caller = callee = ""
    lines = iter(file.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("ob="):
            caller = library(line[3:])
        elif line.startswith("cob="):
            callee = library(line[4:])
        elif line.startswith("calls="):
            if is_blas(callee) and not is_blas(caller):
                result["blas_calls"] += int(line[6:].split()[0])
            callee = caller
            next(lines)  # what the calls cost: the callee's own lines have that
        elif line.startswith("fn="):
            callee = caller
        elif line[:1] in tuple("0123456789+-*") and (caller == program or "swift" in caller):
            result["instructions"] += int(line.split()[1])
    return result


def is_blas(library: str) -> bool:
    return "blas" in library


def measure(program: str, name: str, times: int) -> dict:
    once, twice = profile(program, name, times), profile(program, name, 2 * times)
    return {key: round((twice[key] - once[key]) / times, 2) for key in ("instructions", "blas_calls")}


def judge(name: str, unit: str, accepted: float, measured: float) -> str | None:
    """What is wrong with a figure."""
    told = f"{name}: {measured:,} {unit}, accepted {accepted:,} ({measured / accepted - 1:+.1%})"
    if measured > accepted * (1 + TOLERANCE):
        return f"{told}: more than {TOLERANCE:.0%} above"
    if measured < accepted * (1 - STALE):
        return f"{told}: so much better that counts.json must be written anew"
    if measured < accepted * (1 - TOLERANCE):
        print(f"{told}: better; write counts.json anew")
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accept", action="store_true", help="write counts.json anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    parser.add_argument("--program", default=str(ROOT / ".build-counts/release/counts"))
    options = parser.parse_args()

    problems = []
    lines = subprocess.run([options.program, "allocations"], check=True, capture_output=True,
                           text=True, env=ENVIRONMENT).stdout.splitlines()
    for count, name in (line.split("\t") for line in lines):
        if count != "0":
            problems.append(f"{name}: {count} heap allocations in 1,000 times, accepted 0")
    print(f"{len(lines)} workloads, heap allocations counted")

    if platform.machine() != "x86_64":
        print("instructions not counted: those in counts.json are an x86-64 processor's")
    else:
        problems += instructions(options)
    if problems:
        sys.exit("\n".join(problems))


def instructions(options: argparse.Namespace) -> list[str]:
    file = json.loads(ACCEPTED.read_text(encoding="utf-8"))
    accepted = file["counts"]
    version = subprocess.run(["swift", "--version"], check=True, capture_output=True, text=True)
    compiler = re.search(r"Swift version (\S+)", version.stdout)[1]
    with ThreadPoolExecutor(options.jobs) as pool:
        measured = dict(zip(accepted, pool.map(
            lambda name: measure(options.program, name, accepted[name]["times"]), accepted)))

    print(f"\n| each time, Swift {compiler} | instructions | accepted | calls of OpenBLAS |")
    print("| --- | --- | --- | --- |")
    for name, counts in measured.items():
        print(f"| {name} | {counts['instructions']:,} | {accepted[name].get('instructions', 0):,} | "
              f"{counts['blas_calls']:g} |")
    print()

    if options.accept:
        rows = (f"    {json.dumps(name)}: {json.dumps({'times': accepted[name]['times'], **counts})}"
                for name, counts in measured.items())
        ACCEPTED.write_text(
            f'{{\n  "compiler": {json.dumps(compiler)},\n  "counts": {{\n' + ",\n".join(rows)
            + "\n  }\n}\n", encoding="utf-8")
        return []
    problems = []
    for name, counts in measured.items():
        if "instructions" not in accepted[name]:
            problems.append(f"{name}: nothing accepted yet")
            continue
        calls = accepted[name]["blas_calls"]
        if counts["blas_calls"] != calls:
            problems.append(f"{name}: {counts['blas_calls']:g} calls of OpenBLAS, accepted {calls:g}")
        problem = judge(name, "instructions", accepted[name]["instructions"], counts["instructions"])
        if problem and compiler == file["compiler"]:
            problems.append(problem)
    if compiler != file["compiler"]:
        print(f"instructions not judged: those in counts.json are Swift {file['compiler']}'s")
    return problems


if __name__ == "__main__":
    main()
