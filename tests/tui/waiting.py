"""Waiting for an app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App

from tests.support.waiting import until_then


async def until(app: App[Any], condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition`` holds; an app that has crashed raises when its test is left."""
    await until_then(condition, lambda: f"{what}: {app.screen_stack}")
