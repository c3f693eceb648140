"""The screen that shows the reference, driven by keys."""

from __future__ import annotations

import pytest
from textual.css.query import NoMatches
from textual.widgets import Input
from textual.widgets.markdown import MarkdownTableOfContents

from tests.tui.docs_stage import Reader, reading
from tests.tui.hands import burst
from zgtui.docs import INDEX, topics
from zgtui.errors import UsageError
from zgtui.tui.docs_app import DocsApp
from zgtui.tui.keys import bindings
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.widgets.key_footer import KeyFooter


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 12)])
async def test_a_topic_is_shown_at_every_size(size: tuple[int, int]) -> None:
    async with reading("table", size) as reader:
        assert reader.place == "zgtui docs table"
        contents = reader.screen.query_one(MarkdownTableOfContents)
        assert contents.display == (size[0] >= 110)


async def test_every_topic_can_be_shown() -> None:
    async with reading(INDEX) as reader:
        for topic in topics().values():
            await reader.screen._open(topic.name)
            assert reader.place == f"zgtui docs {topic.name}"
            await reader.shows(topic.text.split("\n")[0].strip("# "))


async def test_links_lead_to_topics_and_b_leads_back() -> None:
    async with reading(INDEX, (80, 30)) as reader:
        await reader.click("config:")
        await reader.until(lambda: reader.place == "zgtui docs config")
        await reader.press("b")
        await reader.until(lambda: reader.place == "zgtui docs")
        await reader.shows("experiments:")
        await reader.press("b")
        assert reader.place == "zgtui docs", "there is no page before the first"


async def test_a_link_leads_to_its_heading_on_this_page_and_on_another() -> None:
    async with reading("view") as reader:
        await reader.screen.follow("keys.md#in-zgtui-view")
        await reader.until(lambda: reader.place == "zgtui docs keys")
        await reader.shows("In zgtui view", "2% of the steps")
        await reader.screen.follow("#in-zgtui-run")
        await reader.shows("In zgtui run")
        assert reader.place == "zgtui docs keys"


async def test_a_link_out_of_the_reference_is_shown_and_opens_nothing() -> None:
    async with reading("view") as reader:
        await reader.screen.follow("https://pytorch.org")
        await reader.until(lambda: reader.messages)
        assert reader.messages == ["Not part of these docs: https://pytorch.org"]
        assert reader.place == "zgtui docs view"


async def test_search_goes_through_a_page_and_on_to_the_next_topics_and_round() -> None:
    async with reading("keys") as reader:
        await reader.search("OPTIMIZER steps")
        await reader.until(lambda: "options" in reader.place)
        await reader.shows("optimizer steps")
        assert "1 of " in reader.place
        seen = [reader.place]
        while reader.place not in seen[:-1]:
            await reader.press("n")
            seen.append(reader.place)
            assert len(seen) < 100
        topics_seen = {place.split()[2] for place in seen}
        holding = {t.name for t in topics().values() if "optimizer steps" in t.text.casefold()}
        assert topics_seen == holding
        assert len(holding) > 1
        last = seen[-2]
        await reader.press("N")
        assert reader.place == last


async def test_what_is_nowhere_is_said_and_the_page_stays() -> None:
    async with reading("keys") as reader:
        await reader.search("no such words")
        await reader.until(lambda: reader.messages)
        assert reader.messages == ["Not found in any topic: no such words"]
        assert reader.place == "zgtui docs keys"


async def test_matches_are_marked_until_escape() -> None:
    def marked(reader: Reader) -> list[str]:
        strips = reader.app.screen._compositor.render_strips()
        return [
            segment.text
            for strip in strips[1:-1]
            for segment in strip
            if segment.style and (segment.style.reverse or segment.style.underline)
        ]

    async with reading("table") as reader:
        await reader.search("loss_b")
        await reader.until(lambda: "loss_b" in marked(reader))
        assert reader.place == "zgtui docs table   1 of 2: loss_b"
        await reader.press("escape")
        assert "loss_b" not in marked(reader)
        assert reader.place == "zgtui docs table"


