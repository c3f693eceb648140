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
import shutil
import stat
import threading
from typing import TYPE_CHECKING, Any

from zgtui.instrument.listing import Entries
from zgtui.instrument.protocol import FILES, RunSpec
from zgtui.instrument.written import WRITING, WrittenFiles

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKPOINTS = (".pt", ".pth", ".pt2", ".ckpt", ".safetensors", ".bin", ".pkl")
READING = (
    "stat", "lstat", "access", "chmod", "utime", "truncate", "listxattr", "getxattr", "setxattr",
)  # fmt: skip
"""Functions of ``os`` that take the name of a file, as far as a system has them."""


class _Busy(threading.local):
    """Whether this thread is in a wrapper already: looking up a name calls what is wrapped."""

    now = False


def is_checkpoint(path: str) -> bool:
    """Whether ``path`` ends as checkpoints do."""
    return path.lower().endswith(CHECKPOINTS)


def name_of(path: Any) -> str | None:
    """``path`` as text; None for what is no name, such as a descriptor."""
    if isinstance(path, str | bytes | os.PathLike):
        return os.fsdecode(path)
    return None


def like(path: Any, there: str) -> str | bytes:
    """``there`` as ``path`` is given."""
    return os.fsencode(there) if isinstance(path, bytes) else there


