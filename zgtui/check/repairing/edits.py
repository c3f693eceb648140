"""A change to a source file: as new text, and as a diff that `git apply` takes."""

from __future__ import annotations

import difflib
import io
import os
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True)
class SourceText:
    """A file as it was read: its lines with their ends, and how they were encoded."""

    file: str
    lines: tuple[str, ...]
    encoding: str

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(self.lines)


def read_source(file: str) -> SourceText:
    """Read a source file, line ends and all.

    Raises:
        OSError: if it cannot be read.
        SyntaxError: if its encoding is not known.
        UnicodeDecodeError: if it is not written in its encoding.
    """
    data = Path(file).read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return SourceText(
        file, tuple(io.StringIO(data.decode(encoding), newline="").readlines()), encoding
    )


class Inline(NamedTuple):
    """Bytes ``start`` to ``stop`` of a line, in UTF-8, and the text in their place."""

    line: int
    start: int
    stop: int
    text: str


@dataclass(frozen=True)
class Edit:
    """``replaced`` maps lines to what stands there instead, ``added`` to lines that follow them.

    ``inline`` changes parts of lines. Lines are counted from 0; -1 stands before the first.
    """

    file: str
    replaced: Mapping[int, str] = field(default_factory=dict)
    added: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    inline: tuple[Inline, ...] = ()

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.replaced or self.added or self.inline)

    def joined(self, other: Edit) -> Edit:
        """Both edits of one file; what both add at one place is added once."""
        added = dict(self.added)
        for line, texts in other.added.items():
            known = added.get(line, ())
            added[line] = (*known, *(text for text in texts if text not in known))
        inline = tuple(dict.fromkeys([*self.inline, *other.inline]))
        return Edit(self.file, {**self.replaced, **other.replaced}, added, inline)

    def applied(self, source: SourceText) -> SourceText:
        """The file with this change."""
        end = "\r\n" if any(line.endswith("\r\n") for line in source.lines) else "\n"
        new = [f"{text}{end}" for text in self.added.get(-1, ())]
        for at, line in enumerate(source.lines):
            kept = self.replaced.get(at, self._within(at, line))
            texts = self.added.get(at, ())
            if texts and kept and not kept.endswith(("\n", "\r")):
                kept += end
            new += [kept, *(f"{text}{end}" for text in texts)]
        text = "".join(new)
        return SourceText(
            source.file, tuple(io.StringIO(text, newline="").readlines()), source.encoding
        )

    def _within(self, at: int, line: str) -> str:
        """A line with what is changed in it, from its end on."""
        data = line.encode()
        for part in sorted((one for one in self.inline if one.line == at), reverse=True):
            data = data[: part.start] + part.text.encode() + data[part.stop :]
        return data.decode()


def join(edits: Iterable[Edit]) -> dict[str, Edit]:
    """All edits, one for each file."""
    found: dict[str, Edit] = {}
    for edit in edits:
        known = found.get(edit.file)
        found[edit.file] = edit if known is None else known.joined(edit)
    return found


def diff(old: SourceText, new: SourceText) -> str:
    """A unified diff whose paths are relative to the working folder."""
    path = os.path.relpath(old.file)
    if path.startswith(os.pardir):
        path = old.file.lstrip(os.sep)
    lines = difflib.unified_diff(old.lines, new.lines, f"a/{path}", f"b/{path}", n=2)
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in lines)
