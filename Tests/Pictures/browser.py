"""See in real browsers that the pages of `deep-sarsa report` show what they should, and that no check is blind.

    .venv-browser/bin/python Tests/Pictures/browser.py [--keep FOLDER] [--only WORD] [--no-damage]

Short runs are trained: MountainCar, FrozenLake, Breakout, an experiment of 20 seeds, and a run that
diverges. Each page is opened in Chromium without a network, in light and dark, 1100 and 390 pixels wide. Checks
read what the page shows from Vega's views, from the calls that draw on the canvas, and from the document, never
from colours of pixels. Action values are compared with those that Python computes from model.safetensors,
and curves with the run's logs. Then each check must fail on a page that is damaged for it. Firefox takes a
screenshot, which must not be blank.

--keep keeps runs, pages and screenshots, --only takes the pages whose names contain a word. Takes two minutes;
needs Chromium, its driver and Firefox, and the package selenium: `make browser` installs them. The exit code is 1
if anything fails.
"""

import argparse
import base64
import csv
import hashlib
import html
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (1100, 390)
SCHEMES = ("light", "dark")
# The seconds after which a page is stuck, on however slow a machine.
PATIENCE = 600
# A task's name, which would be markup if it were not escaped.
STRANGE = "a<script>window.hacked=1</script>&\"'b"


