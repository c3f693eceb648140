"""The main screen: two runs side by side, the loop that trains them, and what it means."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer

from zgtui.charts import words
from zgtui.config.options import Marker
from zgtui.config.settings import RUNS, RunName
from zgtui.tui.model import captions
from zgtui.tui.model.facts import code_view, gather, gradient_views, guess_words
from zgtui.tui.model.live import LiveComparison
from zgtui.tui.model.predicting import predicted_curves
from zgtui.tui.model.why import MAX_LINES, why
from zgtui.tui.screens.key_actions import KeyActions
from zgtui.tui.widgets.chart import Curve, Mark
from zgtui.tui.widgets.code_pane import CodePane
from zgtui.tui.widgets.gradient_pane import GradientPane
from zgtui.tui.widgets.lesson_pane import LessonPane
from zgtui.tui.widgets.run_pane import RunPane, RunView
from zgtui.tui.widgets.status_bar import StatusBar
from zgtui.tui.widgets.why_pane import Banner, WhyPane


class ComparisonScreen(KeyActions):
    """Shows ``live`` and turns keys into what is asked of it."""

    def __init__(self, live: LiveComparison, marker: Marker, *, ascii_only: bool) -> None:
        super().__init__(live, marker)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide"), (150, "-rich")]
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-tall")]
        self._ascii = ascii_only
        self._shown_curves: object = None
        self.export_share: float | None = None
        """How much of an export under way is written, from 0 to 1."""

    def compose(self) -> ComposeResult:
        """Status, two panes, the loop with its explanation, keys."""
        yield StatusBar(self._text(" · "), id="status")
        yield Banner()
        with Horizontal(id="panes"):
            for name in RUNS:
                yield RunPane(name)
        with Horizontal(id="below"):
            yield CodePane()
            yield WhyPane()
            yield GradientPane(ascii_only=self._ascii)
            yield LessonPane(ascii_only=self._ascii)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin at run B, the one whose clearing is in question."""
        self.app.set_class(self._ascii, "-ascii")
        for name in RUNS:
            self.pane(name).chart.marker = self._marker
        self.pane("B").focus()
        self.update_all()

    # Showing

    def update_all(self) -> None:
        """Bring everything up to date with ``live``; draws only what changed."""
        live = self.live
        self._attach_curves()
        self.query_one(LessonPane).keep_up()
        for name in RUNS:
            pane = self.pane(name)
            pane.show(self._view(name))
            pane.chart.marks = tuple(
                Mark(change.step, self._text(change.label)) for change in live.runs[name].changes
            )
            pane.chart.update_data()
        self.query_one("#status", StatusBar).show(
            self._settings_words(), self._text(self._progress_words())
        )
        # What failed is a long sentence: it gets the room of the loop, which runs no more.
        self.set_class(live.phase == "failed", "-failed")
        whole = self.only == "code" or self.has_class("-rich")
        self.query_one(CodePane).show(code_view(live, dark=self._dark, whole=whole))
        self.query_one(GradientPane).show(gradient_views(live), dark=self._dark)
        notes = [self._text(line) for line in self._notes()]
        self.query_one(WhyPane).show(notes)
        self.query_one(Banner).show(notes)

    @property
    def _dark(self) -> bool:
        return self.app.current_theme.dark

    def _attach_curves(self) -> None:
        """Give each chart its run's curve, and theory's; a restart brings new histories."""
        live = self.live
        shown = (self.theory, live.started, [
            (id(run.history), run.first, run.until) for run in live.runs.values()
        ])  # fmt: skip
        if shown == self._shown_curves:
            return
        self._shown_curves = shown
        for name in RUNS:
            chart = self.pane(name).chart
            chart.planned = live.settings.steps or 0
            own = Curve(live.runs[name].history, f"$run-{name.lower()}", name)
            chart.curves = (own, *(predicted_curves(live, name) if self.theory else ()))

    def _view(self, name: RunName) -> RunView:
        run, trend = self.live.runs[name], self.live.trend(name)
        return RunView(
            title=run.title,
            loss=self._text(words.number(run.history.last)),
            lr=self._text(words.number(self.live.lr(name))),
            accuracy="" if run.accuracy is None else f"{run.accuracy:.1%}",
            state=self._text(self._state(name)),
            big=words.big_number(run.history.last),
            badge=captions.badge(self.live.started, name),
            apart=self.live.started is not None and not self.live.started.twins,
            name=f"{name} " if self.has_class("-tiny") else "",
            alarming=trend.state in {"diverged", "growing"} or self.live.phase == "failed",
        )

    def _settings_words(self) -> tuple[str, ...]:
        """What is trained, what matters most first."""
        live = self.live
        optimizer = live.started.optimizer if live.started else ""
        twins = "" if live.started is None or live.started.twins else "different starts"
        parts = (
            live.settings.experiment, twins, optimizer, live.settings.device,
            f"seed {live.settings.seed}",
        )  # fmt: skip
        return tuple(part for part in parts if part)

    def _progress_words(self) -> str:
        live = self.live
        if self.export_share is not None:
            return f"exporting {self.export_share:.0%}"
        if live.phase == "loading":
            return f"importing PyTorch … {live.loading_seconds:.0f} s"
        if live.silence:
            return f"no answer for {live.silence:.0f} s · r starts anew"
        if live.phase == "failed":
            return f"stopped at step {live.step:,} · r starts anew"
        limit = f" (limit {live.settings.speed:g})" if live.settings.speed else ""
        if live.phase == "training":
            return f"● step {live.step:,} · {live.rate:,.0f} steps/s{limit}"
        return f"{live.phase} · step {live.step:,}{limit if live.phase == 'paused' else ''}"

    def _state(self, name: RunName) -> str:
        """The guess first, where there is one: the state is seen in the chart as well."""
        words = captions.state_words(self.live.phase, self.live.trend(name))
        guess = self.guesses.get(name)
        return f"{guess_words(self.live, name, guess)} · {words}" if guess else words

    def _notes(self) -> list[str]:
        """What is seen and why, then what the policies do; what failed alone where it did."""
        live = self.live
        if live.phase == "failed":
            return [
                f"{live.failure}.",
                "The losses so far stay: e exports them, r starts a new process.",
            ]
        if live.phase == "loading":
            return ["The training process is importing PyTorch. Keys work already."]
        plain = live.settings.optimizer in {None, "SGD"} and not live.settings.momentum
        policies = words.explanation(live.runs["A"].clear, live.runs["B"].clear, plain_sgd=plain)
        return [
            *why(gather(live, theory=self.theory, secret=self.guessing)),
            *policies.splitlines(),
        ][:MAX_LINES]

    def _text(self, text: str) -> str:
        return words.ascii_text(text) if self._ascii else text
