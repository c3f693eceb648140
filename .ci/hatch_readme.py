"""README as the long description of the package, whose relative links lead nowhere on an index.

Where the environment says what is published, as ``ZGTUI_PUBLISHED=OWNER/zgtui@v1.0``, pictures and
links lead to that repository on GitHub. Elsewhere pictures are told in words, and links name the
command that shows the same text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "ZGTUI_PUBLISHED"
_LINK = re.compile(r"(?P<picture>!?)\[(?P<words>[^\[\]]+)\]\((?P<path>(?!https?:|#)[^)\s]+)\)")
_TOPIC = re.compile(r"zgtui/(?:docs/(\w+)|(theory)/claims)\.md")


class Readme(MetadataHookInterface):
    """Sets the long description."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set it."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = description(text, os.environ.get(VARIABLE, ""))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def description(readme: str, published: str) -> str:
    """``readme`` for an index; ``published`` is a repository and a tag, or nothing.

    Raises:
        ValueError: if it is something else.
    """
    if published and not re.fullmatch(r"[\w.-]+/[\w.-]+@[\w.-]+", published):
        raise ValueError(f"{VARIABLE} is OWNER/REPOSITORY@TAG, not {published!r}")
    place, _, tag = published.partition("@")

    def absolute(link: re.Match[str]) -> str:
        host = f"raw.githubusercontent.com/{place}/{tag}"
        if not link["picture"]:
            host = f"github.com/{place}/blob/{tag}"
        return f"{link['picture']}[{link['words']}](https://{host}/{link['path']})"

    return _LINK.sub(absolute if published else _in_words, readme)


def _in_words(link: re.Match[str]) -> str:
    words = link["words"]
    if link["picture"]:
        return f"*In the picture: {words[0].lower()}{words[1:]}.*"
    topic = _TOPIC.match(link["path"])
    if topic is None:
        return str(words)
    name = topic[1] or topic[2]
    command = f"`zgtui docs {name}`"
    return command if words == name else f"{words} ({command})"