class Failure(Exception):
    """What a check has found."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Failure(what)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/deep-sarsa")
    parser.add_argument("--chart-python", default=str(ROOT / ".venv-pictures/bin/python"),
                        help="the Python that has vl-convert-python")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep runs, pages and screenshots there")
    parser.add_argument("--only", default="", metavar="WORD", help="only pages whose names contain the word")
    parser.add_argument("--no-damage", action="store_true", help="do not damage pages")
    return parser.parse_args()


# Runs and pages


class Page:
    """A page, the runs that it shows, and what is expected of it."""

    def __init__(self, name: str, path: Path, runs: list[Path], *, plays: bool = True):
        self.name, self.path, self.runs, self.plays = name, path, runs, plays

    @property
    def text(self) -> str:
        return self.path.read_text()

    def data(self, name: str) -> dict:
        found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', self.text, re.S)
        return json.loads(found[1])


def run(program: Path, words: list[str], *, code: int = 0) -> str:
    result = subprocess.run([program, *words], capture_output=True, text=True,
                            env={**os.environ, "OPENBLAS_CORETYPE": "Haswell"})
    require(result.returncode == code, f"{words[:3]} ended with {result.returncode}: {result.stderr[-400:]}")
    return result.stdout


def trained(program: Path, folder: Path, words: list[str], *, code: int = 0) -> Path:
    run(program, ["train", *words, "--quiet", "--output", str(folder)], code=code)
    return next(folder.iterdir())


def pages(options: argparse.Namespace, folder: Path) -> list[Page]:
    program = options.program
    runs = folder / "runs"
    plans = {
        "mountain-car": (["MountainCar-v0", "--preset", "fast"], 0),
        "frozen-lake": (["FrozenLake-v1", "--steps", "60000"], 0),
        "breakout": (["MinAtar/Breakout-v1", "--steps", "20000"], 0),
        "diverged": (["CartPole-v1", "--preset", "general", "--steps", "5000", "--optimizer", "sgd",
                      "--learning-rate", "1e6"], 70),
    }
    result = []
    for name, (words, code) in plans.items():
        if options.only in name:
            run_folder = trained(program, runs / name, words, code=code)
            result.append(Page(name, folder / f"{name}.html", [run_folder]))
    if options.only in "seeds":
        file = folder / "seeds.yaml"
        file.write_text(json.dumps({
            "environments": [{"environment": "CartPole-v1", "name": STRANGE,
                              "hyperparameters": {"budget": {"steps": 8000}}}], "seeds": 20, "preset": "fast"}))
        run(program, ["experiment", str(file), "--quiet", "-o", str(runs / "seeds")])
        result.append(Page("seeds", folder / "seeds.html", sorted((runs / "seeds/runs").iterdir())))
    for page in result:
        path = runs / "seeds" if page.name == "seeds" else page.runs[0]
        words = ["report", str(path), "--chart-python", options.chart_python, "-o"]
        started = time.monotonic()
        run(program, [*words, str(page.path)])
        seconds = time.monotonic() - started
        size = page.path.stat().st_size
        run(program, [*words, str(folder / "again.html")])
        require((folder / "again.html").read_bytes() == page.path.read_bytes(), f"{page.name}: bytes differ")
        limit = 4_000_000 if page.name == "seeds" else 2_000_000
        require(size <= limit, f"{page.name} has {size} bytes; allowed: {limit}")
        print(f"{page.name}: {size:,} bytes in {seconds:.1f} s, twice the same")
    (folder / "again.html").unlink(missing_ok=True)
    return result


# Networks, computed anew


class Network:
    """Dense layers, layer normalisation and ReLU, from a file of this package, in double precision."""

    def __init__(self, path: Path):
        data = path.read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        self.metadata = header.pop("__metadata__")
        self.tensors = {}
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            numbers = struct.unpack(f"<{(end - start) // 4}f", data[8 + size + start:8 + size + end])
            self.tensors[name] = (entry["shape"], numbers)

    def values(self, observation: list[float]) -> list[float]:
        x = list(observation)
        scaling = {name.split(".")[-1]: numbers for name, (_, numbers) in self.tensors.items()
                   if name.startswith("input_scaling.")}
        if scaling:
            x = [(each - offset) * scale for each, offset, scale in zip(x, scaling["offset"], scaling["scale"])]
        place = 0
        for layer in self.metadata["network"].split(" > ")[1:]:
            kind, *rest = layer.split()
            x = self.layer(kind, place, x)
            place += 1
            if rest and rest[-1] == "relu":
                x = [max(0.0, each) for each in x]
                place += 1
            elif rest and not rest[-1].isdigit():
                raise Failure(f"the test does not know the layer '{layer}'")
        factor = float(self.metadata.get("reward_factor", 1))
        return [each / factor for each in x]

    def layer(self, kind: str, place: int, x: list[float]) -> list[float]:
        weight = self.tensors.get(f"q_network.{place}.weight", (None, None))[1]
        bias = self.tensors.get(f"q_network.{place}.bias", (None, None))[1]
        if kind == "dense":
            return [sum(w * each for w, each in zip(weight[row * len(x):(row + 1) * len(x)], x)) + bias[row]
                    for row in range(len(bias))]
        require(kind == "layer-normalization", f"the test does not know the layer '{kind}'")
        mean = sum(x) / len(x)
        deviation = math.sqrt(sum((each - mean) ** 2 for each in x) / len(x) + 1e-5)
        return [(each - mean) / deviation * w + b for each, w, b in zip(x, weight, bias)]


def observations(program: Path, policy: Path, seed: int) -> list:
    lines = run(program, ["rollout", "--policy", str(policy), "--seed", str(seed), "--json"]).splitlines()
    return [json.loads(line)["observation"] for line in lines]


def one_hot(observation, size: int) -> list[float]:
    if isinstance(observation, list):
        return observation
    return [1.0 if i == observation else 0.0 for i in range(size)]


def rows(run: Path, name: str) -> list[dict]:
    path = run / name
    return list(csv.DictReader(path.open())) if path.exists() else []


# The browser

# Notes the sizes of text on canvases, which Chromium does not tell.
PROBE = """
window.textSizes = [];
const fill = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (...words) {
  if (this.canvas.id === "picture") {
    textSizes.push(parseFloat(this.font.match(/([\\d.]+)px/)[1]) * this.canvas.clientWidth / this.canvas.width);
  }
  return fill.apply(this, words);
};
"""

# The marks of a chart: of each kind, the data and the place of every item.
MARKS = """
const view = document.getElementById(arguments[0]).view;
if (!view) return null;
const marks = [];
const visit = (item, x, y) => {
  if (item.marktype) {
    for (const each of item.items) {
      if (item.marktype === "group") {
        for (const child of each.items ?? []) visit(child, x + (each.x ?? 0), y + (each.y ?? 0));
      } else if (item.role === "mark") {
        const datum = {};
        for (const [key, value] of Object.entries(each.datum ?? {})) {
          if (typeof value !== "object") datum[key] = value;
        }
        marks.push({type: item.marktype, x: x + (each.x ?? 0), y: y + (each.y ?? 0), width: each.width,
                    height: each.height, x2: each.x2, y2: each.y2, stroke: each.stroke ?? null,
                    fill: each.fill ?? null, opacity: each.opacity ?? 1, datum});
      }
    }
  }
};
visit(view.scenegraph().root, 0, 0);
return marks;
"""


class Browser:
    """Chromium without a network."""

    def __init__(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                     "--disable-dev-shm-usage"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.patience = PATIENCE
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.command("Network.enable")
        self.command("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0,
                     uploadThroughput=0)
        self.command("Page.addScriptToEvaluateOnNewDocument", source=PROBE)

    def command(self, name: str, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def js(self, text: str, *arguments):
        return self.driver.execute_script(text, *arguments)

    def open(self, path: Path, width: int, scheme: str) -> None:
        """Opens a page; `seconds` is how long it took until its charts were drawn, or None."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=2,
                     mobile=False)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(path.as_uri())
        self.width, self.seconds = width, None
        while self.js("return performance.now()") < 1_000 * self.patience:
            if self.js("return document.documentElement.dataset.charts") == "drawn":
                self.seconds = self.js("return performance.now()") / 1000
                return
            time.sleep(0.02)

    def key(self, key: str, code: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, code=code,
                         windowsVirtualKeyCode={"ArrowLeft": 37, "ArrowRight": 39, " ": 32}[key])

    def state(self) -> dict:
        return self.js("""
            const canvas = document.getElementById("picture");
            let picture = 0;
            if (!canvas.hidden) {
              const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              for (let i = 0; i < data.length; i += 4)
                picture = (picture * 31 + data[i] * 7 + data[i + 1] * 3 + data[i + 2]) % 1000003;
            }
            return {step: Number(document.getElementById("step").value),
                    last: Number(document.getElementById("step").max), picture,
                    isDrawn: !canvas.hidden, button: document.getElementById("play").getAttribute("aria-label"),
                    values: [...document.querySelectorAll("#actions data")].map((each) => Number(each.value)),
                    caption: document.getElementById("caption").textContent}""")


