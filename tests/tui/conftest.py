from __future__ import annotations

from tests.tui.stage import clock, folder

__all__ = ["clock", "folder"]
