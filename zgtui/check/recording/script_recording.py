"""Starts the recording of a script that `zgtui check` runs, into files of the run's own folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zgtui.check.observations import FILE, Observation, to_line
from zgtui.check.recording.autograd_calls import watch_engine, watch_grads
from zgtui.check.recording.fast_paths import keep_fast_paths
from zgtui.check.recording.followed_threads import follow_threads
from zgtui.check.recording.recorder import Recorder
from zgtui.training.lazy_dynamo import put_off

if TYPE_CHECKING:
    from pathlib import Path

    from zgtui.instrument.instrument import Instrument
    from zgtui.instrument.protocol import RunSpec


def make(instrument: Instrument, spec: RunSpec) -> Recorder:
    """A recorder that appends to the run's own folder."""
    return start(Recorder, instrument, spec)


def start(kind: type[Recorder], instrument: Instrument, spec: RunSpec) -> Recorder:
    """One of that kind, with everything watched that it is to hear of."""
    if os.environ.get("TORCH_COMPILE_DISABLE") == "1":
        put_off()  # nothing will be compiled, and a first optimizer need not cost as much as torch
    recorder = kind(RecordingFile(spec.own), spec.limit, instrument.switch_off)
    watch_grads(recorder.grads_made, lambda: instrument.on, instrument.switch_off)
    watch_engine(lambda: recorder.follower)
    keep_fast_paths(lambda: recorder.follower)
    follow_threads(lambda: recorder)
    recorder.begin()
    return recorder


class RecordingFile:
    """A file for each process: `FILE` for the first that has something to tell."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._own = folder, (0, -1)
        """The process, and its file: together, since another thread may come in between."""

    def __call__(self, observation: Observation) -> None:
        """Write it down."""
        pid, descriptor = self._own
        if os.getpid() != pid:
            descriptor = self._opened()
        rest = to_line(observation).encode()
        while rest:  # a full disk takes the first part of a line, and the rest once it has room
            rest = rest[os.write(descriptor, rest) :]

    def _opened(self) -> int:
        pid, path = os.getpid(), self._folder / FILE
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags | os.O_EXCL, 0o600)
        except FileExistsError:
            own = path.with_name(f"{path.stem}.{pid}{path.suffix}")
            descriptor = os.open(own, flags, 0o600)
        self._own = pid, descriptor
        return descriptor
