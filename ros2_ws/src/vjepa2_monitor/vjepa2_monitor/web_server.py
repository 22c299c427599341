"""Serves the page from a thread of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from vjepa2_monitor.web_guard import ADDRESS, WebGuard, add_headers

PAGE = Path(__file__).parent / "page"
FILES = {"/": "index.html", "/dashboard.js": "dashboard.js", "/dashboard.css": "dashboard.css"}
LOOK_EVERY = 0.2
"""Seconds between two looks at whether there is something new to show."""
WORKERS = 8

Command = Callable[[], tuple[str, str]]
"""Carries a command out, waiting for its answer: a code and a sentence."""
Picture = Callable[[], tuple[str, bytes] | None]
"""Media type and bytes of a picture, if there is one."""


class WebServer:
    """Serves from construction to `close`; raises OSError where the port is taken.

    told: all that is shown, ready for JSON.
    """

    def __init__(
        self,
        port: int,
        told: Callable[[], dict[str, Any]],
        pictures: Mapping[str, Picture],
        commands: Mapping[str, Command],
    ) -> None:
        self._told, self._pictures, self._commands = told, pictures, commands
        self._socket = socket.create_server((ADDRESS, port))
        self.guard = WebGuard(self._socket.getsockname()[1])
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="web")
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all connections and the thread."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._run())

    async def _run(self) -> None:
        application = web.Application(middlewares=[self.guard.middleware()])
        application.on_response_prepare.append(add_headers)
        for path, name in FILES.items():
            application.router.add_get(path, _file(PAGE / name))
        application.router.add_get("/events", self._events)
        application.router.add_get("/picture/{name}", self._picture)
        application.router.add_post("/command/{name}", self._command)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, self._socket).start()
        await self._closing.wait()
        await runner.cleanup()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: all that is shown, whenever some of it has changed."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        last = ""
        with suppress(ConnectionResetError):
            while not self._closing.is_set():
                text = json.dumps(self._told())
                if text != last:
                    last = text
                    await response.write(f"data: {text}\n\n".encode())
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), LOOK_EVERY)
        return response

    async def _picture(self, request: web.Request) -> web.Response:
        picture = self._pictures.get(request.match_info["name"])
        found = None if picture is None else await self._worked(picture)
        if found is None:
            raise web.HTTPNotFound
        kind, data = found
        return web.Response(body=data, content_type=kind)

    async def _command(self, request: web.Request) -> web.Response:
        command = self._commands.get(request.match_info["name"])
        if command is None:
            raise web.HTTPNotFound
        code, message = await self._worked(command)
        return web.json_response({"code": code, "message": message})

    async def _worked(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)


def _file(path: Path) -> Callable[[web.Request], Any]:
    async def serve(_: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    return serve
