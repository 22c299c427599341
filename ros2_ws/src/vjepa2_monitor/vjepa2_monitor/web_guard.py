"""Keeps other web sites, and other people on this machine, away from the page's commands.

A page of any web site may send requests to this machine. Where its name has been made to point
here (DNS rebinding), the Host is not ours; where it sends them openly, the browser tells its
Origin and that it is another site. Commands need a token besides, which is new at each start and
which only who started the stack is told.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

ADDRESS = "127.0.0.1"
TOKEN = "X-Dashboard-Token"
OWN_SITE = ("same-origin", "none")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass
class WebGuard:
    """port: that the page is served on, once it is known."""

    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        """Where to open the page: the token stays in the browser, as all behind the # does."""
        return f"http://{ADDRESS}:{self.port}/#{self.token}"

    def middleware(self) -> Middleware:
        """For the application."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            if reason := self.refusal(request):
                return web.json_response({"code": "REFUSED", "message": reason}, status=403)
            return await handler(request)

        return guarded

    def refusal(self, request: web.Request) -> str:
        """Why a request is not served; empty where it is."""
        hosts = [f"{name}:{self.port}" for name in (ADDRESS, "localhost")]
        if request.host not in hosts:
            return f"the page is at {hosts[0]}, not at {request.host}"
        origin = request.headers.get("Origin")
        if origin is not None and origin not in [f"http://{host}" for host in hosts]:
            return f"requests of {origin} are not served"
        if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITE:
            return "requests of other web sites are not served"
        if request.method not in ("GET", "HEAD"):
            given = request.headers.get(TOKEN, "").encode(errors="surrogateescape")
            if not hmac.compare_digest(given, self.token.encode()):
                return "open the page at the address that was printed: its end is the token"
        return ""


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """To every response, before it is sent."""
    response.headers.update(HEADERS)
