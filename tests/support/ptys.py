"""A terminal of which a test is the screen."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def terminal_of(columns: int) -> Iterator[tuple[int, TextIO]]:
    """The end of a terminal that is read, as a number, and the one that is written to."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with open(master, "rb", buffering=0) as read, open(slave, "w", encoding="utf-8") as written:  # noqa: PTH123 - they have numbers alone
        yield read.fileno(), written


def shown_on(columns: int, write: Callable[[TextIO], object]) -> str:
    """All that a terminal gets of what is written."""
    with terminal_of(columns) as (master, stream):
        write(stream)
        stream.close()
        parts: list[bytes] = []
        with suppress(OSError):  # nobody writes any more, and all is read
            while part := os.read(master, 100_000):
                parts.append(part)
    return b"".join(parts).decode()
