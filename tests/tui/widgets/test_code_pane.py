"""The loop on the screen: per run, in slow motion, and as a script to take along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.text import Text
from textual.widgets import Input

from tests.tui.stage import Stage, running_app
from zgtui.config.settings import RunName, Settings
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.dialogs import ScriptDialog
from zgtui.tui.widgets.code_pane import Code, CodePane, cut, folded


def code(stage: Stage) -> Text:
    content = stage.screen.query_one(CodePane).content
    assert isinstance(content, Code)
    return content.text


def struck(stage: Stage) -> list[str]:
    """What is struck out."""
    text = code(stage)
    return [text.plain[span.start : span.end] for span in text.spans if "strike" in str(span.style)]


async def test_the_line_is_struck_out_for_the_run_that_skips_it(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        assert struck(stage) == ["B never"]
        await stage.press("k")
        stage.app.tick()
        lines = code(stage).plain.splitlines()
        assert lines[1:3] == [
            "A     optimizer.zero_grad()  every",
            "B     optimizer.zero_grad()  never",
        ]
        assert struck(stage) == ["optimizer.zero_grad()"]
        await stage.press("z")
        stage.app.tick()
        assert struck(stage) == []
        await stage.press("Z")
        stage.app.tick()
        assert struck(stage) == ["optimizer.zero_grad()"] * 2
        await stage.press("k")
        stage.app.tick()
        assert struck(stage) == ["optimizer.zero_grad()", "A never", "B never"]


async def test_words_of_the_language_are_told_apart(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        text = code(stage)
        styles = {text.plain[span.start : span.end]: str(span.style) for span in text.spans}
        assert "italic" in styles["if"]
        assert styles["criterion"] == styles["backward"] not in {styles["if"], ""}


async def test_the_last_step_done_is_told_where_it_can_be_followed(folder: Path) -> None:
    async with running_app(folder.parent, Settings(speed=1)) as stage:
        await stage.train(3)
        await stage.shows("step 3 done")
        await stage.press(*"]" * 5)
        stage.app.tick()
        await stage.pilot.pause()
        assert "done" not in str(stage.screen.query_one(CodePane).border_subtitle)
        await stage.press("space")
        await stage.shows("step 3 done")


def marked(stage: Stage) -> list[str]:
    """What is marked as being done."""
    text = code(stage)
    return [
        text.plain[span.start : span.end] for span in text.spans if "reverse" in str(span.style)
    ]


@pytest.mark.parametrize("alone", [(), ("k",)], ids=["beside", "alone"])
async def test_in_slow_motion_the_line_that_runs_is_marked(
    folder: Path, alone: tuple[str, ...]
) -> None:
    async with running_app(folder.parent, Settings(speed=1)) as stage:
        pane = stage.screen.query_one(CodePane)
        await stage.press(*alone)
        await stage.train(3)
        assert marked(stage) == []
        places: list[tuple[RunName, int, str]] = [
            ("A", 1, "optimizer.zero_grad()"),
            ("B", 2, "loss = criterion(model(inputs), targets)"),
            ("B", 4, "optimizer.step()"),
        ]
        for run, line, expected in places:
            stage.worker.come_to(run, line)
            stage.app.tick()
            assert marked(stage) == [expected]
            assert pane.border_subtitle == f"{run} in step 4"
        stage.worker.come_to("B", 5)  # the return, which is not shown
        stage.app.tick()
        assert marked(stage) == []
        await stage.train(1)
        assert pane.border_subtitle == "step 4 done"
        stage.worker.come_to("A", 0)
        stage.worker.fail("", "the training process was ended by SIGKILL")
        stage.app.tick()
        assert marked(stage) == []


async def test_the_script_is_copied_and_saved_with_the_changes_made(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(4)
        await stage.press("z")
        await stage.train(4)
        await stage.press("K")
        await stage.until(lambda: isinstance(stage.app.screen, ScriptDialog), "the dialog")
        script = stage.app.clipboard
        assert "STEPS = 8" in script
        assert "CHANGES = {'A': {}, 'B': {5: [('clear_every', 1), ('micro_batches', 1)]}}" in script
        compile(script, "reproduce.py", "exec")
        stage.app.screen.query_one(Input).value = "mine.txt"
        await stage.press("enter")
        await stage.shows("a Python script ends in .py")
        stage.app.screen.query_one(Input).value = "mine.py"
        await stage.press("enter")
        await stage.tells("mine.py prints the same losses")
        assert (folder / "mine.py").read_text(encoding="utf-8") == script


async def test_a_script_before_the_first_comparison_cannot_be(folder: Path) -> None:
    async with running_app(folder.parent, loading=True) as stage:
        await stage.press("K")
        await stage.tells("There is nothing to write yet")


async def test_an_experiment_of_ones_own_is_told_to_be_a_script_already(folder: Path) -> None:
    async with running_app(folder.parent, Settings(experiment="mine.py:build")) as stage:
        await stage.press("K")
        await stage.tells("yours is a script already")


LINES = (
    "    optimizer.zero_grad()  A every  B never",
    "A     optimizer.zero_grad()  never",
    "loss = criterion(model(inputs), targets) / len(micro_batches)",
    "clip_grad_norm_(model.parameters(), clip)",
    "",
)
NAME = re.compile(r"\w+")


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("width", [16, 20, 26, 36, 80])
def test_no_name_is_broken_however_narrow_the_pane(line: str, width: int) -> None:
    below = [part.plain for part in folded(Text(line), width)]
    assert NAME.findall(" ".join(below)) == NAME.findall(line)
    assert all(len(part) <= width for part in below)
    assert [part for part in below if not part.strip()] == ([] if line else [""])
    short = cut(Text(line), width)
    assert len(short.plain) <= width
    found = NAME.findall(short.plain)
    assert found == NAME.findall(line)[: len(found)]
    assert ("…" in short.plain) is (len(line) > width)


def test_what_goes_on_below_is_indented_further_than_its_line() -> None:
    below = [part.plain for part in folded(Text("    loss = criterion(outputs, targets)"), 30)]
    assert below == ["    loss = criterion(outputs,", "        targets)"]


async def test_beside_what_it_means_the_loop_is_cut_and_as_high_as_before(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 24)) as stage:
        rows = stage.screen.query_one(CodePane).size.height
        await stage.press("A", *"WWWWWWW")
        pane = stage.screen.query_one(CodePane)

        def cut_off() -> bool:
            lines = [line.strip() for line in stage.drawn(pane)]
            return lines[3:] == ["loss.backward()", "optimizer.…"]

        await stage.until(cut_off, "lines that are cut")
        assert pane.size.height == rows


@pytest.mark.parametrize("size", [(40, 12), (30, 8)])
async def test_what_is_cut_is_so_in_letters_that_the_terminal_has(
    folder: Path, size: tuple[int, int]
) -> None:
    display = Display(fps=30, marker="ascii", ascii_only=True)
    async with running_app(folder.parent, display=display, size=size) as stage:
        await stage.train(20)
        for panel, said in (("k", "..."), ("w", "A ")):
            await stage.press(panel)
            pane = stage.screen.query_one("#code" if panel == "k" else "#notes")
            await stage.until(lambda: said in "\n".join(stage.drawn(pane)), panel)  # noqa: B023
            assert "\n".join(stage.drawn(pane)).isascii()
