"""The Python side of the bridge: steps Gymnasium environments on requests over a socket.

A message is a frame, in little-endian order: the length of all that follows it (uint32), the kind
(1 byte), the payload, and the CRC-32 of kind and payload. Requests and replies take turns.

    M  make      JSON: id, arguments, count, trusted;    ->  H  the handshake, see `handshake`
                 masks, whether to use action masks;
                 seeds, whether every episode has one;
                 pictures, if there can be requests P
    R  reset     [count] uint64 seeds, or nothing        ->  O  [count, size] float32 observations; with
                                                                masks, [count, actions] bytes of 0 and 1
    S  step      [count] uint32 actions from 0, or       ->  T  see `Worlds.step`
                 NO_ACTION to leave an environment alone;
                 with seeds, [count] uint64: those of the
                 next episodes
    P  picture   1 byte, whether it is the last one of   ->  I  a PNG of the first environment
                 the episode before

    E  is the reply to any request that failed: its reason as text.

An environment whose episode ends is reset within the same step.

Each operation (making, resetting or stepping one environment) has a time limit of its own, and a request
may hold many. So the parent must know which one is under way, without the cost of a message: descriptor 5
is memory that both processes map, one native uint64, the number of the current operation. Number 2i is
the request's own operation in environment i; 2i + 1 is the reset of environment i after the end of its
episode within a step. The parent writes 0 before it sends a request. This process writes the number of
each operation before it starts it, and numbers only grow within a request. While the parent waits, it
reads the number at least every 0.1 s, and measures an operation's limit from the time at which it first
read its number: the first one's limit is exact, that of others is at most 0.1 s too long. If a request
fails, the number names the environment that failed.
"""

from __future__ import annotations

import os
import sys

# `python -c` puts the working directory first in sys.path. It is removed before the first import that
# could find a module there.
if "DEEP_SARSA_TRUSTED" not in os.environ:
    sys.path[:] = [place for place in sys.path if place]

SOCKET, PARENT_DEATH, PROGRESS = 3, 4, 5
PROTOCOL = 4
LIMIT = 64 << 20
NO_ACTION = 0xFFFFFFFF


