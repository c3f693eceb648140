"""The questions that the keys of a comparison ask: what to train, how, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, OptionList

from zgtui.config.options import OPTIONS
from zgtui.config.settings import (
    POLICY_FORMS,
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
from zgtui.lessons.lesson import Lesson
from zgtui.plural import any_of, plural
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.model.predicted import CHOICES, Guess, momentum_twin_settings, predicted_curve
from zgtui.tui.screens.dialogs import Attempt, ChoiceDialog, Dialog, TextDialog, Told
from zgtui.tui.widgets.choices import Choices
from zgtui.tui.widgets.text_input import TextInput

POLICY_HINT = "; ".join(
    f"{form} ({meaning})" if meaning else form for form, meaning in POLICY_FORMS.items()
)
SUGGESTIONS = {
    "optimizer": [
        "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "RAdam", "Adadelta", "Adamax",
        "ASGD", "Rprop",
    ],
    "schedule": list(SCHEDULES),
    "batch-size": ["full", "16", "32", "64", "128"],
}  # fmt: skip

FIELDS: dict[str, str] = {
    "optimizer": f"{any_of(SUGGESTIONS['optimizer'][:3])}, or another of torch.optim",
    "lr": "a positive number, or empty",
    "momentum": "at least 0, such as 0.9, or empty",
    "weight-decay": "at least 0, such as 0.01, or empty",
    "clip": "a positive norm, or empty",
    "schedule": any_of(SCHEDULES),
    "batch-size": "at least 1, or full, or empty",
}
"""Options that the dialog asks for, with what they may be; empty is the experiment's default."""