async def test_what_is_typed_into_the_line_of_the_search_is_seen() -> None:
    async with reading("table") as reader:
        await reader.press("slash")
        await reader.shows("Search all topics")
        await reader.press(*"zzz")
        await reader.shows("  zzz ")


async def test_escape_closes_the_line_of_the_search_and_keys_work_again() -> None:
    async with reading("table") as reader:
        burst(reader.app, "/qn/")  # as a slow line hands them on
        await reader.until(lambda: reader.screen.query_one(Input).value == "qn/")
        await reader.press("escape")
        assert not reader.screen.query_one(Input).display
        await reader.press("q")
        assert reader.app.return_code == 0


async def test_a_click_beside_the_line_of_the_search_closes_it_and_one_on_it_does_not() -> None:
    async with reading("table") as reader:
        line = reader.screen.query_one(Input)
        await reader.press("slash", "z")
        await reader.click("zgtui docs table")
        await reader.until(lambda: not line.display)
        assert reader.screen.viewer.document.has_focus
        await reader.press("slash")
        await reader.click("  z ")
        assert line.display
        assert line.has_focus


async def test_n_without_a_search_asks_for_one() -> None:
    async with reading("table") as reader:
        await reader.press("n")
        assert reader.screen.query_one(Input).has_focus


async def test_a_topic_is_chosen_from_a_list() -> None:
    async with reading("table") as reader:
        await reader.press("T", "down", "enter")
        names = list(topics())
        following = names[names.index("table") + 1]
        await reader.until(lambda: reader.place == f"zgtui docs {following}")


async def test_the_table_of_contents_leads_to_a_heading() -> None:
    async with reading("theory") as reader:
        contents = reader.screen.query_one(MarkdownTableOfContents)
        assert not contents.display
        await reader.press("h")
        await reader.shows("Ⅱ Notation")
        await reader.press("up", "enter")
        await reader.until(lambda: reader.screen.viewer.scroll_y > 50)
        await reader.shows("torch.manual_seed(42)")
        assert reader.screen.viewer.document.has_focus
        await reader.press("h")
        assert not contents.display


async def test_space_and_arrows_scroll() -> None:
    async with reading("run") as reader:
        viewer = reader.screen.viewer
        await reader.press("space")
        await reader.until(lambda: viewer.scroll_y > 10)
        await reader.press("home")
        await reader.until(lambda: viewer.scroll_y == 0)
        await reader.press("down")
        await reader.until(lambda: viewer.scroll_y == 1)


async def test_the_footer_says_of_no_key_what_it_does_elsewhere() -> None:
    async with reading("table") as reader:
        footer = reader.screen.query_one(KeyFooter)
        await reader.until(lambda: footer.placed)
        shown = {one.key.action for one in footer.placed if one.key.usual}
        assert shown == {"search", "topic", "headings", "app.help", "app.quit"}


async def test_every_key_stands_in_help_and_palette_and_help_does_it() -> None:
    async with reading("table", (100, 40)) as reader:
        commands = {one.title for one in reader.app.get_system_commands(reader.app.screen)}
        assert {binding.description for binding in bindings("docs")} <= commands
        await reader.press("question_mark")
        assert isinstance(reader.app.screen, HelpScreen)
        for binding in bindings("docs"):
            assert binding.tooltip in reader.text
        await reader.press("enter")
        await reader.until(lambda: reader.screen.query_one(Input).has_focus)


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no theme 'nope'"):
        DocsApp("keys", Display(theme="nope"))


def test_what_a_screen_lacks_that_closes_while_it_comes_up_is_no_fault() -> None:
    app = DocsApp("keys")
    app._exit = True
    app._handle_exception(NoMatches("not there yet"))
    assert app._exception is None
