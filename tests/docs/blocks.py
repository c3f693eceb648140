"""The fenced blocks of a Markdown text, each with the comment that says how it is tested."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_FENCE = re.compile(
    r"^(?:<!-- ci: (?P<kind>[a-z]+)(?: (?P<name>\S+))? -->\n)?"
    r"```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """``kind`` and ``name`` are of its comment ``<!-- ci: KIND NAME -->``, empty without one."""

    kind: str
    name: str
    language: str
    text: str

    @property
    def commands(self) -> list[list[str]]:
        """The words of each line, without its comment; a backslash at the end joins two lines."""
        text = self.text.replace("\\\n", " ")
        lines = (shlex.split(line, comments=True) for line in text.splitlines())
        return [words for words in lines if words]


def blocks(path: Path) -> list[Block]:
    """Every fenced block of the file, in order."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(found["kind"] or "", found["name"] or "", found["language"], found["text"])
        for found in _FENCE.finditer(text)
    ]


def readme(kind: str) -> list[Block]:
    """The blocks of README of one kind."""
    return [block for block in blocks(README) if block.kind == kind]
