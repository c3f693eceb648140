"""Dialogs: nothing that was typed is lost, and long lists are found by typing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.widgets import Input, Label, OptionList

from tests.tui.fake import FakeClient
from tests.tui.hands import burst, resize
from tests.tui.stage import Stage, running_app
from zgtui.config.settings import POLICY_FORMS, SCHEDULES
from zgtui.errors import ZgtuiError
from zgtui.experiments import EXPERIMENTS
from zgtui.lessons import LESSONS
from zgtui.tui.screens.dialogs import ChoiceDialog, ExportDialog, PictureDialog, TextDialog
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.screens.palette import Commands
from zgtui.tui.screens.questions import FIELDS, HyperDialog
from zgtui.worker.client import WorkerListener
from zgtui.worker.protocol import SetClearing, Start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def field(stage: Stage, name: str) -> Input:
    return stage.app.screen.query_one(f"#field-{name}", Input)


async def opened(stage: Stage, key: str, kind: type) -> None:
    await stage.press(key)
    await stage.until(
        lambda: isinstance(stage.app.screen, kind) and stage.app.screen.focused is not None,
        f"the dialog of {key}",
    )


async def test_an_optimizer_that_is_refused_is_told_in_the_dialog_and_can_be_corrected(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "o", HyperDialog)
        field(stage, "optimizer").value = "adma"
        field(stage, "clip").value = "5"
        stage.worker.refuse = "torch.optim has no optimizer 'adma'. Did you mean 'Adam'?"
        await stage.press("enter")
        await stage.shows("torch.optim has no optimizer 'adma'")
        assert isinstance(stage.app.screen, HyperDialog)
        assert (field(stage, "optimizer").value, field(stage, "clip").value) == ("adma", "5")
        field(stage, "optimizer").value = "Adam"
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        started = stage.last(Start)
        assert (started.settings.optimizer, started.settings.clip) == ("Adam", 5.0)


async def test_what_is_typed_in_one_burst_goes_to_the_field_that_tab_leads_to(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "o", HyperDialog)
        burst(
            stage.app, ["ctrl+u", *"Adam", "tab", "tab", "2", "shift+tab", "shift+tab", "end", "W"]
        )
        await stage.until(lambda: field(stage, "optimizer").value == "AdamW", "what was typed")
        assert field(stage, "momentum").value == "2"


async def test_a_new_process_that_refuses_can_be_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = FakeClient.start

    def start_and_refuse(worker: FakeClient, listener: WorkerListener) -> None:
        worker.refuse = "a batch of 1 sample cannot be split into 3 micro-batches"
        start(worker, listener)

    async with running_app(folder.parent) as stage:
        await opened(stage, "o", HyperDialog)
        stage.worker.fail("", "the training process was ended by SIGKILL")
        with monkeypatch.context() as patch:
            patch.setattr(FakeClient, "start", start_and_refuse)
            await stage.press("enter")
            await stage.shows("cannot be split into 3")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        assert stage.app.live.phase == "failed"
        await stage.press("r")
        await stage.until(lambda: stage.app.live.phase == "training", "the training")
        await stage.train(3)


async def test_fields_with_a_list_are_filled_from_it(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "o", HyperDialog)
        field(stage, "optimizer").value = ""
        await stage.press("down", "down")
        await stage.until(lambda: field(stage, "optimizer").value == "Adam", "Adam")
        await stage.press("up")
        await stage.until(lambda: field(stage, "optimizer").value == "SGD", "SGD")
        field(stage, "schedule").focus()
        await stage.shows("cosine")
        await stage.press("down")
        await stage.until(lambda: field(stage, "schedule").value == "step", "the next schedule")


async def test_a_policy_that_does_not_fit_the_batch_stays_in_its_dialog(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("g")
        dialog = stage.app.screen
        sentence = "a batch of 1 sample cannot be split into 3 micro-batches"
        stage.worker.refuse = sentence
        dialog.query_one(Input).value = "accumulate 3"
        await stage.press("enter")
        await stage.shows("cannot be split into 3")
        assert stage.app.screen is dialog
        assert dialog.query_one(Input).value == "accumulate 3"
        dialog.query_one(Input).value = "4"
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        changed = stage.last(SetClearing)
        assert str(changed.clear) == "4"


async def test_the_dialog_for_a_policy_tells_all_that_it_takes_and_again_where_it_takes_nothing(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "g", TextDialog)
        dialog = stage.app.screen
        hint = str(dialog.query(".hint").first(Label).content)
        assert all(form in hint for form in POLICY_FORMS)
        assert all(meaning in hint for meaning in POLICY_FORMS.values())
        dialog.query_one(Input).value = "sometimes"
        problem = dialog.query_one(".problem", Label)
        await stage.until(lambda: "sometimes" in str(problem.content), "what is wrong")
        assert all(f"'{form}'" in str(problem.content) for form in POLICY_FORMS)


async def test_the_hint_of_each_field_tells_words_and_numbers_that_it_takes(folder: Path) -> None:
    takes = {
        "optimizer": ["SGD", "AdamW"], "lr": ["0.1"], "momentum": ["0", "0.9"],
        "weight-decay": ["0", "0.01"], "clip": ["2.5"], "schedule": list(SCHEDULES),
        "batch-size": ["1", "full"],
    }  # fmt: skip
    async with running_app(folder.parent) as stage:
        await opened(stage, "o", HyperDialog)
        assert isinstance(stage.app.screen, HyperDialog)
        assert takes.keys() == FIELDS.keys()
        for name, texts in takes.items():
            hint = field(stage, name).placeholder
            words = [text for text in texts if text.isalpha()]
            assert all(word in hint for word in words), hint
            for text in ["", *texts]:
                field(stage, name).value = text
                assert stage.app.screen.problem() == "", (name, text)
            field(stage, name).value = ""


@pytest.mark.parametrize("kind", [ExportDialog, PictureDialog])
def test_a_dialog_for_a_file_and_its_refusal_tell_the_same_endings(
    kind: type[ExportDialog | PictureDialog], tmp_path: Path
) -> None:
    dialog = kind(tmp_path / "losses.csv")
    told = set(re.findall(r"\.[a-z]+", dialog.enter))
    with pytest.raises(ZgtuiError) as refused:
        dialog.check(tmp_path / "losses.xls")
    assert set(re.findall(r" (\.[a-z]+)", str(refused.value))) == told
    for ending in told:
        dialog.check(tmp_path / f"losses{ending}")


async def test_experiments_are_filtered_by_what_is_typed(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "x", ChoiceDialog)
        choices = stage.app.screen.query_one(OptionList)
        assert choices.option_count == len(EXPERIMENTS)
        await stage.press(*"spirals")
        await stage.until(lambda: 0 < choices.option_count < len(EXPERIMENTS), "fewer")
        ids = [choices.get_option_at_index(at).id for at in range(choices.option_count)]
        assert "spirals" in ids
        more = stage.app.screen.query_one(".more", Label)
        await stage.until(lambda: str(more.content), "more of the one highlighted")
        await stage.press(*"xyz")
        await stage.shows("No experiment matches 'spiralsxyz'.")
        assert str(more.content) == ""
        await stage.press("enter", "backspace", "backspace", "backspace", "enter")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        started = stage.last(Start)
        assert started.settings.experiment == ids[0]


async def test_a_list_is_gone_through_with_the_keys_of_lists_until_something_is_typed(
    folder: Path,
) -> None:
    async with running_app(folder.parent, size=(80, 12)) as stage:
        await opened(stage, "x", ChoiceDialog)
        choices, typed = stage.app.screen.query_one(OptionList), stage.app.screen.query_one(Input)
        last = choices.option_count - 1
        await stage.press("end")
        await stage.until(lambda: choices.highlighted == last, "the last")
        await stage.press("home")
        await stage.until(lambda: choices.highlighted == 0, "the first")
        await stage.press("pagedown")
        await stage.until(lambda: 1 < (choices.highlighted or 0) < last, "a page further")
        await stage.press("pageup")
        await stage.until(lambda: choices.highlighted == 0, "and back")
        await stage.press("i", "home")
        await stage.until(lambda: typed.cursor_position == 0, "the beginning of what was typed")
        await stage.press("end")
        await stage.until(lambda: typed.cursor_position == 1, "its end")


async def test_a_line_of_the_list_of_a_field_is_taken_by_a_click(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        await opened(stage, "o", HyperDialog)
        field(stage, "schedule").focus()
        await stage.shows("cosine")
        choices = stage.app.screen.query_one(OptionList)
        names = [str(one.prompt) for one in choices.options]
        await stage.pilot.click(OptionList, offset=(3, names.index("cosine")))
        await stage.until(lambda: field(stage, "schedule").value == "cosine", "cosine")


async def test_each_experiment_is_one_line_and_the_one_highlighted_says_more(folder: Path) -> None:
    async with running_app(folder.parent, size=(80, 30)) as stage:
        await opened(stage, "x", ChoiceDialog)
        drawn = stage.drawn(stage.app.screen.query_one(OptionList))
        assert [line.split()[0] for line in drawn[: len(EXPERIMENTS)]] == list(EXPERIMENTS)[:12]
        await stage.shows("The smallest loop that shows the bug")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("spirals", "experiment: spirals"),
        ("momentum", "optimizer"),  # in its description alone
        ("divide by ten", "lr down"),
    ],
)
async def test_the_palette_finds_by_description_and_experiment(
    folder: Path, typed: str, name: str
) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        await opened(stage, "ctrl+p", Commands)
        await stage.press(*[{" ": "space"}.get(key, key) for key in typed])
        await stage.shows(name)


async def test_a_click_where_a_terminal_that_shrank_has_nothing_closes_the_palette(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "ctrl+p", Commands)
        palette = stage.app.screen
        burst(stage.app, [(66, 57)])
        await stage.until(lambda: palette not in stage.app.screen_stack, "the palette closed")


async def test_what_the_palette_finds_too_late_is_dropped(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await opened(stage, "ctrl+p", Commands)
        palette = stage.app.screen
        assert isinstance(palette, Commands)
        found = palette.query_one(CommandList)
        await palette.remove_children()  # as the app ends
        palette._refresh_command_list(found, [], clear_current=True)
        palette._list_visible = not palette._list_visible


async def test_a_lesson_is_opened_from_the_palette_by_its_title(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        lesson = list(LESSONS.values())[1]
        await opened(stage, "ctrl+p", Commands)
        stage.app.screen.query_one(Input).value = lesson.title
        await stage.shows(f"lesson: {lesson.title}")
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.screen, "the palette gone")
        await stage.until(lambda: stage.screen.lesson_pane.opened is not None, "the lesson")
        assert stage.screen.lesson_pane.opened is not None
        assert stage.screen.lesson_pane.opened.lesson is lesson


async def test_help_tells_of_the_focused_pane_and_is_searched(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        stage.screen.panes[1].focus()
        await opened(stage, "question_mark", HelpScreen)
        await stage.shows("The focused pane: run B.")
        choices = stage.app.screen.query_one(OptionList)
        drawn = [line for line in stage.drawn(choices) if line.strip()]
        begins = {line.index(re.split(r"\s{2,}", line.strip(), maxsplit=1)[1]) for line in drawn}
        assert len(begins) == 1, "all words in one column"
        count = choices.option_count
        burst(stage.app, ["/", "/", "backspace", *"seed"])  # as a slow line hands them on
        await stage.until(lambda: 0 < choices.option_count < count, "fewer keys")
        before = stage.app.live.settings.seed
        while choices.get_option_at_index(choices.highlighted or 0).id != "new_seed":
            await stage.press("down")
        await stage.press("enter")
        await stage.until(lambda: stage.app.live.settings.seed != before, "another seed")


async def test_the_palette_copies_the_verdict_and_the_newest_losses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)

    async def copied(stage: Stage, name: str) -> str:
        commands = stage.app.get_system_commands(stage.screen)
        (found,) = (one for one in commands if one.title == name)
        await found.callback()
        return stage.app.clipboard

    async with running_app(folder.parent) as stage:
        await stage.train(3)
        await stage.until(lambda: stage.app.live.step == 3, "three steps")
        assert "ahead" in await copied(stage, "copy verdict")
        lines = (await copied(stage, "copy newest losses")).splitlines()
        assert lines[0] == "step,loss_a,loss_b"
        assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3"]
        last = [stage.app.live.runs[name].history.last for name in ("A", "B")]
        assert [float(cell) for cell in lines[-1].split(",")[1:]] == last
        await stage.tells("to the terminal for its clipboard")


def way_out(stage: Stage) -> bool:
    """Whether the screen says how to leave, on one line or two."""
    words = re.sub(r"[^\w:]+", " ", stage.text)
    return re.search("Esc: (cancel|close) ", words) is not None


@pytest.mark.parametrize("size", [(40, 12), (30, 8)])
@pytest.mark.parametrize("key", [*"LxvdlgoKep?H"])
async def test_on_the_smallest_screens_a_dialog_says_how_to_leave_it(
    folder: Path, key: str, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(3)
        await stage.press(key)
        for columns, rows in (size, (80, 24), size):
            resize(stage.app, columns, rows)
            await stage.until(lambda: way_out(stage), f"a way out at {columns}x{rows}")


@pytest.mark.parametrize("size", [(40, 12), (30, 8), (80, 24)])
async def test_the_field_that_is_typed_into_is_seen_also_where_a_long_problem_stands_below(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await opened(stage, "o", HyperDialog)
        for name in FIELDS:
            typed, label = field(stage, name), name.replace("-", " ")
            await stage.until(lambda: typed.has_focus, name)  # noqa: B023
            await stage.press("x", "y")
            await stage.until(
                lambda: [line.strip() for line in stage.drawn(typed)] == [typed.value],  # noqa: B023
                f"what is typed into {name}",
            )
            await stage.shows(*([f"{label}: "] if name in {"lr", "batch-size"} else [label]))
            typed.value = "0.1" if name == "lr" else ""
            await stage.press("tab")


async def test_a_search_of_keys_that_finds_nothing_says_so_on_a_small_screen(folder: Path) -> None:
    async with running_app(folder.parent, size=(40, 12)) as stage:
        await opened(stage, "?", HelpScreen)
        await stage.press("slash", *"qqq")
        await stage.shows("No key matches 'qqq'.", "Enter: run · /: find · Esc: close")
