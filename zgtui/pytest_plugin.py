"""``pytest --zgtui``: optimizers that step in a test are watched, and a mistake fails that test."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

MARKER = (
    'zgtui(ignore="ZG103"): codes of zgtui check, one or a list, that do not fail this test'
    " under --zgtui"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--zgtui``; without it nothing is imported and nothing is watched."""
    parser.getgroup("zgtui").addoption(
        "--zgtui",
        action="store_true",
        help="fail tests in which gradients are not cleared as they should be",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(hookwrapper=True)  # new-style wrappers need pluggy 1.2, and this loads everywhere
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Watch the training inside a test; fail it if it passed and something was found.

    Fewer than three steps of an optimizer say nothing about it, and a ``zgtui.watch`` of the
    test's own takes over from this one.
    """
    if not item.config.getoption("zgtui"):
        yield
        return
    from zgtui._watch import MISTAKEN, Watch, mistakes  # noqa: PLC0415 - imports torch

    codes = ignored(item)
    with Watch((), gives_way=True) as watched:
        outcome = yield
    report = watched.report()
    if outcome.excinfo is None and mistakes(report, codes):
        _fail(outcome, pytest.fail.Exception(f"{MISTAKEN}\n{report}", pytrace=False))


def _fail(outcome: Any, error: BaseException) -> None:
    """Have the test that ended so fail by ``error``."""
    if hasattr(outcome, "force_exception"):
        outcome.force_exception(error)
    else:  # in pluggy before 1.1, where to raise would leave the wrappers around this one open
        outcome._excinfo = (type(error), error, None)  # noqa: SLF001 - nothing else sets it there


def ignored(item: pytest.Item) -> set[str]:
    """The codes that the markers of ``item`` name, also those of its class and module.

    The test fails where a marker is written in another way: what it is to ignore would not be.
    """
    from zgtui.check.findings import named_codes  # noqa: PLC0415 - only under --zgtui
    from zgtui.errors import UsageError  # noqa: PLC0415 - likewise

    codes: set[str] = set()
    for marker in item.iter_markers("zgtui"):
        if marker.args or marker.kwargs.keys() != {"ignore"}:
            pytest.fail('write the marker as @pytest.mark.zgtui(ignore="ZG103")', pytrace=False)
        try:
            codes |= named_codes(marker.kwargs["ignore"])
        except UsageError as error:
            pytest.fail(str(error), pytrace=False)
    return codes
