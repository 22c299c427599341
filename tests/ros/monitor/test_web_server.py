"""The page's server, by real requests."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from vjepa2_monitor.web_guard import HEADERS, TOKEN
from vjepa2_monitor.web_server import WebServer


class Desk:
    """A server with one command, whose calls are counted."""

    def __init__(self) -> None:
        self.stopped = 0
        self.told: dict[str, Any] = {"energies": [0.5]}
        pictures = {"live": lambda: ("image/png", b"png"), "goal": lambda: None}
        self.server = WebServer(0, lambda: self.told, pictures, {"stop": self._stop})
        self.token = self.server.guard.token
        self.host = f"127.0.0.1:{self.server.guard.port}"

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.guard.port, timeout=10)
        connection.request(method, path, headers=dict(headers or {}))
        return connection.getresponse()

    def _stop(self) -> tuple[str, str]:
        self.stopped += 1
        return "STOPPED", "as asked"


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.server.close()


def test_a_command_is_carried_out_and_answered(desk: Desk) -> None:
    """With the token, from our own page or from no page at all."""
    before = desk.stopped
    origin = {"Origin": f"http://{desk.host}", "Sec-Fetch-Site": "same-origin"}
    for headers in ({}, origin):
        answer = desk.ask("POST", "/command/stop", {TOKEN: desk.token, **headers})
        assert json.loads(answer.read()) == {"code": "STOPPED", "message": "as asked"}
    assert desk.stopped == before + 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "elsewhere.test"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://elsewhere.test"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {TOKEN: ""},
        {TOKEN: "wrong"},
        {TOKEN: "\u00e4"},
    ],
)
def test_what_may_come_from_elsewhere_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    """Rebound names, other origins, other sites, no token: 403, and nothing happens."""
    before = desk.stopped
    answer = desk.ask("POST", "/command/stop", {TOKEN: desk.token, **headers})
    assert answer.status == 403
    assert desk.stopped == before
    if TOKEN not in headers:
        assert desk.ask("GET", "/picture/live", headers).status == 403


def test_commands_are_not_carried_out_by_looking(desk: Desk) -> None:
    """No GET acts, and what is not there is not found."""
    before = desk.stopped
    assert desk.ask("GET", "/command/stop", {TOKEN: desk.token}).status == 405
    assert desk.ask("POST", "/command/home", {TOKEN: desk.token}).status == 404
    assert desk.stopped == before


def test_pictures_and_files(desk: Desk) -> None:
    """Each with headers that let no other site make use of it, and no path leads outside."""
    answer = desk.ask("GET", "/picture/live")
    assert (answer.status, answer.read()) == (200, b"png")
    assert HEADERS.items() <= dict(answer.getheaders()).items()
    for path, status in {"/": 200, "/dashboard.js": 200, "/dashboard.css": 200}.items():
        assert desk.ask("GET", path).status == status
    for path in ("/picture/goal", "/picture/nothing", "/../web_guard.py", "/page/index.html"):
        assert desk.ask("GET", path).status == 404


def test_news_are_sent_when_there_are_any(desk: Desk) -> None:
    """At once, and again after a change."""
    answer = desk.ask("GET", "/events")
    assert answer.readline() == b'data: {"energies": [0.5]}\n'
    answer.readline()
    desk.told = {"energies": [0.5, 0.4]}
    assert answer.readline() == b'data: {"energies": [0.5, 0.4]}\n'
    answer.close()


def test_only_this_host_is_served_and_a_port_only_once(desk: Desk) -> None:
    """Bound to loopback; a second server on the port says so."""
    assert desk.server.guard.url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="in use"):
        WebServer(desk.server.guard.port, dict, {}, {})


def test_each_start_has_its_own_token() -> None:
    """Which no one can guess."""
    tokens = set()
    for _ in range(3):
        desk = Desk()
        tokens.add(desk.token)
        desk.server.close()
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 32
