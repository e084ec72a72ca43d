"""An event file as tensorboard's own writer makes it.

Makes Tests/Fixtures/tensorboard.json. From the repository root:

    python Tests/Fixtures/generate/tensorboard_events.py
"""

import argparse
from pathlib import Path

OUTPUT = Path(__file__).resolve().parents[1] / "tensorboard.json"
# The step, the seconds since 1970, and the points of curves.
EVENTS = [
    (0, 1_700_000_000.25, [("return", -200.0)]),
    (5_000, 1_700_000_001.5, [("charts/return", -98.46875), ("charts/ε", 0.05), ("losses/q", 0.0)]),
    (3_000_000_000, 1_700_000_002.0, [("return", float("inf")), ("loss", 1e-45)]),
    (3_000_000_001, 1_700_000_003.0, []),
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()

    import io

    import numpy as np
    import tensorboard
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    from fixture_io import f32, f64, generator_info, write_json

    file = io.BytesIO()
    writer = RecordWriter(file)
    start = EVENTS[0][1]
    writer.write(Event(wall_time=start, file_version="brain.Event:2").SerializeToString())
    for step, time, values in EVENTS:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values])
        writer.write(Event(wall_time=time, step=step, summary=summary).SerializeToString())
    write_json(options.output, {
        "generator": generator_info(__file__, tensorboard),
        "events": [{"step": step, "time_f64": f64([time])[0], "tags": [tag for tag, _ in values],
                    "values_f32": f32(np.array([value for _, value in values], np.float32))}
                   for step, time, values in EVENTS],
        "file": file.getvalue().hex(),
    })


if __name__ == "__main__":
    main()
