"""A terminal of a given size for one program, in as much as this package's programs use it.

    with Terminal(["deep-sarsa", "doctor"], columns=80) as terminal:
        code = terminal.wait()
    print(terminal.screen.text)

The program gets a pseudo-terminal. What it writes is read at once, and moves a cursor over lines of text: line
ends, cursor up, cursor to the first place, erasing, another screen, and colours, which are counted, not kept.
A control code that is not known here is an error, so that none is overlooked.
"""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable

ESCAPE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])")


class Screen:
    """Lines of text, a cursor, and what happened to them."""

    def __init__(self, columns: int, rows: int):
        self.columns, self.rows = columns, rows
        self.lines, self.row, self.column = [""], 0, 0
        self.other: list[str] | None = None
        self.colors = self.codes = self.wraps = 0
        self.hides_cursor = False
        self.rest = ""

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n") + "\n"

    def feed(self, text: str) -> None:
        text, self.rest = self.rest + text, ""
        place = 0
        while place < len(text):
            if text[place] == "\x1b":
                match = ESCAPE.match(text, place)
                if not match:
                    if len(text) - place > 16:
                        raise ValueError(f"a control code that is not known: {text[place:place + 16]!r}")
                    self.rest = text[place:]
                    return
                self.control(*match.groups())
                place = match.end()
                continue
            self.put(text[place])
            place += 1

    def put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
        elif ord(character) < 0x20:
            raise ValueError(f"a control character that is not known: {character!r}")
        else:
            if self.column == self.columns:
                self.wraps += 1
                self.row, self.column = self.row + 1, 0
            line = self.line().ljust(self.column)
            self.lines[self.row] = line[:self.column] + character + line[self.column + 1:]
            self.column += 1

    def line(self) -> str:
        while self.row >= len(self.lines):
            self.lines.append("")
        return self.lines[self.row]

    def control(self, private: str, number: str, letter: str) -> None:
        self.codes += 1
        if letter == "m":
            self.colors += 1
        elif private and number == "25":
            self.hides_cursor = letter == "l"
        elif private and number == "1049":
            if letter == "h":
                self.other, self.lines = self.lines, [""]
            elif self.other is not None:
                self.lines, self.other = self.other, None
            self.row, self.column = len(self.lines) - 1, 0
        elif letter == "A":
            self.row = max(0, self.row - int(number or 1))
        elif letter == "H" and not number:
            self.row = self.column = 0
        elif letter == "K" and not number:
            self.lines[self.row] = self.line()[:self.column]
        elif letter == "J" and not number:
            self.lines[self.row] = self.line()[:self.column]
            del self.lines[self.row + 1:]
        else:
            raise ValueError(f"a control code that is not known: {private}{number}{letter}")


class Terminal:
    """A program with a pseudo-terminal as its standard streams."""

    def __init__(self, command: list[str], columns: int, rows: int = 24, folder: str | None = None,
                 **environment: str):
        self.screen = Screen(columns, rows)
        self.reader, self.side = pty.openpty()
        self.resize(columns, rows)
        self.settings = termios.tcgetattr(self.side)
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.written = b""
        # The screen's text after each piece that was read.
        self.frames: list[str] = []
        self.process = subprocess.Popen(
            command, stdin=self.side, stdout=self.side, stderr=self.side, cwd=folder,
            start_new_session=True, env=os.environ | {"TERM": "xterm-256color"} | environment)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.side)
        os.close(self.reader)

    def read(self, seconds: float) -> bool:
        """Takes what is written within a time; whether anything was."""
        if not select.select([self.reader], [], [], seconds)[0]:
            return False
        new = os.read(self.reader, 1 << 16)
        self.written += new
        self.screen.feed(self.decoder.decode(new))
        self.frames.append(self.screen.text)
        return True

    def until(self, is_there: Callable[[str], object], seconds: float = 600) -> bool:
        """Reads until something is true of the screen's text; whether it was within a time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if is_there(self.screen.text):
                return True
            self.read(0.1)
        return False

    def press(self, key: str) -> None:
        os.write(self.reader, key.encode())

    def resize(self, columns: int, rows: int = 24) -> None:
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.columns, self.screen.rows = columns, rows

    @property
    def is_restored(self) -> bool:
        """Whether the terminal has its own settings and screen, and a cursor."""
        return (termios.tcgetattr(self.side) == self.settings and self.screen.other is None
                and not self.screen.hides_cursor)

    def wait(self, seconds: float = 600) -> int:
        """Reads to the program's end, and returns its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.05)
        while self.read(0.1):
            pass
        return self.process.wait(timeout=600)
