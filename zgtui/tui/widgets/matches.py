"""The places of a page that hold a term: marked, and visited one by one."""

from __future__ import annotations

import re

from textual.content import Content
from textual.widgets import Markdown, Static


class Matches:
    """Every paragraph, cell and code block of ``document`` that contains ``term``, in order.

    Upper and lower case are alike. ``current`` is the index of the place visited, -1 before the
    first visit.
    """

    def __init__(self, document: Markdown, term: str) -> None:
        self.term = term
        self.current = -1
        self._pattern = re.compile(re.escape(term), re.IGNORECASE)
        self._places: list[tuple[Static, Content]] = []
        for widget in document.query(Static):
            content = widget.content
            if isinstance(content, Content) and self._pattern.search(content.plain):
                self._places.append((widget, content))
        self._mark()

    def __len__(self) -> int:
        return len(self._places)

    def visit(self, index: int) -> Static:
        """Make the place ``index`` the current one; returns what to scroll to."""
        self.current = index
        self._mark()
        return self._places[index][0]

    def clear(self) -> None:
        """Show the page as it is without a search."""
        for widget, content in self._places:
            widget.update(content, layout=False)

    def _mark(self) -> None:
        for index, (widget, content) in enumerate(self._places):
            style = "bold reverse" if index == self.current else "underline"
            marked = content.highlight_regex(self._pattern, style=style)
            widget.update(marked, layout=False)
