"""The questions that keys ask: what to train, how, and where."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from zgtui.experiments import EXPERIMENTS
from zgtui.lessons import LESSONS
from zgtui.settings import RUNS, RunName, RunSettings, Settings, parse_lr, parse_policy
from zgtui.tui.guessing import CHOICES, Guess
from zgtui.tui.predicting import predicted_curve, twin_settings
from zgtui.tui.screens.dialogs import ChoiceDialog, TextDialog
from zgtui.tui.screens.hyper import Hyper, HyperDialog, hyper_texts

if TYPE_CHECKING:
    from zgtui.tui.app import ZgtuiApp


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
