"""The screen that shows the reference: one topic, its table of contents, and a search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import MouseDown
from textual.screen import Screen
from textual.widgets import Input, MarkdownViewer, Static, Tree

from zgtui.docs import INDEX, Topic, linked, page, topics
from zgtui.tui.keys import bindings, hidden_bindings
from zgtui.tui.screens.dialogs import ChoiceDialog
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.tui.widgets.matches import Matches
from zgtui.tui.widgets.text_input import TextInput

CONTENTS_COLUMNS = 110
"""From this width on the table of contents stands beside the text from the start."""


class TopicViewer(MarkdownViewer):
    """Leaves to the screen where a link leads: to another topic, not to a file."""

    async def go(self, location: str | PurePath) -> None:
        """Follow a link."""
        await cast("DocsScreen", self.screen).follow(str(location))

    def on_markdown_table_of_contents_selected(self) -> None:
        """Keys scroll the text again once a heading was chosen."""
        self.document.focus()


class DocsScreen(Screen[None]):
    """Shows the topic ``name`` first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Obeyed where it comes in: what is typed right after it is for the line.
        *(replace(one, priority=one.action == "search") for one in bindings("docs")),
        *hidden_bindings(),
        Binding("space", "page_down", show=False, id="page-down", tooltip="Scroll down by a page"),
    ]
    DEFAULT_CSS = """
    DocsScreen {
        & > #place { height: 1; padding: 0 2; background: $panel; }
        & > Input { height: 1; padding: 0 2; display: none; }
        & > Input, & > Input:focus { border: none; }
        & > Input.-open { display: block; }
        & MarkdownTableOfContents { max-width: 40%; }
        & MarkdownFence > Label { width: 1fr; }  /* long lines are wrapped, not cut off */
    }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._topic: Topic = page(name)
        self._visited: list[str] = []
        self._matches: Matches | None = None

    def compose(self) -> ComposeResult:
        """Where one is, the text, and the line to type a search into."""
        yield Static(id="place", markup=False)
        yield TopicViewer(show_table_of_contents=False, open_links=False)
        yield TextInput(placeholder="Search all topics", id="search")
        yield KeyFooter()

    async def on_mount(self) -> None:
        """Show the first topic."""
        self.viewer.show_table_of_contents = self.app.size.width >= CONTENTS_COLUMNS
        self.viewer.document.focus()
        await self._show(self._topic)

    @property
    def viewer(self) -> TopicViewer:
        """The text with its table of contents."""
        return self.query_one(TopicViewer)

    async def follow(self, target: str) -> None:
        """Go where a link of this topic leads."""
        leads_to = linked(self._topic, target)
        if leads_to is None:
            self.notify(f"Not part of these docs: {target}")
            return
        name, anchor = leads_to
        if name != self._topic.name:
            await self._open(name)
        if anchor:
            self.viewer.document.goto_anchor(anchor)

    async def _open(self, name: str) -> None:
        """Show the topic ``name``, and remember the one shown now."""
        self._visited.append(self._topic.name)
        await self._show(page(name))

    async def _show(self, topic: Topic) -> None:
        self._topic, self._matches = topic, None
        await self.viewer.document.update(topic.text)
        self.viewer.scroll_home(animate=False)
        self._show_place()

    def _show_place(self) -> None:
        """Say which topic this is, and how far the search has come."""
        place = "zgtui docs" if self._topic.name == INDEX else f"zgtui docs {self._topic.name}"
        found = self._matches
        if found is not None:
            place += f"   {found.current + 1} of {len(found)}: {found.term}"
        self.query_one("#place", Static).update(place)

    # Search

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the line itself a slash is a letter."""
        if action == "search":
            return self.focused is not self.query_one(Input)
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        """Type what to search for."""
        line = self.query_one(Input)
        line.add_class("-open")
        self.set_focus(line)

    def action_close(self) -> None:
        """Close the line, or show the page without its marks."""
        line = self.query_one(Input)
        if line.has_class("-open"):
            self._close_line()
        elif self._matches is not None:
            self._matches.clear()
            self._matches = None
            self._show_place()

    def _close_line(self) -> None:
        self.query_one(Input).remove_class("-open")
        self.viewer.document.focus()

    def on_mouse_down(self, event: MouseDown) -> None:
        """A press beside the line closes it: while it is open, the footer has no keys."""
        line = self.query_one(Input)
        if line.has_class("-open") and not line.region.contains_point(event.screen_offset):
            self._close_line()

    @on(Input.Submitted)
    async def search(self, event: Input.Submitted) -> None:
        """Go to the first place that holds what was typed, on this page or a later one."""
        self._close_line()
        if event.value.strip():
            await self._search(event.value.strip(), self._topic, 1)

    async def action_step(self) -> None:
        """Go to the next place, on the next page where this one has no more."""
        await self._move(1)

    async def action_previous_match(self) -> None:
        """Go to the place before."""
        await self._move(-1)

    async def _move(self, way: int) -> None:
        found = self._matches
        if found is None:
            self.action_search()
        elif 0 <= found.current + way < len(found):
            self._visit(found, found.current + way)
        else:
            await self._search(found.term, self._beyond(way), way)

    def _beyond(self, way: int) -> Topic:
        """The page after this one, or before it; from the last the first follows."""
        names = [INDEX, *topics()]
        return page(names[(names.index(self._topic.name) + way) % len(names)])

    async def _search(self, term: str, start: Topic, way: int) -> None:
        """Visit the first place from ``start`` on, in the order of the topics and round again."""
        names = [INDEX, *topics()]
        at = names.index(start.name)
        for name in [names[(at + way * step) % len(names)] for step in range(len(names))]:
            if term.casefold() not in page(name).text.casefold():
                continue
            if name != self._topic.name:
                await self._open(name)
            if self._matches is not None:
                self._matches.clear()
            found = Matches(self.viewer.document, term)
            if len(found):
                self._matches = found
                self._visit(found, 0 if way > 0 else len(found) - 1)
                return
        self.notify(f"Not found in any topic: {term}")

    def _visit(self, found: Matches, index: int) -> None:
        place = found.visit(index)
        # A page that was just opened has no layout yet.
        self.call_after_refresh(self.viewer.scroll_to_widget, place, animate=False, center=True)
        self._show_place()

    # Keys

    def action_topic(self) -> None:
        """Choose a topic."""

        async def chosen(name: str | None) -> None:
            if name is not None and name != self._topic.name:
                await self._open(name)

        choices = {topic.name: topic.summary for topic in topics().values()}
        self.app.push_screen(ChoiceDialog("topic", choices, self._topic.name), chosen)

    async def action_step_back(self) -> None:
        """The topic before."""
        if self._visited:
            await self._show(page(self._visited.pop()))

    def action_headings(self) -> None:
        """Show the table of contents to choose from, or hide it."""
        viewer = self.viewer
        viewer.show_table_of_contents = not viewer.show_table_of_contents
        if viewer.show_table_of_contents:
            viewer.table_of_contents.query_one(Tree).focus()
        else:
            viewer.document.focus()

    def action_page_down(self) -> None:
        """A screen further."""
        self.viewer.action_page_down()
