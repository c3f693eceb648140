"""Where a table goes: checked early, written whole, never over an existing file without consent."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from zgtui.errors import TableError
from zgtui.tables.formats import check_format, format_of, is_parquet
from zgtui.tables.parquet import ColumnKinds, ParquetTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from zgtui.tables.formats import Row

SIDECAR_SUFFIX = ".json"


def sidecar_path(path: Path) -> Path:
    """The file beside the table ``path`` that says how it was made."""
    return path.with_suffix(SIDECAR_SUFFIX)


def check_destination(path: Path, *, overwrite: bool = False, sidecar: bool = True) -> None:
    """Check what can be known before a table and its ``sidecar`` are written to ``path``.

    Raises:
        TableError: if they can evidently not be written there.
    """
    check_format(path)
    folder = path.parent
    if not folder.is_dir():
        raise TableError(
            f"cannot write {path}: there is no folder {folder}; make it or choose another place"
        )
    for file in (path, sidecar_path(path)) if sidecar else (path,):
        if file.is_dir():
            raise TableError(f"cannot write {file}: it is a folder; choose a file name")
        if file.exists() and not file.is_file():
            raise TableError(f"cannot write {file}: it is a device or a pipe; choose a file name")
        if not overwrite and os.path.lexists(file):
            raise _exists(file)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise TableError(
            f"cannot write {path}: no permission to write in the folder {folder}; choose another"
        )


def _exists(path: Path) -> TableError:
    return TableError(f"{path} already exists: choose another name, or add --overwrite")


@contextmanager
def as_table_error(path: Path) -> Iterator[None]:
    """Turn an OSError raised inside, while ``path`` is written, into a TableError."""
    try:
        yield
    except OSError as error:
        advice = {
            errno.ENOSPC: "; free some space or choose another place",
            errno.EACCES: "; choose a folder that you may write in",
            errno.EROFS: "; choose a folder that you may write in",
        }.get(error.errno or 0, "")
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"cannot write {path}: {reason}{advice}") from error


def draft_of(path: Path) -> tuple[Path, int]:
    """A new empty file beside ``path``, under a name that begins with a dot, and its descriptor.

    As long as that is open it is locked: drafts of ``path`` whose writers were killed are removed.

    Raises:
        OSError: if it cannot be made.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.{'[0-9a-f]' * 8}.part"):
        with suppress(OSError):
            _remove_unlocked(left)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with suppress(OSError):  # some file systems have no locks; nothing is removed there
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return draft, descriptor


def _remove_unlocked(draft: Path) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
    finally:
        os.close(descriptor)


class Draft:
    """A file that becomes ``path`` only when it is whole: ``write`` …, then ``publish``.

    It is written in the same folder under a name that begins with a dot. ``close`` it in the end.

    Raises:
        TableError: if the file cannot be written (by every method).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with as_table_error(path):
            self._draft, self._descriptor = draft_of(path)

    def write(self, text: str) -> None:
        """Append ``text``."""
        self.write_bytes(text.encode())

    def write_bytes(self, data: bytes) -> None:
        """Append ``data``."""
        with as_table_error(self.path):
            write_all(self._descriptor, data)

    def publish(self, *, overwrite: bool) -> None:
        """Give the file its name; without ``overwrite`` never in place of another file."""
        with as_table_error(self.path):
            os.fsync(self._descriptor)
            if overwrite:
                self._draft.replace(self.path)
            else:
                self._publish_new()
            os.close(self._descriptor)
            self._descriptor = -1

    def close(self) -> None:
        """Remove what was written, unless it was published; may always be called."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        with suppress(OSError):
            self._draft.unlink()

    def _publish_new(self) -> None:
        try:
            give_new_name(self._draft, self.path)
        except FileExistsError:
            raise _exists(self.path) from None


def give_new_name(draft: Path, path: Path) -> None:
    """Let ``draft`` be at ``path``, where nothing may be; it may stay under its own name as well.

    Raises:
        FileExistsError: if something is there.
        OSError: if it cannot be.
    """
    try:
        os.link(draft, path)  # fails where the name is taken, in one step
    except FileExistsError:
        raise
    except OSError:
        # A file system without links (FAT, some network shares): an empty file holds the name.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        draft.replace(path)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of ``data``, also where the system takes it piece by piece."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def replace_file(path: Path, text: str, *, overwrite: bool) -> None:
    """Write ``text`` to ``path`` as a whole; TableError as `Draft`."""
    with closing(Draft(path)) as draft:
        draft.write(text)
        draft.publish(overwrite=overwrite)


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Row], *, overwrite: bool) -> None:
    """Write a whole table without a sidecar, in the format of its ending; TableError as `Draft`."""
    check_format(path)
    whole = list(rows)
    with closing(Draft(path)) as draft:
        for _ in write_cells(draft, columns, lambda: [(whole, 1, 1)]):
            pass
        draft.publish(overwrite=overwrite)


def write_cells(
    draft: Draft,
    columns: Sequence[str],
    slices: Callable[[], Iterable[tuple[list[Row], int, int]]],
) -> Iterator[tuple[int, int]]:
    """Write the rows of ``slices`` in the format of the path of ``draft``, one slice a turn.

    Each slice comes with how much of how much is done, which is what is yielded. For Parquet,
    whose columns each have one type, all are seen before the first is written.

    Raises:
        TableError: if they cannot be written.
    """
    if not is_parquet(draft.path):
        form = format_of(draft.path)
        draft.write(form.header(columns))
        for rows, done, total in slices():
            draft.write(form.rows(columns, rows))
            yield done, total
        return
    kinds = ColumnKinds(len(columns))
    for rows, done, total in slices():
        kinds.note(rows)
        yield done, 2 * total
    table = ParquetTable(draft.write_bytes, columns, kinds)
    for rows, done, total in slices():
        table.rows(rows)
        yield total + done, 2 * total
    table.close()


@contextmanager
def table_drafts(path: Path, *, overwrite: bool) -> Iterator[tuple[Draft, Draft]]:
    """Drafts of the table ``path`` and of its sidecar, published together after what is inside.

    Where that fails or is left early, neither file appears. TableError as `Draft`.
    """
    with closing(Draft(path)) as table, closing(Draft(sidecar_path(path))) as sidecar:
        yield table, sidecar
        table.publish(overwrite=overwrite)
        try:
            sidecar.publish(overwrite=overwrite)
        except TableError:
            if not overwrite:
                path.unlink()
            raise