# Checks: each raises a Failure, or returns


def console(browser: Browser, page: Page) -> None:
    messages = [each["message"] for each in browser.driver.get_log("browser")
                if each["level"] in ("WARNING", "SEVERE")]
    require(not messages, f"the console says {messages[:2]}")


def requests(browser: Browser, page: Page) -> None:
    for entry in browser.driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            require(url.startswith(("file:", "data:", "blob:")), f"it asks for {url[:80]}")


def drawing(browser: Browser, page: Page) -> None:
    require(browser.seconds is not None, "charts were never drawn")
    charts = page.data("charts-data")["charts"]
    for chart in charts:
        marks = browser.js(MARKS, chart["id"])
        require(bool(marks), f"{chart['id']} has no marks")


def marks_of(browser: Browser, page: Page, name: str) -> list[dict] | None:
    for chart in page.data("charts-data")["charts"]:
        if re.fullmatch(rf"chart-\d+-{name}", chart["id"]):
            return browser.js(MARKS, chart["id"])
    return None


def nine(number: float) -> float:
    """The number with the nine digits that the page has."""
    return float(f"{number:.9g}")


def curves(browser: Browser, page: Page) -> None:
    """Points of curves are those of the logs, and lie where their steps are."""
    if page.name == "seeds":
        marks = marks_of(browser, page, "curve")
        lines = [mark for mark in marks if mark["type"] == "line" and "step" in mark["datum"]]
        logs = {name.name: rows(name, "evaluations.csv") for name in page.runs}
        points = {(mark["datum"]["step"], mark["datum"]["value"]) for mark in lines}
        for log in logs.values():
            for row in log:
                if min(int(each[-1]["step"]) for each in logs.values()) >= int(row["step"]):
                    point = (int(row["step"]), nine(float(row["mean"])))
                    require(point in points, f"the evaluation {row} is missing")
        return
    wanted = {name: [(int(row["step"]), nine(float(row[column]))) for row in rows(page.runs[0], log)]
              for name, log, column in (("curve", "evaluations.csv", "mean"), ("loss", "learning.csv", "loss"))}
    for name, points in wanted.items():
        if not points:
            continue
        marks = marks_of(browser, page, name)
        require(marks is not None, f"there is no chart {name}")
        lines = [mark for mark in marks if mark["type"] == "line"
                 and not str(mark["datum"].get("name")).startswith("training")]
        shown = [(mark["datum"]["step"], mark["datum"]["value"]) for mark in lines]
        if len(points) <= 400:
            require(len(shown) == len(points), f"{name} has {len(shown)} points, not {len(points)}")
        require(shown[0] == points[0] and shown[-1] == points[-1], f"{name} ends at {shown[0]}, {shown[-1]}")
        places = [mark["x"] for mark in lines]
        require(places == sorted(places), f"the points of {name} do not go to the right")
        if len(set(shown)) > 2:
            (first, last), (a, b) = (places[0], places[-1]), (shown[0][0], shown[-1][0])
            for (step, _), place in zip(shown, places):
                require(abs(first + (step - a) / (b - a) * (last - first) - place) < 0.6,
                        f"step {step} of {name} lies at {place}")


