"""The user's files are safe: checkpoints of a run go to the run's own folder.

What ``torch.save``, safetensors, a SummaryWriter or ``open()`` with a checkpoint's ending writes
is redirected; where the script reads, stats, copies, renames or removes such a file afterwards,
it gets the redirected one. Other files that are opened for writing inside the working directory
are let through and noted.
"""

from __future__ import annotations

import builtins
import functools
import io
import json
import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING, Any

from zgtui.instrument.protocol import FILES, WRITTEN, RunSpec

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKPOINTS = (".pt", ".pth", ".pt2", ".ckpt", ".safetensors")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Writes:
    """Redirects and notes what a process of the run writes."""

    def __init__(self, spec: RunSpec) -> None:
        self._keep = spec.keep_checkpoints
        self._own = os.path.realpath(spec.folder)
        self._log_folder = os.path.realpath(spec.log)
        self._files = os.path.join(self._own, FILES)  # noqa: PTH118 - this module stands below pathlib, on the functions that it replaces
        self._cwd = os.path.realpath(".")
        self._stat = os.stat
        self._noted: set[str] = set()
        self._log = -1
        self._noting = False

    def install(self) -> None:
        """Watch and redirect what Python itself opens, from now on."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._log = os.open(f"{self._own}/{WRITTEN}", flags, 0o600)
        sys.addaudithook(self._audit)
        if self._keep:
            return
        builtins.open = io.open = self._opening(io.open)
        for name in ("stat", "remove", "unlink"):
            _replace(name, self._reading(getattr(os, name)))
        for name in ("rename", "replace", "link", "symlink"):
            _replace(name, self._moving(getattr(os, name)))
        shutil.copyfile = self._moving(shutil.copyfile)

    def torch_imported(self, torch: Any) -> None:
        """Redirect torch's own writing and reading."""
        if self._keep:
            return
        torch.save = self._writing(torch.save, 1, "f")
        torch.load = self._reading(torch.load, "f")
        torch.jit.save = self._writing(torch.jit.save, 1, "f")
        torch.jit.load = self._reading(torch.jit.load, "f")

    def safetensors_imported(self, module: Any) -> None:
        """Redirect the writing and reading of safetensors."""
        if self._keep:
            return
        module.save_file = self._writing(module.save_file, 1, "filename")
        module.load_file = self._reading(module.load_file, "filename")

    def tensorboard_imported(self, module: Any) -> None:
        """Redirect every SummaryWriter."""
        if self._keep:
            return
        original = module.SummaryWriter.__init__

        @functools.wraps(original)
        def __init__(this: Any, log_dir: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it stands in for one
            log_dir = kwargs.pop("logdir", log_dir)
            name = "runs" if log_dir is None else os.fspath(log_dir)
            original(this, self.place(str(name)), *args, **kwargs)

        module.SummaryWriter.__init__ = __init__

    def place(self, path: str) -> str:
        """Where ``path`` is redirected to; ``path`` itself for a device or the run's own file."""
        whole = os.path.realpath(path)
        if whole.startswith(self._own + os.sep):
            return path
        try:
            mode = self._stat(whole).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return path
        except OSError:
            pass  # it does not exist yet
        inside = whole.startswith(self._cwd + os.sep)
        tail = os.path.relpath(whole, self._cwd) if inside else "outside" + whole
        return os.path.join(self._files, tail)  # noqa: PTH118 - below pathlib

    def _made(self, path: Any) -> Any:
        """The redirected file where there is one, else ``path`` as it was given."""
        if not isinstance(path, str | os.PathLike):
            return path
        try:
            self._stat(self._files)
        except OSError:
            return path
        name = os.fspath(path)
        if not isinstance(name, str):
            return path
        there = self.place(name)
        try:
            self._stat(there)
        except OSError:
            return path
        return there

    def _new(self, path: Any) -> Any:
        """Where a checkpoint named ``path`` is to be written; anything but a name as it is."""
        if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
            return path
        there = self.place(os.fspath(path))
        os.makedirs(os.path.dirname(there), exist_ok=True)  # noqa: PTH103, PTH120 - below pathlib
        return there

    def _opening(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def open_(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if isinstance(file, str | os.PathLike):
                writes = any(letter in mode for letter in "wax+")
                if writes and str(file).endswith(CHECKPOINTS):
                    file = self._new(file)
                else:
                    file = self._made(file)
            return original(file, mode, *args, **kwargs)

        return open_

    def _reading(self, original: Callable[..., Any], keyword: str = "path") -> Callable[..., Any]:
        @functools.wraps(original)
        def read(*args: Any, **kwargs: Any) -> Any:
            if args:
                args = (self._made(args[0]), *args[1:])
            elif keyword in kwargs:
                kwargs[keyword] = self._made(kwargs[keyword])
            return original(*args, **kwargs)

        return read

    def _writing(
        self, original: Callable[..., Any], position: int, keyword: str
    ) -> Callable[..., Any]:
        @functools.wraps(original)
        def write(*args: Any, **kwargs: Any) -> Any:
            if len(args) > position:
                place = self._new(args[position])
                args = (*args[:position], place, *args[position + 1 :])
            elif keyword in kwargs:
                kwargs[keyword] = self._new(kwargs[keyword])
            return original(*args, **kwargs)

        return write

    def _moving(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A redirected file stays within the redirected ones, whatever its new name."""

        @functools.wraps(original)
        def move(src: Any, dst: Any, *args: Any, **kwargs: Any) -> Any:
            there = self._made(src)
            if there is not src:
                dst = self._new(dst)
            return original(there, dst, *args, **kwargs)

        return move

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or self._noting:
            return
        path, _, flags = args
        if not isinstance(flags, int) or not flags & _WRITING or not isinstance(path, str):
            return
        self._noting = True
        try:
            whole = os.path.realpath(path)
            inside = whole.startswith(self._cwd + os.sep) and "__pycache__" not in whole
            ours = whole.startswith((self._own + os.sep, self._log_folder + os.sep))
            if inside and not ours and whole not in self._noted:
                self._noted.add(whole)
                os.write(self._log, json.dumps(whole).encode() + b"\n")
        except OSError:
            pass  # a file that cannot be noted is still the script's to write
        finally:
            self._noting = False


def _replace(name: str, wrapper: Callable[..., Any]) -> None:
    """Put ``wrapper`` in the place of a function of ``os``, with what the system can do by it."""
    original = getattr(os, name)
    for supported in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if original in supported:
            supported.add(wrapper)
    setattr(os, name, wrapper)
