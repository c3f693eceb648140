"""``zgtui serve``: who is let in, what each visitor gets, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    CookieJar,
    WSMsgType,
    WSServerHandshakeError,
)
from yarl import URL

from tests.support.browser import CHROMIUM, Page, browsing
from tests.support.command import children, run, started
from tests.support.processes import alive
from tests.support.waiting import PATIENCE, until

BLUE, ORANGE = (0x56, 0xB4, 0xE9), (0xFF, 0xB0, 0x00)
MANY = 300
"""Pixels; the words in these colours have fewer."""


class Served:
    """A server, and what its address is."""

    def __init__(
        self, process: subprocess.Popen[str], address: URL, session: ClientSession
    ) -> None:
        self.process, self.pid = process, process.pid
        self.address, self.session = address, session

    @property
    def open(self) -> URL:
        """Its address without the key."""
        return self.address.with_query({})

    async def enter(self) -> None:
        """Come with the key, as a browser does."""
        async with self.session.get(self.address) as page:
            assert page.status == 200
            assert "textual-terminal" in await page.text()
            assert page.url == self.open, "the key stays in the address"

    async def connect(self, **headers: str) -> ClientWebSocketResponse[bool]:
        """What the page opens."""
        return await self.session.ws_connect(
            (self.open / "ws").with_query(width=100, height=30), headers=headers
        )


@asynccontextmanager
async def serving(folder: Path, *words: str) -> AsyncIterator[Served]:
    changes = {"ZGTUI_STATE_DIR": str(folder / "state")}
    with started("serve", "--port", "0", *words, changes=changes) as process:
        assert process.stdout
        line = await asyncio.to_thread(process.stdout.readline)
        found = re.search(r"http://\S+", line)
        assert found, line
        # without ``unsafe`` no cookies of numeric addresses are kept
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            yield Served(process, URL(found[0]), session)


async def shows(socket: ClientWebSocketResponse[bool], text: bytes) -> None:
    """Wait until ``text`` has been drawn."""
    seen = b""
    while text not in seen:
        message = await socket.receive(PATIENCE)
        assert message.type in {WSMsgType.BINARY, WSMsgType.TEXT}, message
        seen += message.data if message.type is WSMsgType.BINARY else b""


def descendants(pid: int) -> list[int]:
    """Every process that ``pid`` and those it started have started."""
    return [one for child in children(pid) for one in (child, *descendants(child))]


def workers(pid: int) -> list[int]:
    """The training processes below ``pid``."""
    return [
        one
        for one in descendants(pid)
        if b"zgtui.worker" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]


async def wait(condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition`` holds, while the connections go on."""
    await asyncio.to_thread(until, condition, what)


async def test_only_who_has_the_key_is_let_in_and_no_page_of_another_site(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        assert served.address.host == "127.0.0.1"
        for address in (served.open, served.open / "ws", served.open.with_query(key="wrong")):
            async with served.session.get(address) as answer:
                assert answer.status == 403
                assert "full address" in await answer.text()
        await served.enter()
        with pytest.raises(WSServerHandshakeError) as refused:
            await served.connect(Origin="http://example.org")
        assert refused.value.status == 403
        assert descendants(served.pid) == []


async def test_each_visitor_has_a_training_of_its_own_up_to_the_limit(tmp_path: Path) -> None:
    async with serving(tmp_path, "--visitors", "2") as served:
        await served.enter()
        first, second = await served.connect(), await served.connect()
        await asyncio.gather(shows(first, b"steps/s"), shows(second, b"steps/s"))
        assert len(children(served.pid)) == len(workers(served.pid)) == 2
        async with served.session.get(served.open) as answer:
            assert answer.status == 503
            assert "number of visitors (2)" in await answer.text()
        with pytest.raises(WSServerHandshakeError, match="503"):
            await served.connect()
        await first.send_json(["stdin", "q"])  # leaves the app
        while (await first.receive(PATIENCE)).type is not WSMsgType.CLOSE:
            pass
        await second.close()  # closes the page
        await wait(lambda: descendants(served.pid) == [], "the end of both visitors")
        third = await served.connect()
        await shows(third, b"zgtui")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_all_that_it_started_ends_with_it(tmp_path: Path, number: signal.Signals) -> None:
    async with serving(tmp_path, "app", "--experiment", "spirals") as served:
        await served.enter()
        socket = await served.connect()
        await shows(socket, b"spirals")
        await wait(lambda: workers(served.pid), "a training process")
        started_ = descendants(served.pid)
        served.process.send_signal(number)
        await wait(lambda: not any(map(alive, started_)), "the end of what it had started")
        code = await asyncio.to_thread(served.process.wait, PATIENCE)
        assert code == (-9 if number is signal.SIGKILL else 128 + number)


async def test_to_listen_wider_is_asked_for_and_warned_of(tmp_path: Path) -> None:
    async with serving(tmp_path, "--host", "0.0.0.0") as served:
        assert served.address.host == "0.0.0.0"
        assert served.process.stderr
        warned = await asyncio.to_thread(served.process.stderr.readline)
        assert "other machines can reach this server" in warned
        port = str(served.address.port)
    code, _, said = run("serve", "--host", "192.0.2.1", "--port", port)
    assert code == 2
    assert said.startswith(f"zgtui: cannot listen on 192.0.2.1:{port}: ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["config"], "'config' has no screen to serve. Available: app, run, view, map, docs"),
        (["vieww"], "Did you mean 'view'?"),
        (["app", "--experiment", "spiral"], "Did you mean 'spirals'?"),
        (["--port", "65536"], "the port must be a whole number from 0 to 65535"),
    ],
)
def test_what_cannot_be_served_is_told_before_anybody_comes(
    words: list[str], sentence: str
) -> None:
    code, _, said = run("serve", *words)
    assert code == 2
    assert sentence in said


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium to open the page with")
async def test_both_curves_are_seen_in_a_browser_and_keys_reach_the_app(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as served,
        browsing(tmp_path / "profile", str(served.address)) as page,
    ):
        await asyncio.wait_for(curves(page), PATIENCE)
        (await page.picture()).save(tmp_path / "served.png")
        assert await page.value("location.search") == ""
        await page.press("q")
        closed = "document.body.classList.contains('-closed')"
        await asyncio.wait_for(page.until(closed), PATIENCE)
        await wait(lambda: descendants(served.pid) == [], "the end of the visit")


async def curves(page: Page) -> None:
    """Wait until many pixels have the colour of each run."""
    while True:
        pixels = (await page.picture()).tobytes()
        seen = Counter(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
        if min(seen[BLUE], seen[ORANGE]) > MANY:
            return
        await asyncio.sleep(0.2)
