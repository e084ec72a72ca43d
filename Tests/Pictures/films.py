"""See that other programs read the films and pictures that `deep-sarsa render` writes.

    python3 Tests/Pictures/films.py [--program .build/release/deep-sarsa] [--keep FOLDER]

Short runs of four environments are trained, and an episode of each is rendered in every format. ffprobe counts
the frames of GIF and MP4, and names codec and size; the frames and the loop of WebP and the loop of GIF are read
here, and so is every PNG, pixel by pixel. SVG is parsed as XML. Everything is made twice, and must be the same bytes.
Then what must fail: no ffmpeg, an ffmpeg that fails, a folder that is missing, and Ctrl-C, each of which must leave no
file behind, neither the film nor a temporary one; and `render --terminal`, which must give the terminal its screen and
its settings back. --keep writes the films to a folder, to look at. Takes half a minute; needs ffmpeg and
rsvg-convert, which `make pictures` installs. The exit code is 1 if anything fails.
"""

import argparse
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import xml.etree.ElementTree
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = {"MountainCar-v0": 2_000, "FrozenLake-v1": 1_000, "Taxi-v4": 1_000, "MinAtar/Breakout-v1": 1_000}
FRAME_RATES = {"MountainCar-v0": 30, "MinAtar/Breakout-v1": 10}
WIDTH = 240


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/deep-sarsa")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the films there")
    return parser.parse_args()


