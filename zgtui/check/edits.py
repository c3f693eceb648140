"""A change to a source file: as new text, and as a diff that `git apply` takes."""

from __future__ import annotations

import difflib
import io
import os
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

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


@dataclass(frozen=True)
class Edit:
    """``replaced`` maps lines to what stands there instead, ``added`` to lines that follow them.

    Lines are counted from 0; -1 stands before the first.
    """

    file: str
    replaced: Mapping[int, str] = field(default_factory=dict)
    added: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def joined(self, other: Edit) -> Edit:
        """Both edits of one file; what both add at one place is added once."""
        added = dict(self.added)
        for line, texts in other.added.items():
            known = added.get(line, ())
            added[line] = (*known, *(text for text in texts if text not in known))
        return Edit(self.file, {**self.replaced, **other.replaced}, added)

    def applied(self, source: SourceText) -> SourceText:
        """The file with this change."""
        end = "\r\n" if any(line.endswith("\r\n") for line in source.lines) else "\n"
        new = [f"{text}{end}" for text in self.added.get(-1, ())]
        for at, line in enumerate(source.lines):
            kept = self.replaced.get(at, line)
            texts = self.added.get(at, ())
            if texts and kept and not kept.endswith(("\n", "\r")):
                kept += end
            new += [kept, *(f"{text}{end}" for text in texts)]
        text = "".join(new)
        return SourceText(
            source.file, tuple(io.StringIO(text, newline="").readlines()), source.encoding
        )


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