Hyper = dict[str, Any]
"""What was typed, by option name; None where a field was left empty."""


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
    """Asks for the fields above, beginning with ``current`` texts; ``attempt`` trains with them.

    It stays, with what was typed, until training has begun.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "next choice", show=False, id="next-choice"),
        Binding("up", "choose(-1)", "previous choice", show=False, id="previous-choice"),
    ]
    DEFAULT_CSS = """
    HyperDialog {
        & .field { height: 1; }
        & .field > Label { width: 14; }
        & .field > Input { width: 1fr; }
        & Choices, & Choices:focus { max-height: 5; }
        & Choices.-none { display: none; }
        &.-short Choices, &.-tiny Choices { display: none; }  /* Up and Down choose all the same */
    }
    """

    def __init__(self, current: dict[str, str], attempt: Attempt[Hyper]) -> None:
        super().__init__()
        self._current, self._attempt = current, attempt

    def compose(self) -> ComposeResult:
        """One line per field, what can be chosen there, then room for what is wrong."""
        with Vertical() as box:
            box.border_title = "optimizer of both runs"
            for name, hint in FIELDS.items():
                with Horizontal(classes="field"):
                    yield Label(name.replace("-", " "))
                    yield TextInput(
                        self._current.get(name, ""),
                        placeholder=hint,
                        id=f"field-{name}",
                        select_on_focus=True,
                        suggester=SuggestFromList(SUGGESTIONS.get(name, []), case_sensitive=False),
                    )
            yield Choices(markup=False)
            yield self.foot("Tab: next · Up, Down: choose · Enter: restart · Esc: cancel")

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

    @on(DescendantFocus)
    def show_choices(self, event: DescendantFocus) -> None:
        """List what can be chosen in the field that has the focus."""
        if isinstance(event.widget, Input):
            self._list_choices(event.widget)

    def _list_choices(self, field: Input) -> None:
        names = SUGGESTIONS.get((field.id or "").removeprefix("field-"), [])
        choices = self.query_one(Choices)
        choices.set_class(not names, "-none")
        choices.clear_options().add_options(names)
        lower = [name.lower() for name in names]
        chosen = field.value.strip().lower()
        choices.highlighted = lower.index(chosen) if chosen in lower else None

    def action_choose(self, direction: int) -> None:
        """Take the next of what can be chosen in the field that has the focus."""
        field, choices = self.focused, self.query_one(Choices)
        if isinstance(field, Input) and choices.option_count:
            at = choices.highlighted
            first = 0 if direction > 0 else choices.option_count - 1
            at = first if at is None else (at + direction) % choices.option_count
            field.value = str(choices.get_option_at_index(at).prompt)

    @on(OptionList.OptionSelected)
    def choose_clicked(self, event: OptionList.OptionSelected) -> None:
        """Take what was clicked for the field whose list it is."""
        name = str(event.option.prompt)
        field = next(one for one, names in SUGGESTIONS.items() if name in names)
        self.query_one(f"#field-{field}", Input).value = name

    @on(Input.Changed)
    def validate_now(self, event: Input.Changed) -> None:
        """Say at once what is wrong."""
        if len(self.query(Input)) == len(FIELDS):
            self.complain(self.problem())
        if event.input is self.focused:
            self._list_choices(event.input)

    @on(Input.Submitted)
    def accept(self) -> None:
        """Train with the values, if all can be used."""
        if not self.problem():
            self._attempt({name: self._value(name) for name in FIELDS}, self.settle)


Answer = TypeVar("Answer")


class Questions:
    """Asks in dialogs above ``screen``, and has ``live`` do what is answered."""

    def __init__(self, screen: Screen[None], live: RemoteComparison) -> None:
        self._screen = screen
        self._live = live

    def _ask(self, dialog: Dialog[Answer], answered: Callable[[Answer], None]) -> None:
        """Show ``dialog``; ``answered`` hears of an answer, and of nothing else."""

        def closed(answer: Answer | None) -> None:
            if answer is not None:
                answered(answer)

        self._screen.app.push_screen(dialog, closed)

    def lr(self, focused: RunName) -> None:
        """Ask for the learning rate of both runs, beginning with that of the one ``focused``."""
        current = self._live.runs[focused].lr
        dialog = TextDialog(
            "learning rate of both runs",
            "" if current is None else f"{current:g}",
            parse_lr,
        )
        self._ask(dialog, lambda text: self._live.set_lr(RUNS, parse_lr(text)))

    def device(self) -> None:
        """Ask where to train."""
        live = self._live
        if live.ready is None:
            self._screen.notify("The devices are not known until PyTorch is imported.")
            return

        def chosen(device: str) -> None:
            if device != live.settings.device:
                live.restart(replace(live.present_settings(), device=device))

        self._ask(ChoiceDialog("device", live.ready.devices, live.settings.device), chosen)

    def policy(self, name: RunName) -> None:
        """Ask when run ``name`` clears its gradients."""
        run = self._live.runs[name].settings
        accumulate = f", accumulate {run.accumulate}" if run.accumulate > 1 else ""
        dialog = TextDialog(
            f"when run {name} clears its gradients",
            f"{run.clear}{accumulate}",
            parse_policy,
            lambda text, told: self._live.set_policy(name, *parse_policy(text), told=told),
            hint=POLICY_HINT,
        )
        self._screen.app.push_screen(dialog)

    def train(self, experiment: str) -> None:
        """Train another experiment: its own defaults hold, clearing, seed and device stay."""
        present = self._live.present_settings()
        self._live.restart(
            Settings(
                experiment=experiment,
                seed=present.seed,
                device=present.device,
                a=RunSettings(clear=present.a.clear),
                b=RunSettings(clear=present.b.clear),
            )
        )

    def experiment(self) -> None:
        """Ask what to train."""
        choices = {
            name: f"{entry.summary}\n{entry.description}" for name, entry in EXPERIMENTS.items()
        }
        self._ask(ChoiceDialog("experiment", choices, self._live.settings.experiment), self.train)

    def optimizer(self) -> None:
        """Ask for optimizer, learning rate, schedule and batch size; training restarts."""

        def attempt(values: Hyper, told: Told) -> None:
            present = self._live.present_settings()
            settings = replace(
                present,
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
            self._live.restart(settings, told=told)

        self._screen.app.push_screen(
            HyperDialog(hyper_texts(self._live.present_settings()), attempt)
        )

    def tried(self) -> None:
        """Show what was tried; train what is chosen there again, from step 0."""
        self._live.read()
        if not self._live.tried:
            self._screen.notify("Nothing has been tried yet: no step has been trained.")
            return
        from zgtui.tui.screens.tried_screen import TriedScreen  # noqa: PLC0415 - has a heavy table

        self._ask(TriedScreen(self._live.tried), lambda one: self._live.replay(one.log))

    def theory(self, shown: Callable[[], None]) -> None:
        """Have ``shown`` show what theory says, once there is something; it may need a restart."""
        live = self._live
        if any(predicted_curve(live, name) for name in RUNS) or live.settings.twin:
            shown()
            return
        settings = momentum_twin_settings(live.present_settings())
        if live.started is None or settings is None:
            self._screen.notify(
                "Theory has a curve for linear models under SGD, and for a run B that never clears"
                " under plain SGD."
            )
            return

        def restart() -> None:
            live.restart(settings)
            shown()

        if not live.step:
            restart()
            return
        choices = {
            "keep": f"continue from the {plural(live.step, 'step')} so far, without theory",
            "restart": "train again from step 0, with a cleared SGD with momentum 1 beside B",
        }
        dialog = ChoiceDialog("theory needs a third run from step 0", choices, "keep")
        self._ask(dialog, lambda answer: restart() if answer == "restart" else None)

    def guesses(self, guessed: Callable[[dict[RunName, Guess]], None]) -> None:
        """Ask what each run will do.

        ``guessed`` hears of both guesses, or of none where the questions were cancelled.
        """
        found = dict[RunName, Guess]()

        def answered(name: RunName, guess: str | None) -> None:
            if guess is None:
                guessed({})
                return
            found[name] = cast("Guess", guess)
            if name == "A":
                ask("B")
            else:
                guessed(found)

        def ask(name: RunName) -> None:
            title = f"what will run {name} do?  {self._live.runs[name].settings.title}"
            dialog = ChoiceDialog(title, CHOICES[name], "converges")
            self._screen.app.push_screen(dialog, partial(answered, name))

        ask("A")

    def lesson(self, chosen: Callable[[Lesson], None]) -> None:
        """Ask which lesson to open."""
        lessons = list(LESSONS.values())
        choices = {
            str(number): f"{lesson.title}\n{lesson.claim}"
            for number, lesson in enumerate(lessons, 1)
        }
        self._ask(
            ChoiceDialog("lesson", choices, "1"), lambda number: chosen(lessons[int(number) - 1])
        )