def die_with_parent() -> None:
    """Make the kernel kill this process group when the parent ends.

    Only the parent has the other end of the socket PARENT_DEATH, and never writes to it: it becomes
    readable when the parent ends, and the kernel then sends SIGKILL. That needs neither the
    interpreter's lock nor a thread, so it works whatever an environment is doing.
    """
    import fcntl
    import select
    import signal

    fcntl.fcntl(PARENT_DEATH, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(PARENT_DEATH, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(PARENT_DEATH, fcntl.F_GETFL)
    fcntl.fcntl(PARENT_DEATH, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([PARENT_DEATH], [], [], 0)[0]:
        os._exit(1)
    for descriptor in (SOCKET, PARENT_DEATH, PROGRESS):
        os.set_inheritable(descriptor, False)
    # The parent's other descriptors that are inheritable are not used here.
    os.closerange(PROGRESS + 1, 1 << 16)


die_with_parent()
import json
import mmap
import operator
import re
import select
import struct
import time
import traceback
import zlib

U32 = struct.Struct("<I")
progress = memoryview(mmap.mmap(PROGRESS, 8)).cast("Q")


class SpinThenPoll:
    """Waits for a request: at first by a spin-wait, and then by a blocking read.

    Waking a core that has gone idle takes longer than most steps, so the socket is polled without
    blocking for up to SPIN_TIME, with sched_yield between two polls so that other threads can run. On a
    busy machine sched_yield returns late, while a blocked process is woken at once. So if sched_yield
    took longer than LONG_YIELD in LONG_YIELDS consecutive requests, the next BLOCKING_REQUESTS are
    waited for without spinning. Times are in nanoseconds.
    """

    SPIN_TIME = 500_000
    LONG_YIELD = 200_000
    LONG_YIELDS = 2
    BLOCKING_REQUESTS = 1_000

    def __init__(self) -> None:
        self.long_yields = 0
        self.blocking_requests = 0
        requests = select.poll()
        requests.register(SOCKET, select.POLLIN)
        self.poll = requests.poll

    def wait(self) -> None:
        """Return when a request has arrived, or when the caller should block."""
        if self.blocking_requests:
            self.blocking_requests -= 1
            return
        poll, now = self.poll, time.perf_counter_ns
        before = now()
        end = before + self.SPIN_TIME
        while not poll(0) and before < end:
            os.sched_yield()
            after = now()
            if after - before > self.LONG_YIELD:
                self.long_yields += 1
                if self.long_yields == self.LONG_YIELDS:
                    self.long_yields = 0
                    self.blocking_requests = self.BLOCKING_REQUESTS
                return
            before = after
        self.long_yields = 0


spin = SpinThenPoll()


class Failure(Exception):
    """A request failed for a reason that this text explains; no traceback is needed."""


def receive() -> tuple[int, bytes]:
    """The next request's kind and payload."""
    spin.wait()
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
    """A buffer for frames of one kind. The payload starts at a multiple of 8 bytes, so it is aligned."""

    START = 8

    def __init__(self, kind: str, size: int) -> None:
        self.buffer = bytearray(self.START + size + 4)
        self.view = memoryview(self.buffer)
        self.buffer[7] = ord(kind)

    def send(self, size: int) -> None:
        """Send a frame with the first `size` bytes of the payload."""
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


def describe(value) -> str:
    """A value's type and the beginning of its text: `a list, [1.0]`."""
    if value is None:
        return "None"
    name = type(value).__name__
    article = "an" if name == "ndarray" or name[0].lower() in "aeio" else "a"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        return f"{article} {name}"
    return f"{article} {name}, {text[:80]}{'…' if len(text) > 80 else ''}"


def first_observation(environment, seed):
    """Reset an environment: its observation and info."""
    result = environment.reset(seed=seed)
    if isinstance(result, tuple) and len(result) == 2:
        return result
    raise Failure(f"reset returned {describe(result)}, not the pair (observation, info)")


def step_failure(result) -> Failure:
    """The failure of a `step` that did not return five values."""
    expected = "not the five values (observation, reward, terminated, truncated, info)"
    if not isinstance(result, (tuple, list)):
        return Failure(f"step returned {describe(result)}, {expected}")
    hint = ", as in Gym before version 0.26" if len(result) == 4 else ""
    return Failure(f"step returned {len(result)} values, {expected}{hint}")


class Worlds:
    """Environments with the same id and arguments, which are stepped together."""

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
                "give --python PATH, or set DEEP_SARSA_PYTHON, to a Python that has it") from error
        self.numpy, self.gymnasium = numpy, gymnasium
        self.operations = range(0, 2 * count, 2)
        self.environments = []
        self.draws = order.get("pictures", False)
        arguments = order["arguments"]
        if self.draws:
            self.require_pictures(gymnasium.make(name, **arguments))
            arguments = arguments | {"render_mode": "rgb_array"}
        for operation in self.operations:
            progress[0] = operation
            self.environments.append(gymnasium.make(name, **arguments))
        first = self.environments[0]
        self.actions = first.action_space
        self.space = first.observation_space
        if not isinstance(self.actions, gymnasium.spaces.Discrete):
            raise Failure(f"its action space is {self.actions}; only Discrete is supported")
        self.first_action = int(self.actions.start)
        self.prepare_observations()
        if self.size == 0:
            raise Failure(f"its observation space is {self.space}, which has no numbers")
        if 16 * count * self.size > LIMIT:
            raise Failure(
                f"{count} observations of {self.size} numbers each do not fit into a message, "
                "whose limit is 64 MiB")

        # Whether there are masks: None until the first reset, which shows it.
        self.masked = None if order["masks"] else False
        self.allocate(0)
        self.pack_rewards = struct.Struct(f"<{count}d").pack_into
        self.unpack_step = struct.Struct(f"<{count}I{count}Q" if order["seeds"] else f"<{count}I").unpack
        # The next seeds of a request without seeds.
        self.no_seeds = () if order["seeds"] else (None,) * count
        self.latest = []
        self.unpack_seeds = struct.Struct(f"<{count}Q").unpack

    def allocate(self, mask_size: int) -> None:
        """Make the replies, for masks of so many bytes each.

        A step has float64 rewards, flags padded to a multiple of four bytes, the observations to act on next,
        and the last observations of the episodes that ended; with masks, then the masks of both.
        """
        count = len(self.environments)
        flags = Reply.START + 8 * count
        start = 8 * count + (2 * count + 3) // 4 * 4
        self.payload = start + 4 * count * self.size
        self.masks = self.numpy.ones((2 * count, mask_size), self.numpy.uint8)
        self.observed = Reply("O", (4 * self.size + mask_size) * count)
        self.stepped = Reply("T", self.payload + (4 * self.size + 2 * mask_size) * count)
        self.flags = self.stepped.view[flags:flags + 2 * count]
        self.no_flags = bytes(2 * count)
        self.reset_rows = self.rows(self.observed, 0)
        self.step_rows = self.rows(self.stepped, start)
        self.last_rows = self.rows(self.stepped, self.payload)

    def rows(self, reply: Reply, start: int):
        """A view of a reply's bytes as an array with a row for each environment."""
        count = len(self.environments)
        numbers = self.numpy.frombuffer(
            reply.buffer, "<f4", count * self.size, Reply.START + start)
        return numbers.reshape((count, *self.shape))

    def prepare_observations(self) -> None:
        """Choose how observations are written as float32 numbers: as they are, or one-hot."""
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
            raise Failure(f"its observation space is {space}, which cannot be flattened to numbers")
        if numpy.isnan(self.box.low).any() or numpy.isnan(self.box.high).any():
            raise Failure(f"its observation space is {space}, which has NaN as a bound")
        self.shape = self.box.shape
        self.size = int(numpy.prod(self.shape, dtype=numpy.int64))
        if isinstance(space, spaces.Box):
            self.write = self.write_arrays if self.shape else self.write_numbers
        elif isinstance(space, spaces.Discrete):
            self.write = self.write_places
        else:
            self.write = self.write_flattened

    def write_arrays(self, rows, observations: list) -> None:
        """Write arrays of one shape.

        `concatenate` compares all sides but the first, and the sum of the first sides.
        """
        side = self.shape[0]
        try:
            if set(map(len, observations)) != {side}:
                raise ValueError
            out = rows.reshape((len(observations) * side, *self.shape[1:]))
            self.numpy.concatenate(observations, out=out, casting="unsafe")
        except (TypeError, ValueError) as error:
            raise self.observation_failure(observations, error) from error

    def write_numbers(self, rows, observations: list) -> None:
        try:
            rows[:] = [float(observation) for observation in observations]
        except (TypeError, ValueError) as error:
            raise self.observation_failure(observations, error) from error

    def write_places(self, rows, observations: list) -> None:
        rows[:] = 0
        try:
            for row, observation in zip(rows, observations):
                place = operator.index(observation) - int(self.space.start)
                if not 0 <= place < self.size:
                    raise ValueError
                row[place] = 1
        except (TypeError, ValueError) as error:
            raise self.observation_failure(observations, error) from error

    def write_flattened(self, rows, observations: list) -> None:
        try:
            for row, observation in zip(rows, observations):
                # One-hot needs whole numbers that are in the space. Whether other numbers are within
                # their bounds is checked by the parent, if at all.
                if self.categories and not self.space.contains(observation):
                    raise ValueError
                row[:] = self.gymnasium.spaces.flatten(self.space, observation)
        except Exception as error:
            raise self.observation_failure(observations, error) from error

    def observation_failure(self, observations: list, error: Exception) -> Exception:
        """The failure for the first invalid observation; if all are valid, the error itself."""
        for i, observation in enumerate(observations):
            what = self.observation_flaw(observation)
            if what:
                if len(observations) == len(self.environments):
                    progress[0] = self.operations[i]
                return Failure(f"the observation {what}")
        return error

    def observation_flaw(self, observation) -> str | None:
        """The fault of an observation, or None."""
        if not isinstance(self.space, self.gymnasium.spaces.Box):
            if self.space.contains(observation):
                return None
            return f"is {describe(observation)}, which is not in {self.space}"
        try:
            array = self.numpy.asarray(observation)
        except Exception:
            array = None
        if array is None or array.dtype.kind not in "biuf":
            return f"is {describe(observation)}, not an array of numbers of shape {self.shape}"
        return None if array.shape == self.shape else f"has shape {array.shape} instead of {self.shape}"

    def handshake(self) -> bytes:
        """Versions, sizes, bounds and limits, in little-endian order.

        b"DSGB", the protocol's version (uint32), the number of actions (uint64), the first action's number
        (int64), the time limit in steps or 0 (uint64), the reward threshold or NaN (float64), the text of
        versions after its length (uint32); the number of categories (uint32), the count of each (uint64)
        and the lowest value of each (int64). If there are none, the observation's shape (uint32, then
        uint64 each) and its lower and upper bounds (float32), and a byte of 1 if every number is 0 or 1.
        """
        numpy, spec = self.numpy, self.environments[0].spec
        versions = (
            f"Python {sys.version.split()[0]}, Gymnasium {self.gymnasium.__version__}, "
            f"NumPy {numpy.__version__}").encode()
        steps = spec.max_episode_steps if spec and spec.max_episode_steps else 0
        threshold = spec.reward_threshold if spec else None
        payload = struct.pack(
            "<4sIQqQd", b"DSGB", PROTOCOL, int(self.actions.n), self.first_action, int(steps),
            float("nan") if threshold is None else threshold)
        payload += U32.pack(len(versions)) + versions
        counts = [count for count, _ in self.categories or []]
        starts = [start for _, start in self.categories or []]
        payload += struct.pack(f"<I{len(counts)}Q{len(starts)}q", len(counts), *counts, *starts)
        if not counts:
            payload += struct.pack(f"<I{len(self.shape)}Q", len(self.shape), *self.shape)
            for bound in (self.box.low, self.box.high):
                payload += numpy.asarray(bound, "<f4").tobytes()
            if self.is_binary():
                payload += b"\1"
        return payload

    def is_binary(self) -> bool:
        """Whether numbers are integers or truth values from 0 to 1, as in MultiBinary."""
        box = self.box
        return box.dtype.kind in "biu" and bool((box.low == 0).all() and (box.high == 1).all())

    def reset(self, request: bytes) -> None:
        seeds = self.unpack_seeds(request) if request else [None] * len(self.environments)
        observations = []
        for i, (environment, seed) in enumerate(zip(self.environments, seeds)):
            progress[0] = self.operations[i]
            observation, info = first_observation(environment, seed)
            observations.append(observation)
            if self.masked is None:
                self.find_masks(info)
            if self.masked:
                self.write_mask(i, info)
        self.write(self.reset_rows, observations)
        self.latest = observations
        size = 4 * self.size * len(self.environments)
        self.observed.send(size + self.append_masks(self.observed, size, len(self.environments)))

    def find_masks(self, info) -> None:
        """Note whether the first reset gives a mask, which all others must then give too."""
        self.masked = isinstance(info, dict) and "action_mask" in info
        if self.masked:
            actions = int(self.actions.n)
            if 4 * len(self.environments) * actions > LIMIT:
                raise Failure(
                    f"{len(self.environments)} action masks of {actions} actions each do not fit into a "
                    "message, whose limit is 64 MiB")
            self.allocate(actions)

    def write_mask(self, row: int, info) -> None:
        """Write the mask of an info into a row of `masks`."""
        try:
            mask = info["action_mask"]
        except (TypeError, KeyError):
            raise Failure('info has no "action_mask", which the first reset had') from None
        array, actions = self.numpy.asarray(mask), self.masks.shape[1]
        if (array.shape != (actions,) or array.dtype.kind not in "biuf"
                or not ((array == 0) | (array == 1)).all()):
            raise Failure(f'info["action_mask"] is {describe(mask)}, not an array of {actions} zeros and ones')
        if not array.any():
            raise Failure('info["action_mask"] has no legal action; allowed: 1 or more')
        self.masks[row] = array

    def append_masks(self, reply: Reply, size: int, rows: int) -> int:
        """Append the first rows of `masks` to the first `size` bytes of a reply, and return their number."""
        if not self.masked:
            return 0
        data = self.masks[:rows].tobytes()
        start = Reply.START + size
        reply.buffer[start:start + len(data)] = data
        return len(data)

    def step(self, request: bytes) -> None:
        count, words = len(self.environments), self.unpack_step(request) + self.no_seeds
        rewards, observations, ended = [], [], 0
        self.flags[:] = self.no_flags
        for operation, action, seed, environment in zip(
                self.operations, words, words[count:], self.environments):
            progress[0] = operation
            if action == NO_ACTION:
                observations.append(self.latest[len(rewards)])
                rewards.append(0.0)
                continue
            result = environment.step(self.first_action + action)
            try:
                observation, reward, terminated, truncated, info = result
            except (TypeError, ValueError):
                raise step_failure(result) from None
            if terminated is not False or truncated is not False:
                terminated = self.flag("terminated", terminated)
                truncated = self.flag("truncated", truncated)
                if terminated or truncated:
                    self.flags[len(rewards)] = terminated
                    self.flags[len(rewards) + count] = truncated
                    if self.draws and not rewards:
                        self.last_picture = self.png()
                    # Written before the reset, which may reuse the same array.
                    self.write(self.last_rows[ended:ended + 1], [observation])
                    if self.masked:
                        # Nothing is chosen in a terminal state, where no action need be legal.
                        if terminated:
                            self.masks[count + ended] = 1
                        else:
                            self.write_mask(count + ended, info)
                    ended += 1
                    progress[0] = operation + 1
                    observation, info = first_observation(environment, seed)
            if self.masked:
                self.write_mask(len(rewards), info)
            rewards.append(reward)
            observations.append(observation)
        try:
            self.pack_rewards(self.stepped.buffer, Reply.START, *rewards)
        except Exception as error:
            raise self.reward_failure(rewards, error) from error
        self.write(self.step_rows, observations)
        self.latest = observations
        size = self.payload + 4 * self.size * ended
        self.stepped.send(size + self.append_masks(self.stepped, size, count + ended))

    def require_pictures(self, environment) -> None:
        """Refuse what cannot be drawn; asked for pictures at once, it would raise an error of any kind."""
        modes = environment.metadata.get("render_modes") or []
        if "rgb_array" not in modes:
            raise Failure(f"it cannot be drawn: its render modes are {modes}, without 'rgb_array'")
        environment.close()
        self.last_picture = b""

    def picture(self, request: bytes) -> None:
        progress[0] = 0
        send("I", self.last_picture if request == b"\1" else self.png())

    def png(self) -> bytes:
        """A picture of the first environment."""
        try:
            pixels = self.environments[0].render()
        except ImportError as error:
            raise Failure(f"it cannot be drawn: {error}") from error
        array = self.numpy.asarray(pixels)
        if array.dtype != self.numpy.uint8 or array.ndim != 3 or array.shape[2] != 3:
            raise Failure(f"render returned {describe(pixels)}, not an array [height, width, 3] of uint8")
        height, width, _ = array.shape
        # Every row begins with the number of its filter, 0 for none.
        rows = self.numpy.zeros((height, 1 + 3 * width), self.numpy.uint8)
        rows[:, 1:] = array.reshape(height, 3 * width)
        chunks = (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks)

    def flag(self, name: str, value) -> bool:
        """A flag of a step as a bool: Python's, numpy's, or a number that is 0 or 1."""
        if isinstance(value, (bool, self.numpy.bool_)):
            return bool(value)
        try:
            array = self.numpy.asarray(value)
            if array.shape == () and array.dtype.kind in "biuf" and array in (0, 1):
                return bool(array)
        except Exception:
            pass
        raise Failure(f"{name} is {describe(value)}, not a boolean")

    def reward_failure(self, rewards: list, error: Exception) -> Exception:
        """The failure for the first invalid reward."""
        for operation, reward in zip(self.operations, rewards):
            try:
                struct.pack("<d", reward)
            except Exception:
                progress[0] = operation
                what = "a number that float64 can hold" if isinstance(reward, int) else "a number"
                return Failure(f"the reward is {describe(reward)}, not {what}")
        return error


def categories(spaces, space) -> list[tuple[int, int]] | None:
    """The count and the lowest value of each whole number of a space, or None if it has other numbers."""
    if isinstance(space, spaces.Discrete):
        return [(int(space.n), int(space.start))]
    if isinstance(space, spaces.MultiDiscrete):
        counts = [int(n) for n in space.nvec.ravel()]
        # Gymnasium before version 1.0 has no start here.
        starts = [int(n) for n in space.start.ravel()] if hasattr(space, "start") else [0] * len(counts)
        return list(zip(counts, starts))
    if isinstance(space, spaces.Tuple):
        parts = [categories(spaces, part) for part in space.spaces]
        if parts and all(parts):
            return [each for part in parts for each in part]
    return None


def reason(error: BaseException) -> str:
    """An error in one line, with the innermost position outside of this file."""
    if isinstance(error, Failure):
        return str(error)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename != "<string>"]
    where = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    text = " ".join(str(error).split())
    # Gymnasium's wrappers unpack what `step` returned before it can be checked here.
    unpacking = re.fullmatch(r"not enough values to unpack \(expected 5, got (\d)\)", text)
    if unpacking and frames and f"{os.sep}gymnasium{os.sep}" in frames[-1].filename:
        return str(step_failure((None,) * int(unpacking[1])))
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
            elif kind == ord("P"):
                worlds.picture(request)
            elif kind == ord("M"):
                worlds = Worlds(request)
                send("H", worlds.handshake())
            else:
                raise Failure(f"request kind {kind} is unknown")
        except Exception as error:
            if not isinstance(error, Failure):
                traceback.print_exc()
            send("E", reason(error).encode(errors="replace")[:4096])


main()
