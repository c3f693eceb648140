"""Adds to the wheel what belongs under ``share/``: a manual page, and completions for shells.

Both are made of the table of options as the wheel is built, so that neither can be older than the
program.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPLETIONS = {
    "bash": "share/bash-completion/completions/zgtui",
    "zsh": "share/zsh/site-functions/_zgtui",
    "fish": "share/fish/vendor_completions.d/zgtui.fish",
}


class SharedFiles(BuildHookInterface[Any]):
    """Makes the files before the wheel and removes them after it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - its signature
        """Make the files and add them."""
        if self.target_name != "wheel":
            return
        sys.path.insert(0, self.root)
        from zgtui.cli.completion import SHELLS  # noqa: PLC0415 - found by the line above
        from zgtui.cli.man_page import man_page  # noqa: PLC0415 - likewise

        texts = {place: SHELLS[shell].lstrip("\n") for shell, place in COMPLETIONS.items()}
        texts["share/man/man1/zgtui.1"] = man_page()
        self._folder = tempfile.TemporaryDirectory()
        for place, text in texts.items():
            file = Path(self._folder.name) / place
            file.parent.mkdir(parents=True)
            file.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
            build_data["shared_data"][str(file)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - its signature
        """Remove the files."""
        if self.target_name == "wheel":
            self._folder.cleanup()
