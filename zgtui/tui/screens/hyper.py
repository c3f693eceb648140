"""The dialog for the optimizer and its settings: every field is checked as it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

from zgtui.errors import UsageError
from zgtui.options import OPTIONS
from zgtui.schedule import SCHEDULES
from zgtui.settings import Settings
from zgtui.tui.screens.dialogs import Dialog

FIELDS: dict[str, str] = {
    "optimizer": "SGD, Adam, AdamW, RMSprop, Adagrad …",
    "lr": "a positive number",
    "momentum": "0.9, or nothing",
    "weight-decay": "0.01, or nothing",
    "clip": "norm of the gradient, or nothing",
    "schedule": ", ".join(SCHEDULES),
    "batch-size": "a number, or full",
}
"""Options that the dialog asks for, with what they may be; empty is the experiment's own."""

SUGGESTIONS = {
    "optimizer": ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Adadelta"],
    "schedule": list(SCHEDULES),
    "batch-size": ["full"],
}


@dataclass(frozen=True)
class Hyper:
    """What was typed, by option name; None where a field was left empty."""

    values: dict[str, Any]


def hyper_texts(settings: Settings) -> dict[str, str]:
    """The fields' texts for ``settings``."""

    def text(value: float | str | None) -> str:
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    return {
        "optimizer": text(settings.optimizer),
        "lr": text(settings.a.lr),
        "momentum": text(settings.momentum),
        "weight-decay": text(settings.weight_decay),
        "clip": text(settings.clip),
        "schedule": settings.schedule,
        "batch-size": "full" if settings.batch_size == 0 else text(settings.batch_size),
    }


class HyperDialog(Dialog[Hyper]):
    """Asks for the fields above, beginning with ``current`` texts."""

    DEFAULT_CSS = """
    HyperDialog {
        & .field { height: 1; }
        & .field > Label { width: 14; }
        & .field > Input { width: 1fr; }
    }
    """

    def __init__(self, current: dict[str, str]) -> None:
        super().__init__()
        self._current = current

    def compose(self) -> ComposeResult:
        """One line a field, then room for what is wrong."""
        with Vertical() as box:
            box.border_title = "optimizer of both runs"
            for name, hint in FIELDS.items():
                with Horizontal(classes="field"):
                    yield Label(name.replace("-", " "))
                    yield Input(
                        self._current.get(name, ""),
                        placeholder=hint,
                        id=f"field-{name}",
                        select_on_focus=True,
                        suggester=SuggestFromList(SUGGESTIONS.get(name, []), case_sensitive=False),
                    )
            yield Label("tab moves, enter starts again with these, escape leaves", classes="hint")
            yield Label("", classes="problem", markup=False)

    def problem(self) -> str:
        """What is wrong with the first field that is wrong; empty where none is."""
        for name in FIELDS:
            try:
                self._value(name)
            except UsageError as error:
                return f"{name.replace('-', ' ')}: {error}"
        return ""

    def _value(self, name: str) -> Any:
        text = self.query_one(f"#field-{name}", Input).value.strip()
        parse = OPTIONS[name].parse
        assert parse is not None
        return parse(text) if text else OPTIONS[name].default

    @on(Input.Changed)
    def tell_problem(self) -> None:
        """Tell at once what is wrong."""
        if len(self.query(Input)) == len(FIELDS):
            self.query_one(".problem", Label).update(self.problem())

    @on(Input.Submitted)
    def accept(self) -> None:
        """Leave with the values, if all can be used."""
        if not self.problem():
            self.dismiss(Hyper({name: self._value(name) for name in FIELDS}))
