"""The lines of a text file, in pieces: of one that is whole, and of one that is being written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from zgtui.errors import TableError

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 64 * 1024
LONGEST_LINE = 1024 * 1024
_REMEMBERED = 64

News = Literal["lines", "nothing", "replaced", "gone"]


class TailedFile:
    """Reads a file's lines as they are appended; holds no file open between reads.

    A file that is shorter than what was read of it, is another one by that name, or no longer
    holds what was read last, counts as replaced: its lines then come from the beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        """Bytes read so far, whole lines or not."""
        self.size = 0
        """Bytes in the file when it was last looked at."""
        self._identity: tuple[int, int] | None = None
        self._last = b""
        self._partial = b""

    def read(self) -> tuple[News, list[str]]:
        """What happened, and the next whole lines without their ends, some 64 kB of them.

        ``replaced`` comes without lines. Raises TableError where the file cannot be read or is no
        text.
        """
        try:
            with self.path.open("rb") as file:
                if self._is_another(file.fileno()):
                    self._restart()
                    return "replaced", []
                file.seek(self.position - len(self._last))
                before = file.read(len(self._last))
                if before != self._last:
                    self._restart()
                    return "replaced", []
                data = file.read(CHUNK)
        except FileNotFoundError:
            return "gone", []
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise TableError(f"cannot read {self.path}: {reason}") from error
        if not data:
            return "nothing", []
        self.position += len(data)
        self._last = (self._last + data)[-_REMEMBERED:]
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > LONGEST_LINE:
            raise self._not_text()
        return "lines", [self._text(line) for line in lines]

    def rest(self) -> list[str]:
        """The last line of a file that ends without a line's end; call it when all is read."""
        line, self._partial = self._partial, b""
        return [self._text(line)] if line else []

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return min(1.0, self.position / self.size) if self.size else 1.0

    def _is_another(self, descriptor: int) -> bool:
        status = os.fstat(descriptor)
        self.size = status.st_size
        identity = (status.st_dev, status.st_ino)
        before, self._identity = self._identity, identity
        return before is not None and (before != identity or self.size < self.position)

    def _restart(self) -> None:
        self.position, self._last, self._partial = 0, b"", b""

    def _text(self, line: bytes) -> str:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise self._not_text() from error
        if "\0" in text:
            raise self._not_text()
        return text.removeprefix("\ufeff").removesuffix("\r")

    def _not_text(self) -> TableError:
        return TableError(f"{self.path} is not a table: it holds something other than text")
