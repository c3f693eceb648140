from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.stylesheets import parse_once
from tests.tui.stage import clock, folder

__all__ = ["clock", "folder"]


@pytest.fixture(scope="session", autouse=True)
def _stylesheets() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        parse_once(patch)
        yield
