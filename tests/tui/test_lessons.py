"""Lessons on the screen: chosen, paged through by key and click, shown whole, and left."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.tui.hands import resize
from tests.tui.stage import Stage, running_app
from zgtui.config.settings import Settings
from zgtui.lessons import LESSONS
from zgtui.lessons.lesson import Lesson
from zgtui.tui.keys import with_keys
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.dialogs import ChoiceDialog
from zgtui.tui.widgets.lesson_pane import LessonPane
from zgtui.worker.protocol import Command, SetClearing, Start, StepTo

SIZES = [(80, 24), (160, 50)]
FIRST = LESSONS["invisible"]
SIXTH = LESSONS["correct-diverges"]


def words(text: str) -> str:
    """``text`` without line breaks and scroll bars."""
    return " ".join(text.translate(dict.fromkeys(range(0x2580, 0x2590), " ")).split())


def pane(stage: Stage) -> LessonPane:
    return stage.screen.query_one(LessonPane)


def lists(stage: Stage, lesson: Lesson) -> bool:
    listed = stage.drawn(stage.app.screen.query_one(OptionList))
    more = stage.drawn(stage.app.screen.query_one(".more"))
    return words(lesson.title) in words("\n".join(listed)) and words(lesson.claim) in words(
        "\n".join(more)
    )


def begins(settings: Settings) -> Command:
    return Start(replace(settings, device="cpu"), running=False)


async def choose(stage: Stage, lesson: Lesson) -> None:
    """Open ``lesson`` through the list."""
    await stage.press("L")
    await stage.until(lambda: type(stage.app.screen) is ChoiceDialog, "the list")
    await stage.press(*["down"] * list(LESSONS.values()).index(lesson), "enter")
    await stage.until(lambda: stage.app.screen is stage.screen, "the list gone")
    await stage.shows(lesson.title)


async def shows_page(stage: Stage, lesson: Lesson, number: int) -> None:
    """Wait until all of page ``number`` can be read."""
    page = lesson.pages[number - 1]

    def read() -> bool:
        found = stage.drawn(stage.screen.query_one("#lesson > .page"))
        return words("\n".join(found)) == words(with_keys(page.text, {}))

    await stage.until(read, page.text)
    await stage.shows(f"{lesson.title} · {page.heading}", f"page {number} of {len(lesson.pages)} ")


async def test_the_app_can_begin_with_a_lesson(tmp_path: Path) -> None:
    async with running_app(tmp_path, lesson=SIXTH) as stage:
        await stage.shows(SIXTH.title)
        await shows_page(stage, SIXTH, 1)
        started = [one for one in stage.workers[0].commands if isinstance(one, Start)]
        assert started == [Start(SIXTH.setup, running=False)], "its own comparison, and no other"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_page_of_every_lesson_can_be_read_whole(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        for lesson in LESSONS.values():
            pane(stage).open(lesson, stage.app.live)
            for number in range(1, len(lesson.pages) + 1):
                await shows_page(stage, lesson, number)
                assert pane(stage).max_scroll_y == 0
                assert all(stage.chart(run).size.height >= 5 for run in ("A", "B"))
                await stage.press("right")


async def test_the_list_shows_every_lesson_with_its_claim(folder: Path) -> None:
    async with running_app(folder.parent, size=(160, 50)) as stage:
        before = len(stage.worker.commands)
        await stage.press("L")
        await stage.until(lambda: type(stage.app.screen) is ChoiceDialog, "the list")
        for lesson in LESSONS.values():
            await stage.until(
                partial(lists, stage, lesson),
                lesson.title,
            )
            await stage.press("down")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.screen, "the list gone")
        assert stage.since(before) == []
        assert pane(stage).opened is None


async def test_a_lesson_sets_up_waits_and_trains_as_its_pages_are_turned(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(7)
        before = len(stage.worker.commands)
        await choose(stage, SIXTH)
        setup, second = SIXTH.setup, SIXTH.state(3)[0]
        assert stage.since(before) == [begins(setup)]
        await stage.shows("paused", "step 0", "lr 0.25")
        await stage.press("right")
        assert len(stage.since(before)) == 1, "a guess is made before anything moves"
        await stage.press("right")
        await stage.shows("step 20", "4 times larger at every step")
        assert stage.since(before)[1:] == [StepTo(20)]
        await stage.press("right")
        await stage.shows("paused", "step 0", "lr 0.35")
        await stage.press("right", "right", "right")
        await shows_page(stage, SIXTH, 6)
        assert stage.since(before)[2:] == [begins(second), StepTo(20)], "why comes after all that"


async def test_going_back_shows_again_what_the_page_tells_of(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await choose(stage, FIRST)
        await stage.press("left")
        await shows_page(stage, FIRST, 1)
        await stage.press("right", "right", "right", "right")
        await shows_page(stage, FIRST, 5)
        before = len(stage.worker.commands)
        await stage.press("left")
        await shows_page(stage, FIRST, 4)
        assert stage.since(before) == [], "both pages tell of the same steps"
        await stage.press("left")
        await shows_page(stage, FIRST, 3)
        assert stage.since(before) == [begins(FIRST.setup), StepTo(2)]
        await stage.shows("step 2")
        await stage.press("left")
        await shows_page(stage, FIRST, 2)
        await stage.shows("step 0")
        assert stage.since(before)[2:] == [begins(FIRST.setup)]


async def test_the_words_on_the_edge_do_what_their_keys_do(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await choose(stage, FIRST)
        await shows_page(stage, FIRST, 1)
        assert "Left: back" not in stage.text, "there is no page before the first"
        await click_edge(stage, "Right: next")
        await shows_page(stage, FIRST, 2)
        await click_edge(stage, "Left: back")
        await shows_page(stage, FIRST, 1)
        await stage.press(*["right"] * 9)
        await shows_page(stage, FIRST, len(FIRST.pages))
        assert "Right: next" not in stage.text, "there is none after the last"
        await click_edge(stage, "Esc: close")
        await stage.until(lambda: not pane(stage).display, "the lesson left")
        assert pane(stage).opened is None
        assert "explanation" in stage.text


async def click_edge(stage: Stage, text: str) -> None:
    """Click ``text`` on the lower edge of the pane."""
    edge = pane(stage).region.bottom - 1
    line = stage.text.split("\n")[edge]
    await stage.pilot.click(offset=(line.index(text) + 1, edge))
    await stage.pilot.pause()


@pytest.mark.parametrize("key", ["escape", "L"])
async def test_leaving_a_lesson_leaves_its_comparison_to_play_with(folder: Path, key: str) -> None:
    async with running_app(folder.parent) as stage:
        await choose(stage, SIXTH)
        await stage.press("right", "right")
        await stage.shows("step 20")
        before = len(stage.worker.commands)
        await stage.press(key)
        await stage.shows("explanation", "training loop", "step 20", "lr 0.25")
        assert SIXTH.title not in stage.text
        assert stage.since(before) == []
        await stage.press("escape", "z")
        assert [type(command) for command in stage.since(before)] == [SetClearing]


async def test_all_other_keys_work_during_a_lesson(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await choose(stage, FIRST)
        await stage.press("n")
        await stage.shows("step 1")
        await stage.press("right", "right")
        await stage.shows("step 2")
        before = len(stage.worker.commands)
        await stage.press("tab", "z")
        await stage.shows("A  zero_grad() never")
        assert len(stage.since(before)) == 1
        await shows_page(stage, FIRST, 3)


async def test_training_something_else_ends_the_lesson(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await choose(stage, FIRST)
        stage.app.live.restart(Settings(experiment="moons"))
        await stage.until(lambda: not pane(stage).display, "no word on what is not there")
        await stage.shows("explanation", "moons")


async def test_a_lesson_whose_experiment_is_refused_is_not_shown(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        sentence = "the experiment 'digits' needs sklearn"
        stage.worker.refuse = sentence
        await stage.press("L")
        await stage.until(lambda: type(stage.app.screen) is ChoiceDialog, "the list")
        await stage.press(*["down"] * 9, "enter")
        await stage.tells(sentence)
        await stage.until(lambda: pane(stage).opened is None, "the lesson left")
        await stage.shows("explanation", "article")


async def test_a_lesson_stays_on_the_device_in_use(folder: Path) -> None:
    async with running_app(folder.parent, Settings(device="cuda:0")) as stage:
        await choose(stage, FIRST)
        start = stage.last(Start)
        assert start.settings == replace(FIRST.setup, device="cuda:0")


async def test_when_the_worker_fails_the_reason_is_shown_and_not_the_lesson(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await choose(stage, FIRST)
        stage.worker.fail("", "it was killed")
        await stage.shows("it was killed", "explanation")
        assert not stage.screen.query_one("#lesson").region
        await stage.press("r")
        await stage.shows("step 0")
        await shows_page(stage, FIRST, 1)


@pytest.mark.parametrize(("width", "beside"), [(80, False), (160, True)])
async def test_the_loop_stays_beside_the_lesson_where_there_is_room(
    folder: Path,
    width: int,
    beside: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with running_app(folder.parent, size=(width, 50)) as stage:
        await choose(stage, FIRST)
        await shows_page(stage, FIRST, 1)
        assert ("optimizer.zero_grad()" in stage.text) is beside
        outline = [f"{at} {page.heading}" for at, page in enumerate(FIRST.pages, 1)]
        assert all(line in stage.text for line in outline) is beside


@pytest.mark.parametrize("size", [(40, 12), (40, 30), (100, 15), (20, 6)], ids=str)
async def test_small_screens_scroll_the_lesson_or_leave_it_out(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.press("L")
        await stage.until(lambda: type(stage.app.screen) is ChoiceDialog, "the list")
        await stage.press("enter")
        await stage.until(lambda: pane(stage).opened, "the lesson")
        await stage.press("right", "right")
        assert stage.last(StepTo) == StepTo(2)
        await stage.pilot.pause()
        assert pane(stage).region.height <= size[1] // 2
        if size[1] > 8:
            assert words(FIRST.pages[2].text)[:20] in words(stage.text)


async def test_an_ascii_terminal_is_sent_nothing_else(folder: Path) -> None:
    display = Display(fps=30, marker="ascii", ascii_only=True)
    async with running_app(folder.parent, display=display, size=(160, 50)) as stage:
        await choose(stage, SIXTH)
        for _ in SIXTH.pages:
            await stage.shows("+-", "Esc: close")
            assert stage.text.isascii(), stage.text
            await stage.press("right")


async def test_a_lesson_takes_the_place_of_a_panel_shown_alone(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("k")
        await stage.until(lambda: not stage.screen.query_one("#notes").display, "the loop alone")
        await choose(stage, FIRST)
        await shows_page(stage, FIRST, 1)
        for key, title in (("w", "explanation"), ("i", "gradients"), ("k", "training loop")):
            await stage.press(key)
            await stage.shows(f"─ {title} ─")
            assert FIRST.title not in stage.text
            await stage.press(key)
            await shows_page(stage, FIRST, 1)


async def test_theory_is_not_shown_while_a_page_asks(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("t")
        stage.app.tick()
        assert [len(stage.chart(run).curves) for run in ("A", "B")] == [2, 2]
        await stage.press("L", "enter", "t")
        stage.app.tick()
        assert stage.screen.shows_theory, "it was asked for on a page that only claims"
        await stage.press("right")
        stage.app.tick()
        assert stage.screen.lesson_pane.opened is not None
        assert stage.screen.lesson_pane.opened.asks
        assert [len(stage.chart(run).curves) for run in ("A", "B")] == [1, 1]
        assert "By theory" not in stage.text


@pytest.mark.parametrize(
    ("size", "first", "last"),
    [
        ((120, 30), "Lesson 1 of 10 · page 1 of 6 · Right: next · Esc: close",
         "Lesson 1 of 10 · Left: back · page 6 of 6 · Esc: close"),
        ((40, 12), "1/6 · Right: next · Esc: close", "6/6 · Left: back · Esc: close"),
        ((30, 12), "Right: next · Esc: close", "Left: back · Esc: close"),
    ],
)  # fmt: skip
async def test_how_to_go_on_and_to_leave_is_said_at_every_width(
    folder: Path, size: tuple[int, int], first: str, last: str
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        stage.screen.open_lesson(FIRST)
        await stage.shows(f"─ {first} ─")
        await stage.press(*["right"] * 5)
        await stage.shows(f"─ {last} ─")
        resize(stage.app, 120, 30)
        await stage.shows("page 6 of 6")
