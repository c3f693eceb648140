"""The files that an app writes: tables, pictures, and TensorBoard's through its writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.app import App

from zgtui.config.settings import Settings
from zgtui.errors import ZgtuiError
from zgtui.outputs.autosave import free_path, in_slices
from zgtui.outputs.followers import Followers
from zgtui.outputs.pictures.picture import PictureRequest, draw_beside
from zgtui.plural import plural
from zgtui.reproduce import reproduce
from zgtui.tables.export import export
from zgtui.tables.rows import read_facts
from zgtui.tui.model.base import LiveComparison
from zgtui.tui.screens.chart_screen import ChartScreen
from zgtui.tui.screens.dialogs import (
    ChoiceDialog,
    ExportDialog,
    PathDialog,
    PictureDialog,
    ScriptDialog,
)

Rows = Iterable[tuple[int, int]]
"""The writing of a table in slices: (rows done, rows in all)."""


class LogFiles:
    """Writes what ``screen`` of ``app`` shows, asking where to; ``followers`` without asking."""

    def __init__(
        self,
        app: App[None],
        screen: ChartScreen,
        followers: Followers | None = None,
    ) -> None:
        self._app = app
        self._screen = screen
        self._table = followers.table if followers else None
        self._tensorboard = followers.tensorboard if followers else None
        self.writing: asyncio.Task[None] | None = None
        """The file that is being written."""

    # What can be written

    def missing(self) -> str:
        """Why nothing can be written yet; empty where it can."""
        return ""

    def tables(self) -> Mapping[str, Path]:
        """The path to propose for each table that can be exported, by what tells it apart."""
        raise NotImplementedError

    async def table(self, label: str, path: Path, *, overwrite: bool) -> tuple[Rows, str]:
        """The writing of the table ``label``, and the sentence to say once it is written."""
        raise NotImplementedError

    async def picture(self, path: Path, *, overwrite: bool) -> tuple[PictureRequest, str]:
        """What to draw, and the sentence to say once it is drawn."""
        raise NotImplementedError

    # All along

    def follow(self, log: Path | None) -> None:
        """Hand on what was trained since the last call."""
        if log is None:
            return
        try:
            if self._tensorboard is not None:
                self._tensorboard.start()
                self._tensorboard.follow(str(log))
        except ZgtuiError as error:
            self._tensorboard = None
            self._complain(error)
        try:
            if self._table is not None:
                self._table.follow(str(log))
        except ZgtuiError as error:
            self._complain(error)

    def close(self, log: Path | None) -> None:
        """Write the rest of the table that is kept. Raises ZgtuiError if that fails."""
        if self._table is not None:
            if log is not None:
                self._table.follow(str(log))
            self._table.close()

    async def stop(self) -> None:
        """Give up the file that is being written, with all that it left behind."""
        if self.writing is not None:
            self.writing.cancel()
            await asyncio.wait([self.writing])

    # When asked

    def ask_export(self) -> None:
        """Ask which table to write, where there are several, and where to."""
        if not self._can_write():
            return
        proposals = self.tables()

        def chosen(label: str | None) -> None:
            if label is not None:
                dialog = ExportDialog(free_path(proposals[label]))
                self._ask(dialog, partial(self._export, label))

        first = next(iter(proposals))
        if len(proposals) == 1:
            chosen(first)
        else:
            choice = ChoiceDialog("export", dict.fromkeys(proposals, ""), first)
            self._app.push_screen(choice, chosen)

    async def _export(self, label: str, path: Path, *, overwrite: bool) -> str:
        def progress(share: float) -> None:
            self._screen.activity = f"exporting {share:.0%}"

        writing, done = await self.table(label, path, overwrite=overwrite)
        await in_slices(writing, progress)
        return done

    def ask_picture(self) -> None:
        """Ask where to draw the steps shown, for a paper or a slide."""
        if self._can_write():
            self._ask(PictureDialog(free_path(Path.cwd() / "losses.png")), self._draw)

    async def _draw(self, path: Path, *, overwrite: bool) -> str:
        self._screen.activity = "drawing"
        request, done = await self.picture(path, overwrite=overwrite)
        await draw_beside(replace(request, log=self._screen.log_scale))
        return done

    def _can_write(self) -> bool:
        busy = "The last file is still being written." if self.writing is not None else ""
        reason = self.missing() or busy
        if reason:
            self._app.notify(reason)
        return not reason

    def _ask(self, dialog: PathDialog, write: Callable[..., Coroutine[None, None, str]]) -> None:
        def answered(answer: tuple[Path, bool] | None) -> None:
            if answer is not None:
                path, overwrite = answer
                self.writing = asyncio.create_task(self._write(write(path, overwrite=overwrite)))

        self._app.push_screen(dialog, answered)

    async def _write(self, writing: Coroutine[None, None, str]) -> None:
        try:
            self._app.notify(await writing)
        except ZgtuiError as error:
            self._complain(error)
        finally:
            self.writing = None
            self._screen.activity = ""

    def _complain(self, error: ZgtuiError) -> None:
        self._app.notify(str(error), severity="error")


class LiveFiles(LogFiles):
    """Writes the log of ``live``, as far as both runs have come when it is asked to."""

    def __init__(
        self,
        live: LiveComparison,
        app: App[None],
        screen: ChartScreen,
        followers: Followers | None,
    ) -> None:
        super().__init__(app, screen, followers)
        self._live = live

    def missing(self) -> str:
        """Before the first log there is nothing."""
        return "" if self._live.log else "There is nothing to write yet: no step has been trained."

    def tables(self) -> Mapping[str, Path]:
        """There is one, named as the one that is kept."""
        return {"": self._table.path if self._table else Path.cwd() / "losses.csv"}

    async def _settled(self) -> tuple[Path, Mapping[str, int], str]:
        """The log, the steps of each run in it, and these in words."""
        steps = await self._live.settle()
        assert self._live.log is not None
        said = " and ".join(f"{plural(count, 'step')} of {name}" for name, count in steps.items())
        if len(set(steps.values())) == 1:
            said = f"{plural(max(steps.values()), 'step')} of both runs"
        return self._live.log, steps, said

    async def table(self, _label: str, path: Path, *, overwrite: bool) -> tuple[Rows, str]:
        """Exactly the steps done when this was asked for."""
        log, steps, said = await self._settled()
        return export(log, path, steps=steps, overwrite=overwrite), f"Wrote {said} to {path}"

    async def picture(self, path: Path, *, overwrite: bool) -> tuple[PictureRequest, str]:
        """The same steps."""
        log, steps, said = await self._settled()
        until = max(steps.values())
        request = PictureRequest(
            sources=(str(log),), files=(str(path),), until=until, overwrite=overwrite
        )
        return request, f"Drew {said} to {path}"

    async def copy_script(self) -> None:
        """Put plain PyTorch that trains these runs on the clipboard; ask where to save it."""
        if not self._can_write():
            return
        log, steps, _ = await self._settled()
        try:
            facts = read_facts(log)
            began = Settings.from_dict(facts.start["settings"])
            script = reproduce(began, facts.changes, max(steps.values()) or began.steps or 1)
        except ZgtuiError as error:
            self._complain(error)
            return
        from zgtui.tui.clipboard import copy  # noqa: PLC0415 - at its first use

        sent = await copy(self._app, script)

        async def save(path: Path, *, overwrite: bool) -> str:  # noqa: ARG001 - asked in the dialog
            try:
                path.write_text(script, encoding="utf-8")  # noqa: ASYNC240 - some kilobytes
            except OSError as error:
                raise ZgtuiError(f"Cannot save {path}: {error.strerror}.") from error
            return f"Saved {path}: python {path.name} prints the same losses"

        self._ask(ScriptDialog(free_path(Path.cwd() / "reproduce.py"), sent), save)
