"""Stylesheets are parsed once in a process: every app has the same, and parses them twice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import pytest
from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import tokenize_values
from textual.css.tokenizer import Token
from textual.css.types import CSSLocation

THEMES = 4
"""Of so many at once are the rules kept."""


class Variables(dict[str, list[Token]]):
    """The variables of a theme, and the rules that were parsed with them."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(tokenize_values(values))
        self.rules: dict[tuple[object, ...], list[RuleSet]] = {}


@lru_cache(maxsize=THEMES)
def _variables(values: tuple[tuple[str, str], ...]) -> Variables:
    return Variables(dict(values))


def _parsed(
    scope: str,
    css: str,
    read_from: CSSLocation,
    *,
    variable_tokens: Variables,
    is_default_rules: bool,
    tie_breaker: int,
) -> Iterable[RuleSet]:
    key = (scope, css, read_from, is_default_rules, tie_breaker)
    if key not in variable_tokens.rules:
        variable_tokens.rules[key] = list(
            parse(
                scope,
                css,
                read_from,
                variable_tokens=variable_tokens,
                is_default_rules=is_default_rules,
                tie_breaker=tie_breaker,
            )
        )
    return variable_tokens.rules[key]


def parse_once(patch: pytest.MonkeyPatch) -> None:
    """From now on parse each stylesheet once with the variables of a theme."""
    patch.setattr(stylesheet, "tokenize_values", lambda values: _variables(tuple(values.items())))
    patch.setattr(stylesheet, "parse", _parsed)
