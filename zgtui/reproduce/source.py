"""Takes from the sources of this project what a script of its own needs."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from zgtui.lazy_dataclass import dataclass

PROJECT = "zgtui"


@dataclass(frozen=True)
class _Module:
    """One source file: its text, and where each name at its top level comes from."""

    text: str
    defined: dict[str, ast.stmt]
    imported: dict[str, ast.Import | ast.ImportFrom]


class Extract:
    """Gathers definitions of the project, and all that they in turn refer to."""

    def __init__(self) -> None:
        self._modules: dict[str, _Module] = {}
        self._taken: dict[tuple[str, str], None] = {}
        self._imports: dict[str, None] = {}
        self._pieces: list[str] = []

    @property
    def imports(self) -> list[str]:
        """One import line for each name from elsewhere, sorted as usual."""
        return sorted(self._imports, key=lambda line: (line.startswith("from"), line))

    @property
    def definitions(self) -> list[str]:
        """The sources taken, each after what it refers to."""
        return self._pieces

    def code(self, module: str, node: ast.expr | ast.stmt) -> str:
        """The source of ``node`` in ``module``, with all that it refers to taken in."""
        self._take_names(module, node)
        return ast.unparse(node)

    def name(self, module: str, name: str) -> None:
        """Take in the definition of ``name`` in ``module``, with all that it refers to."""
        if (module, name) in self._taken:
            return
        found = self._module(module)
        if name in found.imported:
            self._import(found.imported[name], name)
        elif name in found.defined:
            self._taken[module, name] = None
            node = found.defined[name]
            self._take_names(module, node)
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(one.lineno for one in decorators)])
            lines = found.text.splitlines()[first - 1 : node.end_lineno]
            self._pieces.append("\n".join(lines))

    def function(self, module: str, name: str) -> ast.FunctionDef:
        """The function ``name`` of ``module``."""
        node = self._module(module).defined[name]
        assert isinstance(node, ast.FunctionDef)
        return node

    def _take_names(self, module: str, node: ast.AST) -> None:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
                self.name(module, one.id)

    def _import(self, node: ast.Import | ast.ImportFrom, name: str) -> None:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PROJECT}."):
            assert node.module is not None
            self.name(node.module, name)
            return
        alias = next(one for one in node.names if (one.asname or one.name).split(".")[0] == name)
        one = ast.unparse(alias)
        line = f"from {node.module} import {one}" if isinstance(node, ast.ImportFrom) else None
        self._imports[line or f"import {one}"] = None

    def _module(self, name: str) -> _Module:
        if name not in self._modules:
            spec = find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            text = Path(spec.origin).read_text(encoding="utf-8")
            self._modules[name] = _read(text)
        return self._modules[name]


def _read(text: str) -> _Module:
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, ast.Import | ast.ImportFrom] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {one.id: node for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined[node.target.id] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imported |= {(one.asname or one.name).split(".")[0]: node for one in node.names}
    return _Module(text, defined, imported)
