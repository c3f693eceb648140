"""The themes: dark and light, and both with the contrast that a projector needs."""

from __future__ import annotations

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from zgtui.charts.colours import run_colour, series_colours
from zgtui.config.settings import RUNS
from zgtui.errors import UsageError, suggest

THEMES = [
    Theme(
        name="zgtui-dark",
        primary="#56b4e9",
        secondary="#8a94a6",
        accent="#ffb000",
        foreground="#d8dee9",
        background="#0f1318",
        surface="#151a21",
        panel="#1c232c",
        success="#4fc38a",
        warning="#e8c547",
        error="#ff6b6b",
        dark=True,
    ),
    Theme(
        name="zgtui-light",
        primary="#005b8f",
        secondary="#5b6573",
        accent="#a34700",
        foreground="#1b2027",
        background="#fbfbf9",
        surface="#f3f3ef",
        panel="#e8e8e2",
        success="#1a6e45",
        warning="#7d6000",
        error="#b3261e",
        dark=False,
    ),
    Theme(
        name="zgtui-contrast-dark",
        primary="#7fd0ff",
        secondary="#c8ccd4",
        accent="#ffc233",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1a1a1a",
        success="#66ffb3",
        warning="#fff066",
        error="#ff8a8a",
        dark=True,
    ),
    Theme(
        name="zgtui-contrast-light",
        primary="#004b78",
        secondary="#333333",
        accent="#8a3b00",
        foreground="#000000",
        background="#ffffff",
        surface="#ffffff",
        panel="#e6e6e6",
        success="#00522e",
        warning="#574300",
        error="#9c0006",
        dark=False,
    ),
]
CONTRAST = {True: "zgtui-contrast-dark", False: "zgtui-contrast-light"}
"""For projectors, by whether the theme in use is dark."""


def theme_names() -> list[str]:
    """All there are, ours and those of Textual."""
    return [*(theme.name for theme in THEMES), *BUILTIN_THEMES]


def check_theme(name: str) -> None:
    """Raise UsageError if there is no theme ``name``, of Textual or of ours."""
    known = theme_names()
    if name not in known:
        raise UsageError(
            f"there is no theme {name!r}.{suggest(name, known)}"
            f" There are: {', '.join(sorted(known))}"
        )


def use_theme(app: App[None], name: str) -> None:
    """Have ``app`` use the theme ``name``. Raises UsageError if there is none."""
    check_theme(name)
    for known in THEMES:
        app.register_theme(known)
    app.theme = name


def curve_colours(*, dark: bool) -> dict[str, str]:
    """The colours of curves as variables of a theme that has none of its own."""
    return {
        **{f"run-{name.lower()}": run_colour(name, dark=dark) for name in RUNS},
        **{f"series-{at}": colour for at, colour in enumerate(series_colours(dark=dark))},
    }
