"""What is done in each process of a script before the script's own first line."""

from __future__ import annotations

import json
import os
import random
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.instrument.control import claim
from zgtui.instrument.import_hooks import AfterImport, ReplacedSources
from zgtui.instrument.protocol import ERROR, RANKS, RunSpec
from zgtui.instrument.redirect import Writes
from zgtui.instrument.sites import is_user_code
from zgtui.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, TracebackType

_PACKAGE = str(Path(__file__).resolve().parents[1])


def prepare() -> None:
    """Seed, watch what is written, and observe the training once torch is imported."""
    spec = RunSpec.from_environment(os.environ)
    seed = _seed(spec)
    if seed is not None:
        random.seed(seed)
    if "RANK" in os.environ:
        (spec.own / RANKS).touch(0o600)
    writes = Writes(spec)
    writes.install()
    actions: dict[str, Callable[[ModuleType], None]] = {
        "torch": lambda torch: _observe(spec, seed, writes, torch),
        "numpy": lambda numpy: _seed_numpy(seed, numpy),
        "safetensors.torch": writes.safetensors_imported,
        "safetensors.numpy": writes.safetensors_imported,
        "torch.utils.tensorboard.writer": writes.tensorboard_imported,
        "tensorboardX.writer": writes.tensorboard_imported,
    }
    AfterImport(actions).install()
    if spec.replaced:
        ReplacedSources(spec.replaced).install()
    sys.excepthook = _excepthook(spec, sys.excepthook)


def _seed(spec: RunSpec) -> int | None:
    """The seed of this process.

    Ranks of a launcher get one each. What a script starts by itself is left alone: it inherits
    or derives its seeds as it would without us.
    """
    if spec.seed is None:
        return None
    rank = os.environ.get("RANK", "")
    if rank.isdecimal():
        return spec.seed + int(rank)
    return spec.seed if claim(spec.own / "main") else None


def _seed_numpy(seed: int | None, numpy: ModuleType) -> None:
    if seed is not None:
        numpy.random.seed(seed)


def _observe(spec: RunSpec, seed: int | None, writes: Writes, torch: ModuleType) -> None:
    if seed is not None:
        torch.manual_seed(seed)
    try:
        writes.torch_imported(torch)
        from zgtui.instrument.session import begin  # noqa: PLC0415 - imports torch

        begin(spec)
    except Exception as error:  # noqa: BLE001 - whatever it is, the script goes on
        reason = printable(f"{type(error).__name__}: {error}")
        sys.stderr.write(f"zgtui: this script is not observed: {reason}\n")


def _excepthook(
    spec: RunSpec,
    original: Callable[[type[BaseException], BaseException, TracebackType | None], object],
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        trace = without_ours(trace)
        note_error(spec.own / ERROR, error, trace)
        original(kind, error.with_traceback(trace), trace)

    return hook


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """The traceback as it would be without the wrapped calls."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        trace = trace.tb_next
    if trace is not None:
        trace.tb_next = without_ours(trace.tb_next)
    return trace


def note_error(path: Path, error: BaseException, trace: TracebackType | None) -> None:
    """Keep the first error of a run, its traceback cut to the user's frames."""
    frames: list[dict[str, Any]] = [
        {"file": at.filename, "line": at.lineno, "function": at.name, "text": at.line or ""}
        for at in traceback.extract_tb(trace)
        if is_user_code(at.filename)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        text = (error.text or "").strip()
        at = {"file": error.filename, "line": error.lineno or 0, "function": "", "text": text}
        frames.append(at)
    values = {"type": type(error).__name__, "message": str(error), "frames": frames}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file)
