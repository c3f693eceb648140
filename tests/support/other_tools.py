"""What other tools keep of a training, written as they write it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Scalars = Iterable[tuple[int, Mapping[str, Any]]]
"""The numbers of some steps by name, and what else a tool keeps beside them."""


def write_events(
    folder: Path, scalars: Scalars, *, as_tensors: bool = False, pace: float = 0.0
) -> Path:
    """An event file of TensorBoard in ``folder``; ``as_tensors``: as TensorFlow 2 writes it.

    A step takes ``pace`` seconds.
    """
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - slow to import
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415 - as above
    from tensorboard.summary.writer.event_file_writer import (  # noqa: PLC0415 - as above
        EventFileWriter,
    )
    from tensorboard.util.tensor_util import make_tensor_proto  # noqa: PLC0415 - as above

    def value(tag: str, number: Any) -> Any:
        if as_tensors:
            return Summary.Value(tag=tag, tensor=make_tensor_proto(number))
        return Summary.Value(tag=tag, simple_value=number)

    before = set(folder.glob("*")) if folder.exists() else set()
    writer = EventFileWriter(str(folder))
    for step, numbers in scalars:
        values = [value(tag, number) for tag, number in numbers.items()]
        now = 1.7e9 + pace * step
        writer.add_event(Event(wall_time=now, step=step, summary=Summary(value=values)))
    writer.close()
    return next(iter(set(folder.glob("*")) - before))


def write_trainer_state(path: Path, entries: Iterable[Mapping[str, Any]]) -> Path:
    """What the Trainer of transformers saves at a checkpoint."""
    history = list(entries)
    state = {"best_metric": None, "global_step": history[-1]["step"], "log_history": history}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(state, indent=2))
    return path


def write_trackio(path: Path, run: str, scalars: Scalars) -> Path:
    """Rows of the run ``run`` in a project of trackio."""
    with closing(sqlite3.connect(path)) as store:
        store.execute(
            "CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            " run_id TEXT NOT NULL, timestamp TEXT NOT NULL, run_name TEXT NOT NULL,"
            " step INTEGER NOT NULL, metrics TEXT NOT NULL)"
        )
        store.executemany(
            "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics)"
            " VALUES (?, '2026-01-01', ?, ?, ?)",
            [(f"id-{run}", run, step, json.dumps(numbers)) for step, numbers in scalars],
        )
        store.commit()
    return path
