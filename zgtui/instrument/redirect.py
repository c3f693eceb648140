"""The user's files are safe: checkpoints of a run go to the run's own folder.

What ``torch.save``, safetensors, a SummaryWriter, ``open()`` or ``os.open()`` with a checkpoint's
ending writes is redirected; where the script reads, stats, lists, copies, renames or removes such a
file afterwards, it gets the redirected one. A checkpoint that was there before is never written,
renamed or removed: the script sees it change, and it stays. Other files that are written are let
through and noted.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
import pathlib
import shutil
import sys
from typing import TYPE_CHECKING, Any

from zgtui.instrument.listing import Entries
from zgtui.instrument.placement import Placement, is_checkpoint, like, name_of
from zgtui.instrument.protocol import FILES, RunSpec
from zgtui.instrument.written import WRITING, WrittenFiles

if TYPE_CHECKING:
    from collections.abc import Callable

READING = (
    "stat", "lstat", "access", "chmod", "utime", "truncate", "listxattr", "getxattr", "setxattr",
)  # fmt: skip
"""Functions of ``os`` that take the name of a file, as far as a system has them."""


class Writes:
    """Redirects and notes what a process of the run writes."""

    def __init__(self, spec: RunSpec) -> None:
        self._keep = spec.keep_checkpoints
        own = os.path.realpath(spec.folder)
        self._written = WrittenFiles(own, os.path.realpath(spec.log))
        self._places = Placement(own, os.path.join(own, FILES))  # noqa: PTH118 - below pathlib, on the functions that are replaced

    def install(self) -> None:
        """Watch and redirect what Python itself opens, from now on."""
        self._written.watch()
        if self._keep:
            return
        _replace_open(self._opening(io.open))
        _replace("open", self._opening_low(os.open))
        for name in filter(functools.partial(hasattr, os), READING):
            _replace(name, self._reading(getattr(os, name)))
        for name in ("remove", "unlink"):
            _replace(name, self._removing(getattr(os, name)))
        for name in ("rename", "replace"):
            _replace(name, self._renaming(getattr(os, name)))
        for name in ("link", "symlink"):
            _replace(name, self._copying(getattr(os, name), over=False))
        _replace("mkdir", self._making(os.mkdir))
        _replace("rmdir", self._removing_folder(os.rmdir))
        _replace("listdir", self._listing(os.listdir))
        _replace("scandir", self._scanning(os.scandir))
        shutil.copyfile = self._copying(shutil.copyfile, over=True)
        shutil.rmtree = self._removing_tree(shutil.rmtree)  # type: ignore[assignment]  # it stands in for one

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
            original(this, self._places.place(str(name)), *args, **kwargs)

        module.SummaryWriter.__init__ = __init__

    def _opening(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def open_(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            name = name_of(file)
            if name is not None and any(letter in mode for letter in "wax+"):
                if is_checkpoint(name):
                    file = self._places.new(file, keep="w" not in mode and "x" not in mode)
                elif self._places.made(file) is not file:
                    file = self._places.new(file)
            elif name is not None:
                file = self._places.made(file)
            return original(file, mode, *args, **kwargs)

        return open_

    def _opening_low(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def open_(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            name = None if dir_fd is not None else name_of(path)
            if name is not None and flags & WRITING and is_checkpoint(name):
                path = self._places.new(path, keep=not flags & (os.O_TRUNC | os.O_EXCL))
            elif name is not None:
                there = self._places.made(path)
                path = self._places.new(path) if flags & WRITING and there is not path else there
            return int(original(path, flags, mode, dir_fd=dir_fd))

        return open_

    def _reading(self, original: Callable[..., Any], keyword: str = "path") -> Callable[..., Any]:
        @functools.wraps(original)
        def read(*args: Any, **kwargs: Any) -> Any:
            if kwargs.get("dir_fd") is None:
                if args:
                    args = (self._places.made(args[0]), *args[1:])
                elif keyword in kwargs:
                    kwargs[keyword] = self._places.made(kwargs[keyword])
            return original(*args, **kwargs)

        return read

    def _writing(
        self, original: Callable[..., Any], position: int, keyword: str
    ) -> Callable[..., Any]:
        @functools.wraps(original)
        def write(*args: Any, **kwargs: Any) -> Any:
            if len(args) > position:
                place = self._places.new(args[position])
                args = (*args[:position], place, *args[position + 1 :])
            elif keyword in kwargs:
                kwargs[keyword] = self._places.new(kwargs[keyword])
            return original(*args, **kwargs)

        return write

    def _removing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A checkpoint from before the run is only hidden."""

        @functools.wraps(original)
        def remove(path: Any, *, dir_fd: int | None = None) -> None:
            there = path if dir_fd is not None else self._places.made(path)
            if dir_fd is None and self._places.is_old(path):
                self._places.hide(path)
                if there is path:
                    return
            original(there, dir_fd=dir_fd)

        return remove

    def _removing_tree(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A folder that holds checkpoints from before the run is only hidden."""

        @functools.wraps(original)
        def rmtree(path: Any, *args: Any, **kwargs: Any) -> None:
            name = name_of(path)
            there = self._places.made(path)
            if there is not path:
                original(there, *args, **kwargs)
            if name is None or self._places.is_own(name):
                if there is path:
                    original(path, *args, **kwargs)
                return
            below = self._places.below(name)
            if any(map(is_checkpoint, below)):
                self._places.hide(name, *below)
            elif there is path or self._places.exists(name):
                original(path, *args, **kwargs)

        return rmtree

    def _removing_folder(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A folder of which all that is left is hidden is hidden too."""

        @functools.wraps(original)
        def rmdir(path: Any, *, dir_fd: int | None = None) -> None:
            name = None if dir_fd is not None or self._places.looking else name_of(path)
            if name is not None and self._places.is_emptied(name):
                there = self._places.made(path)
                if there is not path:
                    original(there)
                self._places.hide(name)
                return
            original(path, dir_fd=dir_fd)

        return rmdir

    def _renaming(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A redirected file stays among the redirected, and one from before the run as it is."""

        @functools.wraps(original)
        def rename(src: Any, dst: Any, **kwargs: Any) -> None:
            if any(value is not None for value in kwargs.values()) or self._places.looking:
                original(src, dst, **kwargs)
                return
            there = self._places.made(src)
            if there is src and self._places.is_old(src):
                there = self._places.new(src, keep=True)
                self._places.hide(src)
            to = name_of(dst)
            if there is not src:
                original(there, self._places.new(dst))
                if self._places.is_folder(src):  # its other files are where the script wrote them
                    original(src, dst)
            elif to is not None and is_checkpoint(to) and not self._places.is_folder(src):
                self._places.move(src, self._places.new(dst))
            else:
                folder = os.fsdecode(src)
                below = self._places.below(folder)
                if any(map(is_checkpoint, below)):
                    self._places.copy_tree(src, self._places.new(dst))
                    self._places.hide(folder, *below)
                else:
                    original(src, dst)

        return rename

    def _copying(self, original: Callable[..., Any], *, over: bool) -> Callable[..., Any]:
        """A copy of a redirected file is one too, and so is one ``over`` a checkpoint."""

        @functools.wraps(original)
        def copy(src: Any, dst: Any, *args: Any, **kwargs: Any) -> Any:
            there = self._places.made(src)
            to = name_of(dst)
            if there is not src or (over and to is not None and is_checkpoint(to)):
                original(there, self._places.new(dst), *args, **kwargs)
                return dst
            return original(src, dst, *args, **kwargs)

        return copy

    def _making(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A folder that was hidden is there again, and empty."""

        @functools.wraps(original)
        def mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
            name = None if dir_fd is not None else name_of(path)
            if name is not None and self._places.show(name):
                return
            original(path, mode, dir_fd=dir_fd)

        return mkdir

    def _listing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The redirected files are in the folder where the script has written them."""

        @functools.wraps(original)
        def listdir(path: Any = None) -> Any:
            places = self._places.folders(path)
            if places is None:
                return original(path)
            name, there = places
            names = original(path) if there is name or self._places.is_folder(name) else []
            if there is not name and self._places.is_folder(there):
                names = [*names, *original(like(path, there))]
            shown = (one for one in names if not self._places.is_removed(name, one))
            return list(dict.fromkeys(shown))

        return listdir

    def _scanning(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def scandir(path: Any = None) -> Any:
            places = self._places.folders(path)
            if places is None:
                return original(path)
            name, there = places
            folders = (
                [name, there] if there is not name and self._places.is_folder(name) else [there]
            )
            scans = [original(like(path, one)) for one in reversed(folders)]
            return Entries(scans, lambda one: self._places.is_removed(name, one))

        return scandir


TOOK_OPEN = ("bz2", "_builtin_open"), ("tarfile", "bltn_open")
"""Modules that take the built-in ``open`` when they are imported, and what they call it."""


def _replace_open(wrapper: Callable[..., Any]) -> None:
    """Put ``wrapper`` in the place of the built-in ``open``."""
    builtins.open = io.open = wrapper
    for module, name in TOOK_OPEN:
        if module in sys.modules:
            setattr(sys.modules[module], name, wrapper)
    _replace_in_pathlib("open", wrapper)


def _replace_in_pathlib(name: str, wrapper: Callable[..., Any]) -> None:
    """In Python 3.10 pathlib takes the functions that it calls when it is imported."""
    taken = getattr(pathlib, "_normal_accessor", None)
    if hasattr(taken, name):
        setattr(taken, name, wrapper)


def _replace(name: str, wrapper: Callable[..., Any]) -> None:
    """Put ``wrapper`` in the place of a function of ``os``, with what the system can do by it."""
    original = getattr(os, name)
    if name != "open":  # that of pathlib is the built-in one
        _replace_in_pathlib(name, wrapper)
    for supported in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if original in supported:
            supported.add(wrapper)
    setattr(os, name, wrapper)
