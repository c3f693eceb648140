"""The reference: its topics, their links, and what `zgtui docs` prints of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import zgtui.docs
from tests.support.processes import zgtui as run_zgtui
from zgtui.docs import INDEX, linked, page, topics
from zgtui.docs.plain import plain
from zgtui.errors import UsageError

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\[\]]+\]\(([^)\s]+)\)")
NAMES = [INDEX, *topics()]


def slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and the viewer make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_topics_are_the_files_of_the_folder_and_the_theory() -> None:
    files = {path.stem for path in (ROOT / "zgtui" / "docs").glob("*.md")}
    assert set(topics()) == files | {"theory"}


def test_a_link_in_plain_text_names_where_it_leads() -> None:
    text = "[the keys](keys.md#map) [keys](keys.md) [above](#top) [PyTorch](https://pytorch.org)"
    topic = zgtui.docs.Topic("run", topics()["keys"].path.with_name("run.md"), text)
    assert plain(topic) == "the keys (zgtui docs keys) keys above PyTorch <https://pytorch.org>"
    assert linked(topic, "#top") == ("run", "top")


def test_a_new_topic_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "gpus.md").write_text("# GPUs\n\nWhat a GPU is for. More.\n")
    (tmp_path / "theory").mkdir()
    (tmp_path / "theory" / "claims.md").write_text("# Theory\n\nClaims.\n")
    monkeypatch.setattr(zgtui.docs, "FOLDER", folder)
    topics.cache_clear()
    try:
        assert page("gpus").summary == "What a GPU is for"
        assert "- [gpus](gpus.md): What a GPU is for\n" in page(INDEX).text
    finally:
        topics.cache_clear()


@pytest.mark.parametrize("name", topics())
def test_a_topic_has_one_title_and_a_first_sentence_that_fits_a_list(name: str) -> None:
    text = page(name).text
    headings = re.findall(r"^# .+$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    assert text.startswith("# ")
    assert len(headings) == 1
    assert 10 < len(page(name).summary) <= 78


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_topic_and_a_heading_of_it(name: str) -> None:
    source = page(name)
    for target in LINK.findall(source.text):
        found = linked(source, target)
        assert found is not None, target
        other, anchor = found
        assert not anchor or anchor in slugs(page(other).text), target


def test_a_link_out_of_the_reference_is_no_topic() -> None:
    assert linked(page("keys"), "https://pytorch.org") is None
    assert linked(page("keys"), "../../README.md") is None
    assert linked(page("keys"), "#in-zgtui-view") == ("keys", "in-zgtui-view")
    assert linked(page("app"), "../theory/claims.md#notation") == ("theory", "notation")


def test_readme_lists_every_topic_with_a_link_to_its_file() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for topic in topics().values():
        assert f"| [{topic.name}]({topic.path.relative_to(ROOT)}) |" in readme


@pytest.mark.parametrize("name", NAMES)
def test_plain_text_names_commands_instead_of_links(name: str) -> None:
    text = plain(page(name))
    assert "](" not in text
    assert re.sub(r"\(zgtui docs \w+\)", "", text).strip()


def test_plain_text_of_a_link() -> None:
    assert "All keys: keys.\n" in plain(page("app"))
    assert "behind all this: numbered claims (zgtui docs theory)." in plain(page("app"))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_where_only_ascii_is_shown(name: str) -> None:
    text = plain(page(name), ascii_only=True)
    assert text.isascii()
    assert text.count("?") == plain(page(name)).count("?")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("kyes", "there is no topic 'kyes'. Did you mean 'keys'? 'zgtui docs' lists them."),
        ("zzz", "there is no topic 'zzz'. 'zgtui docs' lists them."),
        ("../keys", "there is no topic '../keys'. Did you mean 'keys'?"),
    ],
)
def test_an_unknown_topic_is_an_error_that_names_near_ones(name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        page(name)


def test_in_a_pipe_the_command_prints_the_list_of_topics_or_one_of_them() -> None:
    code, out, err = run_zgtui("docs")
    assert (code, err) == (0, "")
    assert all(f"\n- {name}: " in out for name in topics())
    code, out, err = run_zgtui("docs", "theory")
    assert (code, err) == (0, "")
    assert out == plain(page("theory"))


def test_where_only_ascii_can_be_encoded_it_prints_ascii() -> None:
    code, out, err = run_zgtui("docs", "theory", PYTHONIOENCODING="ascii")
    assert (code, err) == (0, "")
    assert "cos omega = 1 - q/2" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("docs", "kyes"), "Did you mean 'keys'?"),
        (("docs", "keys", "run"), "docs shows one topic at a time"),
        (("docs", "--theme"), "--theme needs a value"),
    ],
)
def test_wrong_use_ends_in_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    code, out, err = run_zgtui(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert sentence in err


def test_help_says_what_it_does() -> None:
    code, out, _ = run_zgtui("docs", "--help")
    assert code == 0
    assert "usage: zgtui docs" in out
    assert "TOPIC" in out
    assert "zgtui docs" in run_zgtui("--help")[1]