def playing(browser: Browser, page: Page) -> None:
    browser.js("document.getElementById('player').scrollIntoView();"
               "document.getElementById('speed').value = '1'")
    first = browser.state()
    play = browser.driver.find_element("id", "play")
    play.click()
    require(browser.state()["button"] == "Pause", "the button does not say Pause while it plays")
    deadline = time.monotonic() + browser.patience
    while time.monotonic() < deadline and browser.state()["step"] < min(3, first["last"]):
        time.sleep(0.05)
    moved = browser.state()
    if moved["step"] < first["last"]:
        play.click()
    paused = browser.state()
    require(paused["step"] > first["step"], "Play does not move the slider")
    require(paused["values"] != first["values"], "Play does not change the values")
    require(not first["isDrawn"] or paused["picture"] != first["picture"],
            "Play does not change the picture")
    time.sleep(0.3)
    require(browser.state()["step"] == paused["step"] and paused["button"] == "Play", "Pause does not stop it")
    browser.js("document.getElementById('speed').value = '16'")
    play.click()
    deadline = time.monotonic() + browser.patience
    while time.monotonic() < deadline and browser.state()["step"] < first["last"]:
        time.sleep(0.05)
    time.sleep(0.1)
    end = browser.state()
    require(end["step"] == first["last"], f"Play goes to {end['step']} of {first['last']}")
    require(end["button"] == "Play", "Play does not stop at the end")


def stepping(browser: Browser, page: Page) -> None:
    browser.js("""document.getElementById('player').scrollIntoView(); document.activeElement.blur();
                  document.getElementById('speed').value = '0.25';
                  const step = document.getElementById('step'); step.value = 0;
                  step.dispatchEvent(new Event('input'))""")
    time.sleep(0.1)
    browser.key("ArrowRight", "ArrowRight")
    browser.key("ArrowRight", "ArrowRight")
    at = browser.state()["step"]
    require(at == min(2, browser.state()["last"]), f"two arrow keys lead to step {at}")
    browser.key("ArrowLeft", "ArrowLeft")
    require(browser.state()["step"] == at - 1, "the left arrow key does not step back")
    browser.key(" ", "Space")
    require(browser.state()["button"] == "Pause", "the space bar does not play")
    browser.key(" ", "Space")
    require(browser.state()["button"] == "Play", "the space bar does not pause")