class Writes:
    """Redirects and notes what a process of the run writes."""

    def __init__(self, spec: RunSpec) -> None:
        self._keep = spec.keep_checkpoints
        self._own = os.path.realpath(spec.folder)
        self._written = WrittenFiles(self._own, os.path.realpath(spec.log))
        self._files = os.path.join(self._own, FILES)  # noqa: PTH118 - this module stands below pathlib, on the functions that it replaces
        self._cwd = os.path.realpath(".")
        self._stat, self._copy, self._walk = os.stat, shutil.copyfile, os.walk
        self._hidden: set[str] = set()
        """Checkpoints from before the run, and folders of such, that the script has removed."""
        self._busy = _Busy()

    def install(self) -> None:
        """Watch and redirect what Python itself opens, from now on."""
        self._written.watch()
        if self._keep:
            return
        builtins.open = io.open = self._opening(io.open)
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
            original(this, self.place(str(name)), *args, **kwargs)

        module.SummaryWriter.__init__ = __init__

    def place(self, path: str) -> str:
        """Where ``path`` is redirected to; ``path`` itself for a device or the run's own file."""
        whole = self._real(path)
        if whole.startswith(self._own + os.sep):
            return path
        try:
            mode = self._stat(whole).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return path
        except OSError:
            pass  # it does not exist yet
        inside = whole == self._cwd or whole.startswith(self._cwd + os.sep)
        tail = os.path.relpath(whole, self._cwd) if inside else "outside" + whole
        return os.path.normpath(os.path.join(self._files, tail))  # noqa: PTH118 - below pathlib

    def _real(self, path: str) -> str:
        """``path`` without symbolic links, as it really is."""
        before, self._busy.now = self._busy.now, True
        try:
            return os.path.realpath(path)
        finally:
            self._busy.now = before

    def _exists(self, path: str) -> bool:
        try:
            self._stat(path)
        except OSError:
            return False
        return True

    def _made(self, path: Any) -> Any:
        """The redirected file where there is one, else ``path`` as it was given.

        What was removed is looked for among the redirected ones, where it is not.
        """
        name = name_of(path)
        if name is None or self._busy.now or not (self._hidden or self._exists(self._files)):
            return path
        self._busy.now = True
        try:
            there = self.place(name)
            hidden = bool(self._hidden) and self._real(name) in self._hidden
            return like(path, there) if hidden or self._exists(there) else path
        finally:
            self._busy.now = False

    def _new(self, path: Any, *, keep: bool = False) -> Any:
        """Where a checkpoint named ``path`` is to be written; anything but a name as it is.

        ``keep``: with what it holds, to be written on.
        """
        name = name_of(path)
        if name is None or self._busy.now:
            return path
        self._busy.now = True
        try:
            there = self.place(name)
            os.makedirs(os.path.dirname(there), exist_ok=True)  # noqa: PTH103, PTH120 - below pathlib
            shown = self._real(name) not in self._hidden
            if keep and shown and there != name and not self._exists(there) and self._exists(name):
                self._copy(name, there)
            return like(path, there)
        finally:
            self._busy.now = False

    def _is_old(self, path: Any) -> bool:
        """Whether ``path`` is a checkpoint from before the run."""
        name = name_of(path)
        return (
            name is not None
            and not self._busy.now
            and is_checkpoint(name)
            and self.place(name) != name
            and self._exists(name)
        )

    def _hide(self, path: Any) -> None:
        self._hidden.add(self._real(os.fsdecode(path)))

    def _opening(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def open_(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            name = name_of(file)
            if name is not None and any(letter in mode for letter in "wax+"):
                if is_checkpoint(name):
                    file = self._new(file, keep="w" not in mode and "x" not in mode)
                elif self._made(file) is not file:
                    file = self._new(file)
            elif name is not None:
                file = self._made(file)
            return original(file, mode, *args, **kwargs)

        return open_

    def _opening_low(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def open_(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            name = None if dir_fd is not None else name_of(path)
            if name is not None and flags & WRITING and is_checkpoint(name):
                path = self._new(path, keep=not flags & (os.O_TRUNC | os.O_EXCL))
            elif name is not None:
                there = self._made(path)
                path = self._new(path) if flags & WRITING and there is not path else there
            return int(original(path, flags, mode, dir_fd=dir_fd))

        return open_

    def _reading(self, original: Callable[..., Any], keyword: str = "path") -> Callable[..., Any]:
        @functools.wraps(original)
        def read(*args: Any, **kwargs: Any) -> Any:
            if kwargs.get("dir_fd") is None:
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

    def _removing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A checkpoint from before the run is only hidden."""

        @functools.wraps(original)
        def remove(path: Any, *, dir_fd: int | None = None) -> None:
            there = path if dir_fd is not None else self._made(path)
            if dir_fd is None and self._is_old(path):
                self._hide(path)
                if there is path:
                    return
            original(there, dir_fd=dir_fd)

        return remove

    def _removing_tree(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A folder that holds checkpoints from before the run is only hidden."""

        @functools.wraps(original)
        def rmtree(path: Any, *args: Any, **kwargs: Any) -> None:
            name = name_of(path)
            there = self._made(path)
            if there is not path:
                original(there, *args, **kwargs)
            if name is None or self._real(name).startswith(self._own + os.sep):
                if there is path:
                    original(path, *args, **kwargs)
                return
            below = self._below(name)
            if any(map(is_checkpoint, below)):
                self._hide_all([name, *below])
            elif there is path or self._exists(name):
                original(path, *args, **kwargs)

        return rmtree

    def _removing_folder(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A folder of which all that is left is hidden is hidden too."""

        @functools.wraps(original)
        def rmdir(path: Any, *, dir_fd: int | None = None) -> None:
            name = None if dir_fd is not None or self._busy.now else name_of(path)
            below = self._below(name) if name is not None and self._hidden else []
            if name is not None and below and all(self._real(one) in self._hidden for one in below):
                there = self._made(path)
                if there is not path:
                    original(there)
                self._hide(name)
                return
            original(path, dir_fd=dir_fd)

        return rmdir

    def _below(self, name: str) -> list[str]:
        """What really is in a folder, and in those in it."""
        self._busy.now = True
        try:
            return [
                os.path.join(folder, one)  # noqa: PTH118 - below pathlib
                for folder, folders, files in self._walk(name)
                for one in (*folders, *files)
            ]
        finally:
            self._busy.now = False

    def _hide_all(self, names: list[str]) -> None:
        self._hidden.update(map(self._real, names))

    def _renaming(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A redirected file stays among the redirected, and one from before the run as it is."""

        @functools.wraps(original)
        def rename(src: Any, dst: Any, **kwargs: Any) -> None:
            if any(value is not None for value in kwargs.values()) or self._busy.now:
                original(src, dst, **kwargs)
                return
            there = self._made(src)
            if there is src and self._is_old(src):
                there = self._new(src, keep=True)
                self._hide(src)
            to = name_of(dst)
            if there is not src:
                original(there, self._new(dst))
                if self._is_folder(src):  # its other files are where the script wrote them
                    original(src, dst)
            elif to is not None and is_checkpoint(to) and not self._is_folder(src):
                self._moved(src, self._new(dst))
            else:
                folder = os.fsdecode(src)
                below = self._below(folder)
                if any(map(is_checkpoint, below)):
                    self._copy_tree(src, self._new(dst))
                    self._hide_all([folder, *below])
                else:
                    original(src, dst)

        return rename

    def _copy_tree(self, src: Any, dst: Any) -> None:
        """The folder from before the run stays as it is."""
        self._busy.now = True
        try:
            shutil.copytree(src, dst)
        finally:
            self._busy.now = False

    def _moved(self, src: Any, dst: Any) -> None:
        """As a rename would, also to another file system."""
        self._copy(src, dst)
        self._busy.now = True
        try:
            os.remove(src)  # noqa: PTH107 - below pathlib
        finally:
            self._busy.now = False

    def _is_folder(self, path: Any) -> bool:
        try:
            return stat.S_ISDIR(self._stat(path).st_mode)
        except OSError:
            return False

    def _copying(self, original: Callable[..., Any], *, over: bool) -> Callable[..., Any]:
        """A copy of a redirected file is one too, and so is one ``over`` a checkpoint."""

        @functools.wraps(original)
        def copy(src: Any, dst: Any, *args: Any, **kwargs: Any) -> Any:
            there = self._made(src)
            to = name_of(dst)
            if there is not src or (over and to is not None and is_checkpoint(to)):
                original(there, self._new(dst), *args, **kwargs)
                return dst
            return original(src, dst, *args, **kwargs)

        return copy

    def _making(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A folder that was hidden is there again, and empty."""

        @functools.wraps(original)
        def mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
            name = None if dir_fd is not None else name_of(path)
            if name is not None and self._hidden and self._real(name) in self._hidden:
                self._hidden.remove(self._real(name))
                return
            original(path, mode, dir_fd=dir_fd)

        return mkdir

    def _listing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The redirected files are in the folder where the script has written them."""

        @functools.wraps(original)
        def listdir(path: Any = None) -> Any:
            places = self._places(path)
            if places is None:
                return original(path)
            name, there = places
            names = original(path) if there is name or self._is_folder(name) else []
            if there is not name and self._is_folder(there):
                names = [*names, *original(like(path, there))]
            shown = (one for one in names if not self._is_hidden(name, one))
            return list(dict.fromkeys(shown))

        return listdir

    def _scanning(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def scandir(path: Any = None) -> Any:
            places = self._places(path)
            if places is None:
                return original(path)
            name, there = places
            folders = [name, there] if there is not name and self._is_folder(name) else [there]
            scans = [original(like(path, one)) for one in reversed(folders)]
            return Entries(scans, lambda one: self._is_hidden(name, one))

        return scandir

    def _places(self, path: Any) -> tuple[str, str] | None:
        """A folder and its redirected one; None where what is really there is all there is."""
        name = "." if path is None else name_of(path)
        if name is None or self._busy.now:
            return None
        there = self._made(name)
        return None if there is name and not self._hidden else (name, there)

    def _is_hidden(self, folder: str, name: Any) -> bool:
        """Whether the script has removed it, and not written it again since."""
        if not self._hidden:
            return False
        path = os.path.join(folder, os.fsdecode(name))  # noqa: PTH118 - below pathlib
        return self._real(path) in self._hidden and not self._exists(self.place(path))


def _replace(name: str, wrapper: Callable[..., Any]) -> None:
    """Put ``wrapper`` in the place of a function of ``os``, with what the system can do by it."""
    original = getattr(os, name)
    for supported in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if original in supported:
            supported.add(wrapper)
    setattr(os, name, wrapper)
