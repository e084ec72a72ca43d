"""Gymnasium's end of the bridge: environments that are stepped by frames over a socket.

A frame is, in little-endian order: its length without these four bytes, one byte that says what it
is, the payload, and the CRC-32 of kind and payload. Requests and replies take turns.

    M  make      JSON: id, arguments, count, trusted     ->  H  what was made (see `greeting`)
    R  reset     [count] uint64 seeds, or nothing        ->  O  [count, size] float32 observations
    S  step      [count] uint32 actions                  ->  T  see `Worlds.step`

    E  is the reply to any request that failed: its reason as text.

An episode that ends is reset within the same step.
"""

import os
import sys

SOCKET, LIFE = 3, 4
PROTOCOL = 1
LIMIT = 64 << 20


def die_with_parent() -> None:
    """Have the kernel kill this process and all that it starts as soon as the parent is gone.

    The parent alone has the other end, and never writes. A signal needs neither the interpreter's
    lock nor a thread, so it comes through whatever an environment is doing.
    """
    import fcntl
    import select
    import signal

    fcntl.fcntl(LIFE, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(LIFE, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(LIFE, fcntl.F_SETFL, fcntl.fcntl(LIFE, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([LIFE], [], [], 0)[0]:
        os._exit(1)
    for descriptor in (SOCKET, LIFE):
        os.set_inheritable(descriptor, False)


die_with_parent()
# What this text is run with puts the working directory first among the places of modules.
if "DEEP_SARSA_TRUSTED" not in os.environ:
    sys.path[:] = [place for place in sys.path if place]

import json
import struct
import traceback
import zlib

U32 = struct.Struct("<I")


class Failure(Exception):
    """A reason in words."""


def receive() -> tuple[int, bytes]:
    """The next request's kind and payload."""
    data = os.read(SOCKET, 1 << 16)
    while len(data) < 4 or len(data) < 4 + U32.unpack_from(data)[0]:
        more = os.read(SOCKET, LIMIT)
        if not more:
            os._exit(0)
        data += more
    if zlib.crc32(data[4:-4]) != U32.unpack_from(data, len(data) - 4)[0]:
        raise Failure("a request's checksum is wrong")
    return data[4], data[5:-4]


class Reply:
    """A buffer for frames of one kind, with room before the payload so that it is aligned."""

    START = 8

    def __init__(self, kind: str, size: int) -> None:
        self.buffer = bytearray(self.START + size + 4)
        self.view = memoryview(self.buffer)
        self.buffer[7] = ord(kind)

    def send(self, size: int) -> None:
        """Send the first bytes of the payload."""
        view, end = self.view, self.START + size
        U32.pack_into(view, 3, size + 5)
        U32.pack_into(view, end, zlib.crc32(view[7:end]))
        sent = os.write(SOCKET, view[3:end + 4])
        while sent < size + 9:
            sent += os.write(SOCKET, view[3 + sent:end + 4])


def send(kind: str, payload: bytes) -> None:
    reply = Reply(kind, len(payload))
    reply.buffer[Reply.START:-4] = payload
    reply.send(len(payload))


class Worlds:
    """Some environments of one kind."""

    def __init__(self, request: bytes) -> None:
        order = json.loads(request)
        count = order["count"]
        name = order["id"]
        if ":" in name and not order["trusted"]:
            raise Failure(f"'{name}' imports a module, and its code is not trusted")
        try:
            import gymnasium
            import numpy
        except ImportError as error:
            raise Failure(
                f"Gymnasium cannot be imported by {sys.executable} ({error})") from error
        self.numpy, self.gymnasium = numpy, gymnasium
        self.environments = [gymnasium.make(name, **order["arguments"]) for _ in range(count)]
        first = self.environments[0]
        self.actions = first.action_space
        self.space = first.observation_space
        if not isinstance(self.actions, gymnasium.spaces.Discrete):
            raise Failure(f"its actions are {self.actions}; only Discrete ones can be taken")
        self.first_action = int(self.actions.start)
        self.prepare_observations()

        size, padded = self.size, (2 * count + 3) // 4 * 4
        self.observed = Reply("O", 4 * count * size)
        self.reset_rows = self.rows(self.observed, 0, count)
        # float64 rewards, a byte each for terminated and truncated, observations, last observations.
        self.start = 8 * count + padded
        self.stepped = Reply("T", self.start + 8 * count * size)
        self.rewards = self.stepped.view[Reply.START:Reply.START + 8 * count].cast("d")
        flags = Reply.START + 8 * count
        self.terminated = self.stepped.view[flags:flags + count]
        self.truncated = self.stepped.view[flags + count:flags + 2 * count]
        self.step_rows = self.rows(self.stepped, self.start, count)
        self.last_rows = self.rows(self.stepped, self.start + 4 * count * size, count)
        self.unpack_actions = struct.Struct(f"<{count}I").unpack
        self.unpack_seeds = struct.Struct(f"<{count}Q").unpack

    def rows(self, reply: Reply, start: int, count: int):
        """An array within a reply for so many observations."""
        numbers = self.numpy.frombuffer(
            reply.buffer, "<f4", count * self.size, Reply.START + start)
        return numbers.reshape((count, *self.shape))

    def prepare_observations(self) -> None:
        """Find out how observations become float32 numbers: as they are, or one-hot."""
        numpy, spaces, space = self.numpy, self.gymnasium.spaces, self.space
        self.categories = categories(spaces, space)
        if isinstance(space, spaces.Box):
            self.shape = space.shape
        elif self.categories:
            self.shape = (sum(self.categories),)
        else:
            try:
                self.shape = spaces.flatten_space(space).shape
            except NotImplementedError as error:
                raise Failure(f"its observations are {space}, which is no row of numbers") from error
            if self.shape is None or not isinstance(spaces.flatten_space(space), spaces.Box):
                raise Failure(f"its observations are {space}, which is no row of numbers")
        self.size = int(numpy.prod(self.shape, dtype=numpy.int64))
        if isinstance(space, spaces.Box):
            self.put = self.put_array
        elif isinstance(space, spaces.Discrete):
            self.put = self.put_number
        else:
            self.put = self.put_flattened

    def put_array(self, rows, i: int, observation) -> None:
        array = observation
        if type(array) is not self.numpy.ndarray:
            array = self.numpy.asarray(array)
        # A smaller array would be repeated without a word.
        if array.shape != self.shape:
            raise Failure(f"an observation has shape {array.shape} instead of {self.shape}")
        rows[i] = array

    def put_number(self, rows, i: int, observation) -> None:
        place = int(observation) - int(self.space.start)
        if not 0 <= place < self.size:
            raise Failure(f"the observation {observation} is none of {self.space}")
        rows[i] = 0
        rows[i, place] = 1

    def put_flattened(self, rows, i: int, observation) -> None:
        if not self.space.contains(observation):
            raise Failure(f"the observation {observation} is none of {self.space}")
        rows[i] = self.gymnasium.spaces.flatten(self.space, observation)

    def greeting(self) -> bytes:
        """Versions, sizes, bounds and limits."""
        numpy, spec = self.numpy, self.environments[0].spec
        versions = (
            f"Python {sys.version.split()[0]}, Gymnasium {self.gymnasium.__version__}, "
            f"NumPy {numpy.__version__}").encode()
        steps = spec.max_episode_steps if spec and spec.max_episode_steps else 0
        threshold = spec.reward_threshold if spec else None
        payload = struct.pack(
            "<4sIQQd", b"DSGB", PROTOCOL, int(self.actions.n), int(steps),
            float("nan") if threshold is None else threshold)
        payload += U32.pack(len(versions)) + versions
        counts = self.categories or []
        payload += struct.pack(f"<I{len(counts)}Q", len(counts), *counts)
        if not counts:
            box = self.space
            if not isinstance(box, self.gymnasium.spaces.Box):
                box = self.gymnasium.spaces.flatten_space(box)
            payload += struct.pack(f"<I{len(box.shape)}Q", len(box.shape), *box.shape)
            for bound in (box.low, box.high):
                payload += numpy.asarray(bound, "<f4").tobytes()
        return payload

    def reset(self, request: bytes) -> None:
        seeds = self.unpack_seeds(request) if request else [None] * len(self.environments)
        for i, environment in enumerate(self.environments):
            self.put(self.reset_rows, i, environment.reset(seed=seeds[i])[0])
        self.observed.send(4 * self.size * len(self.environments))

    def step(self, request: bytes) -> None:
        """Step all; rewards, flags, observations to act upon, and last ones where episodes ended."""
        first, put, ended, i = self.first_action, self.put, 0, 0
        for action, environment in zip(self.unpack_actions(request), self.environments):
            observation, reward, terminated, truncated, _ = environment.step(first + action)
            self.rewards[i] = reward
            self.terminated[i] = terminated = bool(terminated)
            self.truncated[i] = truncated = bool(truncated)
            if terminated or truncated:
                put(self.last_rows, ended, observation)
                ended += 1
                observation = environment.reset()[0]
            put(self.step_rows, i, observation)
            i += 1
        self.stepped.send(self.start + 4 * self.size * (i + ended))


def categories(spaces, space) -> list[int] | None:
    """The counts of a space of whole numbers, or None if it is another."""
    if isinstance(space, spaces.Discrete):
        return [int(space.n)]
    if isinstance(space, spaces.MultiDiscrete):
        return [int(n) for n in space.nvec.ravel()]
    if isinstance(space, spaces.Tuple):
        parts = [categories(spaces, part) for part in space.spaces]
        if parts and all(parts):
            return [n for part in parts for n in part]
    return None


def reason(error: BaseException) -> str:
    """What went wrong and where, in one line."""
    if isinstance(error, Failure):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}{where}"


def main() -> None:
    worlds = None
    while True:
        try:
            kind, request = receive()
            if kind == ord("S"):
                worlds.step(request)
            elif kind == ord("R"):
                worlds.reset(request)
            elif kind == ord("M"):
                worlds = Worlds(request)
                send("H", worlds.greeting())
            else:
                raise Failure(f"the request {kind} is unknown")
        except Exception as error:
            if not isinstance(error, Failure):
                traceback.print_exc()
            send("E", reason(error).encode(errors="replace")[:4096])


main()
