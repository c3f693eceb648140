"""Where a table goes: checked early, written whole, never over an existing file unasked."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from zgtui.errors import TableError
from zgtui.tables.formats import format_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIDECAR_SUFFIX = ".json"


def sidecar_path(path: Path) -> Path:
    """The file beside the table ``path`` that tells how it came about."""
    return path.with_suffix(SIDECAR_SUFFIX)


def check_destination(path: Path, *, overwrite: bool = False) -> None:
    """Raise TableError if a table, or its sidecar, can evidently not be written to ``path``."""
    format_of(path)
    folder = path.parent
    if not folder.is_dir():
        raise TableError(
            f"cannot write {path}: there is no folder {folder}; make it or choose another place"
        )
    for file in (path, sidecar_path(path)):
        if file.is_dir():
            raise TableError(f"cannot write {file}: it is a folder; choose a file name")
        if not overwrite and os.path.lexists(file):
            raise exists(file)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise TableError(
            f"cannot write {path}: the folder {folder} is not yours to write in; choose another"
        )


def exists(path: Path) -> TableError:
    """The error for a file that must not be replaced."""
    return TableError(f"{path} exists already: choose another name, or ask for it to be replaced")


@contextmanager
def as_table_error(path: Path) -> Iterator[None]:
    """Turn what the system says while ``path`` is written into a TableError."""
    try:
        yield
    except OSError as error:
        advice = {
            errno.ENOSPC: "; free some space or choose another place",
            errno.EACCES: "; choose a place that is yours to write in",
            errno.EROFS: "; choose a place that is yours to write in",
        }.get(error.errno or 0, "")
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"cannot write {path}: {reason}{advice}") from error


class Draft:
    """A file that becomes ``path`` only when it is whole: ``write`` …, ``publish``, ``discard``.

    It is written in the same folder under a name that begins with a dot. ``discard`` may always
    be called; after ``publish`` it does nothing. All raise TableError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with as_table_error(path):
            self._descriptor = os.open(self._draft, flags, 0o666)

    def write(self, text: str) -> None:
        """Append ``text``."""
        with as_table_error(self.path):
            write_all(self._descriptor, text.encode())

    def publish(self, *, overwrite: bool) -> None:
        """Give the file its name; without ``overwrite`` never in place of another file."""
        with as_table_error(self.path):
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
            if overwrite:
                self._draft.replace(self.path)
            else:
                self._publish_new()

    def discard(self) -> None:
        """Remove what was written, unless it was published."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        with suppress(OSError):
            self._draft.unlink()

    def _publish_new(self) -> None:
        try:
            os.link(self._draft, self.path)  # fails where the name is taken, in one step
        except FileExistsError:
            raise exists(self.path) from None
        except OSError:
            # A file system without links (FAT, some network shares): an empty file holds the name.
            try:
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            except FileExistsError:
                raise exists(self.path) from None
            self._draft.replace(self.path)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of ``data``, also where the system takes it piece by piece."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def replace_file(path: Path, text: str, *, overwrite: bool) -> None:
    """Write ``text`` to ``path`` as a whole."""
    draft = Draft(path)
    try:
        draft.write(text)
        draft.publish(overwrite=overwrite)
    finally:
        draft.discard()
