"""See that `deep-sarsa plot` draws what the data demand, in every format.

    python3 Tests/Pictures/plots.py [--program .build/release/deep-sarsa] [--keep FOLDER]

Short runs of MountainCar, FrozenLake and Breakout are trained, and an experiment of two settings with three
seeds, whose environment has a name with <script>, quotes and &. Each --what is drawn as SVG, PNG, PDF and
JSON, or must be refused with one line and exit code 65. SVG is parsed as XML: its lines, areas, rectangles and
symbols are counted, and the name must be text. PNG is read pixel by pixel, PDF by its header. Everything but PDF,
whose bytes differ from time to time, is made twice, and must be the same bytes. Then what must fail: no Python, a Python without vl-convert, no
gnuplot, each with exit code 69 and what to install. --keep writes the pictures to a folder, to look at. Takes
a minute; needs vl-convert-python in .venv-pictures and gnuplot, which `make pictures` installs. The exit code
is 1 if anything fails.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from films import ROOT, png_size

NAME = "<script>alert(\"1\")<b> & 'x'"
EXPERIMENT = {
    "environments": [{"environment": "CartPole-v1", "name": NAME}], "seeds": 3, "preset": "general",
    "learningInterval": 50,
    "hyperparameters": {"budget": {"steps": 1500}, "network": {"hiddenSizes": [16]}},
    "evaluation": {"every": 500, "episodes": 2, "finalEpisodes": 5},
    "settings": {"one": {}, "three-steps": {"hyperparameters": {"target": {"steps": 3}}}},
}
# What each has, with the number of marks of Vega's kinds in its SVG that the data demand. MountainCar: 63 × 45
# cells, three maps of costs, two of actions. FrozenLake: 11 cells that are no hole and no goal.
SINGLE = {"curve": {"line": 2}, "loss": {"line": 1}, "exploration": {"line": 1}, "values": {"line": 3},
          "gradient": {"line": 3}}
MARKS = {
    "MountainCar": SINGLE | {
        "policy": {"rect": 2 * 2835}, "cost-to-go": {"rect": 3 * 2835}, "surface": {}},
    "FrozenLake": SINGLE | {"policy": {"rect": 2 * 11}, "cost-to-go": {"rect": 3 * 11}},
    # Its network has no hidden layer, and so neither dead units nor a rank.
    "Breakout": SINGLE | {"gradient": {"line": 1}},
    "experiment": {
        "curve": {"line": 2 + 6, "area": 2}, "loss": {"line": 2 + 6, "area": 2},
        "exploration": {"line": 2 + 6, "area": 2}, "values": {"line": 2 + 6, "area": 2},
        "gradient": {"line": 3 * 8, "area": 3 * 2}, "stability": {"line": 2 * 2},
        "profile": {"line": 2, "area": 2}, "intervals": {"symbol": 6 + 2},
        "probability": {"symbol": 1},
    },
}
KINDS = ["curve", "loss", "exploration", "values", "gradient", "stability", "profile", "intervals",
         "probability", "policy", "cost-to-go", "surface"]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/deep-sarsa")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the pictures there")
    return parser.parse_args()


def train(program: Path, environment: str, steps: int, folder: Path) -> Path:
    words = ["--network", "10x10x4 > dense 3"] if environment.startswith("MinAtar") else []
    text = subprocess.run(
        [program, "train", environment, "--preset", "general", "--seed", "1", "--total-timesteps", str(steps),
         "--learning-starts", "500", "--learning-interval", "50", "--evaluation-every", "500",
         "--evaluation-episodes", "2", "--output", folder, "--quiet", *words],
        check=True, capture_output=True, text=True).stdout
    return Path(text.splitlines()[-1])


def plot(program: Path, *words, **options) -> subprocess.CompletedProcess:
    return subprocess.run([program, "plot", *words], capture_output=True, text=True, cwd=ROOT, **options)


def marks(root: xml.etree.ElementTree.Element, kind: str) -> int:
    """The number of marks of a kind that Vega has drawn from data: not those of axes and legends."""
    count = 0
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        words = group.get("class", "").split()
        if f"mark-{kind}" in words and "role-mark" in words:
            # A mark that is wholly transparent or outside has no path.
            count += sum(1 for mark in group if mark.get("d"))
    return count


def check(program: Path, folder: Path, run: str, path: Path, what: str) -> list[str]:
    """What is wrong with the pictures of a kind."""
    wrong = []
    expected = MARKS[run].get(what)
    for ending in ("svg", "png", "pdf", "json"):
        place = f"{run} {what} {ending}"
        isRefused = expected is None or (what == "surface" and ending == "json")
        files = [folder / f"{run}-{what}-{i}.{ending}" for i in (1, 2)][:1 if isRefused or ending == "pdf" else 2]
        results = [plot(program, path, "--what", what, "-o", file, "--scale", "1") for file in files]
        code, message = results[0].returncode, results[0].stderr
        if isRefused:
            if code not in (64, 65) or message.count("\n") != 1 or files[0].exists():
                wrong.append(f"{place}: must be refused, and is not: {code} {message}")
            continue
        if code != 0 or message:
            wrong.append(f"{place}: exit code {code}: {message.strip()}")
            continue
        data = [file.read_bytes() for file in files]
        if data[0] != data[-1]:
            wrong.append(f"{place}: made twice, the bytes differ")
        try:
            if ending == "svg":
                root = xml.etree.ElementTree.fromstring(data[0])
                for kind, count in expected.items():
                    found = marks(root, kind)
                    if found != count:
                        wrong.append(f"{place}: {found} marks of kind {kind}; the data have {count}")
                texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
                if run == "experiment" and not any(NAME in text for text in texts):
                    wrong.append(f"{place}: the name is not text: {texts}")
                if len(texts) < 4:
                    wrong.append(f"{place}: has no labels")
            elif ending == "png":
                if min(png_size(data[0])) < 100:
                    wrong.append(f"{place}: is too small")
            elif ending == "pdf":
                if not data[0].startswith(b"%PDF-1.") or b"%%EOF" not in data[0][-32:]:
                    wrong.append(f"{place}: is no PDF")
            else:
                specification = json.loads(data[0])
                if "vega-lite" not in specification["$schema"] or b"<" in data[0]:
                    wrong.append(f"{place}: is no specification that a page can have")
        except (AssertionError, ValueError, xml.etree.ElementTree.ParseError) as error:
            wrong.append(f"{place}: {error}")
    return wrong


def failures(program: Path, folder: Path, run: Path, car: Path) -> list[str]:
    """What must fail, and does not as it should."""
    bare = Path("/usr/bin/python3")
    empty = folder / "empty"
    empty.mkdir()
    cases = [
        (69, "make pictures", [run, "-o", folder / "x.svg", "--python", "/nowhere/python"], {}),
        (69, "make pictures", [car, "--what", "surface", "-o", folder / "x.svg"],
         {"env": {"PATH": str(empty)}}),
        (64, "'curves'", [run, "--what", "curves", "-o", folder / "x.svg"], {}),
        (64, ".svg, .png, .pdf", [run, "-o", folder / "x.tiff"], {}),
        (64, "--width", [run, "-o", folder / "x.svg", "--width", "1"], {}),
        (66, "nowhere", [folder / "nowhere", "-o", folder / "x.svg"], {}),
        (65, "no run folder", [empty, "-o", folder / "x.svg"], {}),
        (73, "nowhere", [run, "-o", folder / "nowhere/x.json"], {}),
    ]
    imports = [bare, "-I", "-c", "import vl_convert"]
    if bare.exists() and subprocess.run(imports, capture_output=True).returncode:
        cases.append((69, "vl-convert-python", [run, "-o", folder / "x.svg", "--python", bare], {}))
    wrong = []
    for code, text, words, options in cases:
        result = plot(program, *words, **options)
        if result.returncode != code or text not in result.stderr or result.stderr.count("\n") != 1:
            wrong.append(
                f"{words[1:]}: exit code {result.returncode}, must be {code} with {text}: {result.stderr}")
    if (folder / "x.svg").exists():
        wrong.append("a file is left behind")
    return wrong


def main() -> int:
    options = parse()
    program = options.program.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        experiment = folder / "experiment.yaml"
        experiment.write_text(json.dumps(EXPERIMENT))
        subprocess.run([program, "experiment", experiment, "-o", folder / "experiment"], check=True,
                       capture_output=True)
        runs = {
            "MountainCar": train(program, "MountainCar-v0", 4_000, folder),
            "FrozenLake": train(program, "FrozenLake-v1", 3_000, folder),
            "Breakout": train(program, "MinAtar/Breakout-v1", 2_000, folder),
            "experiment": folder / "experiment",
        }
        pictures = options.keep or folder / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            cases = [(run, what) for run in runs for what in KINDS]
            wrong = sum(pool.map(lambda c: check(program, pictures, c[0], runs[c[0]], c[1]), cases), [])
        wrong += failures(program, folder, runs["FrozenLake"], runs["MountainCar"])
        result = plot(program, runs["FrozenLake"], "--what", "all", "-o", folder / "all", "--dark")
        names = sorted(f"{what}.svg" for what in MARKS["FrozenLake"])
        if result.returncode or sorted(path.name for path in (folder / "all").iterdir()) != names:
            wrong.append(f"all: {result.stdout}{result.stderr}")
    for line in wrong:
        print(f"plots: {line}")
    print(f"plots: {len(cases)} kinds, " + (f"{len(wrong)} wrong" if wrong else "all as they must be"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
