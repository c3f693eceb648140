"""`zgtui train --live`: a real matplotlib window on a display of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageGrab

from tests.support.command import finish, logged, newest_log, run, started
from tests.support.waiting import until

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)
"""The two curves on the screen."""

needs_a_display = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None or find_spec("tkinter") is None,
    reason="Xvfb, xdotool and tkinter are not all installed",
)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(folder))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    return folder


@pytest.fixture
def display() -> Iterator[str]:
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", "800x600x24"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


def xdotool(display: str, *words: str) -> str:
    done = subprocess.run(
        ["xdotool", *words],
        env={"DISPLAY": display},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def windows(display: str) -> list[str]:
    return xdotool(display, "search", "--onlyvisible", "--name", "^zgtui$").split()


def pixels(display: str) -> dict[tuple[int, ...], int]:
    """How often each colour is on the screen."""
    picture: Image.Image = ImageGrab.grab(xdisplay=display).convert("RGB")
    colours = picture.getcolors(picture.width * picture.height)
    return {colour: count for count, colour in colours or [] if isinstance(colour, tuple)}


@needs_a_display
def test_the_window_follows_both_losses_and_may_be_closed(state: Path, display: str) -> None:
    with started(
        "train",
        "--live",
        "--steps",
        "900",
        "--speed",
        "150",
        "--print-every",
        "50",
        changes={"DISPLAY": display},
    ) as process:
        until(lambda: windows(display), "window")
        until(lambda: pixels(display).get(BLUE), "the curve of A")
        until(lambda: pixels(display).get(ORANGE, 0) > 500, "the curve of B")
        (window,) = windows(display)
        xdotool(display, "windowfocus", "--sync", window, "key", "q")
        until(lambda: not windows(display), "the window to be closed")
        log = newest_log(state)
        assert len(logged(log, "A")) < 900, "it was over before the window was closed"
        code, out, err = finish(process)
        assert (code, err) == (0, "")
        assert "Epoch 900 (Without zero_grad)" in out
        assert len(logged(log, "A")) == 900


@needs_a_display
def test_the_window_stays_after_the_training_until_it_is_closed(state: Path, display: str) -> None:
    with started(
        "train", "--live", "--steps", "20", "--speed", "200", changes={"DISPLAY": display}
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "close the window to exit\n":
            assert process.poll() is None
        until(lambda: pixels(display).get(ORANGE, 0) > 50, "the whole curve of B")
        (window,) = windows(display)
        assert process.poll() is None
        xdotool(display, "windowfocus", "--sync", window, "key", "q")
        assert finish(process)[0] == 0


@needs_a_display
def test_a_display_that_is_lost_does_not_end_the_training(state: Path, display: str) -> None:
    with started(
        "train",
        "--live",
        "--steps",
        "300",
        "--speed",
        "150",
        "--quiet",
        changes={"DISPLAY": display},
    ) as process:
        until(lambda: pixels(display).get(ORANGE), "the curve of B")
        (window,) = windows(display)
        xdotool(display, "windowkill", window)
        code, _, err = finish(process)
        assert len(logged(newest_log(state), "A")) == 300
        assert code == 1
        assert err.startswith("zgtui: the window closed unexpectedly; see ")


def test_without_a_display_a_sentence_says_so_and_training_goes_on(state: Path) -> None:
    code, out, err = run("train", "--live", "--steps", "2", DISPLAY="", WAYLAND_DISPLAY="")
    assert code == 0
    assert err.startswith("zgtui: there is no display for a window")
    assert err.count("\n") == 1
    assert out.startswith("Epoch 1 (With zero_grad): Loss = ")
