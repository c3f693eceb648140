"""The lines of a table that gzip has compressed."""

from __future__ import annotations

import zlib
from pathlib import Path

from zgtui.errors import TableError
from zgtui.tables.formats import is_compressed
from zgtui.tables.lines import CHUNK, TailedFile

_GZIP = zlib.MAX_WBITS | 16


class CompressedFile(TailedFile):
    """The lines of what gzip has compressed in one or several parts."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._part = zlib.decompressobj(_GZIP)
        self._left = b""

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return min(1.0, (self.position - len(self._left)) / self.size) if self.size else 1.0

    def _restart(self) -> None:
        super()._restart()
        self._part, self._left = zlib.decompressobj(_GZIP), b""

    def _piece(self) -> bytes | None:
        while True:
            compressed = self._left or super()._piece()
            if compressed is None or (not compressed and self._part.eof):
                return compressed
            data = self._inflated(compressed)
            if data:
                return data
            if not compressed:
                raise TableError(f"{self.path} is not a whole file of gzip: its end is missing")

    def _inflated(self, compressed: bytes) -> bytes:
        if self._part.eof:
            compressed = compressed.lstrip(b"\0")  # zeros fill the last block behind a part
            if not compressed:
                self._left = b""
                return b""
            self._part = zlib.decompressobj(_GZIP)
        try:
            data = self._part.decompress(compressed, CHUNK)
        except zlib.error as error:
            raise TableError(f"{self.path} is not a whole file of gzip") from error
        self._left = self._part.unconsumed_tail or self._part.unused_data
        return data


def open_lines(path: Path) -> TailedFile:
    """The lines of the file ``path``, compressed or not."""
    return CompressedFile(path) if is_compressed(path) else TailedFile(path)
