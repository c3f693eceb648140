"""Every key of every screen, in one table: footers, help, palettes and ``[keys]`` come from it.

A key means the same wherever it stands. Its name is the one that the configuration uses. An action
``app.NAME`` is the app's, any other one the screen's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from textual.binding import Binding
from textual.keys import Keys, key_to_character

from zgtui.errors import UsageError, suggest
from zgtui.lazy_dataclass import dataclass

KeyPlace = Literal["train", "run", "view", "docs", "map"]
"""The screens of ``zgtui``, ``zgtui run``, ``zgtui view``, ``zgtui docs`` and ``zgtui map``."""
PLACES: tuple[KeyPlace, ...] = get_args(KeyPlace)
INTRODUCTIONS: dict[KeyPlace, str] = {
    "train": "Two runs train on the same batches from the same weights. PyTorch adds each"
    " backward() to .grad; a run that does not call zero_grad() steps along the sum of its"
    " gradients.",
    "run": "Your script runs twice, unchanged. In one run its gradients are cleared before each"
    " step, in the other they are not; checkpoints of both go to folders of their own.",
    "view": "Loss tables and logs as charts. Space replays them as they were trained; End shows"
    " every step again, and follows a table that another process is writing (--follow).",
    "docs": "The reference of zgtui. Links can be clicked; T lists all topics.",
    "map": "Where each loop is stable: every cell is a run of its own, with its own learning rate"
    " and the setting of its row. Theory colours the cells at once, training follows.",
}
"""What each is about, above the list of its keys."""


@dataclass(frozen=True)
class Key:
    """One action: its key, its name, a word or two for it, and what it does at each place.

    Places without a text do not have it. ``footer`` names those whose footer shows it, and ``wide``
    ones are shown at the others where there is room; ``display`` is how the key is written,
    ``action`` what Textual calls where that is not the name.
    """

    press: str
    name: str
    label: str
    train: str = ""
    run: str = ""
    view: str = ""
    docs: str = ""
    map: str = ""
    footer: str = ""
    wide: bool = False
    display: str | None = None
    action: str = ""
    group: Binding.Group | None = None

    def at(self, place: KeyPlace) -> str:
        """What it does at ``place``; empty where it is not."""
        text: str = getattr(self, place)
        return text

    def binding(self, place: KeyPlace, press: str | None) -> Binding:
        """As Textual has it; ``press`` are the keys to use instead of its own."""
        return Binding(
            press or self.press,
            self.action or self.name.replace("-", "_"),
            self.label,
            show=place in self.footer.split(),
            key_display=None if press else self.display,
            tooltip=self.at(place),
            id=self.name,
            group=self.group,
        )


_ALL = "train run view docs map"
_LR = Binding.Group("lr", compact=True)
_STEPS = Binding.Group("step", compact=True)
_LOG, _MARKER = "Logarithmic loss axis, or linear", "Next marker: braille, hd, dot, ascii"
_BORDER_LEFT, _BORDER_RIGHT = (
    "Border between panes to the left",
    "Border between panes to the right",
)
_BORDER_UP, _BORDER_DOWN = "Border between panes up", "Border between panes down"
_GRID = "Grid lines at the ticks of both axes, or none"
_OWN = "One loss axis for both charts, or one for each"
_ALL_LOSSES = "Loss axis up to the highest spike, or without spikes"
_TOGETHER = "A and B in one chart, their difference, or a chart each"
_CROSS = "Crosshair over the charts: all losses at one step"
_AWAY = "Hide the crosshair, or show the whole run again"
_IN, _OUT = "Show half as many steps", "Show twice as many steps"
_EARLIER, _LATER = "Earlier steps, when zoomed in", "Later steps, when zoomed in"
_TAIL = "Follow the newest steps, or show the whole run"
_X = "x axis by step, epoch, samples, time or log step"
_SMOOTH = "Smooth the losses, or show them unsmoothed"
_LESS, _MORE = "Smooth less", "Smooth more"
_LOSSES_IN, _LOSSES_OUT = "Show half of the loss axis", "Show twice as much of the loss axis"
_UP, _DOWN = "Move the loss axis up", "Move the loss axis down"
_BACK, _ON = "Crosshair to the previous step", "Crosshair to the next step"
_SVG, _NEXT, _HELP = "Save the screen as SVG", "Move the focus to the next pane", "Show all keys"
_PICTURE = "Draw both losses for a paper: PNG, SVG or PDF"
_EXPORT = "Export the loss table of the steps done so far"

KEYS = (
    Key("slash", "search", "search", docs="Search all topics", footer="docs", display="/"),
    Key("space", "pause", "pause", "Pause both runs, or resume",
        "Pause both runs between two steps, or resume", "Play the replay, or pause it",
        footer="train run view", display="space"),
    Key("B", "play-backward", "play backward", view="Play the replay backward, or pause it",
        display="B", action="play(-1)"),
    Key("b", "step-back", "step back", "Go back by one step, and pause there",
        view="Go back by one step", docs="Go back to the previous topic", footer="view",
        group=_STEPS),
    Key("n", "step", "step", "Pause; when paused, train one step",
        "Pause; when paused, one step of each run", "Go on by one step",
        "Go to the next match of the search", footer="train run view", group=_STEPS),
    Key("N", "previous-match", "previous", docs="Go to the previous match", display="N"),
    Key("I", "crosshair", "crosshair", _CROSS, _CROSS, _CROSS, display="I"),
    Key("left", "backward", "back", "Crosshair left, or the previous page of the lesson",
        "Crosshair to the left",
        "Jump back by 2 % of the steps; crosshair to the left",
        map="Move the cursor left", display="left", action="move(-1)"),
    Key("right", "forward", "forward", "Crosshair right, or the next page of the lesson",
        "Crosshair to the right",
        "Jump forward by 2 % of the steps; crosshair to the right",
        map="Move the cursor right", display="right", action="move(1)"),
    Key("shift+left", "nudge-back", "crosshair back", _BACK, _BACK, _BACK,
        display="shift+left", action="nudge(-1)"),
    Key("shift+right", "nudge-forward", "crosshair forward", _ON, _ON, _ON,
        display="shift+right", action="nudge(1)"),
    Key("up", "up", "up", _UP, _UP, _UP, map="Move the cursor up", display="up",
        action="move_cursor(1,0)"),
    Key("down", "down", "down", _DOWN, _DOWN, _DOWN, map="Move the cursor down", display="down",
        action="move_cursor(-1,0)"),
    Key("full_stop", "zoom-in", "zoom in", _IN, _IN, _IN, display=".", action="zoom(0.5)"),
    Key("comma", "zoom-out", "zoom out", _OUT, _OUT, _OUT, display=",", action="zoom(2.0)"),
    Key("left_parenthesis", "pan-back", "earlier steps", _EARLIER, _EARLIER, _EARLIER,
        display="(", action="pan(-0.25)"),
    Key("right_parenthesis", "pan-forward", "later steps", _LATER, _LATER, _LATER,
        display=")", action="pan(0.25)"),
    Key("F", "follow", "newest steps", _TAIL, _TAIL, _TAIL, display="F"),
    Key("X", "step-axis", "x axis", _X, _X, _X, display="X"),
    Key("S", "smooth", "smooth", _SMOOTH, _SMOOTH, _SMOOTH, display="S"),
    Key("left_curly_bracket", "smooth-less", "smooth less", _LESS, _LESS, _LESS, display="{",
        action="strength(-1)"),
    Key("right_curly_bracket", "smooth-more", "smooth more", _MORE, _MORE, _MORE, display="}",
        action="strength(1)"),
    Key("colon", "zoom-losses-in", "zoom into losses", _LOSSES_IN, _LOSSES_IN, _LOSSES_IN,
        display=":", action="zoom_losses(0.5)"),
    Key("semicolon", "zoom-losses-out", "zoom out of losses", _LOSSES_OUT, _LOSSES_OUT,
        _LOSSES_OUT, display=";", action="zoom_losses(2.0)"),
    Key("enter", "open-cell", "open", map="Train the cell under the cursor, as run B",
        footer="map", display="Enter"),
    Key("home", "first-step", "first step", view="Show only the first step"),
    Key("end", "all-steps", "all steps", view="Show every step, and follow a table that grows"),
    Key("z", "toggle-clearing", "zero_grad",
        "Switch zero_grad() of the focused run: every step, or never",
        "Switch clearing of the focused run, from its next step on",
        map="Show runs that clear every step, or runs that never do", footer="train run map"),
    Key("Z", "toggle-both", "zero_grad, both", "Switch zero_grad() of both runs",
        "Switch clearing of both runs, from their next step on", display="Z"),
    Key("minus", "lr-down", "lr down", "Lower both learning rates; ten presses divide by ten",
        "Lower all learning rates of both runs", footer="train run", display="-",
        action="lr(-1)", group=_LR),
    Key("plus,equals_sign", "lr-up", "lr up",
        "Raise both learning rates; ten presses multiply by ten",
        "Raise all learning rates of both runs", footer="train run", display="+",
        action="lr(1)", group=_LR),
    Key("less_than_sign", "run-lr-down", "lr down, one run",
        "Lower the learning rate of the focused run",
        "Lower the learning rates of the focused run", display="<", action="run_lr(-1)"),
    Key("greater_than_sign", "run-lr-up", "lr up, one run",
        "Raise the learning rate of the focused run",
        "Raise the learning rates of the focused run", display=">", action="run_lr(1)"),
    Key("l", "type-lr", "set lr", "Type a learning rate for both runs", wide=True),
    Key("g", "policy", "clearing policy", "Type when the focused run clears, or accumulates",
        wide=True),
    Key("r", "restart", "restart", "Restart from step 0 with the same seed",
        "End both runs and start them again", footer="train run"),
    Key("R", "new-seed", "new seed", "Restart from step 0 with a new random seed", display="R"),
    Key("a", "replay", "replay changes",
        "Restart, and repeat your changes, each at its own step"),
    Key("c", "continue", "continue", "Continue beyond the planned number of steps"),
    Key("C", "curve", "next curve", run="Next curves: each backward() apart, their sum, or one",
        display="C", wide=True),
    Key("O", "output", "output", run="Show or hide what both scripts print, and how they ended",
        footer="run", display="O", wide=True),
    Key("x", "experiment", "model", "Choose what to train", footer="train"),
    Key("o", "optimizer", "optimizer",
        "Choose optimizer, momentum, schedule and batch size of both runs", wide=True),
    Key("d", "device", "device", "Choose the device; training restarts there", wide=True),
    Key("left_square_bracket", "slower", "slower", "Train fewer steps per second",
        view="Replay fewer steps per second", display="[", action="speed(-1)"),
    Key("right_square_bracket", "faster", "faster",
        "Train more steps per second, up to no limit",
        view="Replay more steps per second, up to no limit", display="]", action="speed(1)"),
    Key("w", "explanation", "explanation", "Show only the explanation, or all panels again",
        action="only('explanation')"),
    Key("k", "code", "code", "Show only the training loop, or all panels again",
        action="only('code')"),
    Key("i", "gradients", "gradients", "Show only the gradients, or all panels again",
        action="only('gradients')"),
    Key("t", "theory", "theory", "Draw what theory predicts over the charts",
        map="Show what theory predicts, or what training showed", footer="map", wide=True),
    Key("M", "map", "map", "Show where each loop is stable, for linear models",
        map="Close the map", display="M", action="app.map", wide=True),
    Key("u", "undo", "undo",
        "Undo what the last key changed: go back to the step before it, and pause"),
    Key("j", "next-rows", "rows",
        map="Next rows: clearing every N steps, momentum, weight decay", footer="map"),
    Key("v", "predict", "predict", "Predict what each run will do, then watch it", wide=True),
    Key("H", "tried", "tried so far",
        "Every setting tried so far: open one again, or export them", display="H"),
    Key("L", "lesson", "lessons", "Choose a lesson, or close the one that is open", display="L",
        wide=True),
    Key("T", "topic", "topics", docs="Choose a topic", footer="docs", display="T"),
    Key("h", "headings", "headings", docs="Show or hide the table of contents", footer="docs",
        wide=True),
    Key("escape", "close", "close",
        "Hide the crosshair, undo the zoom, show all panels, or close the lesson",
        _AWAY, _AWAY, "Close the search, or clear its marks", "Close the map", display="esc"),
    Key("P", "presenter", "presenter", "For an audience: large, high contrast, no controls",
        display="P"),
    Key("y", "log-scale", "log scale", _LOG, _LOG, _LOG, footer="view", wide=True),
    Key("A", "together", "one chart", _TOGETHER, _TOGETHER, _TOGETHER, display="A", wide=True),
    Key("Y", "own-axes", "own axes", _OWN, _OWN, _OWN, display="Y"),
    Key("0", "show-all", "show all", _ALL_LOSSES, _ALL_LOSSES, _ALL_LOSSES),
    Key("ctrl+left,W", "border-left", "border left", _BORDER_LEFT, _BORDER_LEFT, _BORDER_LEFT,
        display="W, ctrl+left", action="move_border(-1,0)"),
    Key("ctrl+right,E", "border-right", "border right", _BORDER_RIGHT, _BORDER_RIGHT, _BORDER_RIGHT,
        display="E, ctrl+right", action="move_border(1,0)"),
    Key("ctrl+up,U", "border-up", "border up", _BORDER_UP, _BORDER_UP, _BORDER_UP,
        display="U, ctrl+up", action="move_border(0,-1)"),
    Key("ctrl+down,D", "border-down", "border down", _BORDER_DOWN, _BORDER_DOWN, _BORDER_DOWN,
        display="D, ctrl+down", action="move_border(0,1)"),
    Key("number_sign", "grid", "grid", _GRID, _GRID, _GRID, display="#"),
    Key("m", "marker", "marker", _MARKER, _MARKER, _MARKER, footer="view"),
    Key("e", "export", "export", _EXPORT, _EXPORT, "Export the table in another format",
        map="Export a row for each cell", footer=_ALL, action="app.export"),
    Key("p", "picture", "picture", _PICTURE, _PICTURE,
        "Draw the steps shown for a paper: PNG, SVG or PDF",
        map="Draw the map for a paper: PNG, SVG or PDF", footer="view", action="app.picture",
        wide=True),
    Key("K", "copy-script", "copy script", "Copy a plain PyTorch script of these runs",
        display="K", action="app.copy_script"),
    Key("s", "save-svg", "screenshot", _SVG, _SVG, _SVG, _SVG, _SVG, action="app.save_svg"),
    Key("tab", "focus-next", "next pane", _NEXT, _NEXT, _NEXT, _NEXT, action="app.focus_next"),
    Key("question_mark", "help", "help", _HELP, _HELP, _HELP, _HELP, _HELP,
        footer=_ALL, display="?", action="app.help"),
    Key("q", "quit", "quit", "End training and quit", "End both scripts and quit", "Quit", "Quit",
        "End training and quit",
        footer=_ALL, action="app.quit"),
)  # fmt: skip

RESERVED = {
    "ctrl+c": "quit",
    "ctrl+q": "quit",
    "ctrl+p": "the command palette",
    "ctrl+z": "suspend",
}
"""Keys of the app itself, which hands expect everywhere."""
UNLISTED = (
    ("ctrl+p", "command_palette", "Search all commands, experiments, lessons and themes"),
    ("ctrl+z", "suspend_process", "Suspend, until the shell's fg brings it back"),
)
"""Those of RESERVED that have an action of the app and no entry in the table."""
MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_KNOWN = {key.value for key in Keys}
_BY_NAME = {key.name: key for key in KEYS}
_MENTION = re.compile(r"\{key:([a-z-]+)\}")


def bindings(place: KeyPlace, remapped: Mapping[str, str] | None = None) -> list[Binding]:
    """The keys of ``place``; ``remapped`` gives some of them other keys, by name."""
    changed = remapped or {}
    return [key.binding(place, changed.get(key.name)) for key in KEYS if key.at(place)]


def reserved_bindings() -> list[Binding]:
    """What the app does at each place, below the keys of the table."""
    return [
        Binding(press, f"app.{action}", action.replace("_", " "), key_display=press, tooltip=text)
        for press, action, text in UNLISTED
    ]


def with_keys(text: str, remapped: Mapping[str, str]) -> str:
    """``text`` with each ``{key:NAME}`` as it is pressed where some keys are ``remapped``."""

    def press(found: re.Match[str]) -> str:
        own = _BY_NAME.get(found[1])
        if own is None:
            return found[0]
        return remapped.get(own.name, own.display or own.press).split(",")[0].strip()

    return _MENTION.sub(press, text)


def hidden_bindings() -> list[Binding]:
    """What hands expect of a terminal, beside what is listed."""
    return [Binding("ctrl+c", "app.quit", show=False, system=True, id="interrupt", tooltip="Quit")]


def keymap(remapped: Mapping[str, str]) -> dict[str, str]:
    """The ``[keys]`` table of the configuration, checked: keys by the names of their actions.

    A key replaces the one that its action has by default; several are separated by commas.

    Raises:
        UsageError: if there is no such action or key, or two actions of one screen have a key.
    """
    if not remapped:  # as most leave it
        return {}
    known = [key.name for key in KEYS]
    for name, press in remapped.items():
        if name not in known:
            raise UsageError(
                f"keys: there is no action {name!r}.{suggest(name, known)}"
                f" There are: {', '.join(sorted(known))}"
            )
        _check_press(name, press)
    for place in PLACES:
        _check_unique(bindings(place, remapped), remapped)
    return dict(remapped)


def _check_press(name: str, press: str) -> None:
    for one in press.split(","):
        text = one.strip()
        *modifiers, key = ["+"] if text == "+" else text.split("+")
        named = key in _KNOWN or key_to_character(key) is not None
        known = len(key) == 1 or (named and key == key.lower())
        if not (known and MODIFIERS.issuperset(modifiers)):
            raise UsageError(
                f"keys: {text!r} is not a key that {name} can have; write p, space, f5 or ctrl+k"
            )


def _check_unique(keys: Iterable[Binding], remapped: Mapping[str, str]) -> None:
    taken = dict(RESERVED)
    # The keys that stand where they always did come first: the others take theirs away.
    for binding in sorted(keys, key=lambda one: one.id in remapped):
        name = str(binding.id)
        for key in presses(binding):
            if key in taken and name in remapped:
                raise UsageError(_clash(key, name, taken[key]))
            taken[key] = name


def _clash(key: str, name: str, other: str) -> str:
    advice = "" if other in RESERVED.values() else f", or give {other} another key too"
    return f"keys: {key} is already the key of {other}; choose another for {name}{advice}"


def presses(binding: Binding) -> list[str]:
    """Each key of ``binding``, by the name that Textual gives it."""
    return [one.key for one in Binding.make_bindings([binding])]
