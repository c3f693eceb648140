"""The screen of ``zgtui``: two runs side by side, the loop that trains them, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.widget import Widget

from zgtui.charts import words
from zgtui.charts.step_axis import Pace
from zgtui.config.options import Marker
from zgtui.config.settings import RUNS, RunName, next_speed
from zgtui.outputs.gpu_monitor import gpu_words
from zgtui.tui.keys import bindings, hidden_bindings
from zgtui.tui.model import texts
from zgtui.tui.model.gradients import gradient_view
from zgtui.tui.model.live import RemoteComparison
from zgtui.tui.model.predicted import Guess, predicted_curves
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.runs_screen import RunsScreen
from zgtui.tui.themes import CONTRAST
from zgtui.tui.widgets.chart import Curve
from zgtui.tui.widgets.chart_pane import ChartView, run_numbers
from zgtui.tui.widgets.code_pane import CodePane, CodeView, LinePlace
from zgtui.tui.widgets.explanation_pane import Banner, ExplanationPane
from zgtui.tui.widgets.gradient_pane import GradientPane
from zgtui.tui.widgets.lesson_pane import LessonPane
from zgtui.worker.protocol import SLOW

if TYPE_CHECKING:
    from zgtui.lessons.lesson import Lesson
    from zgtui.tui.screens.questions import Questions

PANELS = ("explanation", "code", "gradients")


class ComparisonScreen(RunsScreen[RemoteComparison]):
    """Shows ``live`` and turns keys into what is asked of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("train"), *hidden_bindings()]

    def __init__(self, live: RemoteComparison, display: Display) -> None:
        super().__init__(live, display)
        self.only = ""
        """The panel that is shown alone; empty where none is."""
        self.theory = False
        """Whether theory was asked for."""
        self._theory_of: Path | None = None
        """The log of the comparison at which it was."""
        self.guesses: dict[RunName, Guess] = {}
        self.lesson_pane = LessonPane(ascii_only=self.ascii_only, remapped=self.remapped)
        """Where lessons are."""
        self._banner, self._gradients = Banner(), GradientPane(ascii_only=self.ascii_only)
        self.guessing = False
        """Whether guesses are being asked for: until then nothing is given away."""
        self._unpresented: tuple[str, Marker] | None = None
        """Theme and marker to go back to from what an audience sees."""

    @cached_property
    def _ask(self) -> Questions:
        from zgtui.tui.screens.questions import Questions  # noqa: PLC0415 - at its first use

        return Questions(self, self.live)

    def compose_body(self) -> Iterable[Widget]:
        """Two panes, then the loop with its explanation."""
        yield from super().compose_body()
        shown = [self._gradients] if self.has_class("-rich") else []
        yield Horizontal(CodePane(), ExplanationPane(), *shown, id="below")

    def mount_hidden(self) -> None:
        """Mount what keys show."""
        super().mount_hidden()
        below = self.query_one("#below")
        self.mount(self._banner, after="#status")
        if not self._gradients.is_attached:
            below.mount(self._gradients)
        below.mount(self.lesson_pane)

    def on_mount(self) -> None:
        """Say what is being waited for."""
        self.update_all()

    # Showing

    def update_words(self) -> None:
        """Bring panels up to date with ``live``; draws only what changed."""
        self.lesson_pane.keep_up()
        super().update_words()
        dark = self.app.current_theme.dark
        # What failed is a long sentence: it gets the room of the loop, which runs no more.
        self.set_class(self.live.phase == "failed", "-failed")
        self.query_one(CodePane).show(self._code(dark=dark))
        if self._gradients.is_attached and self._gradients.display:
            gradients = {name: gradient_view(self.live, name) for name in RUNS}
            self._gradients.show(gradients, dark=dark)
        lines = texts.notes(self.live, theory=self.shows_theory, secret=self.guessing)
        notes = [self.text(line) for line in lines]
        self.query_one(ExplanationPane).show(notes)
        # A lesson has its own words; the key pressed last stands there all the same.
        self._banner.show([] if self.lesson_pane.opened else notes)

    def curves(self, name: RunName) -> Iterable[Curve]:
        """Its losses, and what theory says of them."""
        return [*super().curves(name), *self._predicted(name)]

    @property
    def pace(self) -> Pace:
        """What the worker said when it started."""
        started = self.live.started
        known = super().pace
        if started is None:
            return known
        per_epoch, samples = started.steps_per_epoch, started.samples_per_step
        return replace(known, steps_per_epoch=per_epoch, samples_per_step=samples)

    def _predicted(self, name: RunName) -> list[Curve]:
        return predicted_curves(self.live, name) if self.shows_theory else []

    @property
    def shows_theory(self) -> bool:
        """Whether what theory says is shown: not where a guess is asked for.

        Where it was left on, the next comparison begins without it.
        """
        opened = self.lesson_pane.opened
        asking = self.guessing or (opened is not None and opened.asks)
        asked_here = self._theory_of == self.live.log
        return self.theory and not asking and (self.live.step > 0 or asked_here)

    def planned(self, _name: RunName) -> int:
        """As many steps as were asked for."""
        return self.live.settings.steps or 0

    def view(self, name: RunName) -> ChartView:
        """What the pane of run ``name`` says."""
        live, run = self.live, self.live.runs[name]
        started = live.started
        state = live.trend(name).state
        loss, lr = (self.text(words.number(one)) for one in (run.history.last, live.lr(name)))
        accuracy = "" if run.accuracy is None else f"{run.accuracy:.1%}"
        return ChartView(
            title=run.title,
            numbers=run_numbers(loss, lr, accuracy=accuracy, name=self.short_name(name)),
            state=self.text(texts.state(live, name, self.guesses.get(name))),
            big=words.big_number(run.history.last),
            badge=self._legend(name) or self._badge(name),
            different_init=started is not None and not started.same_init,
            alarming=state in words.ALARMING or live.phase == "failed",
        )

    def _legend(self, name: RunName) -> str:
        """What the dots are; empty where there are none."""
        labels = [curve.label for curve in self._predicted(name)]
        return self.text(f"dots: {' and '.join(labels)}") if labels else ""

    def _badge(self, name: RunName) -> str:
        """Where and from what run ``name`` started, as short hashes; empty before it did."""
        started = self.live.started
        if started is None or not started.weights:
            return ""
        differ = "" if started.same_init else " differ"
        weights = f"weights{differ} {started.weights[name]}"
        return f"{weights} batches {started.batches} {started.settings.device}"

    def settings_words(self) -> Iterable[str]:
        """What is trained, what matters most first."""
        settings, started = self.live.settings, self.live.started
        yield settings.experiment
        if started is not None:
            yield "" if started.same_init else "different inits"
            yield started.optimizer
        yield settings.device
        yield f"seed {settings.seed}"
        yield from gpu_words(self.gpus.of(settings.device))

    def progress_words(self) -> str:
        """How far it is, and what to do where it does not go on."""
        return texts.progress(self.live)

    @property
    def keys_now(self) -> Mapping[str, str]:
        """Training can go on beyond its end, too."""
        beyond = {"continue": "continue"} if self.live.phase == "finished" else {}
        return {**beyond, **super().keys_now}

    def _code(self, *, dark: bool) -> CodeView:
        live = self.live
        slow = live.phase in {"paused", "finished"} or 0 < (live.settings.speed or 0) <= SLOW
        settings = [live.runs[name].settings for name in RUNS]
        accumulated = any(run.accumulate > 1 for run in settings)
        alone, narrow, tall = self.only == "code", *map(self.has_class, ("-narrow", "-tall"))
        return CodeView(
            clearing=(settings[0].clear, settings[1].clear),
            accumulated=live.settings.clip is not None or accumulated,
            dark=dark,
            done=live.step if slow and live.step else None,
            at=LinePlace(live.at.run, live.at.step, live.at.line) if live.at else None,
            whole=(alone and (narrow or tall)) or self.has_class("-rich"),
            short=not (alone and tall),
            together=live.together,
        )

    # Keys for training

    def _action_new_seed(self) -> None:
        self.live.new_seed()

    def _action_continue(self) -> None:
        self.live.continue_training()

    def _action_step_back(self) -> None:
        self.live.step_back()

    def _action_undo(self) -> None:
        self.live.undo()

    def _action_replay(self) -> None:
        self.live.replay()

    def _action_speed(self, direction: int) -> None:
        self.live.set_speed(next_speed(self.live.settings.speed or 0, direction))

    # Questions

    def _action_type_lr(self) -> None:
        self._ask.lr(self.focused_run)

    def _action_policy(self) -> None:
        self._ask.policy(self.focused_run)

    def _action_experiment(self) -> None:
        self._ask.experiment()

    def train_experiment(self, name: str) -> None:
        """Train another experiment from step 0."""
        self._ask.train(name)

    def _action_optimizer(self) -> None:
        self._ask.optimizer()

    def _action_device(self) -> None:
        self._ask.device()

    def _action_theory(self) -> None:
        if self.theory:
            self.theory = False
        else:
            self._ask.theory(self._show_theory)

    def _show_theory(self) -> None:
        self.theory, self._theory_of = True, self.live.log

    def _action_tried(self) -> None:
        self._ask.tried()

    def _action_predict(self) -> None:
        self._hide_what_runs_do(yes=True)
        self._ask.guesses(self._guessed)

    def _guessed(self, guesses: dict[RunName, Guess]) -> None:
        self._hide_what_runs_do(yes=False)
        if guesses:
            self.guesses, self.theory = guesses, False
            self.live.restart(running=True)

    def _hide_what_runs_do(self, *, yes: bool) -> None:
        """Give nothing away while a guess is asked for, above whatever is trained meanwhile."""
        self.guessing = yes
        self.set_class(yes, "-guessing")

    # Lessons

    def _action_lesson(self) -> None:
        if self.lesson_pane.opened is None:
            self._ask.lesson(self.open_lesson)
        else:
            self.lesson_pane.close()

    def open_lesson(self, lesson: Lesson) -> None:
        """Begin ``lesson``, in place of a panel that is shown alone."""
        if self.only:
            self._action_only(self.only)
        self.theory, self.guesses = False, {}
        self.lesson_pane.open(lesson, self.live)

    def _action_close(self) -> None:
        if self.close_looks():
            return
        if self.only:
            self._action_only(self.only)
        else:
            self.lesson_pane.close()

    def _action_move(self, direction: int) -> None:
        if self.lesson_pane.opened is None or self.crosshair.pinned:
            super()._action_move(direction)
        else:
            self.lesson_pane.turn(direction)

    # Looks

    def _action_only(self, panel: str) -> None:
        self.only = "" if self.only == panel else panel
        self.set_class(bool(self.only), "-only")
        for one in PANELS:
            self.set_class(self.only == one, f"-only-{one}")

    def _action_presenter(self) -> None:
        app = self.app
        if self._unpresented is None:
            self._unpresented = (app.theme, self.marker)
            app.theme = CONTRAST[app.current_theme.dark]
            self.marker = "ascii" if self.marker == "ascii" else "hd"
        else:
            (app.theme, self.marker), self._unpresented = self._unpresented, None
        self.set_class(self._unpresented is not None, "-presenter")
        self.redraw()

    def on_key(self, event: Key) -> None:
        """Echo the key to the audience."""
        active = self.active_bindings.get(event.key)
        if active is not None and active.binding.tooltip and active.binding.description:
            key = active.binding.key_display or self.app.get_key_display(active.binding)
            self._banner.echo(key, active.binding.description)
