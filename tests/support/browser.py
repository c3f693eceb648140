"""A headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import itertools
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from PIL import Image

from tests.support.waiting import PATIENCE, until

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), "")
"""Where it is; empty where there is none."""
SIZE = 1200, 750


class Page:
    """The one page of a browser."""

    def __init__(self, socket: ClientWebSocketResponse[bool]) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; returns its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(self._answer(number), PATIENCE)

    async def _answer(self, number: int) -> dict[str, Any]:
        while True:
            message = await self._socket.receive()
            assert message.type is WSMsgType.TEXT, "the browser ended"
            answer = message.json()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    async def value(self, script: str) -> Any:
        """What a line of JavaScript comes to."""
        answer = await self.call("Runtime.evaluate", expression=script)
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until a line of JavaScript holds."""
        while not await self.value(script):  # noqa: ASYNC110 - nothing says when
            await asyncio.sleep(0.1)

    async def press(self, key: str) -> None:
        """Press a key that writes a letter."""
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, text=key, key=key)

    async def picture(self) -> Image.Image:
        """What can be seen."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGB")


@contextlib.asynccontextmanager
async def browsing(folder: Path, address: str) -> AsyncIterator[Page]:
    """A browser whose profile is in ``folder``, at ``address``."""
    process = _start(folder, address)
    try:
        port = await asyncio.to_thread(_port, folder / "DevToolsActivePort")
        async with ClientSession() as session:
            target = await asyncio.wait_for(_target(session, port), PATIENCE)
            async with session.ws_connect(target, max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        process.terminate()
        process.wait()


def _start(folder: Path, address: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={folder}",
            f"--window-size={SIZE[0]},{SIZE[1]}", address,
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _port(file: Path) -> int:
    until(lambda: file.exists() and "\n" in file.read_text(encoding="ascii"), "the browser")
    return int(file.read_text(encoding="ascii").splitlines()[0])


async def _target(session: ClientSession, port: int) -> str:
    while True:
        async with session.get(f"http://127.0.0.1:{port}/json") as answer:
            pages = [one for one in await answer.json() if one["type"] == "page"]
        if pages:
            return str(pages[0]["webSocketDebuggerUrl"])
        await asyncio.sleep(0.1)
