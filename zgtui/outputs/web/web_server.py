"""The app in browsers: a page with a terminal, and behind it a process for each visitor.

The page is a terminal of textual-serve. Whoever uses it can do what the app can, such as writing a
table to a file; so only who knows the key in the address is let in, also on this machine, which
may have other users. The key becomes a cookie, which no page of another site can use.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from string import Template

from aiohttp import web
from textual_serve.server import Server, to_int

from zgtui.errors import UsageError
from zgtui.outputs.web.web_visitor import Visitor
from zgtui.terminal import tell, warn

PAGE, SCRIPT = (Path(__file__).with_name(f"web_page.{ending}") for ending in ("html", "js"))
FONT_SIZES = range(6, 73)
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self' ws: wss:"
)
"""Nothing is loaded from elsewhere."""


@dataclass(frozen=True)
class Serving:
    """Where to listen, how many visitors there may be at a time, and what each gets."""

    host: str
    port: int
    visitors: int
    words: Sequence[str]


class WebServer(Server):
    """Serves what ``serving`` says to whoever has the ``key``."""

    def __init__(self, serving: Serving) -> None:
        super().__init__("zgtui", serving.host, serving.port)
        self.serving = serving
        self.key = secrets.token_urlsafe(16)
        self._visitors: list[Visitor | None] = []

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_get("/page.js", self._script)
        return app

    async def _script(self, request: web.Request) -> web.FileResponse:
        del request
        return web.FileResponse(SCRIPT)

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is printed: the address is known once the port is."""

    async def on_shutdown(self, app: web.Application) -> None:
        """End what every visitor started."""
        del app
        await asyncio.gather(*(one.stop() for one in self._visitors if one is not None))

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page; for who comes with the key, the cookie first."""
        given = request.query.get("key", "")
        if given and secrets.compare_digest(given.encode(), self.key.encode()):
            response = web.HTTPSeeOther("/")
            response.set_cookie(_cookie(request), self.key, httponly=True, samesite="Lax")
            raise response
        self._admit(request)
        size = to_int(request.query.get("fontsize", "16"), 16)
        scheme = "wss" if request.secure else "ws"
        page = Template(PAGE.read_text(encoding="utf-8")).substitute(
            socket=f"{scheme}://{request.host}/ws", font_size=size if size in FONT_SIZES else 16
        )
        return web.Response(
            text=page, content_type="text/html", headers={"Content-Security-Policy": POLICY}
        )

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A visitor's terminal, for as long as the page is open."""
        self._admit(request)
        place = self._visitors
        place.append(None)  # taken before anything is waited for
        visitor: Visitor | None = None
        socket = web.WebSocketResponse(heartbeat=15)
        try:
            await socket.prepare(request)
            visitor = self._welcome(socket)
            place[place.index(None)] = visitor
            sizes = (to_int(request.query.get(one, ""), 80) for one in ("width", "height"))
            await visitor.start(*sizes)
            # what is no message of the page ends the visit
            with contextlib.suppress(ValueError, AssertionError, LookupError, TypeError):
                await self._process_messages(socket, visitor)
        finally:
            if visitor is not None:
                await visitor.stop()
            place.remove(visitor)
        return socket

    def _welcome(self, socket: web.WebSocketResponse) -> Visitor:
        return Visitor(
            self.serving.words,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=self.download_manager,
        )

    def _admit(self, request: web.Request) -> None:
        """Let in who has the key, while there is room; pages of other sites have none."""
        given = request.cookies.get(_cookie(request), "")
        origin = request.headers.get("Origin")
        ours = origin is None or origin.partition("://")[2] == request.host
        if not ours or not secrets.compare_digest(given.encode(), self.key.encode()):
            raise web.HTTPForbidden(text="Open the full address that 'zgtui serve' printed.")
        most = self.serving.visitors
        if len(self._visitors) >= most:
            raise web.HTTPServiceUnavailable(
                text=f"zgtui already has the maximum number of visitors ({most}): try again later."
            )


def serve(serving: Serving) -> int:
    """Serve until a signal ends it; returns the exit code.

    Raises:
        UsageError: if it cannot listen there.
    """
    return asyncio.run(_serve(serving))


async def _serve(serving: Serving) -> int:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, partial(_end, ended, number))
    server = WebServer(serving)
    runner = web.AppRunner(await server._make_app(), access_log=None)  # noqa: SLF001 - textual-serve offers no other way
    await runner.setup()
    try:
        await _listen(runner, serving)
        _announce(runner, server)
        return await ended
    finally:
        await runner.cleanup()


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(128 + number)


async def _listen(runner: web.AppRunner, serving: Serving) -> None:
    try:
        await web.TCPSite(runner, serving.host, serving.port).start()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot listen on {serving.host}:{serving.port}: {reason}") from error


def _announce(runner: web.AppRunner, server: WebServer) -> None:
    host, port = runner.addresses[0][:2]
    shown = f"[{host}]" if ":" in host else host
    tell(f"zgtui is at http://{shown}:{port}/?key={server.key}  (ctrl+c stops it)")
    if not ip_address(host).is_loopback:
        warn(
            "other machines can reach this server, without encryption; whoever has the address can"
            " train here and write files as you"
        )


def _cookie(request: web.Request) -> str:
    """Its name: browsers share cookies among the ports of a host."""
    return f"zgtui-{request.host.rpartition(':')[2]}"
