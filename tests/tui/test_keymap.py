"""Other keys by the configuration: what is taken is refused, and what is given works everywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import OptionList

import zgtui
from tests.support.terminal import Terminal
from tests.tui.stage import running_app
from zgtui.errors import UsageError
from zgtui.tui.keys import KEYS, PLACES, bindings, hidden_bindings, keymap, presses, with_keys
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.dialogs import PictureDialog
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.worker.protocol import SetRunning

README_EXAMPLE = {"pause": "p,space", "picture": "f"}


def test_a_key_means_the_same_on_every_screen() -> None:
    meanings = defaultdict(set)
    for place in PLACES:
        for binding in bindings(place):
            for key in presses(binding):
                meanings[key].add((binding.id, binding.description))
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("place", PLACES)
def test_every_key_has_a_name_and_says_what_it_does(place: str) -> None:
    found = [one for known in PLACES if known == place for one in bindings(known)]
    for binding in [*found, *hidden_bindings()]:
        assert binding.id
        assert binding.tooltip
    keys = [key for binding in [*found, *hidden_bindings()] for key in presses(binding)]
    assert len(set(keys)) == len(keys)
    assert len({binding.action for binding in found}) == len(found), "help tells them apart"


def test_names_are_unique() -> None:
    assert len({key.name for key in KEYS}) == len(KEYS)


@pytest.mark.parametrize(
    ("remapped", "sentence"),
    [
        (
            {"pause": "p"},
            "p is already the key of picture; choose another for pause, or give picture another",
        ),
        ({"pause": "?"}, "question_mark is already the key of help"),
        ({"pause": "f5,n"}, "n is already the key of step"),
        ({"pause": "f", "step": "f"}, "f is already the key of pause; choose another for step"),
        ({"pause": "ctrl+p"}, "ctrl+p is already the key of the command palette; choose another"),
        ({"search": "n"}, "n is already the key of step"),
        ({"puase": "p"}, "keys: there is no action 'puase'. Did you mean 'pause'"),
        ({"pause": "spcae"}, "'spcae' is not a key that pause can have"),
        ({"pause": "Space"}, "'Space' is not a key"),
        ({"pause": "strg+k"}, "'strg+k' is not a key"),
        ({"pause": ""}, "'' is not a key"),
    ],
)
def test_a_key_that_is_taken_or_none_is_told(remapped: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        keymap(remapped)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "remapped",
    [
        README_EXAMPLE,
        {"pause": "p", "picture": "space"},
        {"curve": "c"},  # c continues where there are no curves to choose from
        {"pause": "f5", "lr-up": "+,f6", "step": "ctrl+k", "code": "alt+k", "quit": "Q"},
    ],
)
def test_a_key_that_is_free_on_its_screens_can_be_given(remapped: dict[str, str]) -> None:
    assert keymap(remapped) == remapped


async def test_the_example_of_the_readme_works_in_footer_help_and_dialog(folder: Path) -> None:
    display = Display(fps=30, keys=README_EXAMPLE)
    async with running_app(folder.parent, display=display) as stage:
        await stage.train(3)
        for key, running in (("p", False), ("space", True)):
            before = len(stage.worker.commands)
            await stage.press(key)
            assert stage.since(before) == [SetRunning(running=running)]
        footer = stage.screen.query_one(KeyFooter)
        (shown,) = (one.key for one in footer.placed if one.key.action == "pause")
        assert shown.display == "p"
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "help")
        listed = stage.drawn(stage.app.screen.query_one(OptionList))
        assert any("p, space  Pause both runs" in line for line in listed)
        await stage.press("escape", "f")
        await stage.until(lambda: isinstance(stage.app.screen, PictureDialog), "the dialog")


async def test_sentences_name_the_keys_that_were_given(folder: Path) -> None:
    display = Display(fps=30, keys={"restart": "f9", "export": "ctrl+e,f8"})
    async with running_app(folder.parent, display=display) as stage:
        stage.worker.fail("CUDA ran out of memory", "the training process ended")
        await stage.tells("Press f9 to restart.")
        await stage.shows("press f9 to restart")
        await stage.shows("press ctrl+e to export them")
        await stage.press("f9")
        await stage.until(lambda: len(stage.workers) == 2, "a new worker")


def test_no_sentence_names_a_key_that_a_user_may_have_changed() -> None:
    names = {key.name for key in KEYS}
    for folder in ("tui", "lessons", "explain"):
        for path in (Path(zgtui.__file__).parent / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert set(re.findall(r"\{key:([a-z-]+)\}", text)) <= names, path
            assert not re.findall(r"(?i:\bpress) [a-zA-Z0-9]\b", text), path


def test_what_only_looks_like_a_key_is_left_as_it_is() -> None:
    assert with_keys("{key:nosuch} {key:pause}", {}) == "{key:nosuch} space"


def test_a_key_that_is_taken_ends_the_program_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[keys]\npause = "p"\n')
    monkeypatch.setenv("ZGTUI_CONFIG", str(config))
    with closing(Terminal(tmp_path)) as terminal:
        assert terminal.ended() == 2
        said = " ".join(terminal.output.decode().split())
    assert said.startswith("zgtui: keys: p is already the key of picture;")
    assert "Traceback" not in said
