"""What a message costs the bridge's Python, without a program at the other end.

    python child_alone.py BRIDGE.PY CartPole-v1 COUNT MESSAGES

prints the microseconds that receiving a request, stepping and sending the reply take for a step of one
environment; the request is there already, and no program waits for the reply.
"""

import argparse
import fcntl
import json
import os
import random
import socket
import struct
import time
import zlib
from pathlib import Path
from typing import Any


def frame(kind: bytes, payload: bytes) -> bytes:
    body = kind + payload
    return struct.pack("<I", len(body) + 4) + body + struct.pack("<I", zlib.crc32(body))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", metavar="BRIDGE.PY")
    parser.add_argument("name")
    parser.add_argument("count", type=int)
    parser.add_argument("messages", type=int)
    options = parser.parse_args()
    script, name, count, messages = options.script, options.name, options.count, options.messages
    ends = [*socket.socketpair(), *socket.socketpair()]
    # High numbers first: what the bridge finds at 3 and 4 may be what an end has now.
    end, theirs, _, life = (fcntl.fcntl(each, fcntl.F_DUPFD, 100) for each in ends)
    os.dup2(theirs, 3)
    os.dup2(life, 4)
    progress = os.memfd_create("progress")
    os.ftruncate(progress, 8)
    os.dup2(progress, 5)
    os.setpgid(0, 0)
    # The other ends are this process's own business here.
    os.closerange = lambda *_: None
    bridge: dict[str, Any] = {}
    source = Path(script).read_text(encoding="utf-8")
    exec(compile(source.removesuffix("main()\n"), script, "exec"), bridge)

    order = {"id": name, "arguments": {}, "count": count, "trusted": False, "masks": True,
             "seeds": False}
    worlds = bridge["Worlds"](json.dumps(order).encode())
    worlds.reset(struct.pack(f"<{count}Q", *range(count)))
    os.read(end, 1 << 20)
    draw = random.Random(0)
    limit = int(worlds.actions.n)
    total = 0.0
    for i in range(messages + messages // 20):
        actions = [draw.randrange(limit) for _ in range(count)]
        os.write(end, frame(b"S", struct.pack(f"<{count}I", *actions)))
        start = time.perf_counter()
        _, request = bridge["receive"]()
        worlds.step(request)
        if i >= messages // 20:
            total += time.perf_counter() - start
        os.read(end, 1 << 20)
    print(total / (messages * count) * 1e6)


main()
