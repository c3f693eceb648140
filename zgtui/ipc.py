"""Talk between processes, one JSON object a line.

`LineBuffer` makes whole lines of the bytes that come in, `LineWriter` sends lines and never waits
for the reader, `MessageRegistry` turns frozen dataclasses into lines and back. `parse_json` reads
what anybody may have written.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import UnionType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from zgtui.errors import ZgtuiError
from zgtui.lazy_dataclass import dataclass

MAX_LINE = 1 << 24
"""Bytes of the longest line taken: far beyond any message, and no danger to memory."""
SHOWN = 200
"""Bytes of a faulty line that are quoted."""


def parse_json(text: str | bytes) -> Any:
    """What ``text`` holds.

    Raises:
        ValueError: if it is not JSON, or is nested too deeply to be read.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


class LineBuffer:
    """Makes whole lines of bytes as they come in; what lacks its newline waits for the rest."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._rest = bytearray()

    def take(self, data: bytes) -> list[bytes]:
        """The lines that ``data`` completes, without their newlines.

        Raises:
            ValueError: if a line is longer than the limit; what was kept of it is dropped.
        """
        self._rest += data
        lines = [bytes(self._rest)] if b"\n" not in data else bytes(self._rest).split(b"\n")
        if max(map(len, lines)) > self._limit:
            self._rest.clear()
            raise ValueError(f"a line is longer than {self._limit:,} bytes")
        if len(lines) > 1:
            self._rest = bytearray(lines[-1])
        return lines[:-1]


class LineWriter:
    """Sends lines to a file descriptor and never waits for its reader.

    What the reader does not take is kept, in order, for the next ``flush``: whoever owns the
    descriptor calls that when it can be written again. No line is lost or cut in two.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._kept = bytearray()

    @property
    def waiting(self) -> bool:
        """Whether something is still to be sent."""
        return bool(self._kept)

    def send(self, line: bytes) -> None:
        """Send ``line``, which ends with its newline, or keep it.

        Raises:
            BrokenPipeError: if nobody reads any more.
        """
        self._kept += line
        self.flush()

    def flush(self) -> None:
        """Send what the reader takes now.

        Raises:
            BrokenPipeError: if nobody reads any more.
        """
        try:
            while self._kept:
                del self._kept[: os.write(self._descriptor, self._kept)]
        except BlockingIOError:
            return
        except OSError as error:
            self._kept.clear()
            raise BrokenPipeError(error.errno, error.strerror) from error

    def finish(self, seconds: float) -> None:
        """Send what waits, for a sender that is about to end: at most ``seconds`` are waited.

        Raises:
            BrokenPipeError: if nobody reads any more.
        """
        poll, until = select.poll(), time.monotonic() + seconds
        poll.register(self._descriptor, select.POLLOUT)
        self.flush()
        while self._kept and (left := until - time.monotonic()) > 0:
            poll.poll(left * 1000)
            self.flush()


class Message(Protocol):
    """A frozen dataclass; ``op`` is its name on the line.

    A class attribute ``rest`` may name the one field that holds whatever else the line holds.
    """

    op: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