def render(program: Path, run: Path, *words: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([program, "render", run, *words], capture_output=True, text=True, **options)


def train(program: Path, environment: str, steps: int, folder: Path) -> Path:
    words = ["--network", "10x10x4 > dense 3"] if environment.startswith("MinAtar") else []
    text = subprocess.run(
        [program, "train", environment, "--seed", "1", "--total-timesteps", str(steps), "--output", folder,
         "--quiet", *words], check=True, capture_output=True, text=True).stdout
    return Path(text.splitlines()[-1])


def chunks(data: bytes, start: int, order: str) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG (big-endian, with a checksum each) or of RIFF (little-endian, padded)."""
    result = []
    while start < len(data):
        if order == ">":
            size, kind = struct.unpack_from(">I4s", data, start)
            body = data[start + 8:start + 8 + size]
            assert zlib.crc32(kind + body) == struct.unpack_from(">I", data, start + 8 + size)[0], "a checksum"
            start += size + 12
        else:
            kind, size = struct.unpack_from("<4sI", data, start)
            body = data[start + 8:start + 8 + size]
            start += 8 + size + size % 2
        result.append((kind, body))
    return result


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG, whose pixels are all there and not all the same."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    parts = chunks(data, 8, ">")
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    assert parts[-1][0] == b"IEND" and depth == 8 and color in (2, 6) and not interlaced, parts[0]
    pixels = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    assert len(pixels) == height * (1 + width * (3 if color == 2 else 4)), "pixels are missing"
    assert len(set(pixels)) > 4, "nothing is drawn"
    return width, height


def probe(path: Path) -> dict[str, str]:
    text = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_entries",
         "stream=codec_name,width,height,nb_read_frames,pix_fmt,r_frame_rate", "-of", "default=nw=1", path],
        check=True, capture_output=True, text=True).stdout
    return dict(line.split("=", 1) for line in text.splitlines())


def read(path: Path, data: bytes, frames: int, rate: int) -> tuple[int, int]:
    """What a file holds: width and height, after its frames were counted."""
    kind = path.suffix
    if kind == ".svg":
        root = xml.etree.ElementTree.fromstring(data)
        assert len(root) > 3
        return int(root.get("width")), int(root.get("height"))
    if kind == ".png":
        return png_size(data)
    if kind == ".webp":
        assert data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) == 8 + struct.unpack_from("<I", data, 4)[0]
        parts = chunks(data, 12, "<")
        header, loop = dict(parts)[b"VP8X"], dict(parts)[b"ANIM"]
        images = [body for kind, body in parts if kind == b"ANMF"]
        # Frames that do not change are one, shown for longer.
        duration = sum(int.from_bytes(image[12:15], "little") for image in images)
        assert abs(duration - frames * 1000 / rate) < 1100 / rate + len(images), (duration, frames, rate)
        assert struct.unpack_from("<H", loop, 4) == (0,), "it does not loop"
        return tuple(1 + int.from_bytes(header[i:i + 3], "little") for i in (4, 7))
    found = probe(path)
    assert found["nb_read_frames"] == str(frames), (found, frames)
    if kind == ".gif":
        assert found["codec_name"] == "gif"
        assert b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00" in data, "it does not loop"
    else:
        assert (found["codec_name"], found["pix_fmt"]) == ("h264", "yuv420p"), found
        assert found["r_frame_rate"] == f"{rate}/1", found
        assert b"Lavf" not in data, "it names the version of a library"
    return int(found["width"]), int(found["height"])


def check_formats(program: Path, run: Path, environment: str, folder: Path) -> None:
    steps = len(subprocess.run(
        [program, "rollout", "--policy", run, "--seed", "2", "--episodes", "1", "--json"], check=True,
        capture_output=True, text=True).stdout.splitlines()) - 1
    rate = FRAME_RATES.get(environment, 4)
    # Every step and the reset, and the last once more for the rest of a second.
    frames = steps + rate
    sizes = set()
    for kind in ("svg", "png", "gif", "mp4", "webp"):
        words = ["--seed", "2", "--width", str(WIDTH), *(["--dark"] if kind == "webp" else [])]
        paths = [folder / f"{environment.replace('/', '-')}{i}.{kind}" for i in (1, 2)]
        for path in paths:
            result = render(program, run, "-o", path, *words)
            assert (result.returncode, result.stdout, result.stderr) == (0, "", ""), result
        data = paths[0].read_bytes()
        assert data == paths[1].read_bytes(), f"{kind}: the second file differs"
        sizes.add(read(paths[0], data, frames, rate))
    assert len(sizes) == 1 and next(iter(sizes))[0] == WIDTH, sizes
    print(f"films: {environment}: {frames} frames in each film, {next(iter(sizes))}, the same bytes twice")


def temporaries() -> set[str]:
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("deep-sarsa-")}


def fails(result: subprocess.CompletedProcess, code: int, text: str, path: Path) -> None:
    assert result.returncode == code and text in result.stderr, result
    assert len(result.stderr.splitlines()) == 1, result
    assert not list(path.parent.glob(path.name + "*")), "a file was left"


def check_failures(program: Path, run: Path, folder: Path) -> None:
    before = temporaries()
    path = folder / "failed.gif"
    empty = folder / "bin"
    empty.mkdir()
    environment = {**os.environ, "PATH": str(empty)}
    fails(render(program, run, "-o", path, env=environment), 69,
          "'ffmpeg' is not installed; 'make pictures' installs it", path)
    fake = empty / "ffmpeg"
    fake.write_text("#!/bin/sh\necho one >&2\necho 'the disk is made of cheese' >&2\nexit 9\n")
    fake.chmod(0o755)
    fails(render(program, run, "-o", path, "--steps", "3", env=environment), 69, "made of cheese", path)
    fails(render(program, run, "-o", folder / "no" / "a.gif", "--steps", "3"), 73, "cannot create", path)
    fails(render(program, run, "-o", folder / "a.avi"), 64, ".gif, .mp4, .webp, .png, .svg", path)

    # A signal while ffmpeg works, which is ended with its temporary folder.
    fake.write_text(f"#!/bin/sh\necho $$ > {folder}/pid\nexec sleep 100\n")
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [program, "render", run, "-o", path, "--steps", "3"], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PATH": f"{empty}:{os.environ['PATH']}"}, start_new_session=True)
        child = folder / "pid"
        while not (child.exists() and child.read_text()):
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(10) == 128 + number, process.returncode
        assert process.stderr.read() == "deep-sarsa: interrupted\n"
        assert not path.exists() and not os.path.exists(f"/proc/{child.read_text().strip()}"), "ffmpeg still runs"
        child.unlink()
    assert temporaries() <= before, "a temporary folder was left"
    print("films: what fails says so in one line, and leaves nothing behind")


def play(program: Path, run: Path, *, key: bytes, number: int | None, **variables: str) -> tuple[int, bytes]:
    """Play in a terminal of 80 × 24 until a key or a signal; gives the exit code and all that was printed."""
    main, side = pty.openpty()
    termios.tcsetwinsize(side, (24, 80))
    before = termios.tcgetattr(side)
    process = subprocess.Popen(
        [program, "render", run, "--terminal", "--seed", "2"], stdin=side, stdout=side, stderr=side,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables)
    text, start, sent = b"", time.monotonic(), False
    while process.poll() is None or select.select([main], [], [], 0)[0]:
        assert time.monotonic() - start < 600, text[-500:]
        if select.select([main], [], [], 0.05)[0]:
            text += os.read(main, 1 << 16)
        if not sent and text.count(b"\x1b[H") > 3:
            sent = True
            if number is not None:
                process.send_signal(number)
            os.write(main, key)
    assert termios.tcgetattr(side) == before, "the terminal has other settings"
    os.close(main)
    os.close(side)
    return process.returncode, text


def check_terminal(program: Path, run: Path) -> None:
    enter, leave = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"
    for key, number, code in ((b"q", None, 0), (b"\x03", None, 0), (b"", signal.SIGTERM, 143)):
        result, text = play(program, run, key=key, number=number, TERM="xterm")
        assert result == code, (key, number, result)
        assert text.count(enter) == 1 and text.count(leave) == 1 and text.index(enter) < text.index(leave)
        assert b"\x1b[0;" in text and b";38;2;" not in text
    _, text = play(program, run, key=b"q", number=None, TERM="xterm", COLORTERM="truecolor")
    assert b";38;2;" in text
    _, text = play(program, run, key=b"q", number=None, TERM="xterm", NO_COLOR="1")
    assert enter in text and b"\x1b[0" not in text
    result, text = play(program, run, key=b"", number=None, TERM="dumb")
    assert result == 0 and b"\x1b" not in text and b"return" in text
    plain = render(program, run, "--terminal", "--seed", "2")
    assert plain.returncode == 0 and "\x1b" not in plain.stdout and "return" in plain.stdout
    assert len(plain.stdout.splitlines()) <= 24 and max(map(len, plain.stdout.splitlines())) <= 80
    print("films: the terminal has its screen and its settings back, whatever ends the film")


def main() -> None:
    options = parse()
    # A shell's background job ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = options.keep or folder
        films.mkdir(parents=True, exist_ok=True)
        runs = {each: train(options.program, each, steps, folder / "runs") for each, steps in RUNS.items()}
        for environment, run in runs.items():
            check_formats(options.program, run, environment, films)
        check_failures(options.program, runs["MountainCar-v0"], folder)
        check_terminal(options.program, runs["MountainCar-v0"])


if __name__ == "__main__":
    sys.exit(main())
