"""Temporary folders, removed by their owner or, where that was killed, by the next one.

As long as its owner lives, the file ``MARK`` in a folder is locked. A folder without that file is
somebody else's, whatever it is called.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from zgtui.errors import UsageError

PREFIX = "zgtui-"
MARK = ".zgtui-owner"
SHORT = Path("/tmp")  # noqa: S108 - where TMPDIR is too long; the folder made there is private
MAX_SOCKET_BYTES = 103
"""Of the path of a Unix socket, on the system that takes the fewest."""
_RANDOM = 8
"""Letters that `tempfile` adds to a name."""


class TemporaryFolder:
    """A fresh folder ``path`` for this user alone; ``close`` removes it.

    ``socket`` is the name that a Unix socket is to have in it: the path is short enough for that.

    Raises:
        UsageError: if no folder can be made.
    """

    def __init__(self, kind: str, *, socket: str = "") -> None:
        try:
            places = [Path(tempfile.gettempdir()).resolve()]
            ending = f"/{PREFIX}{kind}-{'x' * _RANDOM}/{socket}"
            if socket and len(os.fsencode(f"{places[0]}{ending}")) > MAX_SOCKET_BYTES:
                places.insert(0, SHORT.resolve())
            for place in places:
                remove_stale(place)
            self.path, self._mark = _marked(places[0], kind)
        except OSError as error:
            raise UsageError(
                f"cannot make a temporary folder: {(error.strerror or str(error)).lower()};"
                " set TMPDIR to a folder that can be written"
            ) from error

    def __enter__(self) -> Path:
        """The folder itself, without symbolic links in its path."""
        return self.path

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove it with all that it holds; may be called again."""
        if self._mark >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._mark)
            self._mark = -1


def _marked(place: Path, kind: str) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-", dir=place))
        with suppress(FileNotFoundError):  # removed as stale before it was locked
            mark = os.open(folder / MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with suppress(OSError):  # some file systems have no locks; nothing is stale there
                fcntl.flock(mark, fcntl.LOCK_EX)
            if (folder / MARK).exists():
                return folder, mark
            os.close(mark)


def remove_stale(place: Path) -> None:
    """Remove from ``place`` this user's folders whose owners were killed."""
    for folder in place.glob(f"{PREFIX}*-{'?' * _RANDOM}"):
        with suppress(OSError):  # not ours to read, in use, or gone by now
            if folder.lstat().st_uid == os.getuid() and not folder.is_symlink():
                _remove_unlocked(folder)


def _remove_unlocked(folder: Path) -> None:
    mark = os.open(folder / MARK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(mark)