M = TypeVar("M", bound=Message)
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""To plain JSON types, and back."""


class MessageRegistry(Generic[M]):
    """The messages of one kind that may travel, or be kept, as lines of JSON."""

    def __init__(
        self,
        what: str,
        kinds: Iterable[type[M]],
        *,
        tag: str = "op",
        codecs: Mapping[str, Codec] | None = None,
        tolerant: bool = False,
    ) -> None:
        """``what`` one is called in an error, ``tag`` is the key of its name.

        ``codecs`` are for the fields, by name, that are no plain JSON. ``tolerant``: fields that
        a message does not have are passed over.
        """
        self.kinds = {kind.op: kind for kind in kinds}
        self._what, self._tag, self._tolerant = what, tag, tolerant
        self._codecs = codecs or {}

    def encode(self, message: M, number: int | None = None) -> bytes:
        """One line; ``number`` comes back in the Ack."""
        fields = self.to_fields(message)
        if number is not None:
            fields["id"] = number
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"

    def decode(self, line: bytes) -> M:
        """The message that ``line`` holds.

        Raises:
            ValueError: if it holds none of these.
        """
        return self._decode(line)[1]

    def decode_numbered(self, line: bytes) -> tuple[int, M]:
        """The number and the message that ``line`` holds.

        Raises:
            ValueError: if it holds none of these, or no number.
        """
        fields, message = self._decode(line)
        number = fields.get("id")
        if not isinstance(number, int):
            raise self._error(line, "it has no number")
        return number, message

    def to_fields(self, message: M) -> dict[str, Any]:
        """``message`` as plain JSON types; optional fields that are None are left out."""
        fields: dict[str, Any] = {self._tag: message.op}
        rest = getattr(message, "rest", None)
        for field in dataclasses.fields(message):
            value = getattr(message, field.name)
            if field.name == rest:
                fields |= value
            elif value is not None or field.default is not None:
                codec = self._codecs.get(field.name)
                fields[field.name] = codec[0](value) if codec else value
        return fields

    def from_fields(self, fields: Mapping[str, Any]) -> M:
        """The inverse of ``to_fields``.

        Raises:
            ValueError: if that is none of these.
        """
        kind = self.kinds.get(fields[self._tag]) if self._tag in fields else None
        if kind is None:
            raise ValueError("there is no such message")
        checks = _checks_of(kind)
        values: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        for name, value in fields.items():
            if name in checks:
                values[name] = self._checked(name, value, checks[name])
            elif name != self._tag:
                rest[name] = value
        whole = getattr(kind, "rest", None)
        if whole is not None:
            values[whole] = rest
        elif rest.keys() - {"id"} and not self._tolerant:
            raise ValueError(f"{kind.op} has no {', '.join(rest)}")
        return kind(**values)

    def _checked(self, name: str, value: Any, fits: Callable[[Any], bool]) -> Any:
        codec = self._codecs.get(name)
        typed = codec[1](value) if codec else value
        if not fits(typed):
            raise ValueError(f"{name} cannot be {value!r}")
        return typed

    def _decode(self, line: bytes) -> tuple[dict[str, Any], M]:
        try:
            fields = parse_json(line)
        except ValueError as error:
            raise self._error(line, "it is not JSON") from error
        try:
            return fields, self.from_fields(fields)
        except (ValueError, TypeError, KeyError, AttributeError, ZgtuiError) as error:
            raise self._error(line, str(error)) from error

    def _error(self, line: bytes, why: str) -> ValueError:
        return ValueError(f"not a {self._what}: {line[:SHOWN]!r} ({why})")


@cache  # asked for when the first of a kind arrives: evaluating hints is slow at import
def _checks_of(kind: type[Message]) -> dict[str, Callable[[Any], bool]]:
    hints = get_type_hints(kind)
    rest = getattr(kind, "rest", None)
    names = [field.name for field in dataclasses.fields(kind) if field.name != rest]
    return {name: _check_of(hints[name]) for name in names}


def _check_of(hint: Any) -> Callable[[Any], bool]:
    """Whether a value is of the type ``hint``; what a container holds is not looked at."""
    if get_origin(hint) is Literal:
        return get_args(hint).__contains__
    if get_origin(hint) in {Union, UnionType}:
        checks = [_check_of(one) for one in get_args(hint)]
        return lambda value: any(check(value) for check in checks)
    kinds = (int, float) if hint is float else get_origin(hint) or hint
    return lambda value: isinstance(value, kinds)


# What is said alike to both kinds of training, a worker's and that of a user's script.


@dataclass(frozen=True)
class SetRunning:
    """Train, or pause after the step that is running."""

    op: ClassVar[str] = "set_running"
    running: bool


@dataclass(frozen=True)
class StepTo:
    """Train up to and including ``step``, then pause."""

    op: ClassVar[str] = "step_to"
    step: int


@dataclass(frozen=True)
class Ack:
    """Command ``ack`` holds from ``step`` on, or was refused with ``error``.

    What it changed, and at which step, is in the run's log before this is sent. ``run`` is the
    run of a user's script that says so; a worker has none to name.
    """

    op: ClassVar[str] = "ack"
    ack: int
    step: int
    error: str | None = None
    run: str | None = None
