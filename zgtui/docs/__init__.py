"""The reference, by topics: each is a Markdown file of this folder, and a new topic one more file.

The theory is the exception: its topic is the file of the claims, beside the code they are about.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zgtui.errors import UsageError, suggest

FOLDER = Path(__file__).parent
INDEX = "topics"
"""The name of the page that lists the others."""
_HOW = "`zgtui docs TOPIC` shows one of these topics."


@dataclass(frozen=True)
class Topic:
    """One page of the reference: its name, and its text as Markdown."""

    name: str
    path: Path
    text: str

    @property
    def summary(self) -> str:
        """The first sentence below the title."""
        paragraph = self.text.split("\n\n")[1].replace("\n", " ")
        return paragraph.split(". ")[0].rstrip(".")


@cache
def topics() -> dict[str, Topic]:
    """Every topic by its name, in alphabetical order."""
    paths = {path.stem: path for path in FOLDER.glob("*.md")}
    paths["theory"] = FOLDER.parent / "theory" / "claims.md"
    return {
        name: Topic(name, path, path.read_text(encoding="utf-8"))
        for name, path in sorted(paths.items())
    }


def page(name: str) -> Topic:
    """The topic ``name``, or the list of all under the name `INDEX`.

    Raises:
        UsageError: if there is no such topic.
    """
    if name == INDEX:
        return _index()
    if name not in topics():
        raise UsageError(
            f"there is no topic {name!r}.{suggest(name, topics())} 'zgtui docs' lists them."
        )
    return topics()[name]


def linked(source: Topic, target: str) -> tuple[str, str] | None:
    """The topic and the anchor that a link of ``source`` leads to; None outside the reference."""
    path, _, anchor = target.partition("#")
    if not path:
        return source.name, anchor
    by_path = {topic.path.resolve(): topic.name for topic in topics().values()}
    name = by_path.get((source.path.parent / path).resolve())
    return None if name is None else (name, anchor)


def _index() -> Topic:
    path = FOLDER / f"{INDEX}.md"  # no such file: where its links start from
    rows = [
        f"- [{topic.name}]({os.path.relpath(topic.path, FOLDER)}): {topic.summary}"
        for topic in topics().values()
    ]
    return Topic(INDEX, path, "\n".join(["# zgtui docs", "", _HOW, "", *rows, ""]))
