"""The questions that keys ask: what to train, how, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

from zgtui.config.options import OPTIONS
from zgtui.config.settings import (
    RUNS,
    SCHEDULES,
    RunName,
    RunSettings,
    Settings,
    parse_lr,
    parse_policy,
)
from zgtui.errors import UsageError
from zgtui.experiments import EXPERIMENTS
from zgtui.lessons import LESSONS
from zgtui.tui.model.guessing import CHOICES, Guess
from zgtui.tui.model.predicting import predicted_curve, twin_settings
from zgtui.tui.screens.dialogs import ChoiceDialog, Dialog, TextDialog

if TYPE_CHECKING:
    from zgtui.tui.app import ZgtuiApp


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


class Questions:
    """Asks in dialogs above the main screen of ``app``, and has its comparison do the answers."""

    def __init__(self, app: ZgtuiApp) -> None:
        self._app = app
        self._live = app.live

    def lr(self) -> None:
        """Ask for the learning rate of both runs."""
        current = self._live.runs[self._app.comparison.focused_run].lr

        def answered(text: str | None) -> None:
            if text is not None:
                self._live.set_lr(RUNS, parse_lr(text))

        self._app.push_screen(
            TextDialog(
                "learning rate of both runs",
                "" if current is None else f"{current:g}",
                "enter sets it, escape leaves",
                parse_lr,
            ),
            answered,
        )

    def device(self) -> None:
        """Ask where to train."""
        if self._live.ready is None:
            self._app.say("PyTorch is still being imported; then the devices are known.")
            return

        def answered(device: str | None) -> None:
            if device is not None and device != self._live.settings.device:
                self._live.restart(replace(self._live.present_settings(), device=device))

        self._app.push_screen(
            ChoiceDialog("device", self._live.ready.devices, self._live.settings.device), answered
        )

    def policy(self, name: RunName) -> None:
        """Ask when run ``name`` clears its gradients."""
        run = self._live.runs[name]
        parts = f", accumulate {run.accumulate}" if run.accumulate > 1 else ""

        def answered(text: str | None) -> None:
            if text is not None:
                self._live.set_policy(name, *parse_policy(text))

        self._app.push_screen(
            TextDialog(
                f"when run {name} clears its gradients",
                f"{run.clear}{parts}",
                "every, never, N (clears every N steps), accumulate N",
                parse_policy,
            ),
            answered,
        )

    def experiment(self) -> None:
        """Ask what to train; its own defaults hold, clearing, seed and device stay."""

        def answered(name: str | None) -> None:
            if name is None:
                return
            present = self._live.present_settings()
            self._live.restart(
                Settings(
                    experiment=name,
                    seed=present.seed,
                    device=present.device,
                    a=RunSettings(clear=present.a.clear),
                    b=RunSettings(clear=present.b.clear),
                )
            )

        choices = {
            name: f"{entry.summary}\n{entry.description}" for name, entry in EXPERIMENTS.items()
        }
        self._app.push_screen(
            ChoiceDialog("experiment", choices, self._live.settings.experiment), answered
        )

    def theory(self) -> bool:
        """Have something to draw of theory; whether there is, or will be once it starts again."""
        live = self._live
        if any(predicted_curve(live, name) for name in RUNS) or live.settings.twin:
            return True
        settings = twin_settings(live.present_settings())
        if live.started is None or settings is None:
            self._app.say(
                "Theory has a curve for linear models under SGD, and for a run B that never clears"
                " under plain SGD."
            )
            return False
        live.restart(settings)
        self._app.say("Started again with B's twin, SGD with momentum 1 that clears: the dots.")
        return True

    def guesses(self) -> None:
        """Stop at step 0 and ask what each run will do; then train, and tell who was right."""
        screen, live = self._app.comparison, self._live
        screen.guesses.clear()
        screen.guessing, screen.theory = True, False
        live.restart(live.present_settings(), running=False)

        def guessed(name: RunName, guess: str | None) -> None:
            if guess is None:
                screen.guesses.clear()
                screen.guessing = False
                return
            screen.guesses[name] = cast("Guess", guess)
            if name == "A":
                ask("B")
            else:
                screen.guessing = False
                live.set_running(running=True)

        def ask(name: RunName) -> None:
            title = f"what will run {name} do?  {live.runs[name].title[3:]}"
            self._app.push_screen(
                ChoiceDialog(title, CHOICES[name], "converges"), partial(guessed, name)
            )

        ask("A")

    def optimizer(self) -> None:
        """Ask for optimizer, learning rate, schedule and batch size; training starts again."""
        present = self._live.present_settings()

        def answered(hyper: Hyper | None) -> None:
            if hyper is None:
                return
            values = hyper.values
            settings = replace(
                self._live.present_settings(),
                optimizer=values["optimizer"],
                momentum=values["momentum"],
                nesterov=present.nesterov and bool(values["momentum"]),
                weight_decay=values["weight-decay"],
                clip=values["clip"],
                schedule=values["schedule"],
                batch_size=values["batch-size"],
            )
            for name in RUNS:
                settings = settings.with_run(name, lr=values["lr"])
            self._live.restart(settings)

        self._app.push_screen(HyperDialog(hyper_texts(present)), answered)

    def lesson(self) -> None:
        """Ask which lesson to give."""

        def answered(number: str | None) -> None:
            if number is not None:
                lesson = list(LESSONS.values())[int(number) - 1]
                self._app.comparison.give(lesson)

        choices = {
            str(number): f"{lesson.title}\n{lesson.claim}"
            for number, lesson in enumerate(LESSONS.values(), 1)
        }
        self._app.push_screen(ChoiceDialog("lesson", choices, "1"), answered)
