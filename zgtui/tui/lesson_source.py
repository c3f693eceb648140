"""The source of the training step that runs, read as text: the screen never imports torch."""

from __future__ import annotations

import ast
import textwrap
from importlib.util import find_spec
from pathlib import Path


def loop_lines(function: str = "train_step") -> tuple[str, ...]:
    """The statements of ``function`` in `zgtui.training.run`, without heading and return."""
    spec = find_spec("zgtui.training.run")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    step = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == function
    )
    statements = [
        node for node in step.body if not isinstance(node, ast.Return) and node is not step.body[0]
    ]
    lines = source.splitlines()[statements[0].lineno - 1 : statements[-1].end_lineno]
    return tuple(textwrap.dedent("\n".join(lines)).splitlines())
