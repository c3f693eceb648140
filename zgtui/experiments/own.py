"""A user's own experiment: ``FILE.py:FUNCTION`` or ``package.module:FUNCTION``."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import torch

from zgtui.errors import UsageError, ZgtuiError, suggest
from zgtui.experiments.experiment import Experiment


def load_own(target: str, size: str | None = None) -> Experiment:
    """The `Experiment` that the user's function returns; it is called without arguments.

    Raises:
        UsageError: if there is no such file, module or function, what it returns is no Experiment,
            or the user's code fails: the sentence then ends with the traceback of their frames.
    """
    if size is not None:
        raise UsageError(f"--size is for experiments of zgtui's own, not for {target!r}")
    place, _, function = target.rpartition(":")
    if not place or not function:
        raise UsageError(f"an experiment of your own is FILE.py:FUNCTION, not {target!r}")
    with as_usage_error(target):
        module = _from_file(Path(place)) if place.endswith(".py") else _from_name(place)
    build = getattr(module, function, None)
    if not callable(build):
        raise UsageError(f"{place} has no function {function!r}.{suggest(function, vars(module))}")
    with as_usage_error(target):
        experiment = build()
    if not isinstance(experiment, Experiment):
        raise UsageError(
            f"{target} returned a {type(experiment).__name__}; it must return a zgtui.Experiment"
        )
    return experiment


def _from_file(path: Path) -> ModuleType:
    path = path.expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    name = f"zgtui_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported as Python")
    # The file's neighbours can be imported, as where it is run as a script.
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _from_name(name: str) -> ModuleType:
    if os.getcwd() not in sys.path:  # noqa: PTH109 - import paths are texts
        sys.path.insert(0, os.getcwd())  # noqa: PTH109 - likewise
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise UsageError(f"there is no module {name!r} to import from {Path.cwd()}") from error
        raise


@contextmanager
def as_usage_error(target: str) -> Iterator[None]:
    """Turn an error of the user's code into a UsageError that ends with their frames alone."""
    try:
        yield
    except ZgtuiError:
        raise
    except Exception as error:
        raise UsageError(f"{target} failed:\n{_their_frames(error)}") from error


def _their_frames(error: BaseException) -> str:
    """The traceback of ``error`` without the frames of this project, of torch and of imports."""
    others = (
        Path(__file__).parents[1],
        Path(torch.__file__).parent,
        Path(importlib.__file__).parent,
    )
    folders = tuple(f"{folder}{os.sep}" for folder in others)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((*folders, "<frozen"))
    ]
    lines = traceback.format_list(frames) + traceback.format_exception_only(error)
    return "".join(lines).rstrip()
