"""Whether a value is as a JSON schema says, for the keywords that ours uses; others are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
Rule = Callable[[Any, Any, "Schema", str], None]


class Schema:
    """A schema with its definitions."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def check(self, value: Any, schema: Mapping[str, Any] | None = None, at: str = "$") -> None:
        """Fail unless ``value`` is as the schema says."""
        schema = self._root if schema is None else schema
        for keyword, expected in schema.items():
            KEYWORDS[keyword](value, expected, self, at)
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties")
        for name, inner in value.items() if isinstance(value, dict) else ():
            if name in properties:
                self.check(inner, properties[name], f"{at}.{name}")
            elif others is not None:
                self.check(inner, others, f"{at}.{name}")
            else:
                assert not properties, f"{at}.{name} is not in the schema"

    def follow(self, reference: str) -> Mapping[str, Any]:
        """The definition that ``reference`` names."""
        found: Any = self._root
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert isinstance(found, Mapping)
        return found


def _type(value: Any, expected: str, _schema: Schema, at: str) -> None:
    assert isinstance(value, TYPES[expected]), (at, value, expected)
    assert expected == "boolean" or not isinstance(value, bool), (at, value, expected)


def _any_of(value: Any, choices: list[Any], schema: Schema, at: str) -> None:
    failed = []
    for choice in choices:
        try:
            schema.check(value, choice, at)
        except AssertionError as error:
            failed.append(error)
    assert len(failed) < len(choices), failed


def _items(value: Any, expected: Any, schema: Schema, at: str) -> None:
    for index, inner in enumerate(value):
        schema.check(inner, expected, f"{at}[{index}]")


def _required(value: Any, names: list[str], _schema: Schema, at: str) -> None:
    assert set(names) <= set(value), (at, set(names) - set(value))


def _enum(value: Any, choices: list[Any], _schema: Schema, at: str) -> None:
    assert value in choices, (at, value, choices)


def _const(value: Any, expected: Any, _schema: Schema, at: str) -> None:
    assert value == expected, (at, value, expected)


def _pattern(value: Any, expected: str, _schema: Schema, at: str) -> None:
    assert re.search(expected, value), (at, value, expected)


def _minimum(value: Any, least: float, _schema: Schema, at: str) -> None:
    assert value >= least, (at, value, least)


def _reference(value: Any, expected: str, schema: Schema, at: str) -> None:
    schema.check(value, schema.follow(expected), at)


def _nothing(_value: Any, _expected: Any, _schema: Schema, _at: str) -> None:
    """Says nothing about a value, or is looked at elsewhere."""


KEYWORDS: dict[str, Rule] = {
    "type": _type,
    "anyOf": _any_of,
    "items": _items,
    "required": _required,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "$ref": _reference,
    "properties": _nothing,
    "additionalProperties": _nothing,
    "$schema": _nothing,
    "$defs": _nothing,
    "title": _nothing,
    "description": _nothing,
}
