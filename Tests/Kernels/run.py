"""Run the linear algebra tests and a short training on every kind of kernel that this machine has.

    make kernels

Kinds are OpenBLAS's core types, named by OPENBLAS_CORETYPE, times the tiers of DEEP_SARSA_KERNELS.
For each core type the tests must pass, and all tiers must write the same network; between core types
networks may differ. The table is printed, and written to docs/kernels.md with --accept, unless anything
failed: then the exit code is 1. Takes 2 minutes; with --quick only OpenBLAS's own choice is run.
Needs the release build of the tests, clang, and Python's standard library.
"""

import argparse
import array
import hashlib
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / ".build/release/deep-sarsa"
TESTS = ["swift", "test", "-c", "release", "--skip-build", "--filter", "LinearAlgebraTests"]
TRAINING = ["train", "MountainCar-v0", "--preset", "notebook", "--total-timesteps", "2000",
            "--evaluation-every", "1000", "--evaluation-episodes", "2", "--quiet"]
TIERS = ["baseline", "x86-64-v3", "x86-64-v4"]
# OpenBLAS's names, oldest first. What it does not know or was built without, it replaces.
CORES = {
    "x86_64": ["Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Sandybridge", "Haswell",
               "SkylakeX", "Cooperlake", "SapphireRapids", "Atom", "Nano", "Opteron",
               "Opteron_SSE3", "Barcelona", "Bobcat", "Bulldozer", "Piledriver", "Steamroller",
               "Excavator", "Zen"],
    "aarch64": ["ARMV8", "CORTEXA53", "CORTEXA57", "CORTEXA72", "THUNDERX", "THUNDERX2T99",
                "NEOVERSEN1", "NEOVERSEV1", "NEOVERSEN2", "ARMV8SVE"],
}
BASE = {name: value for name, value in os.environ.items()
        if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DEEP_SARSA_KERNELS")}
BASE["SWIFT_BACKTRACE"] = "enable=no"

failures = []


def run(command: list, core: str, **more: str) -> subprocess.CompletedProcess:
    environment = BASE | ({"OPENBLAS_CORETYPE": core} if core else {}) | more
    return subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, text=True,
                          capture_output=True, timeout=1800)


def fail(what: str, process: subprocess.CompletedProcess) -> str:
    failures.append(what)
    print(f"kernels: {what}, exit {process.returncode}\n{process.stdout[-2000:]}"
          f"{process.stderr[-2000:]}", file=sys.stderr)
    return "**failed**"


def is_finite(model: bytes) -> bool:
    """Whether every number behind a safetensors file's header is finite."""
    numbers = array.array("f", model[8 + int.from_bytes(model[:8], "little"):])
    return len(numbers) > 0 and all(abs(number) <= 3.5e38 for number in numbers)


def train(core: str, used: str, tier: str) -> str | None:
    """The digest of the network that a tier writes; `None` if the processor does not have the tier."""
    with tempfile.TemporaryDirectory() as folder:
        process = run([PROGRAM, *TRAINING, "--output", folder], core, DEEP_SARSA_KERNELS=tier)
        if process.returncode == 64 and "this processor runs" in process.stderr:
            return None
        if process.returncode != 0:
            return fail(f"training on {used}, {tier}", process)
        (folder,) = Path(folder).iterdir()
        config = (folder / "config.yaml").read_text(encoding="utf-8").replace('"', "")
        if f"openBLASCore: {used}\n" not in config or f"kernels: {tier}\n" not in config:
            return fail(f"the config of {used}, {tier}, names other kernels", process)
        model = (folder / "model.safetensors").read_bytes()
        if not is_finite(model):
            return fail(f"the network of {used}, {tier}, is not finite", process)
        return hashlib.sha256(model).hexdigest()[:12]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="run OpenBLAS's own choice alone")
    parser.add_argument("--accept", action="store_true", help="write docs/kernels.md")
    options = parser.parse_args()
    if options.quick and options.accept:
        parser.error("--accept takes whole tables, and --quick makes none: give one of them")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "openblas", "lapacke"], check=True,
                           capture_output=True, text=True).stdout.split()
    rows, digests, elsewhere, replaced, seen = [], {}, [], [], set()
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder, "probe")
        subprocess.run(["clang", Path(__file__).with_name("probe.c"), "-o", probe, *flags],
                       check=True)
        own = run([probe], "").stdout.splitlines()
        for core in ([] if options.quick else CORES.get(platform.machine(), [])) + [""]:
            found = run([probe], core)
            if found.returncode == -signal.SIGILL:
                elsewhere.append(core)
                continue
            if found.returncode != 0:
                fail(f"the probe of {core}", found)
                continue
            used = found.stdout.splitlines()[0]
            if core and used.lower() != core.lower():
                replaced.append(f"{core} ({used})")
                continue
            if used in seen:
                continue
            seen.add(used)
            print(f"kernels: {used}", file=sys.stderr)
            tests = run(TESTS, core)
            passed = tests.returncode == 0 and re.search(r"Test run with [1-9]", tests.stdout)
            verdict = "pass" if passed else fail(f"the tests on {used}", tests)
            by_tier = {tier: digest for tier in TIERS if (digest := train(core, used, tier))}
            if len(set(by_tier.values())) != 1:
                failures.append(f"the tiers of {used} write {by_tier}")
            digests[used] = next(iter(by_tier.values()), "")
            rows.append(f"| {used}{' (its own choice)' if used == own[0] else ''} | {verdict} | "
                        + " | ".join(by_tier.get(tier, "–") for tier in TIERS) + " |")

    lines = [
        "# Kernels", "",
        "`make kernels` runs the linear algebra tests, and 2,000 steps of `MountainCar-v0 --preset",
        "notebook`, on every core type of OpenBLAS that the processor can execute, the training also on",
        "every tier of the elementwise kernels. The tables show digests of the trained networks: along a",
        "row they must be equal.",
        "", f"{processor()}; {own[1].strip()}.", "",
        "| core type | tests | " + " | ".join(TIERS) + " |", "| --- | --- |" + " --- |" * len(TIERS),
        *rows, "",
        f"{len(rows)} core types, {len(set(digests.values()))} distinct networks.",
    ]
    if elsewhere:
        lines += ["", "Not on this machine, whose processor lacks an instruction: "
                  f"{', '.join(elsewhere)}."]
    if replaced:
        lines += ["", "Not in this build of OpenBLAS, which takes what is in brackets instead: "
                  f"{', '.join(replaced)}."]
    print("\n".join(lines))
    if options.accept and not failures:
        (ROOT / "docs/kernels.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for failure in failures:
        print(f"kernels: {failure}", file=sys.stderr)
    print(f"kernels: {len(rows)} core types, {len(failures)} failures; "
          + ("in docs/kernels.md" if options.accept and not failures else "no file is written"),
          file=sys.stderr)
    sys.exit(1 if failures or not rows else 0)


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
