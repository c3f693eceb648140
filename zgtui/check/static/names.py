"""Names as the text writes them, and what they stand for where a function is read in its caller."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"\w+")


def dotted(node: ast.expr | None) -> str:
    """``a.b[0].c()`` as text; empty for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Subscript):
        base = dotted(node.value)
        index = repr(node.slice.value) if isinstance(node.slice, ast.Constant) else "*"
        return f"{base}[{index}]" if base else ""
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        base = dotted(node.func)
        return f"{base}()" if base else ""
    return ""


@dataclass
class Scope:
    """What the names of one function stand for: those of its root, the function read by itself.

    ``holders`` maps a variable that runs over parameters to those whose parameters they are.
    """

    function: str = ""
    owner: str = ""
    """The class of ``self``."""
    names: dict[str, str] = field(default_factory=dict)
    holders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    local: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda] = field(
        default_factory=dict
    )
    depth: int = 0
    is_root: bool = False

    def resolve(self, node: ast.expr | None) -> str:
        """The name in the words of the root."""
        return self.resolve_text(dotted(node))

    def resolve_text(self, text: str) -> str:
        """The same for a name that is text already."""
        match = _HEAD.match(text)
        if match is None or match[0] not in self.names:
            return text.replace(".module.", ".").removesuffix(".module")
        return self.names[match[0]] + text[match.end() :]
