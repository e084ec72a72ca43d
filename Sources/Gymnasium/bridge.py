"""Gymnasium's end of the bridge: environments that are stepped by frames over a socket.

A frame is, in little-endian order: its length without these four bytes, one byte that says what it
is, the payload, and the CRC-32 of kind and payload. Requests and replies take turns.

    M  make      JSON: id, arguments, count, trusted     ->  H  what was made (see `greeting`)
    R  reset     [count] uint64 seeds, or nothing        ->  O  [count, size] float32 observations
    S  step      [count] uint32 actions                  ->  T  see `Worlds.step`

    E  is the reply to any request that failed: its reason as text.

An episode that ends is reset within the same step.
"""

from __future__ import annotations

import os
import sys

# What this text is run with puts the working directory first among the places of modules: away with it,
# before anything is imported that one could find there.
if "DEEP_SARSA_TRUSTED" not in os.environ:
    sys.path[:] = [place for place in sys.path if place]

SOCKET, LIFE = 3, 4
PROTOCOL = 1
LIMIT = 64 << 20


def die_with_parent() -> None:
    """Have the kernel kill this process group as soon as the parent is gone.

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
    # Whatever else the parent has open is none of this process's business.
    os.closerange(LIFE + 1, 1 << 16)


die_with_parent()
import json
import operator
import select
import struct
import time
import traceback
import zlib

U32 = struct.Struct("<I")


class Lookout:
    """Looks for a request for a while before one sleeps, and lets everybody else go first.

    Waking a core that has gone idle takes longer than most steps. But where others want the core, whoever
    looks waits for a turn, and whoever sleeps is woken at once: so when turns were long in coming for a few
    messages, one sleeps for many. Times are in nanoseconds.
    """

    PATIENCE = 500_000
    LONG_TURN = 200_000
    LONG_TURNS = 2
    MESSAGES_ASLEEP = 1_000

    def __init__(self) -> None:
        self.long_turns = 0
        self.messages_asleep = 0
        requests = select.poll()
        requests.register(SOCKET, select.POLLIN)
        self.look = requests.poll

    def wait(self) -> None:
        """Return when a request is there, or when one had better sleep."""
        if self.messages_asleep:
            self.messages_asleep -= 1
            return
        look, now = self.look, time.perf_counter_ns
        before = now()
        end = before + self.PATIENCE
        while not look(0) and before < end:
            os.sched_yield()
            after = now()
            if after - before > self.LONG_TURN:
                self.long_turns += 1
                if self.long_turns == self.LONG_TURNS:
                    self.long_turns = 0
                    self.messages_asleep = self.MESSAGES_ASLEEP
                return
            before = after
        self.long_turns = 0


lookout = Lookout()


class Failure(Exception):
    """A reason in words."""


def receive() -> tuple[int, bytes]:
    """The next request's kind and payload."""
    lookout.wait()
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
                f"Gymnasium cannot be imported by {sys.executable} ({error}); "
                "DEEP_SARSA_PYTHON names another Python") from error
        self.numpy, self.gymnasium = numpy, gymnasium
        self.environments = [gymnasium.make(name, **order["arguments"]) for _ in range(count)]
        first = self.environments[0]
        self.actions = first.action_space
        self.space = first.observation_space
        if not isinstance(self.actions, gymnasium.spaces.Discrete):
            raise Failure(f"its actions are {self.actions}; only Discrete ones can be taken")
        self.first_action = int(self.actions.start)
        self.prepare_observations()
        if self.size == 0:
            raise Failure("its observations have no numbers")
        if 16 * count * self.size > LIMIT:
            raise Failure(
                f"{count} observations of {self.size} numbers each are no message of 64 MiB")

        # Rewards, flags up to a multiple of four bytes, observations, last ones of ended episodes.
        flags = Reply.START + 8 * count
        start = 8 * count + (2 * count + 3) // 4 * 4
        self.payload = start + 4 * count * self.size
        self.observed = Reply("O", 4 * count * self.size)
        self.stepped = Reply("T", self.payload + 4 * count * self.size)
        self.flags = self.stepped.view[flags:flags + 2 * count]
        self.no_flags = bytes(2 * count)
        self.reset_rows = self.rows(self.observed, 0)
        self.step_rows = self.rows(self.stepped, start)
        self.last_rows = self.rows(self.stepped, self.payload)
        self.pack_rewards = struct.Struct(f"<{count}d").pack_into
        self.unpack_actions = struct.Struct(f"<{count}I").unpack
        self.unpack_seeds = struct.Struct(f"<{count}Q").unpack

    def rows(self, reply: Reply, start: int):
        """An array within a reply with a row for every environment."""
        count = len(self.environments)
        numbers = self.numpy.frombuffer(
            reply.buffer, "<f4", count * self.size, Reply.START + start)
        return numbers.reshape((count, *self.shape))

    def prepare_observations(self) -> None:
        """Find out how observations become float32 numbers: as they are, or one-hot."""
        numpy, spaces, space = self.numpy, self.gymnasium.spaces, self.space
        self.categories = categories(spaces, space)
        if isinstance(space, spaces.Box):
            self.box = space
        else:
            try:
                self.box = spaces.flatten_space(space)
            except NotImplementedError:
                self.box = None
        if not isinstance(self.box, spaces.Box):
            raise Failure(f"its observations are {space}, which is no row of numbers")
        if numpy.isnan(self.box.low).any() or numpy.isnan(self.box.high).any():
            raise Failure(f"its observations are {space}, whose bounds are no numbers")
        self.shape = self.box.shape
        self.size = int(numpy.prod(self.shape, dtype=numpy.int64))
        if isinstance(space, spaces.Box):
            self.write = self.write_arrays if self.shape else self.write_numbers
        elif isinstance(space, spaces.Discrete):
            self.write = self.write_places
        else:
            self.write = self.write_flattened

    def write_arrays(self, rows, observations: list) -> None:
        """Write arrays of one shape: numpy compares all sides but the first, and the sum of those."""
        side = self.shape[0]
        try:
            if set(map(len, observations)) != {side}:
                raise ValueError
            out = rows.reshape((len(observations) * side, *self.shape[1:]))
            self.numpy.concatenate(observations, out=out, casting="unsafe")
        except (TypeError, ValueError) as error:
            for observation in observations:
                shape = getattr(observation, "shape", None)
                if shape not in (self.shape, None):
                    raise Failure(
                        f"an observation has shape {shape} instead of {self.shape}") from error
            raise Failure(f"an observation is no array of shape {self.shape}: {error}") from error

    def write_numbers(self, rows, observations: list) -> None:
        rows[:] = [float(observation) for observation in observations]

    def write_places(self, rows, observations: list) -> None:
        rows[:] = 0
        for row, observation in zip(rows, observations):
            place = operator.index(observation) - int(self.space.start)
            if not 0 <= place < self.size:
                raise Failure(f"the observation {observation} is none of {self.space}")
            row[place] = 1

    def write_flattened(self, rows, observations: list) -> None:
        for row, observation in zip(rows, observations):
            # Whole numbers have a place each; whether other numbers are within their bounds is a
            # question that the other end asks, or does not.
            if self.categories and not self.space.contains(observation):
                raise Failure(f"the observation {observation} is none of {self.space}")
            row[:] = self.gymnasium.spaces.flatten(self.space, observation)

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
            payload += struct.pack(f"<I{len(self.shape)}Q", len(self.shape), *self.shape)
            for bound in (self.box.low, self.box.high):
                payload += numpy.asarray(bound, "<f4").tobytes()
        return payload

    def reset(self, request: bytes) -> None:
        seeds = self.unpack_seeds(request) if request else [None] * len(self.environments)
        self.write(self.reset_rows, [
            environment.reset(seed=seed)[0]
            for environment, seed in zip(self.environments, seeds)])
        self.observed.send(4 * self.size * len(self.environments))

    def step(self, request: bytes) -> None:
        actions = self.unpack_actions(request)
        if self.first_action:
            actions = [self.first_action + action for action in actions]
        rewards, observations, ended = [], [], 0
        self.flags[:] = self.no_flags
        for action, environment in zip(actions, self.environments):
            observation, reward, terminated, truncated, _ = environment.step(action)
            if terminated or truncated:
                self.flags[len(rewards)] = bool(terminated)
                self.flags[len(rewards) + len(actions)] = bool(truncated)
                # Now: a reset may write into the same array.
                self.write(self.last_rows[ended:ended + 1], [observation])
                ended += 1
                observation = environment.reset()[0]
            rewards.append(reward)
            observations.append(observation)
        self.pack_rewards(self.stepped.buffer, Reply.START, *rewards)
        self.write(self.step_rows, observations)
        self.stepped.send(self.payload + 4 * self.size * ended)


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