def values(browser: Browser, page: Page, program: Path) -> None:
    """Values on the page are those of the network, at five steps of the episode that is shown first."""
    episodes = page.data("episodes-data")["episodes"]
    chosen = browser.js("return ['network', 'start'].map((each) => "
                        "document.querySelector(`input[name=${each}]:checked`).value)")
    shown = next(each for each in episodes if [each["network"], each["start"]] == chosen)
    file = page.runs[0] / "model.safetensors"
    network, seed = Network(file), shown["episode"]["seed"]
    seen = observations(program, file, seed)
    last = browser.state()["last"]
    require(len(seen) > last, f"the episode has {last} steps, and {len(seen) - 1} when it is played again")
    size = network.tensors["q_network.0.weight"][0][1]
    for step in sorted({0, 1, last // 3, 2 * last // 3, last}):
        browser.js("const each = document.getElementById('step'); each.value = arguments[0];"
                   "each.dispatchEvent(new Event('input'))", step)
        wanted = network.values(one_hot(seen[step], size))
        got = browser.state()["values"]
        for a, b in zip(got, wanted):
            require(abs(a - b) <= 1e-5 * max(1, abs(b)), f"at step {step} the page has {got}, not {wanted}")
        text = browser.js("return [...document.querySelectorAll('#actions data')].map((each) =>"
                          "each.textContent)")
        for a, b in zip(text, wanted):
            require(abs(float(a.replace("−", "-")) - b) <= 0.0051, f"the text is {a}, not {b}")


def axes(browser: Browser, page: Page) -> None:
    """The cell of the map around (−0.5, 0) has the network's value there, and the axes are the world's."""
    if page.name != "mountain-car":
        return
    marks = marks_of(browser, page, "cost-to-go")
    require(marks is not None, "there is no map of the cost to go")
    network = Network(page.runs[0] / "model.safetensors")
    cells = [mark for mark in marks if mark["type"] == "rect"]
    probe(cells, network)


def probe(cells: list[dict], network: Network) -> None:
    """Cells have their edges in the world's units; of the first map, the one around the point is read."""
    data = [cell["datum"] for cell in cells]
    names = ("x", "x2", "y", "y2")
    require(all(name in data[0] for name in names), f"a cell has {sorted(data[0])}")
    low, high = min(each["x"] for each in data), max(each["x2"] for each in data)
    bottom, top = min(each["y"] for each in data), max(each["y2"] for each in data)
    for got, wanted in ((low, -1.2), (high, 0.6), (bottom, -0.07), (top, 0.07)):
        require(abs(got - wanted) < 1e-6, f"the map reaches to {got}, not {wanted}")
    first = [cell for cell in cells if cell["datum"]["x"] <= -0.5 < cell["datum"]["x2"]
             and cell["datum"]["y"] <= 0 < cell["datum"]["y2"]][0]
    datum = first["datum"]
    centre = [(datum["x"] + datum["x2"]) / 2, (datum["y"] + datum["y2"]) / 2]
    wanted = -max(network.values([struct.unpack("f", struct.pack("f", each))[0] for each in centre]))
    require(abs(datum["value"] - wanted) < 1e-4 * max(1, abs(wanted)),
            f"the map has {datum['value']}, not {wanted}")
    # Where the point is drawn is where the axes say.
    lows = [cell for cell in cells if abs(cell["datum"]["x"] - low) < 1e-9]
    left = min(cell["x"] for cell in lows)
    width = first["x2"] - first["x"] if first["x2"] is not None else first["width"]
    require(width is None or width > 0 and first["x"] >= left, "the cells lie in the wrong order")


def overflow(browser: Browser, page: Page) -> None:
    width = browser.js("return document.documentElement.scrollWidth")
    require(width <= browser.width, f"the page is {width} pixels wide in {browser.width}")


def text_size(browser: Browser, page: Page) -> None:
    sizes = browser.js("return textSizes")
    require(page.name != "frozen-lake" or sizes, "there is no text on the canvas")
    require(all(size >= 10.99 for size in sizes), f"text on the canvas has {min(sizes, default=0)} pixels")
    small = browser.js("""
        return [...document.querySelectorAll('.chart text')].filter((each) => each.textContent.trim())
          .map((each) => [parseFloat(getComputedStyle(each).fontSize), each.textContent])""")
    for size, text in small:
        require(size >= 10.99, f"'{text}' has {size} pixels")


def luminance(color: str) -> float:
    numbers = ([int(color[i:i + 2], 16) for i in (1, 3, 5)] if color.startswith("#")
               else [float(each) for each in re.findall(r"[\d.]+", color)[:3]])
    linear = [n / 255 / 12.92 if n / 255 <= 0.03928 else ((n / 255 + 0.055) / 1.055) ** 2.4 for n in numbers]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def contrasts(browser: Browser, page: Page) -> None:
    """Text, controls, thick lines of charts, and the lines of pictures, against what is behind them."""
    background = browser.js("return getComputedStyle(document.body).backgroundColor")
    found = browser.js("""
        const result = [];
        const add = (selector, property) => {
          for (const each of document.querySelectorAll(selector)) {
            let behind = each;
            const color = (element) => getComputedStyle(element).backgroundColor;
            if (property === "borderTopColor") behind = each.parentElement;
            while (behind && /, 0\\)$|transparent/.test(color(behind))) behind = behind.parentElement;
            result.push([selector, getComputedStyle(each)[property], color(behind ?? document.body)]);
          }
        };
        for (const each of ["h1", "h2", "h3", "p", "dt", "dd", "td", "th", "label span", "button",
                            "#actions li", "figcaption", "code"]) add(each, "color");
        for (const each of ["button", "select", "fieldset span"]) add(each, "borderTopColor");
        add("#actions .bar i", "backgroundColor");
        return result""")
    for selector, color, behind in found:
        if selector == "#actions .bar i":
            behind = background
        require(contrast(color, behind) >= 3, f"{selector} is {color} on {behind}")
    for chart in page.data("charts-data")["charts"]:
        for mark in browser.js(MARKS, chart["id"]):
            if (mark["type"] in ("line", "rule") and str(mark["stroke"]).startswith("#")
                    and mark["opacity"] > 0.6):
                require(contrast(mark["stroke"], background) >= 3,
                        f"a line of {chart['id']} is {mark['stroke']} on {background}")
    if page.plays:
        data = page.data("episodes-data")
        isDark = browser.js("return matchMedia('(prefers-color-scheme: dark)').matches")
        tones = data["tones"]["dark" if isDark else "light"]
        used = {shape[1] for each in data["episodes"] for shape in
                [*each["episode"].get("backdrop", []), *each["episode"].get("shapes", [])] if shape[0] == 0}
        # Paper and yellow are for drawing over something, such as the gaps between cells.
        for color in used - {3, 13}:
            require(contrast(tones[color], tones[3]) >= 3,
                    f"lines of tone {color} are {tones[color]} on {tones[3]}")


def structure(browser: Browser, page: Page) -> None:
    levels = browser.js("return [...document.querySelectorAll('h1, h2, h3, h4')].map((each) =>"
                        "Number(each.tagName[1]))")
    require(levels.count(1) == 1 and levels[0] == 1, f"headings begin with {levels[:3]}")
    require(all(b - a <= 1 for a, b in zip(levels, levels[1:])), f"a level of headings is left out: {levels}")
    require(bool(browser.driver.title), "there is no title")
    require(browser.js("return document.documentElement.lang") == "en", "the language is not said")
    nameless = browser.js("""
        return [...document.querySelectorAll('button, input, select, canvas, .chart')].filter((each) =>
          !(each.getAttribute('aria-label') || each.closest('label')?.textContent.trim()))
          .map((each) => each.outerHTML)""")
    require(not nameless, f"it has no name: {nameless[:1]}")
    browser.js("document.activeElement.blur()")
    browser.command("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    outline = browser.js("return getComputedStyle(document.activeElement).outlineStyle")
    require(outline not in (None, "none"), "the focus cannot be seen")


def escaping(browser: Browser, page: Page) -> None:
    require(browser.js("return window.hacked === undefined"), "a name was run as a script")
    if page.name == "seeds":
        heading = browser.js("return document.querySelector('h1').textContent")
        require(heading == STRANGE, f"the name {STRANGE} is shown as {heading}")


def checks(page: Page, program: Path) -> dict:
    result = {"console": console, "requests": requests, "drawing": drawing, "curves": curves,
              "axes": axes, "overflow": overflow, "contrasts": contrasts, "structure": structure,
              "escaping": escaping}
    if page.plays:
        result |= {"playing": playing, "stepping": stepping, "text_size": text_size}
    if page.name in ("mountain-car", "frozen-lake"):
        result["values"] = lambda browser, page: values(browser, page, program)
    return result


# Damage


def repaired(text: str) -> str:
    """The page with a content policy for its scripts and its style as they are."""
    def hashes(pattern: str) -> str:
        return " ".join("'sha256-" + base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() + "'"
                        for each in re.findall(pattern, text, re.S))
    policy = (f"default-src 'none'; script-src {hashes('<script type=.module.>(.*?)</script>')}; "
              f"style-src {hashes('<style>(.*?)</style>')}; img-src data:; base-uri 'none'; form-action 'none'")
    return re.sub(r'(http-equiv="Content-Security-Policy" content=")[^"]*',
                  lambda found: found[1] + html.escape(policy), text)


def replaced(old: str, new: str):
    def damage(text: str) -> str:
        require(old in text, f"nothing to damage: {old}")
        return repaired(text.replace(old, new, 1))
    return damage


def without_policy(old: str, new: str):
    def damage(text: str) -> str:
        return replaced(old, new)(text).replace("http-equiv=", "data-was=", 1)
    return damage


def edited(name: str, edit):
    """Changes the data of a page."""
    def damage(text: str) -> str:
        found = re.search(rf'(<script type="application/json" id="{name}">)(.*?)(</script>)', text, re.S)
        data = json.loads(found[2])
        edit(data)
        return text[:found.start(2)] + json.dumps(data).replace("<", "\\u003c") + text[found.end(2):]
    return damage


def lists(tree):
    """All mappings within a specification."""
    if isinstance(tree, dict):
        yield tree
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from lists(each)


def lose_a_point(data: dict) -> None:
    for chart in data["charts"]:
        for each in lists(chart["specification"]):
            steps = each.get("step")
            if isinstance(steps, list) and len(steps) > 2 and each.get("name") == "evaluation":
                del each["step"][-1], each["value"][-1]
                return
    raise Failure("no line of evaluations to damage")


def shift_the_map(data: dict) -> None:
    for chart in data["charts"]:
        if chart["id"].endswith("cost-to-go"):
            for each in lists(chart["specification"]):
                if isinstance(each.get("x"), list) and "value" in each:
                    each["x"] = [x + 0.3 for x in each["x"]]


def larger_values(data: dict) -> None:
    for each in data["episodes"]:
        each["episode"]["valueUnit"] = 1.001e-5


def small_text(data: dict) -> None:
    for each in data["episodes"]:
        for shape in [*each["episode"].get("backdrop", []), *each["episode"].get("shapes", [])]:
            if shape[0] == 3:
                shape[4] = 5


DAMAGE = {
    "console": [replaced("async function draw(chart) {", "console.error('x'); async function draw(chart) {")],
    "requests": [without_policy("<main", '<img alt="" src="http://localhost:9/x.png"><main')],
    "drawing": [replaced("await drawAll();", "await new Promise(() => {}); await drawAll();"),
                replaced("await draw(chart);", "if (chart !== charts[0]) await draw(chart);")],
    "curves": [edited("charts-data", lose_a_point)],
    "axes": [edited("charts-data", shift_the_map)],
    "overflow": [replaced("<style>", "<style>body { min-width: 1400px; }")],
    "contrasts": [replaced("--quiet: #59636e", "--quiet: #b0b8c0")],
    "structure": [replaced("<h2", "<h3"), replaced(' aria-label="Step"', ""),
                  replaced("outline: 2px solid var(--accent);", "outline: none;")],
    "escaping": [lambda text: re.sub("<h1>.*?</h1>", lambda found: html.unescape(found[0]), text)],
    "playing": [replaced("show(index + Math.floor(due));", ""),
                replaced("if (index === last()) return pause();", ""),
                replaced('at("play").addEventListener("click", toggle);',
                         'at("play").addEventListener("click", play);'),
                replaced("  paint();\n}\n\n// MARK: - The picture", "}\n\n// MARK: - The picture")],
    "stepping": [replaced("ArrowRight: () => jump(index + 1)", "ArrowRight: () => jump(index)"),
                 replaced('" ": toggle,', "")],
    "text_size": [lambda text: replaced("const leastText = 11;", "const leastText = 4;")(
        edited("episodes-data", small_text)(text))],
    "values": [edited("episodes-data", larger_values)],
}


def passes(check, browser: Browser, page: Page) -> str | None:
    """What the check finds."""
    try:
        check(browser, page)
    except Failure as failure:
        return str(failure)
    return None


def check_damage(browser: Browser, page: Page, program: Path, folder: Path) -> list[str]:
    """Each check must fail on a page that is damaged for it."""
    blind = []
    all_checks = checks(page, program)
    for name, damages in DAMAGE.items():
        # A name is strange on one page, there is text in one picture, and one world is a plane.
        if page.name != {"escaping": "seeds", "text_size": "frozen-lake"}.get(name, "mountain-car"):
            continue
        for index, damage in enumerate(damages):
            damaged = Page(page.name, folder / "damaged.html", page.runs, plays=page.plays)
            damaged.path.write_text(damage(page.text))
            if name == "text_size":
                # However small text is in the world's units, it can be read.
                damaged.path.write_text(edited("episodes-data", small_text)(page.text))
                browser.open(damaged.path, 390, "light")
                small = passes(text_size, browser, damaged)
                blind += [small] if small else []
                damaged.path.write_text(damage(page.text))
            browser.patience = 5  # what a damage takes away never comes
            browser.open(damaged.path, 390 if name == "text_size" else 1100, "light")
            found = passes(all_checks[name], browser, damaged)
            browser.patience = PATIENCE
            print(f"  damaged for {name}: {found or 'NOT SEEN'}"[:150])
            if found is None:
                blind.append(f"{name} does not see damage {index + 1}")
            damaged.path.unlink()
    browser.open(page.path, 1100, "light")
    return blind


# Firefox


def colors_of(path: Path) -> dict:
    """How often each colour is in a PNG of 8 bits a channel."""
    data = path.read_bytes()
    require(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    place, parts, header = 8, b"", None
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place:place + 8])
        content = data[place + 8:place + 8 + size]
        header = content if kind == b"IHDR" else header
        parts += content if kind == b"IDAT" else b""
        place += size + 12
    width, height, _, color = struct.unpack(">IIBB", header[:10])
    channels = {2: 3, 6: 4}[color]
    raw, stride = zlib.decompress(parts), width * channels
    before, count = bytes(stride), {}
    for row in range(height):
        kind, line = raw[row * (stride + 1)], bytearray(raw[row * (stride + 1) + 1:(row + 1) * (stride + 1)])
        for i in range(stride):
            a = line[i - channels] if i >= channels else 0
            b, c = before[i], before[i - channels] if i >= channels else 0
            if kind == 1:
                line[i] = line[i] + a & 255
            elif kind == 2:
                line[i] = line[i] + b & 255
            elif kind == 3:
                line[i] = line[i] + (a + b) // 2 & 255
            elif kind == 4:
                p = a + b - c
                pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                line[i] = line[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c) & 255
        before = bytes(line)
        for i in range(0, stride, channels * 4):
            pixel = before[i:i + 3]
            count[pixel] = count.get(pixel, 0) + 1
    return count


def firefox(path: Path, picture: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(["firefox-esr", "--headless", "--no-remote", "--profile", profile,
                        "--window-size=900,1500", "--screenshot", str(picture), path.as_uri()],
                       capture_output=True, timeout=PATIENCE,
                       env={**os.environ, "HOME": profile})
    require(picture.exists(), "Firefox has taken no screenshot")
    count = colors_of(picture)
    rest = 1 - max(count.values()) / sum(count.values())
    require(len(count) > 60 and rest > 0.03,
            f"Firefox shows {len(count)} colours, and {rest:.1%} is not background")


def check_firefox(page: Page, folder: Path) -> list[str]:
    try:
        firefox(page.path, folder / f"{page.name}-firefox.png")
    except Failure as failure:
        return [f"firefox, {page.name}: {failure}"]
    blank = folder / "blank.html"
    blank.write_text(repaired(page.text.replace("<style>", "<style>body * { visibility: hidden; }", 1)))
    try:
        firefox(blank, folder / "blank.png")
    except Failure as failure:
        print(f"  damaged for firefox: {failure}")
        return []
    finally:
        blank.unlink()
        (folder / "blank.png").unlink(missing_ok=True)
    return ["firefox does not see a blank page"]


def main() -> int:
    options = parse()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            made = pages(options, folder)
        except Failure as failure:
            print(f"browser: {failure}", file=sys.stderr)
            return 1
        faults = []
        browser = Browser()
        try:
            for page in made:
                drawn = []
                for scheme in SCHEMES:
                    for width in WIDTHS:
                        browser.open(page.path, width, scheme)
                        drawn.append(browser.seconds)
                        for name, check in checks(page, options.program).items():
                            found = passes(check, browser, page)
                            if found:
                                faults.append(f"{page.name}, {scheme}, {width}, {name}: {found}")
                        if options.keep:
                            shot(browser, folder / f"{page.name}-{scheme}-{width}.png")
                times = ", ".join("never" if each is None else f"{each:.1f}" for each in drawn)
                print(f"{page.name}: charts were drawn after {times} s")
                if not options.no_damage and page.name in ("mountain-car", "frozen-lake", "seeds"):
                    browser.open(page.path, 1100, "light")
                    faults += check_damage(browser, page, options.program, folder)
        finally:
            browser.driver.quit()
        if made:
            faults += check_firefox(made[0], folder)
    for fault in faults:
        print(f"browser: {fault}", file=sys.stderr)
    print(f"browser: {len(made)} pages, {len(faults)} faults")
    return 1 if faults else 0


def shot(browser: Browser, path: Path) -> None:
    browser.js("scrollTo(0, 0)")
    size = browser.command("Page.getLayoutMetrics")["cssContentSize"]
    picture = browser.command("Page.captureScreenshot", captureBeyondViewport=True, clip={
        "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})
    path.write_bytes(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    sys.exit(main())
