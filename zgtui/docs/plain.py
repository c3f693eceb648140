"""A topic as plain text, for a pipe or a terminal that cannot be drawn on."""

from __future__ import annotations

import re

from zgtui.docs import Topic, linked

_LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\(([^)\s]+)\)")
_ASCII = str.maketrans(
    {
        "·": "*", "×": "x", "½": "1/2", "²": "^2", "√": "sqrt", "−": "-", "‖": "||",
        "⟨": "<", "⟩": ">", "≤": "<=", "≥": ">=", "→": "->", "←": "<-", "…": "...", "°": " deg",
        "α": "alpha", "β": "beta", "λ": "lambda", "μ": "mu", "π": "pi", "σ": "sigma", "ω": "omega",
    }
)  # fmt: skip


def plain(topic: Topic, *, ascii_only: bool = False) -> str:
    """The Markdown of ``topic``, in which links name the command that shows where they lead."""

    def unlinked(link: re.Match[str]) -> str:
        words, target = link.groups()
        leads_to = linked(topic, target)
        if leads_to is None:
            return f"{words} <{target}>"
        name, _ = leads_to
        return words if name in {words, topic.name} else f"{words} (zgtui docs {name})"

    text = _LINK.sub(unlinked, topic.text)
    return text.translate(_ASCII).encode("ascii", "replace").decode() if ascii_only else text
