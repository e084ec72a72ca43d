"""Compare what a training step costs, in counts that are the same on every run, with counts.json.

    make benchmark-counts
    make benchmark-counts OPTIONS=--accept        # write Benchmarks/counts.json anew

Three counts gate:

- heap allocations, which must be none, for every workload, those of OpenBLAS included;
- calls of OpenBLAS, which must be as many as were accepted;
- instructions of this package and of Swift's libraries, under valgrind's callgrind, which may be 2 %
  above what was accepted. What OpenBLAS and the C library execute is not counted: it depends on
  their versions and on the processor. Another compiler makes other instructions, so with a compiler
  other than counts.json's they are printed and gate nothing.

A count is a run's with twice the repetitions less a run's with once: start and preparation cancel
out. valgrind knows no AVX-512 and is slow at fused multiply-adds, so kernels are those for AVX2, and
OpenBLAS's those for Sandybridge, for all three counts. A figure that is lower by 2 % is worth
accepting; by 10 % it must be, for the file would let as much be lost again. With --quick only three
workloads are profiled.

Writes counts.md and .json to Benchmarks/results. Takes a minute on two cores; needs `make
benchmark-programs`, valgrind and Python's standard library.
"""

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

import measuring
from measuring import ROOT, Session

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


def allocations(program: str) -> dict[str, int]:
    """Heap allocations of a thousand times of every workload, once it is warm."""
    lines = subprocess.run([program, "allocations"], check=True, capture_output=True,
                           text=True, env=ENVIRONMENT).stdout.splitlines()
    return {name: int(count) for count, name in (line.split("\t") for line in lines)}


def judge(accepted: dict, measured: dict, is_same_compiler: bool) -> tuple[list[str], list[str]]:
    """What is wrong with a workload's figures, and what is better than accepted."""
    if "instructions" not in accepted:
        return ["nothing accepted yet"], []
    wrong, better = [], []
    if measured["blas_calls"] != accepted["blas_calls"]:
        wrong.append(f"{measured['blas_calls']:g} calls of OpenBLAS, accepted "
                     f"{accepted['blas_calls']:g}")
    ratio = measured["instructions"] / accepted["instructions"]
    told = (f"{measured['instructions']:,} instructions, accepted {accepted['instructions']:,} "
            f"({ratio - 1:+.1%})")
    if is_same_compiler and ratio > 1 + TOLERANCE:
        wrong.append(f"{told}: more than {TOLERANCE:.0%} above")
    elif is_same_compiler and ratio < 1 - STALE:
        wrong.append(f"{told}: so much better that counts.json must be written anew")
    elif is_same_compiler and ratio < 1 - TOLERANCE:
        better.append(f"{told}: better; counts.json may be written anew")
    return wrong, better


def table(compiler: str, allocated: dict[str, int], accepted: dict, measured: dict) -> str:
    lines = [f"| each time, Swift {compiler} | instructions | accepted | calls of OpenBLAS | "
             "heap allocations in 1,000 times |", "| --- | --- | --- | --- | --- |"]
    for name in dict.fromkeys([*accepted, *allocated]):
        counts, known = measured.get(name), accepted.get(name, {}).get("instructions")
        cells = [f"{counts['instructions']:,}" if counts else "–", f"{known:,}" if known else "–",
                 f"{counts['blas_calls']:g}" if counts else "–", str(allocated.get(name, "–"))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def accept(compiler: str, accepted: dict, measured: dict) -> None:
    rows = (f"    {json.dumps(name)}: {json.dumps({'times': accepted[name]['times'], **counts})}"
            for name, counts in measured.items())
    ACCEPTED.write_text(
        f'{{\n  "compiler": {json.dumps(compiler)},\n  "counts": {{\n' + ",\n".join(rows)
        + "\n  }\n}\n", encoding="utf-8")


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--jobs", type=int, default=len(measuring.CORES),
                        help="processes side by side (default: %(default)s)")
    parser.add_argument("--program", default=str(measuring.PROGRAMS / "counts"))
    options = measuring.parse(parser)
    measuring.require(options.program)

    file = json.loads(ACCEPTED.read_text(encoding="utf-8"))
    accepted = file["counts"]
    names = list(accepted)[:: len(accepted) // 3 if options.quick else 1]
    if platform.machine() != "x86_64":
        print("counts: instructions are not counted: those in counts.json are of an x86-64 processor",
              file=sys.stderr)
        names = []
    version = subprocess.run([os.environ.get("SWIFT", "swift"), "--version"], check=True,
                             capture_output=True, text=True)
    compiler = re.search(r"Swift version (\S+)", version.stdout)[1]

    session = Session("counts", options, 1 + len(names), 4.0 + 2.5 * len(names))
    allocated = session.measure("heap allocations of every workload", allocations, options.program,
                                seconds=4.0) or {}
    with ThreadPoolExecutor(options.jobs) as pool:
        jobs = {name: pool.submit(session.measure, f"instructions of {name}", measure,
                                  options.program, name, accepted[name]["times"], seconds=2.5)
                for name in names}
        measured = {name: job.result() for name, job in jobs.items() if job.result()}
    for name, count in allocated.items():
        if count:
            session.fail(name, f"{count} heap allocations in 1,000 times, allowed are 0")
    is_same_compiler = compiler == file["compiler"]
    if not is_same_compiler:
        print(f"counts: instructions are not judged: those in counts.json are Swift "
              f"{file['compiler']}'s", file=sys.stderr)
    for name, counts in measured.items():
        wrong, better = ([], []) if options.accept else judge(accepted[name], counts, is_same_compiler)
        for each in wrong:
            session.fail(name, each)
        for each in better:
            print(f"counts: {name}: {each}", file=sys.stderr)

    will_accept = options.accept and not session.failures
    if will_accept:
        accept(compiler, accepted, measured)
    session.write("counts", table(compiler, allocated, accepted, measured),
                  {"compiler": compiler, "allocations": allocated, "counts": measured},
                  measuring.RESULTS)
    total = sum(allocated.values())
    verdict = (f"{total} heap allocations; " + (
        "accepted" if will_accept else f"{len(session.failures)} problems" if session.failures
        else "all as accepted" if measured and is_same_compiler else "instructions not judged"))
    return session.finish(verdict, ACCEPTED.parent if will_accept else measuring.RESULTS)


if __name__ == "__main__":
    sys.exit(main())
