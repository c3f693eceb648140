"""Where the files of a run are: a checkpoint that it writes is in the run's own folder.

A checkpoint that was there before is never touched: one that the script has removed, or renamed, is
hidden from it. Names are looked up with the functions as they were before any was replaced.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
from typing import Any

CHECKPOINTS = (".pt", ".pth", ".pt2", ".ckpt", ".safetensors", ".bin", ".pkl")


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


class Placement:
    """Where each file is that a process of the run writes, reads or removes.

    ``own``: the run's folder; ``redirected``: where in it checkpoints go.
    """

    def __init__(self, own: str, redirected: str) -> None:
        self._own, self._redirected = own, redirected
        self._cwd = os.path.realpath(".")
        self._stat, self._copy, self._walk = os.stat, shutil.copyfile, os.walk
        self._hidden: set[str] = set()
        """Checkpoints from before the run, and folders of such, that the script has removed."""
        self._busy = _Busy()

    @property
    def looking(self) -> bool:
        """Whether this thread is looking a name up, by functions that are replaced."""
        return self._busy.now

    def place(self, path: str) -> str:
        """Where ``path`` is redirected to; ``path`` itself for a device or the run's own file."""
        whole = self._real(path)
        if self._is_own(whole):
            return path
        try:
            mode = self._stat(whole).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return path
        except OSError:
            pass  # it does not exist yet
        inside = whole == self._cwd or whole.startswith(self._cwd + os.sep)
        tail = os.path.relpath(whole, self._cwd) if inside else "outside" + whole
        return os.path.normpath(os.path.join(self._redirected, tail))  # noqa: PTH118 - below pathlib

    def _real(self, path: str) -> str:
        """``path`` without symbolic links, as it really is."""
        before, self._busy.now = self._busy.now, True
        try:
            return os.path.realpath(path)
        finally:
            self._busy.now = before

    def exists(self, path: str) -> bool:
        """Whether it really is there."""
        try:
            self._stat(path)
        except OSError:
            return False
        return True

    def made(self, path: Any) -> Any:
        """The redirected file where there is one, else ``path`` as it was given.

        What was removed is looked for among the redirected ones, where it is not.
        """
        name = name_of(path)
        if name is None or self._busy.now or not (self._hidden or self.exists(self._redirected)):
            return path
        self._busy.now = True
        try:
            there = self.place(name)
            hidden = bool(self._hidden) and self._real(name) in self._hidden
            return like(path, there) if hidden or self.exists(there) else path
        finally:
            self._busy.now = False

    def new(self, path: Any, *, keep: bool = False) -> Any:
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
            if keep and shown and there != name and not self.exists(there) and self.exists(name):
                self._copy(name, there)
            return like(path, there)
        finally:
            self._busy.now = False

    def is_old(self, path: Any) -> bool:
        """Whether ``path`` is a checkpoint from before the run."""
        name = name_of(path)
        return (
            name is not None
            and not self._busy.now
            and is_checkpoint(name)
            and self.place(name) != name
            and self.exists(name)
        )

    def hide(self, *paths: Any) -> None:
        """The script has removed them; they stay."""
        self._hidden.update(self._real(os.fsdecode(path)) for path in paths)

    def below(self, name: str) -> list[str]:
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

    def is_folder(self, path: Any) -> bool:
        """Whether it really is one."""
        try:
            return stat.S_ISDIR(self._stat(path).st_mode)
        except OSError:
            return False

    def folders(self, path: Any) -> tuple[str, str] | None:
        """A folder and its redirected one; None where what is really there is all there is."""
        name = "." if path is None else name_of(path)
        if name is None or self._busy.now:
            return None
        there = self.made(name)
        return None if there is name and not self._hidden else (name, there)

    def is_removed(self, folder: str, name: Any) -> bool:
        """Whether the script has removed it, and not written it again since."""
        if not self._hidden:
            return False
        path = os.path.join(folder, os.fsdecode(name))  # noqa: PTH118 - below pathlib
        return self._real(path) in self._hidden and not self.exists(self.place(path))

    def copy_tree(self, src: Any, dst: Any) -> None:
        """The folder from before the run stays as it is."""
        self._busy.now = True
        try:
            shutil.copytree(src, dst)
        finally:
            self._busy.now = False

    def move(self, src: Any, dst: Any) -> None:
        """As a rename would, also to another file system."""
        self._copy(src, dst)
        self._busy.now = True
        try:
            os.remove(src)  # noqa: PTH107 - below pathlib
        finally:
            self._busy.now = False

    def show(self, name: str) -> bool:
        """Have a folder there again that was hidden; whether it was."""
        real = self._real(name) if self._hidden else ""
        if real not in self._hidden:
            return False
        self._hidden.remove(real)
        return True

    def is_emptied(self, name: str) -> bool:
        """Whether there is something in a folder, all of which is hidden."""
        below = self.below(name) if self._hidden else []
        return bool(below) and all(self._real(one) in self._hidden for one in below)

    def is_own(self, name: str) -> bool:
        """Whether it is a file of the run itself."""
        return self._is_own(self._real(name))

    def _is_own(self, whole: str) -> bool:
        return whole.startswith(self._own + os.sep)
