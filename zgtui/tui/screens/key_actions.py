"""What the keys of the main screen do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.events import Key
from textual.screen import Screen

from zgtui.config.options import MARKERS, Marker
from zgtui.config.settings import RUNS, RunName
from zgtui.lessons.lesson import Lesson
from zgtui.tui.keys import HIDDEN_KEYS, KEYS
from zgtui.tui.model.guessing import Guess
from zgtui.tui.model.live import LiveComparison
from zgtui.tui.themes import CONTRAST
from zgtui.tui.widgets.lesson_pane import LessonPane
from zgtui.tui.widgets.run_pane import RunPane
from zgtui.tui.widgets.why_pane import Banner

if TYPE_CHECKING:
    from zgtui.tui.app import ZgtuiApp

SPEEDS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 0)
"""Steps a second, slowest first; the last is without limit."""


class KeyActions(Screen[None]):
    """Turns keys into what is asked of ``live``, or into another look of the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS, *HIDDEN_KEYS]

    def __init__(self, live: LiveComparison, marker: Marker) -> None:
        super().__init__()
        self.live = live
        self._marker: Marker = marker
        self.only = ""
        """The panel that is shown alone: code, why or gradients; empty where none is."""
        self.theory = False
        """Whether what theory predicts is drawn over the charts."""
        self._unpresented: tuple[str, Marker] | None = None
        """Theme and marker to go back to from what an audience sees."""
        self.guesses: dict[RunName, Guess] = {}
        self.guessing = False
        """Whether guesses are being asked for: until then nothing is told ahead."""

    def pane(self, name: RunName) -> RunPane:
        """The pane of run ``name``."""
        return self.query_one(f"#run-{name}", RunPane)

    @property
    def focused_run(self) -> RunName:
        """The run that keys for one run mean."""
        return next((name for name in RUNS if self.pane(name).has_focus), "B")

    @property
    def _zgtui(self) -> ZgtuiApp:
        return cast("ZgtuiApp", self.app)

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self.live.phase == "finished":
            self._zgtui.say("Finished: c continues beyond, r starts again.")
        else:
            self.live.set_running(running=not self.live.running)

    def action_step(self) -> None:
        """Pause; when paused, one step."""
        self.live.single_step()

    def action_toggle_clearing(self) -> None:
        """The other clearing policy for the focused run."""
        self.live.toggle_clearing((self.focused_run,))

    def action_toggle_both(self) -> None:
        """The other clearing policy for both runs."""
        self.live.toggle_clearing(RUNS)

    def action_lr_up(self) -> None:
        """Raise both learning rates."""
        self.live.scale_lr(RUNS, 1)

    def action_lr_down(self) -> None:
        """Lower both learning rates."""
        self.live.scale_lr(RUNS, -1)

    def action_run_lr_up(self) -> None:
        """Raise the focused run's learning rate."""
        self.live.scale_lr((self.focused_run,), 1)

    def action_run_lr_down(self) -> None:
        """Lower the focused run's learning rate."""
        self.live.scale_lr((self.focused_run,), -1)

    def action_reset(self) -> None:
        """Step 0 again, same seed."""
        self.live.reset()

    def action_new_seed(self) -> None:
        """Step 0 again, new seed."""
        self.live.new_seed()

    def action_proceed(self) -> None:
        """Train beyond the planned length."""
        self.live.proceed()

    def action_slower(self) -> None:
        """The next lower speed."""
        self._move_speed(-1)

    def action_faster(self) -> None:
        """The next higher speed, without limit at last."""
        self._move_speed(1)

    def _move_speed(self, direction: int) -> None:
        current = self.live.settings.speed or 0
        slower = [speed for speed in SPEEDS if speed and (not current or speed < current)]
        faster = [speed for speed in SPEEDS if current and (not speed or speed > current)]
        if direction < 0:
            self.live.set_speed(slower[-1] if slower else SPEEDS[0])
        else:
            self.live.set_speed(faster[0] if faster else 0)

    def action_log_scale(self) -> None:
        """Logarithmic or linear losses, in both charts."""
        for name in RUNS:
            chart = self.pane(name).chart
            chart.log_scale = not chart.log_scale

    def action_marker(self) -> None:
        """The next way to draw curves, in both charts."""
        self._draw_with(MARKERS[(MARKERS.index(self._marker) + 1) % len(MARKERS)])

    def action_presenter(self) -> None:
        """Large, high contrast and without controls, or as before."""
        app = self._zgtui
        if self._unpresented is None:
            self._unpresented = (app.theme, self._marker)
            look: tuple[str, Marker] = (
                CONTRAST[app.current_theme.dark],
                "ascii" if self._marker == "ascii" else "hd",
            )
        else:
            look, self._unpresented = self._unpresented, None
        self.set_class(self._unpresented is not None, "-presenter")
        app.theme = look[0]
        self._draw_with(look[1])

    def on_key(self, event: Key) -> None:
        """Echo the key to the audience."""
        active = self.active_bindings.get(event.key)
        if active is not None and active.binding.tooltip:
            key = active.binding.key_display or self.app.get_key_display(active.binding)
            self.query_one(Banner).echo(key, active.binding.description)

    def _draw_with(self, marker: Marker) -> None:
        self._marker = marker
        for name in RUNS:
            self.pane(name).chart.marker = marker

    def action_type_lr(self) -> None:
        """Ask for a learning rate."""
        self._zgtui.ask.lr()

    def action_policy(self) -> None:
        """Ask for the focused run's clearing policy."""
        self._zgtui.ask.policy(self.focused_run)

    def action_experiment(self) -> None:
        """Ask what to train."""
        self._zgtui.ask.experiment()

    def action_optimizer(self) -> None:
        """Ask for the optimizer and its settings."""
        self._zgtui.ask.optimizer()

    @property
    def lesson_pane(self) -> LessonPane:
        """Where lessons are given."""
        return self.query_one(LessonPane)

    def action_lesson(self) -> None:
        """Choose a lesson, or leave the one that is given."""
        if self.lesson_pane.given is None:
            self._zgtui.ask.lesson()
        else:
            self.lesson_pane.close()

    def give(self, lesson: Lesson) -> None:
        """Begin ``lesson``, in place of a panel that is shown alone."""
        if self.only:
            self._show_only(self.only)
        self.lesson_pane.open(lesson, self.live)

    def action_lesson_next(self) -> None:
        """The lesson's next page."""
        self._turn(1)

    def action_lesson_back(self) -> None:
        """The page before."""
        self._turn(-1)

    def _turn(self, pages: int) -> None:
        if self.lesson_pane.given is None:
            self._zgtui.say("No lesson is open: L chooses one.")
        else:
            self.lesson_pane.turn(pages)

    def action_close(self) -> None:
        """Leave the lesson, if one is given."""
        self.lesson_pane.close()

    def action_back(self) -> None:
        """Step back."""
        self.live.step_back()

    def action_again(self) -> None:
        """The same once more, changes included."""
        self.live.again()

    def action_why(self) -> None:
        """Show what is seen and why alone, or every panel."""
        self._show_only("why")

    def action_code(self) -> None:
        """Show the loop alone, or every panel."""
        self._show_only("code")

    def action_gradients(self) -> None:
        """Show what is measured alone, or every panel."""
        self._show_only("gradients")

    def _show_only(self, panel: str) -> None:
        self.only = "" if self.only == panel else panel
        self.set_class(bool(self.only), "-only")
        for one in ("why", "code", "gradients"):
            self.set_class(self.only == one, f"-only-{one}")

    def action_theory(self) -> None:
        """Draw what theory predicts, or no longer."""
        self.theory = not self.theory and self._zgtui.ask.theory()

    def action_guess(self) -> None:
        """Freeze at step 0, ask for guesses, then train."""
        self._zgtui.ask.guesses()

    async def action_copy_script(self) -> None:
        """Copy a script that trains these runs."""
        await self._zgtui.files.copy_script()

    def action_export(self) -> None:
        """Ask where to write the loss table."""
        self._zgtui.files.ask_export()

    def action_picture(self) -> None:
        """Ask where to draw both losses."""
        self._zgtui.files.ask_picture()

    def action_save_svg(self) -> None:
        """Save a picture of the screen."""
        self._zgtui.save_svg()

    def action_device(self) -> None:
        """Ask for a device."""
        self._zgtui.ask.device()

    def action_help(self) -> None:
        """Show all keys."""
        self._zgtui.show_help()

    async def action_leave(self) -> None:
        """End training and leave."""
        await self._zgtui.leave()
